"""Which code a stage's results know."""

import ast
from typing import Any

import pytest

from pipeline.code_digests.modules import module_of
from pipeline.code_digests.stage_code import LEFT_OUT, WRAPPERS, code_of, require_same
from pipeline.errors import ConfigError
from pipeline.plan import STAGES
from pipeline.stages.extract import extract_table
from pipeline.stages.ingest_table import ingest_table

BY_NAME = {stage.name: stage for stage in STAGES}


def test_a_stage_knows_its_kernels_and_no_others() -> None:
    stage = BY_NAME["pii"]
    files = code_of(stage.params, *stage.functions).files
    assert "pipeline/kernels/pii/phones.py" in files
    assert not [file for file in files if file.startswith(("pipeline/kernels/html", "pipeline/engine", "schemas"))]


def test_stages_of_tables_know_the_project_s_code_alone() -> None:
    for stage in (ingest_table([], []), extract_table("html")):
        files = code_of(stage.params, *stage.functions).files
        assert files
        assert all(file.startswith(("pipeline/", "classifiers/")) for file in files)


def test_a_function_without_a_source_is_an_error_that_says_what_to_do() -> None:
    namespace: dict[str, Any] = {"__name__": "pipeline.nowhere"}
    exec("def made(rows): return rows", namespace)
    roots: list[Any] = [namespace["made"], 3]
    for root in roots:
        with pytest.raises(ConfigError, match="put the functions of a stage into a module of their own"):
            code_of(root)


def test_functions_that_differ_are_named_unless_results_are_kept() -> None:
    here = {"a.py:f": "1", "a.py:g": "1"}
    require_same("--against r", "mill", here, here, is_kept=False)
    with pytest.raises(ConfigError, match=r"--against r: a\.py:g, by which 'mill' compares, .*--keep-results mill"):
        require_same("--against r", "mill", {**here, "a.py:g": "2"}, here, is_kept=False)
    with pytest.raises(ConfigError, match="--against r: it does not tell which functions"):
        require_same("--against r", "mill", {}, here, is_kept=False)
    require_same("--against r", "mill", {}, here, is_kept=True)


def test_what_a_contract_says_beside_code_is_no_part_of_it() -> None:
    source = "from pipeline.engine.stage import stage\n{}\ndef screen(docs, params):\n    return docs\n"
    trees = [ast.parse(source.format(line)) for line in ("@stage(report=say)", "@stage(report=tell, version=2)")]
    modules = [module_of(tree, "a.b", "a", "a/b.py", WRAPPERS) for tree in trees]
    assert modules[0].units[-1].digest == modules[1].units[-1].digest
    assert not {use.names for use in modules[0].units[-1].uses} & {("say",), ("stage",)}
    assert "schemas" in LEFT_OUT
