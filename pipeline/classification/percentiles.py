"""Percentiles of scores by tokens, within language and category.

A document's percentile is the share of the tokens of its cell in documents with a lower score, and half of those with
the same. Scores of different models can be compared by percentile alone, and a share of percentiles is the same share
of tokens (Su et al., 2024, Nemotron-CC). A cell is a language and a category; one with few documents takes the
percentiles of its category, and that, where it has few too, those of all documents.

Scores are counted to four decimals, so that a cell is a table of some thousand numbers, however large the corpus.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables, read_whole
from schemas.columns import CATEGORY, LANGUAGE, TOKENS

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

CELLS: Final = "score string, language string, category string, step long, tokens long, documents long"
"""Columns of a table of cells: how many tokens and documents have a score, in ten-thousandths."""
_STEPS: Final = 10_000
_LARGEST: Final = float(1 << 53)
"""Steps beyond it are one."""
_ANY: Final = "*"
"""Stands for every language, or every category."""
Steps = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


def count_cells(documents: "DataFrame", scores: Sequence[str]) -> "DataFrame":
    """Return the tokens and documents of every score, by cell: columns of `CELLS`.

    Args:
        documents: With `language`, `category`, `tokens` and the scores; a null score counts nowhere.
        scores: Names of columns.
    """
    from pyspark.sql import functions as F  # noqa: N812

    pairs = F.array(*(F.struct(F.lit(name).alias("score"), F.col(name).alias("value")) for name in scores))
    each = documents.select(LANGUAGE.name, CATEGORY.name, TOKENS.name, F.explode(pairs).alias("pair"))
    keys = {
        "score": F.col("pair.score"),
        LANGUAGE.name: F.coalesce(F.col(LANGUAGE.name), F.lit("und")),
        CATEGORY.name: F.coalesce(F.col(CATEGORY.name), F.lit("")),
        "step": _clamped(F.rint(F.col("pair.value").cast("double") * _STEPS)),  # halves to even, as NumPy has them
    }
    counted = each.where(F.col("pair.value").isNotNull()).groupBy(*(key.alias(name) for name, key in keys.items()))
    return counted.agg(F.sum(TOKENS.name).alias("tokens"), F.count("*").alias("documents"))


def _clamped(steps: "SparkColumn") -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812

    return F.greatest(F.least(steps, F.lit(_LARGEST)), F.lit(-_LARGEST)).cast("long")


class CellParams(Params):
    """Of what documents a document is compared with."""

    min_cell_documents: int = Field(1_000, ge=1)
    """Documents of a language and category below which those of the category, or all, are compared with."""


class Percentiles:
    """Percentiles of scores.

    Args:
        cells: Rows of `CELLS`.
        min_documents: Documents of which a cell has percentiles of its own.
    """

    def __init__(self, cells: pa.Table, min_documents: int) -> None:
        self._curves: dict[tuple[str, str, str], tuple[Steps, Shares]] = {}
        for replaced in ((), (LANGUAGE.name,), (LANGUAGE.name, CATEGORY.name)):
            for key, curve in _curves(cells, replaced, 1 if len(replaced) == 2 else min_documents).items():
                self._curves[key] = curve

    def of(self, score: str, languages: pa.Array, categories: pa.Array, values: pa.Array) -> Shares:
        """Return the percentiles of documents, float64 (documents,); NaN for a null score.

        Args:
            score: Name of the score.
            languages: Of the documents.
            categories: Likewise.
            values: Their scores.
        """
        steps = np.round(pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False).astype(np.float64) * _STEPS)
        steps = np.clip(steps, -_LARGEST, _LARGEST)
        cells = zip(pc.fill_null(languages, "und").to_pylist(), pc.fill_null(categories, "").to_pylist(), strict=True)
        rows: dict[tuple[str, str], list[int]] = {}
        for row, cell in enumerate(cells):
            rows.setdefault(cell, []).append(row)
        shares = np.full(len(steps), np.nan)
        for cell, numbers in rows.items():
            curve = self._curve(score, *cell)
            if curve is not None:
                shares[numbers] = _share_below(*curve, steps[numbers].astype(np.int64))
        return np.where(values.is_null().to_numpy(zero_copy_only=False), np.nan, shares)

    def _curve(self, score: str, language: str, category: str) -> tuple[Steps, Shares] | None:
        for cell in ((language, category), (_ANY, category), (_ANY, _ANY)):
            if (score, *cell) in self._curves:
                return self._curves[score, *cell]
        return None


def learnt_percentiles(fitted: FittedTables, table: str, min_documents: int) -> Percentiles:
    """Return the percentiles that a fit's table of cells makes, made once a process.

    Args:
        fitted: The fit's tables.
        table: Name of the table, of rows of `CELLS`.
        min_documents: Documents of which a cell has percentiles of its own.
    """
    return _percentiles(fitted.files(table), min_documents)


@lru_cache(maxsize=8)
def _percentiles(files: tuple[str, ...], min_documents: int) -> Percentiles:
    return Percentiles(read_whole(files), min_documents)


def _curves(
    cells: pa.Table, replaced: Sequence[str], min_documents: int
) -> dict[tuple[str, str, str], tuple[Steps, Shares]]:
    """Return cell → its steps, rising, and the share of tokens at or below each, where it has enough documents."""
    for name in replaced:
        at = cells.schema.get_field_index(name)
        cells = cells.set_column(at, name, pa.array([_ANY] * cells.num_rows, pa.string()))
    names = ["score", LANGUAGE.name, CATEGORY.name]
    summed = cells.group_by([*names, "step"]).aggregate([("tokens", "sum"), ("documents", "sum")])
    summed = summed.sort_by([(name, "ascending") for name in (*names, "step")]).combine_chunks()
    changes = np.zeros(summed.num_rows, bool)
    changes[:1] = True
    for name in names:
        values = summed[name]
        changes[1:] |= pc.not_equal(values[1:], values[:-1]).to_numpy()
    starts = np.flatnonzero(changes)
    keys = list(zip(*(summed[name].take(pa.array(starts)).to_pylist() for name in names), strict=True))
    steps, tokens, documents = (summed[name].to_numpy() for name in ("step", "tokens_sum", "documents_sum"))
    curves = {}
    for key, (start, end) in zip(keys, pairwise([*starts.tolist(), summed.num_rows]), strict=True):
        if documents[start:end].sum() >= min_documents:
            counted = np.cumsum(tokens[start:end], dtype=np.float64)
            curves[key] = steps[start:end], counted / max(counted[-1], 1.0)
    return curves


def _share_below(steps: Steps, shares: Shares, asked: Steps) -> Shares:
    """Return the share of tokens below each step, and half of those at it."""
    below = np.append(0.0, shares)
    low, high = (below[np.searchsorted(steps, asked, side=side)] for side in ("left", "right"))
    middle: Any = (low + high) / 2
    return np.asarray(middle)
