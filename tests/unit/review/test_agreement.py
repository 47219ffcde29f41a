"""Cohen's kappa: as scikit-learn has it, its error as the delta method gives it."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.agreement import agreement, agreement_lines
from pipeline.review.verdicts import Verdict

Label = Literal["right", "wrong", "skip"]
LABELS = st.sampled_from(["right", "wrong"])


def verdicts(labels: dict[int, Label]) -> list[Verdict]:
    return [Verdict("r", "s", "why", f"{n:032x}", 1.0, 2.0, "kept", label) for n, label in labels.items()]


@given(pairs=st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=80))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[Label, Label]]) -> None:
    from sklearn.metrics import cohen_kappa_score

    first, second = zip(*pairs, strict=True)
    made = agreement(verdicts(dict(enumerate(first))), verdicts(dict(enumerate(second))))
    assert made.items == len(pairs)
    if len({*first, *second}) == 1:
        assert made.kappa is None
        assert any("not defined" in line for line in agreement_lines(made))
    else:
        assert made.kappa == pytest.approx(cohen_kappa_score(first, second))


def kappa_of(shares: np.ndarray) -> float:
    chance = float(shares.sum(0) @ shares.sum(1))
    return float((np.trace(shares) - chance) / (1 - chance))


@pytest.mark.parametrize("counts", [(40, 9, 6, 45), (70, 5, 10, 15), (12, 3, 7, 8)])
def test_the_standard_error_is_what_the_delta_method_gives(counts: tuple[int, int, int, int]) -> None:
    table = np.array(counts, float).reshape(2, 2)
    labels: list[Label] = ["right", "wrong"]
    pairs = [(labels[n // 2], labels[n % 2]) for n, count in enumerate(counts) for _ in range(count)]
    made = agreement(*(verdicts(dict(enumerate(side))) for side in zip(*pairs, strict=True)))
    shares, step = table / table.sum(), 1e-6
    slopes = []
    for number in range(4):
        more, less = shares.copy().reshape(-1), shares.copy().reshape(-1)
        more[number] += step
        less[number] -= step
        slopes.append((_any_kappa(more) - _any_kappa(less)) / (2 * step))
    slope, flat = np.array(slopes), shares.reshape(-1)
    variance = (flat @ slope**2 - (flat @ slope) ** 2) / table.sum()
    assert made.kappa == pytest.approx(kappa_of(shares))
    assert made.error == pytest.approx(np.sqrt(variance), rel=1e-4)


def _any_kappa(flat: np.ndarray) -> float:
    return kappa_of(flat.reshape(2, 2) / flat.sum())


def test_items_of_one_alone_and_skips_are_counted_apart() -> None:
    made = agreement(
        verdicts({1: "right", 2: "wrong", 3: "skip", 4: "right"}),
        verdicts({1: "right", 2: "right", 3: "wrong", 5: "right"}),
    )
    assert (made.items, made.skipped, made.alone) == (2, 1, (1, 1))
    assert made.counts["right", "right"] == made.counts["wrong", "right"] == 1
