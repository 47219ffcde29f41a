"""The decisions that the page puts before a reviewer, stage by stage."""

from typing import Any, Final

from pipeline.review.items import ReviewItem, reviewable_stages, select_borderline

CHARS: Final = 1500
"""Code points of a text that is shown alone; of pairs, the differences say what both hold."""


def review_data(run: str, most: int) -> list[dict[str, Any]]:
    """Return for each stage that compares something with a limit its closest decisions; none where no text is shown.

    Of each stage: `stage`, `run` (the hash that verdicts name), `sample`, `notes`, `items`.

    Args:
        run: The run directory.
        most: Decisions of each stage.

    Raises:
        ManifestError: The run holds nothing.
    """
    made = []
    for stage in reviewable_stages(run):
        selection = select_borderline(run, stage, most)
        if any(item.text is not None or item.differences for item in selection.items):
            items = [item_value(item) for item in selection.items]
            made.append(
                {
                    "stage": stage,
                    "run": selection.run,
                    "sample": selection.sample,
                    "notes": list(selection.notes),
                    "items": items,
                }
            )
    return made


def item_value(item: ReviewItem) -> dict[str, Any]:
    """Return a decision as the page has it: of pairs, the differences stand for both texts."""
    value = item.as_value()
    if item.differences:
        return {**value, "text": None, "other_text": None}
    return {**value, "text": _short(item.text), "other_text": _short(item.other_text)}


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= CHARS else f"{text[:CHARS]}…"
