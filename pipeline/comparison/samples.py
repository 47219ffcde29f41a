"""Documents that differ between two runs, the lowest doc_ids of each kind, with what may be shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.comparison.joining import CHANGED, GAINED, LOST
from pipeline.inspection.word_differences import word_differences
from pipeline.results.redaction import ShownText, shown_texts
from pipeline.runs.table import Table
from pipeline.terminal import safe_text
from schemas.columns import DOC_ID, LANGUAGE, SOURCE_URL

_CHARS, _COMPARED_CHARS = 300, 100_000
SIDES = ("first", "second")


@dataclass(frozen=True)
class Fate:
    """What became of a document in one run: None throughout where it was kept."""

    stage: str | None
    reason: str | None
    value: float | None
    limit: float | None


@dataclass(frozen=True)
class Sample:
    """A document that differs. Of commands to a terminal in what comes from pages, the letters stand here.

    Attributes:
        kind: gained, lost, changed or moved.
        what: What differs of a changed one.
        doc_id: Of the document.
        url: As crawled.
        language: Its label.
        first: What became of it in the first run.
        second: In the second one.
        text: Its beginning in the run that kept it; None where none may be shown.
        differences: Of the texts or titles of a changed one, as (op, text).
    """

    kind: str
    what: str
    doc_id: str
    url: str
    language: str | None
    first: Fate
    second: Fate
    text: str | None
    differences: tuple[tuple[str, str], ...] = ()

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return asdict(self)


def samples_of(rows: Sequence[Mapping[str, Any]], runs: Sequence[Table]) -> list[Sample]:
    """Return samples of `OUTCOMES`.

    Args:
        rows: With a document each.
        runs: The last table of each run.
    """
    wanted: list[dict[str, list[int]]] = [{}, {}]
    for row in rows:
        for side in _sides_kept(row["kind"]):
            part = runs[side].parts[row[f"{SIDES[side]}_part"]].name
            wanted[side].setdefault(part, []).append(row[f"{SIDES[side]}_row"])
    has_changed = any(row["kind"] == CHANGED for row in rows)
    chars = _COMPARED_CHARS if has_changed else _CHARS
    texts = [shown_texts(runs[side], wanted[side], chars) for side in (0, 1)]
    return [_sample(row, runs, texts) for row in rows]


def _sides_kept(kind: str) -> tuple[int, ...]:
    return {GAINED: (1,), LOST: (0,), CHANGED: (0, 1)}.get(kind, ())


def _sample(
    row: Mapping[str, Any], runs: Sequence[Table], texts: Sequence[Mapping[tuple[str, int], ShownText]]
) -> Sample:
    shown = [
        texts[side].get((runs[side].parts[row[f"{SIDES[side]}_part"]].name, row[f"{SIDES[side]}_row"]))
        for side in _sides_kept(row["kind"])
    ]
    there = [texts_of for texts_of in shown if texts_of is not None]
    differences: tuple[tuple[str, str], ...] = ()
    if row["kind"] == CHANGED and len(there) == len(SIDES):
        pairs = [(there[0].text, there[1].text), (there[0].title, there[1].title)]
        first, second = next(((a or "", b or "") for a, b in pairs if a != b), ("", ""))
        differences = word_differences(first, second) if first != second else ()
    text = there[-1].text if there else None
    return Sample(
        row["kind"],
        row["what"],
        row[DOC_ID.name],
        safe_text(row[SOURCE_URL.name]),
        row[LANGUAGE.name] and safe_text(row[LANGUAGE.name]),
        first=_fate(row, SIDES[0]),
        second=_fate(row, SIDES[1]),
        text=text if text is None or len(text) <= _CHARS + 1 else text[:_CHARS] + "…",
        differences=differences,
    )


def _fate(row: Mapping[str, Any], side: str) -> Fate:
    return Fate(*(row[f"{side}_{name}"] for name in ("stage", "reason", "value", "limit")))
