"""What runs stages knows none of them by name, and one package alone speaks to Spark's insides."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.plan import NAMES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "pipeline/engine",
    "pipeline/quarantine",
    "pipeline/runs",
    "pipeline/cells",
    "pipeline/inputs",
    "pipeline/results",
    "jobs",
)
INSIDES = re.compile(r"sparkContext|_jvm\b|pyspark\.(sql\.pandas|daemon|worker|serializers)|repartitionById")
ALLOWED = {"pipeline/results/report.py: mix"}
"""A key of report.json, which says how a release is mixed, whatever stage drew it."""
DOORS = ("pipeline/spark", "pipeline/daemon.py")


def literals(file: Path) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings, and what it imports of stages."""
    tree = ast.parse(file.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline.stages."):
            yield (node.module or "").rsplit(".", 1)[-1]


RIDDLES = {"found", "one", "known", "held", "place", "some"}
"""Names that say nothing, and that a search finds everywhere."""


def test_no_name_is_one_that_says_nothing() -> None:
    for top in ("pipeline", "classifiers", "schemas", "jobs"):
        for file in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                name = node.arg if isinstance(node, ast.arg) else node.id if isinstance(node, ast.Name) else ""
                is_own = isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
                assert not (is_own and name in RIDDLES), f"{file}:{getattr(node, 'lineno', 0)}: {name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_what_runs_stages_knows_none_of_them_by_name(package: str) -> None:
    named = {
        f"{file.relative_to(ROOT)}: {text}"
        for file in (ROOT / package).rglob("*.py")
        for text in literals(file)
        if text in NAMES
    }
    assert not named - ALLOWED


def test_one_room_alone_speaks_to_the_insides_of_spark() -> None:
    files = [file for file in (ROOT / "pipeline").rglob("*.py") if not str(file.relative_to(ROOT)).startswith(DOORS)]
    speaking = [str(file.relative_to(ROOT)) for file in files if INSIDES.search(file.read_text())]
    assert not speaking
