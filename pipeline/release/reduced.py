"""A manifest less some rows: totals, cells, languages, licences and shares as they are without them."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mixing.cells import BUCKET, GROUP, keys_of
from pipeline.mixing.params import CellParams
from pipeline.release.layout import TRAIN
from pipeline.release.statistics import OTHERS
from schemas.columns import (
    CATEGORY,
    EPOCH,
    LANGUAGE,
    LICENSE,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    TEXT,
    TOKENS,
    TOPIC,
)

COUNTED_BY: Final = (CATEGORY, TOPIC, LANGUAGE, QUALITY_BUCKET, QUALITY_PERCENTILE, LICENSE, EPOCH, TOKENS, TEXT)
"""Columns of a release that the sums of its manifest are made of."""
SUMS: Final = ("documents", "rows", "tokens", "bytes")
_KEYS: Final = (CATEGORY.name, GROUP.name, BUCKET.name, LANGUAGE.name, LICENSE.name)
_NAMES: Final = ("split", *_KEYS)


def sums_of(rows: pa.RecordBatch, split: str) -> pa.Table:
    """Return rows of a release added up by all that a manifest counts by.

    Args:
        rows: With the columns `COUNTED_BY`.
        split: Of all of them.
    """
    categories, groups, buckets, _ = keys_of(rows, CellParams())
    # a document stands in a split as often as it has epochs, the first of which is 0
    is_first = pc.equal(rows.column(EPOCH.name), 0).cast(pa.int64())
    sizes = pc.binary_length(rows.column(TEXT.name)).cast(pa.int64())
    splits = pa.array([split], pa.string()).take(pa.array(np.zeros(rows.num_rows, np.int32)))
    arrays = [splits, categories, groups, buckets, rows.column(LANGUAGE.name), rows.column(LICENSE.name), is_first]
    arrays += [pa.array(np.ones(rows.num_rows, np.int64)), rows.column(TOKENS.name).cast(pa.int64()), sizes]
    return added([pa.table(arrays, names=[*_NAMES, *SUMS])])


def added(tables: Sequence[pa.Table]) -> pa.Table:
    """Return sums added up."""
    grouped = pa.concat_tables(tables).group_by(list(_NAMES)).aggregate([(name, "sum") for name in SUMS])
    named = grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names])
    return named.select([*_NAMES, *SUMS])


def reduced(manifest: Mapping[str, Any], removed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a manifest whose sums are those of a release without some rows; its files are left as they are.

    What there was before the mix (`natural_…`, `target_share`, `validation`, `funnel`) stays.

    Args:
        manifest: Of the release.
        removed: What `sums_of` gives of the rows, as Python objects.
    """
    made: dict[str, Any] = copy.deepcopy(dict(manifest))
    rows = list(removed)
    in_train = [row for row in rows if row["split"] == TRAIN]
    _subtract(made["totals"], rows, lambda row: (row["split"], row["category"]))
    _subtract(made["cells"], in_train, lambda row: (row["category"], row["group"], row["bucket"]))
    for name, column in (("languages", LANGUAGE.name), ("licences", LICENSE.name)):
        named = {(row["split"], row["key"]) for row in made[name]}
        keys = [row[column] if (row["split"], row[column]) in named else OTHERS for row in rows]
        renamed = [{**row, "key": key} for row, key in zip(rows, keys, strict=True)]
        _subtract(made[name], renamed, lambda row: (row["split"], row["key"]))
        made[name] = [row for row in made[name] if row["rows"]]
    tokens = sum(cell["tokens"] for cell in made["cells"])
    for cell in made["cells"]:
        cell["epochs"] = cell["rows"] / cell["natural_documents"] if cell["natural_documents"] else 0.0
        cell["reached_share"] = cell["tokens"] / tokens if tokens else 0.0
    return made


def _subtract(
    entries: Sequence[dict[str, Any]],
    removed: Iterable[Mapping[str, Any]],
    key_of: Callable[[Mapping[str, Any]], tuple[Any, ...]],
) -> None:
    """Take sums from the entries of their keys; a key without one was never named."""
    by_key = {key_of(entry): entry for entry in entries}
    for row in removed:
        entry = by_key.get(key_of(row))
        if entry is not None:
            for name in SUMS:
                entry[name] -= row[name]
