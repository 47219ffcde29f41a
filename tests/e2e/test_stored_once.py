"""What a run keeps on disk: texts about once, and what was measured for as long as it is true."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.curation import Request, curate
from pipeline.plan import NAMES
from pipeline.runs.run import Run
from tests.e2e.reading import hashes, text_bytes

EDITS_TEXT = ("pii", "dedup_line", "log_lines")


def measured(run: Path, stage: str) -> dict[str, Any]:
    """Return name → where its cells lie, of what a stage measured; cells that a fit names are no measure's."""
    sets = Run(str(run)).table(stage).manifest.sets
    return {name: record.pieces for name, record in sets.items() if not record.is_sparse}


def test_texts_are_stored_twice_at_most_and_by_no_stage_that_only_drops(finished: Path) -> None:
    sizes = text_bytes(finished)
    assert sum(sizes.values()) <= 2 * sizes["extract"]
    assert set(sizes) <= {"extract", *EDITS_TEXT}
    assert {path.name for path in (finished / "stages").iterdir()} == set(NAMES)


@pytest.mark.parametrize(
    ("stage", "limits"),
    [
        ("heuristics", ("heuristics.min_words=150",)),
        ("pii", ("pii.max_per_1000_words=1.0", "pii.min_values=1")),
        ("dedup_document", ("dedup_document.keep=-warc_offset",)),
    ],
)
def test_a_changed_limit_measures_nothing_and_decides_anew(run_copy: Path, stage: str, limits: tuple[str, ...]) -> None:
    cells, files = measured(run_copy, stage), hashes(run_copy / "stages" / stage / "files")
    dropped = Run(str(run_copy)).table(stage).digest_of_drops
    curate(Request(output=str(run_copy), assignments=limits, first=stage, last=stage))
    assert measured(run_copy, stage) == cells
    assert Run(str(run_copy)).table(stage).digest_of_drops != dropped
    new = {name for name in hashes(run_copy / "stages" / stage / "files") if name not in files}
    assert {name.split("-")[0] for name in new} <= {"copies_counted", "drops", "sites"}
