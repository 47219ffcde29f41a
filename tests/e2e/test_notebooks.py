"""The notebooks run on any run directory, from top to bottom, and show nothing of pages but text that left `pii`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from pipeline.charts.sections import figures
from pipeline.runs.ledger import LEDGER
from tests.e2e.copies import run_before
from tests.e2e.hostile_crawl import HOSTILE, curated_hostile
from tests.e2e.test_no_leak import found_in

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]
SEEN = {
    "1_funnel": "near_duplicate",
    "2_extraction": "srcdoc",
    "3_duplicates": "The biggest group is",
    "4_signals": "gopher.too_few_words",
    "5_classifiers": "quality_score",
    "6_mix": "of the release",
    "7_two_runs": "records were kept before",
}


def executed(
    path: Path, monkeypatch: pytest.MonkeyPatch, run: Path, other: Path | None = None, page: str = ""
) -> list[Any]:
    """Return the outputs of a notebook's cells."""
    monkeypatch.setenv("GRISTMILL_RUN", str(run))
    monkeypatch.setenv("GRISTMILL_OTHER_RUN", str(other or ""))
    monkeypatch.setenv("GRISTMILL_PAGE", page)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    widgets = notebook.metadata.get("widgets", {})
    return [*(output for cell in notebook.cells for output in cell.get("outputs", ())), {"widgets": widgets}]


def said(value: Any) -> list[str]:
    """Return all strings of outputs but ids of widgets, which are digits at random."""
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key != "model_id" for text in said(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in said(inner)]
    return [value] if isinstance(value, str) and not value.startswith("IPY_MODEL_") else []


def test_there_are_seven() -> None:
    assert list(SEEN) == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_is_committed_without_outputs_and_holds_no_definitions(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:  # type: ignore[no-untyped-call]
        assert not cell.get("outputs")
        assert not any(line.startswith(("def ", "class ")) for line in cell.source.splitlines())


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_from_top_to_bottom(path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SEEN[path.stem] in json.dumps(executed(path, monkeypatch, finished, finished), ensure_ascii=False)


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_a_notebook_runs_on_a_run_without_its_stages(
    path: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = run_before("dedup_url", finished, tmp_path / "run")
    (short / LEDGER).unlink()
    said = json.dumps(executed(path, monkeypatch, short))
    lacks = ("The run has no", "none of the stages", "No other run is named", "kept no ledger")
    assert any(sentence in said for sentence in lacks)


@pytest.fixture(scope="module")
def planted(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    return curated_hostile(tmp_path_factory.mktemp("planted"))


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_no_notebook_shows_a_planted_value_or_runs_a_planted_script(
    path: Path, planted: tuple[Path, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, values = planted
    for page in (HOSTILE.format(0), "https://marked.example.net/page"):
        outputs = executed(path, monkeypatch, run, run, page)
        assert found_in("\n".join(said(outputs)), values) == set()
        for output in outputs:
            markup = "".join(output.get("data", {}).get("text/html", ""))
            assert "<script" not in markup.lower()
            assert "alert('mill')" not in markup.replace("&#x27;", "?")
        if path.stem != "2_extraction":
            return  # the page is asked of that one alone
        assert "srcdoc" in json.dumps(outputs)


@pytest.mark.long
def test_no_figure_holds_a_planted_value(planted: tuple[Path, set[str]]) -> None:
    run, values = planted
    specs = [figure.spec() for section in figures(str(run), against=str(run)) for figure in section.figures]
    assert found_in(json.dumps(specs, ensure_ascii=False), values) == set()
