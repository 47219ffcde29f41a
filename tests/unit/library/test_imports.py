"""What `from pipeline import …` gives, and what it does not bring along."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pipeline

HEAVY = ("pyspark", "py4j", "presidio_analyzer", "transformers", "spacy", "torch", "pandas", "altair")
KERNELS = sorted(
    ".".join(("pipeline", *path.relative_to(Path(pipeline.__file__).parent).with_suffix("").parts))
    for path in (Path(pipeline.__file__).parent / "kernels").rglob("*.py")
    if path.name not in {"__init__.py", "__main__.py"}
)


def loaded_by(program: str) -> list[str]:
    """Return the heavy packages that a program loads in a process of its own."""
    told = f"import sys\n{program}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=300)
    return ended.stdout.split()


def test_every_public_name_is_there_and_listed() -> None:
    for name in pipeline.__all__:
        assert getattr(pipeline, name) is not None
        assert name in dir(pipeline)
    assert pipeline.__version__
    with pytest.raises(AttributeError, match="no attribute 'extrakt'"):
        _ = pipeline.extrakt


def test_steps_on_texts_load_no_spark_and_no_presidio() -> None:
    program = (
        "from pipeline import Run, classify, extract, identify_language, measure_signals, minhash\n"
        "text = extract('<title>x</title><main><p>The mill grinds the grain of the valley.</p></main>').text\n"
        "minhash([text]), measure_signals([text]), identify_language([text]), classify([text])"
    )
    assert not {"pyspark", "py4j", "presidio_analyzer", "transformers", "spacy", "torch"} & {*loaded_by(program)}


def test_a_package_that_was_imported_has_loaded_nothing() -> None:
    assert loaded_by("import pipeline") == []


def test_no_kernel_but_those_of_a_package_imports_a_heavy_one() -> None:
    """Kernels that wrap a package: presidio's recognisers, datatrove's words by spaCy; and what loads all of them."""
    wrap = ("pipeline.kernels.pii", "pipeline.kernels.datatrove", "pipeline.kernels.warm")
    names = [name for name in KERNELS if not name.startswith(wrap)]
    assert len(names) > 80
    assert loaded_by("\n".join(f"import {name}" for name in names)) == []


def test_the_short_list_of_packages_for_kernels_alone_is_what_they_import() -> None:
    root = Path(pipeline.__file__).parent
    imported = set()
    for path in (root / "kernels").rglob("*.py"):
        if not {"pii", "datatrove"} & {*path.parts}:
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
                imported |= {name.partition(".")[0] for name in names}
    said = re.search(r"\*\*Kernels alone\.\*\*(.*?)\n\n", (root.parent / "docs" / "library.md").read_text(), re.DOTALL)
    assert said is not None
    listed = {
        word.replace("markdown-it-py", "markdown_it")
        for part in re.findall(r"`([^`=()]+)`", said[1])
        for word in part.split()
    }
    assert listed - {"minhash"} == imported - sys.stdlib_module_names - {"pipeline", "schemas", "classifiers"}
