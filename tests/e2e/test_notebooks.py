"""The notebooks run on any run directory."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from pipeline.results.statistics import KEPT_STAGE, hosts, outcomes, samples

from pipeline.runs.funnel import records_in
from pipeline.runs.run import Run
from tests.e2e.reading import rows

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRISTMILL_RUN", str(finished))
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    shown = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    assert "near_duplicate" in shown
    assert "sample.example" in shown or "example" in shown


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs_and_holds_no_definitions(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:  # type: ignore[no-untyped-call]
        assert not cell.get("outputs")
        assert not any(line.startswith(("def ", "class ")) for line in cell.source.splitlines())


def test_outcomes_count_every_record_once(finished: Path) -> None:
    found = outcomes(str(finished)).to_pylist()
    assert sum(row["records"] for row in found) == records_in(Run(str(finished)).tables())
    kept = sum(row["records"] for row in found if row["stage"] == KEPT_STAGE)
    assert kept == sum(row["kept"] for row in rows(finished, "decisions"))


def test_texts_that_nothing_had_redacted_are_not_shown(finished: Path) -> None:
    for stage in ("ingest", "dedup_url", "opt_out"):
        gone = samples(str(finished), stage, most=50)
        assert gone
        assert [(row["text"], row["title"]) for row in gone] == [(None, None)] * len(gone)


def test_hosts_add_up_and_samples_are_stable(finished: Path) -> None:
    table = hosts(str(finished), most=1000).to_pylist()
    assert sum(row["records"] for row in table) == records_in(Run(str(finished)).tables())
    assert samples(str(finished), most=3) == samples(str(finished), most=3)
    gone = samples(str(finished), "dedup_document", most=2)
    assert all(row["text"] for row in [*gone, *samples(str(finished))])
    assert {row["drop"]["reason"] for row in gone} == {"near_duplicate"}
