"""What the report says of duplicates: how they were looked for, and what was removed."""

from collections.abc import Iterator, Mapping
from typing import Any

_LINES_SHOWN = 5
_LEVELS_SHOWN = ("0.70", "0.80", "0.85", "0.90")
_WIDTH = 80


def report_documents(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how duplicates were looked for, and how sure that is."""
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
            f"warning: {notes['comparisons_left_out']:,} comparisons within large bands were left out,"
            f" about {notes['alike_left_out_estimate']:,} of them of documents that are alike"
            " (dedup_document.max_band_documents)"
        )
    if notes["unsettled_documents"]:
        yield (
            f"warning: {notes['unsettled_documents']:,} kept documents were not compared with all of their large"
            " bands in the rounds that there may be (dedup_document.rounds)"
        )


def report_lines(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many lines were removed, and the most frequent ones."""
    yield f"{notes['frequent_lines']:,} frequent lines, seen {notes['times_seen']:,} times and removed"
    for line in notes["most_frequent"][:_LINES_SHOWN]:
        text = line["line"] if len(line["line"]) <= _WIDTH else line["line"][: _WIDTH - 1] + "…"
        yield f"{line['count']:>9,} × {text}"
