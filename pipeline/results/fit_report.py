"""What the fits of a run have to say, in words: how duplicates were looked for, and what was found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.runs.manifest import StageTable

_LINES_SHOWN = 5
_LEVELS_SHOWN = ("0.70", "0.80", "0.85", "0.90")
_WIDTH = 80


def fit_lines(tables: Sequence[StageTable]) -> Iterator[str]:
    """Yield what the fits of a chain noted, a line or a few a stage."""
    for table in tables:
        notes = table.manifest.notes
        if notes and table.stage == table.stages[0] and (say := _SAY.get(table.stage)) is not None:
            for number, line in enumerate(say(notes)):
                yield f"{table.stage if not number else '':<16}{line}"


def _screened(notes: Mapping[str, Any]) -> Iterator[str]:
    entries, pages = notes["entries"], notes["pages"]
    shown = ", ".join(f"{name} {count:,}" for name, count in entries.items()) or "none"
    yield f"entries of {notes['list_files']:,} list files: {shown}"
    if broken := sum(notes["broken_lines"].values()):
        yield f"{broken:,} lines of {len(notes['broken_lines']):,} of them are no entries and were left out"
    met = ", ".join(f"{name} {count:,}" for name, count in pages.items()) or "no entry"
    yield f"pages that meet entries, dropped or not: {met}"


def _urls(notes: Mapping[str, Any]) -> Iterator[str]:
    yield f"{notes['superseded']:,} captures of earlier runs are superseded by newer ones"


def _documents(notes: Mapping[str, Any]) -> Iterator[str]:
    chances = ", ".join(f"{100 * notes['compared_at'][level]:.1f} % at {level}" for level in _LEVELS_SHOWN)
    yield f"{notes['permutations']} permutations in {notes['bands']} bands of {notes['rows_a_band']}"
    yield f"chance of two documents to be compared, by similarity: {chances}"
    yield f"{notes['comparisons']:,} comparisons, {notes['comparisons_alike']:,} of them of documents that are alike"
    if checked := notes["checked"]:
        yield (
            f"{checked['pairs']:,} pairs by their texts: the estimate is off by {checked['mean_error']:.3f} on average"
            f" ({checked['expected_error']:.3f} by chance alone), by {checked['largest_error']:.3f} at most"
        )
    if notes["comparisons_left_out"]:
        yield (
            f"{notes['comparisons_left_out']:,} comparisons within crowded bands were left out,"
            f" about {notes['alike_left_out_estimate']:,} of them of documents that are alike (dedup_document.crowd)"
        )
    if notes["unsettled_documents"]:
        yield (
            f"{notes['unsettled_documents']:,} kept documents were not compared with all of their crowds in the rounds"
            " that there may be (dedup_document.rounds)"
        )


def _lines(notes: Mapping[str, Any]) -> Iterator[str]:
    yield f"{notes['frequent_lines']:,} frequent lines, seen {notes['times_seen']:,} times and removed"
    for line in notes["most_frequent"][:_LINES_SHOWN]:
        text = line["line"] if len(line["line"]) <= _WIDTH else line["line"][: _WIDTH - 1] + "…"
        yield f"{line['count']:>9,} × {text}"


def _tokens(notes: Mapping[str, Any]) -> Iterator[str]:
    if "token_languages" in notes:
        judged = ", ".join(notes["token_languages"]) or "no language"
        least = notes["min_outlier_documents"]
        yield f"token outliers are told in {judged} (of {least:,} documents or more)"


def _personal_data(notes: Mapping[str, Any]) -> Iterator[str]:
    counted = ", ".join(f"{count:,} {entity}" for entity, count in notes["entities"].items()) or "none"
    yield f"values of personal data found: {counted}"
    yield from _sites(notes)


def _sites(notes: Mapping[str, Any]) -> Iterator[str]:
    if notes.get("sites"):
        yield f"{notes['sites']:,} sites dropped as a whole, with {notes['pages_of_sites']:,} pages"


_SAY = {
    "url_screen": _screened,
    "dedup_url": _urls,
    "safety": _sites,
    "pii": _personal_data,
    "dedup_document": _documents,
    "dedup_line": _lines,
    "heuristics": _tokens,
}
