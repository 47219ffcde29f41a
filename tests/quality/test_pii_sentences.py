"""Floors on personal data in sentences of our own: they hold wherever the project is, without any other data."""

import pytest

from tests.benchmarks.pii_sentences import lines_of, score


@pytest.mark.parametrize(("name", "recall", "touched"), [("known", 0.96, 0.005), ("unseen", 0.93, 0.03)])
def test_values_are_found_and_numbers_of_other_kinds_let_be(name: str, recall: float, touched: float) -> None:
    scores = score(lines_of(name))
    assert scores.recall() >= recall
    assert scores.damage <= 0.001
    assert scores.touched <= touched * scores.clean
