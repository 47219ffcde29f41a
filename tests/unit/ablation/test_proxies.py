"""What proxies say of arms: planted junk is noticed, two draws of one kind are not told apart, repeats are worse."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.ablation.proxies import (
    CONTROL,
    FOLDS,
    LEAST_DOCUMENTS,
    MEAN,
    NOT_APART,
    WITH,
    WITHOUT,
    Judged,
    by_ngrams,
    folds_of,
    judged,
    verdict,
)
from pipeline.experiments.corpus import Sample, Target
from pipeline.experiments.evidence import Interval
from tests.planted_mixture import WORDS, chain_texts, encode

DOCUMENTS, LENGTH = 200, 100
TARGETS = (Target("first", 1.0, chain_texts(0, 40, 80, 7)), Target("second", 1.0, chain_texts(0, 40, 80, 8)))


def _sample(texts: Sequence[str]) -> Sample:
    return Sample(tuple(text[:40] for text in texts), tuple(texts), tuple(len(text.split()) for text in texts))


def _judged(own: Sequence[str], other: Sequence[str], targets: Sequence[Target] = TARGETS) -> dict[str, Judged]:
    half = list(own[: len(own) // 2])
    samples = {WITH: _sample(own), WITHOUT: _sample(other), CONTROL: _sample(half * 2)}
    bits = by_ngrams(samples, targets, encode, WORDS, lambda _: None)
    return {row.name: row for row in judged(bits, targets, 0, is_jackknife=True)}


def test_junk_that_a_stage_would_have_dropped_is_noticed() -> None:
    clean = chain_texts(0, DOCUMENTS, LENGTH, 1)
    junk = tuple(
        " ".join(map(str, row)) for row in np.random.default_rng(0).integers(0, WORDS, (DOCUMENTS, LENGTH)).tolist()
    )
    rows = _judged(clean, [*clean[: DOCUMENTS // 2], *junk[: DOCUMENTS // 2]])
    for name in ("first", "second", MEAN):
        assert rows[name].verdict == "better with it"
        assert rows[name].stage.low > 0
    again = _judged([*clean[: DOCUMENTS // 2], *junk[: DOCUMENTS // 2]], clean)
    assert again[MEAN].verdict == "better without it"
    assert again[MEAN].stage.value == pytest.approx(-rows[MEAN].stage.value)


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_two_draws_of_one_kind_are_not_told_apart_and_repeats_are_worse(seed: int) -> None:
    rows = _judged(chain_texts(0, DOCUMENTS, LENGTH, seed), chain_texts(0, DOCUMENTS, LENGTH, seed + 10))
    assert rows[MEAN].verdict == NOT_APART == "this run does not tell them apart"
    for row in rows.values():
        assert row.control.low > 0


def test_an_arm_and_itself_differ_by_nothing() -> None:
    texts = chain_texts(0, 50, LENGTH, 1)
    row = _judged(texts, texts)[MEAN]
    assert (row.stage.value, row.stage.low, row.stage.high) == (0, 0, 0)
    assert row.verdict == NOT_APART


def test_the_interval_of_a_difference_is_of_the_same_documents_drawn_for_both_arms() -> None:
    sizes = np.linspace(0.5, 3, 40)
    texts = tuple("x" * 100 for _ in sizes)
    bits = {WITH: 100 * sizes, WITHOUT: 100 * sizes + 1, CONTROL: 100 * sizes}
    models = {arm: {"t": own[None, :]} for arm, own in bits.items()}
    row = judged(models, [Target("t", 1.0, texts)], 0, is_jackknife=True)[0]
    assert row.losses[WITH].high - row.losses[WITH].low > 0.3
    assert row.stage.low == pytest.approx(0.01)
    assert row.stage.high == pytest.approx(0.01)


def test_models_that_disagree_widen_the_interval() -> None:
    texts = tuple("x" * 100 for _ in range(20))
    same, rng = np.full((3, 20), 200.0), np.random.default_rng(0)
    apart = {WITH: {"t": same}, WITHOUT: {"t": same + 1}, CONTROL: {"t": same}}
    noisy = {**apart, WITHOUT: {"t": same + 1 + rng.normal(0, 5, (3, 1))}}
    target = [Target("t", 1.0, texts)]
    assert judged(apart, target, 0, is_jackknife=False)[0].verdict == "better with it"
    assert judged(noisy, target, 0, is_jackknife=False)[0].verdict == NOT_APART


def test_a_target_of_few_documents_tells_nothing() -> None:
    sure = Interval(0.5, 0.4, 0.6)
    few, enough = (Judged("t", count, {}, sure, sure) for count in (LEAST_DOCUMENTS - 1, LEAST_DOCUMENTS))
    assert few.verdict == NOT_APART
    assert enough.verdict == verdict(sure) == "better with it"


def test_documents_whose_texts_a_stage_changed_are_of_the_same_fold() -> None:
    own = chain_texts(0, 200, 50, 1)
    ids = tuple(f"{number:032x}" for number in range(200))
    cut = tuple(text.rpartition(" ")[0] for text in own)
    samples = {arm: Sample(ids, texts, (50,) * 200) for arm, texts in ((WITH, own), (WITHOUT, cut), (CONTROL, own))}
    rows = judged(by_ngrams(samples, TARGETS, encode, WORDS, lambda _: None), TARGETS, 0, is_jackknife=True)
    assert rows[-1].stage.high - rows[-1].stage.low < 0.02
    assert {*folds_of(ids).tolist()} == set(range(FOLDS))
