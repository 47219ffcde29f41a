"""A reviewer goes through decisions, forward and back; each verdict is saved before the next decision is shown."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from pipeline.review.items import ReviewItem, Selection
from pipeline.review.shown import KEYS
from pipeline.review.verdicts import Verdict

_VERDICTS: dict[str, Literal["right", "wrong", "skip"]] = {"y": "right", "n": "wrong", "s": "skip"}


def judge(
    selection: Selection,
    verdicts: dict[tuple[str, str, str, str], Verdict],
    reviewer: str,
    keys: Callable[[], str],
    show: Callable[[ReviewItem, int], None],
    say: Callable[[str], None],
    save: Callable[[Verdict], None],
) -> None:  # fmt: skip
    """Ask for verdicts until all decisions have one, or the reviewer quits.

    Args:
        selection: The decisions.
        verdicts: By item: those that there are; new ones are added.
        reviewer: Who is asked.
        keys: Returns the next key.
        show: Shows a decision and its number, from 0.
        say: Says a line.
        save: Is given each verdict at once.
    """
    at = _next(selection, verdicts, 0)
    while at < len(selection.items):
        item = selection.items[at]
        show(item, at)
        if (earlier := verdicts.get(_known(selection, item))) is not None:
            say(f"  your verdict: {earlier.verdict}")
        key = _asked(keys, say, f"was it right to {'drop' if item.decision == 'dropped' else 'keep'} it? {KEYS}")
        if key == "q":
            return
        if key == "b":
            at = max(0, at - 1)
            continue
        verdict = verdict_on(selection.run, item, _VERDICTS[key], reviewer)
        save(verdict)
        verdicts[verdict.item] = verdict
        at = _next(selection, verdicts, at + 1)


def _asked(keys: Callable[[], str], say: Callable[[str], None], question: str) -> str:
    while True:
        say(question)
        key = keys()
        if key in _VERDICTS or key in {"b", "q"}:
            return key


def _known(selection: Selection, item: ReviewItem) -> tuple[str, str, str, str]:
    return selection.run, item.stage, item.reason, item.doc_id


def _next(selection: Selection, verdicts: Iterable[tuple[str, str, str, str]], start: int) -> int:
    """Return the number of the next decision without a verdict."""
    judged = set(verdicts)
    numbers = range(start, len(selection.items))
    return next((n for n in numbers if _known(selection, selection.items[n]) not in judged), len(selection.items))


def verdict_on(run: str, item: ReviewItem, verdict: Literal["right", "wrong", "skip"], reviewer: str = "") -> Verdict:
    """Return a verdict on a decision.

    Args:
        run: `Selection.run`.
        item: The decision.
        verdict: Of the decision.
        reviewer: Who says so.
    """
    return Verdict(
        run, item.stage, item.reason, item.doc_id, item.value, item.limit, item.decision, verdict, reviewer,
        item.setting, item.worse_if, item.drops_at_limit,
    )  # fmt: skip


def verdicts_of(verdicts: Sequence[Verdict], run: str, stage: str, reviewer: str) -> list[Verdict]:
    """Return the verdicts of one reviewer on a stage of a run."""
    return [v for v in verdicts if (v.run, v.stage, v.reviewer) == (run, stage, reviewer)]
