"""Percentiles by tokens within language and category are exactly what a brute-force count gives."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.classification.percentiles import Percentiles
from tests.unit.plain_percentiles import Document, cell_of, plain_percentiles, step_of

SCORES = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0, -3.5]) | st.floats(-2, 6, width=32)
DOCUMENTS = st.builds(
    Document,
    st.sampled_from(["en", "de", "und", None]),
    st.sampled_from(["code", "general", "", None]),
    SCORES,
    st.integers(0, 500),
)


def cells_of(documents: Sequence[Document], score: str = "quality") -> pa.Table:
    """Return the table of cells of some documents, as `count_cells` has it."""
    tokens: Counter[tuple[str, str, int]] = Counter()
    counts: Counter[tuple[str, str, int]] = Counter()
    for document in documents:
        if document.score is not None:
            key = (*cell_of(document), step_of(document.score))
            tokens[key] += document.tokens
            counts[key] += 1
    rows = [(score, *key, tokens[key], counts[key]) for key in counts]
    types = [pa.string()] * 3 + [pa.int64()] * 3
    names = ["score", "language", "category", "step", "tokens", "documents"]
    columns = list(zip(*rows, strict=True)) or [()] * 6
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(names, columns, types, strict=True)})


def percentiles_of(
    documents: Sequence[Document], cells: pa.Table, min_documents: int, score: str = "quality"
) -> list[float | None]:
    shares = Percentiles(cells, min_documents).of(
        score,
        pa.array([document.language for document in documents], pa.string()),
        pa.array([document.category for document in documents], pa.string()),
        pa.array([document.score for document in documents], pa.float32()),
    )
    return [None if np.isnan(share) else float(share) for share in shares]


def rounded(shares: Sequence[float | None]) -> list[float | None]:
    return [None if share is None else round(share, 9) for share in shares]


ENGLISH = [Document("en", "general", score, tokens) for score, tokens in ((0.1, 10), (0.2, 30), (0.2, 20), (0.9, 40))]
GERMAN = [Document("de", "general", 0.15, 100)]
CODE = [Document("en", "code", 0.5, 50), Document(None, None, 0.3, 50)]
CORPUS = [*ENGLISH, *GERMAN, *CODE]


@pytest.mark.parametrize(
    ("asked", "min_documents", "expected"),
    [
        # The cell's own: 10 of 100 tokens are at .1, 50 at .2, 40 at .9.
        (Document("en", "general", 0.1, 0), 4, 0.05),
        (Document("en", "general", 0.2, 0), 4, 0.35),
        (Document("en", "general", 0.9, 0), 4, 0.8),
        (Document("en", "general", 0.15, 0), 4, 0.1),
        (Document("en", "general", 0.0, 0), 4, 0.0),
        (Document("en", "general", 1.0, 0), 4, 1.0),
        (Document("en", "general", None, 0), 4, None),
        # Scores that differ by less than a ten-thousandth are the same.
        (Document("en", "general", 0.20004, 0), 4, 0.35),
        (Document("en", "general", 0.2001, 0), 4, 0.6),
        # A cell of one document has the percentiles of its category, of 200 tokens.
        (Document("de", "general", 0.15, 0), 4, (10 + 100 / 2) / 200),
        (Document("de", "general", 0.15, 0), 1, 0.5),
        (Document("fr", "general", 0.2, 0), 4, (110 + 50 / 2) / 200),
        # A category of one document has those of all, of 300 tokens.
        (Document("en", "code", 0.5, 0), 4, (210 + 50 / 2) / 300),
        (Document("en", "code", 0.5, 0), 1, 0.5),
        (Document(None, None, 0.3, 0), 4, (160 + 50 / 2) / 300),
        (Document("und", "", 0.3, 0), 1, 0.5),
        (Document("en", "math", 0.9, 0), 1, (260 + 40 / 2) / 300),
        # Where even all are too few, it is theirs all the same.
        (Document("en", "general", 0.9, 0), 99, (260 + 40 / 2) / 300),
    ],
)
def test_a_percentile_is_the_share_of_tokens_below_and_half_of_those_at_it(
    asked: Document, min_documents: int, expected: float | None
) -> None:
    assert rounded(plain_percentiles([asked], CORPUS, min_documents)) == rounded([expected])
    assert rounded(percentiles_of([asked], cells_of(CORPUS), min_documents)) == rounded([expected])


@settings(max_examples=200, deadline=None)
@given(st.lists(DOCUMENTS, max_size=25), st.lists(DOCUMENTS, max_size=5), st.integers(1, 8))
def test_percentiles_of_any_documents_are_those_of_a_brute_force_count(
    learnt: list[Document], others: list[Document], min_documents: int
) -> None:
    asked = learnt + others
    expected = plain_percentiles(asked, learnt, min_documents)
    assert rounded(percentiles_of(asked, cells_of(learnt), min_documents)) == rounded(expected)


def test_documents_of_no_tokens_have_percentile_zero() -> None:
    empty = [Document("en", "general", 0.5, 0)]
    assert percentiles_of(empty, cells_of(empty), 1) == [0.0]


def test_a_score_that_was_never_counted_has_no_percentile() -> None:
    assert percentiles_of(ENGLISH, cells_of(ENGLISH), 1, "another") == [None] * 4
    assert percentiles_of(ENGLISH, cells_of([]), 1) == [None] * 4


def test_the_percentiles_of_a_score_are_its_own() -> None:
    cells = pa.concat_tables([cells_of(ENGLISH), cells_of(GERMAN, "another")])
    assert percentiles_of(ENGLISH, cells, 1) == percentiles_of(ENGLISH, cells_of(ENGLISH), 1)
    assert percentiles_of(GERMAN, cells, 1, "another") == [0.5]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_cells_does_not_matter(seed: int) -> None:
    cells = cells_of(CORPUS)
    shuffled = cells.take(pa.array(np.random.default_rng(seed).permutation(cells.num_rows)))
    assert percentiles_of(CORPUS, shuffled, 2) == percentiles_of(CORPUS, cells, 2)
