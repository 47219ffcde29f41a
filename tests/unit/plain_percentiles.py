"""Percentiles by tokens as their definition says, one document after the other."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Document(NamedTuple):
    language: str | None
    category: str | None
    score: float | None
    tokens: int


def cell_of(document: Document) -> tuple[str, str]:
    return document.language or "und", document.category or ""


def plain_percentiles(
    asked: Sequence[Document], learnt: Sequence[Document], min_documents: int
) -> list[float | None]:
    """Return the share of tokens with lower scores and half of those with the same, to four decimals of the score."""
    scored = [document for document in learnt if document.score is not None]

    def compared_with(document: Document) -> list[Document]:
        cell = [other for other in scored if cell_of(other) == cell_of(document)]
        if len(cell) >= min_documents:
            return cell
        category = [other for other in scored if cell_of(other)[1] == cell_of(document)[1]]
        return category if len(category) >= min_documents else scored

    def share(document: Document) -> float | None:
        others: list[Any] = compared_with(document)
        if document.score is None or not others:
            return None
        own = step_of(document.score)
        lower = sum(other.tokens for other in others if step_of(other.score) < own)
        same = sum(other.tokens for other in others if step_of(other.score) == own)
        return (lower + same / 2) / max(1, sum(other.tokens for other in others))

    return [share(document) for document in asked]


def step_of(score: float) -> int:
    return round(score * 10_000)
