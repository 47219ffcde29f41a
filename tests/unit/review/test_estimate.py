"""Precision, intervals and limits from verdicts: as scipy has them, and as a plain search finds them."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.review.argued_limits import LEAST, argued_limits, misplaced_by
from pipeline.review.estimate import estimate, estimate_lines
from pipeline.review.intervals import METHODS, Method, share_of
from pipeline.review.verdicts import Verdict

LIKE = Verdict(
    "r", "dedup_document", "near_duplicate", "", 0.0, 0.8, "dropped", "right", "", "dedup_document.threshold"
)


def verdict(number: int, value: float, *, should_go: bool, limit: float = 0.8) -> Verdict:
    """Return a verdict on a document that was dropped from the limit on."""
    decision: Literal["dropped", "kept"] = "dropped" if value >= limit else "kept"
    is_right = (decision == "dropped") == should_go
    return replace(
        LIKE, doc_id=f"{number:032x}", value=value, limit=limit, decision=decision,
        verdict="right" if is_right else "wrong", drops_at_limit=True,
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@given(of=st.integers(1, 400), share=st.floats(0, 1))
@example(of=100, share=0.0)
@example(of=100, share=1.0)
def test_the_interval_is_that_of_scipy(method: Method, of: int, share: float) -> None:
    from scipy.stats import binomtest

    count = round(of * share)
    made = share_of(count, of, method)
    theirs = binomtest(count, of).proportion_ci(method=method)
    assert made.share == pytest.approx(count / of)
    assert (made.low, made.high) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_verdicts_give_the_precision_that_scipy_gives(method: Method) -> None:
    from scipy.stats import binomtest

    verdicts = [verdict(number, 0.9, should_go=number % 7 != 0) for number in range(100)]
    made = estimate(verdicts, method)
    theirs = binomtest(85, 100).proportion_ci(method=method)
    assert (made.dropped.count, made.dropped.of) == (85, 100)
    assert (made.dropped.low, made.dropped.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)
    said = next(estimate_lines(made, "the 100 closest decisions"))
    assert said == (
        "precision among the 100 closest decisions: 0.850 (85 of 100; 95 % interval"
        f" {theirs.low:.3f} to {theirs.high:.3f})"
    )


def test_skips_and_kept_documents_are_not_in_the_precision() -> None:
    verdicts = [
        verdict(0, 0.9, should_go=True),
        verdict(1, 0.7, should_go=False),
        verdict(2, 0.7, should_go=True),
        replace(verdict(3, 0.9, should_go=False), verdict="skip"),
    ]
    made = estimate(verdicts)
    assert (made.dropped.count, made.dropped.of, made.kept.count, made.kept.of, made.skipped) == (1, 1, 1, 2, 1)


def test_no_verdict_says_nothing() -> None:
    made = estimate([])
    assert made.dropped.share is None
    assert (made.dropped.low, made.dropped.high) == (0.0, 1.0)
    assert list(estimate_lines(made, "the 0 closest decisions")) == [
        "precision among the 0 closest decisions: no verdicts"
    ]


def test_the_limit_that_misplaces_fewest_is_proposed() -> None:
    values = [0.70, 0.72, 0.74, 0.76, 0.78, 0.80, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86]
    verdicts = [verdict(number, value, should_go=value >= 0.83) for number, value in enumerate(values)]
    verdicts.append(verdict(99, 0.90, should_go=False))
    (argued,) = argued_limits(verdicts)
    assert (argued.proposal, argued.misplaced, argued.misplaced_then) == (0.83, 4, 1)
    lines = list(estimate_lines(estimate(verdicts), "the 13 closest decisions"))
    assert "near_duplicate, limit 0.8: the verdicts argue for 0.83: 1 of 13 misplaced instead of 4" in lines
    assert "  --set dedup_document.threshold=0.83" in lines


def test_a_limit_from_which_too_short_texts_go_is_proposed_in_whole_numbers() -> None:
    verdicts = [
        replace(
            verdict(n, 0.0, should_go=True), value=float(words), limit=50.0,
            decision="dropped" if words < 50 else "kept",
            verdict="right" if (words < 50) == (words < 37) else "wrong", worse_if="below", drops_at_limit=False,
            setting="heuristics.min_words",
        )
        for n, words in enumerate(range(25, 65))
    ]  # fmt: skip
    (argued,) = argued_limits(verdicts)
    assert (argued.proposal, argued.misplaced, argued.misplaced_then) == (37.0, 13, 0)
    assert "  --set heuristics.min_words=37" in list(estimate_lines(estimate(verdicts), ""))


def test_a_limit_that_is_as_good_as_any_stays() -> None:
    verdicts = [verdict(n, 0.7 + 0.01 * n, should_go=0.7 + 0.01 * n >= 0.8) for n in range(20)]
    (argued,) = argued_limits(verdicts)
    assert argued.proposal == argued.limit == 0.8
    assert any("argue for it as it is" in line for line in estimate_lines(estimate(verdicts), ""))


@pytest.mark.parametrize(
    ("values", "goes", "why"),
    [
        ([0.7, 0.9], [False, True], "too few"),
        ([0.9] * LEAST, [True] * 4 + [False] * (LEAST - 4), "on one side of the limit, on dropped"),
        ([0.7] * LEAST, [True] * 4 + [False] * (LEAST - 4), "on one side of the limit, on kept"),
        ([0.9] * LEAST, [False] * LEAST, f"all {LEAST} judged dropped documents are wrongly so: it drops too much"),
        ([0.7] * LEAST, [True] * LEAST, f"all {LEAST} judged kept documents are wrongly so: it drops too little"),
        ([0.7, 0.9] * LEAST, [True, True] * LEAST, "should be dropped"),
    ],
)
def test_verdicts_that_say_too_little_argue_for_no_limit(values: list[float], goes: list[bool], why: str) -> None:
    pairs = enumerate(zip(values, goes, strict=True))
    (argued,) = argued_limits([verdict(n, value, should_go=go) for n, (value, go) in pairs])
    assert argued.proposal is None
    assert why in argued.why_none


def test_each_reason_and_limit_is_argued_for_alone() -> None:
    some = [verdict(n, 0.7 + 0.01 * n, should_go=n > 12) for n in range(20)]
    other = [replace(v, reason="low_score", setting="quality.min_score.x") for v in some]
    assert [argued.reason for argued in argued_limits([*some, *other])] == ["low_score", "near_duplicate"]


JUDGED = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


@given(judged=JUDGED, limits=st.lists(st.integers(-1, 13), min_size=1), is_above=st.booleans(), at_limit=st.booleans())
def test_misplaced_documents_are_counted_as_one_by_one(
    judged: list[tuple[int, bool]], limits: list[int], is_above: bool, at_limit: bool
) -> None:
    def goes(value: int, limit: int) -> bool:
        return (value > limit if is_above else value < limit) or (at_limit and value == limit)

    counts = misplaced_by(
        np.array([value for value, _ in judged], float), np.array([should for _, should in judged]),
        np.array(limits, float), is_above, at_limit,
    )  # fmt: skip
    assert counts.tolist() == [sum(goes(v, limit) != should for v, should in judged) for limit in limits]


@given(judged=st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=LEAST, max_size=60))
def test_the_proposal_as_written_misplaces_as_many_as_is_said_and_no_judged_value_fewer(
    judged: list[tuple[float, bool]],
) -> None:
    verdicts = [verdict(n, value, should_go=should, limit=0.5) for n, (value, should) in enumerate(judged)]
    (argued,) = argued_limits(verdicts)
    if argued.proposal is None:
        return

    def misplaced(limit: float) -> int:
        return sum((value >= limit) != should for value, should in judged)

    assert misplaced(argued.proposal) == argued.misplaced_then
    assert argued.misplaced_then == min(misplaced(limit) for limit in [0.5, *(value for value, _ in judged)])
    assert argued.misplaced == misplaced(0.5)
