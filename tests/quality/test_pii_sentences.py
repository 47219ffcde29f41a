"""Floors on personal data in sentences of our own: they hold wherever the project is, without any other data."""

from tests.benchmarks.pii_sentences import score, sentences


def test_values_are_found_and_numbers_of_other_kinds_let_be() -> None:
    scores = score(sentences())
    assert scores.recall() >= 0.96
    assert scores.damage <= 0.001
    assert scores.touched <= scores.clean / 100
