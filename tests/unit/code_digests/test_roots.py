"""Where following begins: functions, classes, partials and names; and what the real stages reach."""

import ast
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import pipeline
from pipeline.code_digests.digests import CodeDigest, code_digest
from pipeline.code_digests.sources import Source, Sources
from pipeline.errors import ConfigError, near_miss
from tests.unit.code_digests.packages import MILL, digest_of

LEFT_OUT = tuple(f"pipeline.{room}" for room in ("engine", "runs", "cells", "inputs", "spark", "results"))
STAGES = Path(pipeline.__file__).with_name("stages")


def digest(*roots: object) -> CodeDigest:
    return code_digest(roots, ["pipeline"], LEFT_OUT)


def stage(name: str) -> CodeDigest:
    """Return the digest of all functions and classes of a stage's module."""
    body = ast.parse((STAGES / f"{name}.py").read_text()).body
    names = [item.name for item in body if isinstance(item, ast.FunctionDef | ast.ClassDef)]
    return digest(*(f"pipeline.stages.{name}:{item}" for item in names))


def test_a_function_a_partial_of_it_and_its_name_are_one_root() -> None:
    expected = digest(near_miss)
    assert list(expected.functions) == ["pipeline/errors.py:near_miss"]
    assert digest(partial(near_miss, "a")) == digest("pipeline.errors:near_miss") == expected


def test_functions_and_classes_that_a_partial_is_given_are_roots() -> None:
    assert digest(partial(map, near_miss, partial(ConfigError))) == digest(map, near_miss, ConfigError)


def test_a_method_stands_for_its_class_and_a_lambda_for_its_module() -> None:
    assert digest(Sources().of) == digest(Sources)
    assert Source.__name__ in {name.partition(":")[2] for name in digest(Sources).functions}
    unnamed = lambda: 1  # noqa: E731
    unnamed.__module__ = "pipeline.errors"
    assert digest(unnamed).functions.keys() == digest("pipeline.errors").functions.keys()


def test_a_root_that_is_not_followed_counts_by_its_name() -> None:
    assert digest(len).functions == {}
    assert (
        len({digest(root).digest for root in (len, sum, "pipeline.engine.stage:stage", "pipeline.runs.parts:Part")})
        == 4
    )


@pytest.mark.parametrize("root", ["pipeline.errors:nothing", "pipeline.nothing:f", "pipeline.nothing"])
def test_a_root_without_a_source_is_an_error(root: str) -> None:
    with pytest.raises(LookupError, match=f"no source of {root}"):
        digest(root)


def test_a_value_is_no_root() -> None:
    with pytest.raises(TypeError, match="neither a function nor a class: 3"):
        digest(3)


def test_the_order_and_the_number_of_roots_do_not_count() -> None:
    assert digest(near_miss, ConfigError) == digest(ConfigError, near_miss, near_miss)


def test_the_digest_is_of_the_reached_definitions_alone() -> None:
    assert digest_of(MILL, "mill.sieves:SIZES") == digest_of({"mill/sieves.py": "SIZES = [1, 2]"}, "mill.sieves:SIZES")


def test_a_stage_reaches_its_kernels_and_no_others() -> None:
    pii, lines = set(stage("pii").files), set(stage("dedup_line").files)
    assert {"pipeline/stages/pii.py", "pipeline/kernels/pii/phones.py", "pipeline/kernels/pii/windows.py"} <= pii
    assert not [file for file in pii if file.startswith(("pipeline/kernels/html", "pipeline/dedup"))]
    assert "pipeline/kernels/text/lines.py" in lines
    assert not [file for file in lines if "pii" in file or file.startswith(LEFT_OUT)]


def test_no_code_is_imported_for_a_digest() -> None:
    code = (
        "import sys; from pipeline.code_digests.digests import code_digest;"
        "digest = code_digest(['pipeline.stages.pii:pii', 'pipeline.stages.extract:extract'], ['pipeline']);"
        "print(len(digest.files), sorted({'numba', 'presidio_analyzer', 'pipeline.stages'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=STAGES.parents[1]
    )
    count, names = run.stdout.split(maxsplit=1)
    assert int(count) > 50
    assert names.strip() == "[]"
