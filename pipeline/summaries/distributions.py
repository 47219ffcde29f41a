"""Distributions of the signals of `heuristics` with the limits that they are compared with, and their correlation."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.heuristics.rule import PROSE
from pipeline.inspection.verdicts import Judge
from pipeline.summaries.histograms import Edges, counts_in, edges_for
from pipeline.summaries.reading import lowest, records_judged
from pipeline.summaries.signals import STAGE, judge_of
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, Column

ALL: Final = "all"
_SAMPLE: Final = 4096
_BINS: Final = 30


class Distributions(NamedTuple):
    """How signals are distributed.

    Attributes:
        bins: `signal`, `group`, `from`, `to`, `documents`: values beyond the outer edges count in the outer bins.
        limits: `signal`, `rule`, `parameter`, `language` (null for all), `limit`, `fails` ("<" or ">"), `is_of_all`:
            whether the rule is asked of prose, and not of code, math or one language alone.
    """

    bins: pa.Table
    limits: pa.Table


def distributions(run: str, signals: Sequence[str] = (), by: str = "", groups: int = 5) -> Distributions:
    """Return the histograms of signals, with the limits that the run compared them with.

    Edges come of a sample: the documents with the lowest doc_ids. Then all documents are counted.

    Args:
        run: The run directory.
        signals: Names; none for those whose rules gave most reasons.
        by: `language` or `category`, for histograms of each; "" for all together.
        groups: Languages or categories, those with most documents; the rest is `all others`.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version.
    """
    judge = judge_of(run)
    names = tuple(signals) or judge.signals
    columns = tuple(column for column in SIGNAL_COLUMNS if column.name in names)
    limits = _limits_table(judge, names)
    read = (LANGUAGE, CATEGORY, *columns)
    sample = lowest(records_judged(run, STAGE, (DOC_ID, *read)), _SAMPLE, read)
    drawn_in: dict[str, list[float]] = {}
    for row in limits.to_pylist():
        drawn_in.setdefault(row["signal"], []).append(row["limit"])
    edges: dict[str, Edges] = {}
    for name in names:
        values = pc.drop_null(sample[name]).cast(pa.float64()).to_numpy()
        edges[name] = edges_for(values[np.isfinite(values)], tuple(drawn_in.get(name, ())), _BINS)
    shown = _largest(sample[by], groups) if by else [ALL]
    counts = {(name, group): np.zeros(_BINS, np.int64) for name in names for group in [*shown, "all others"]}
    for batch in records_judged(run, STAGE, (LANGUAGE, CATEGORY, *columns)):
        for group, rows in _divided(batch, by, shown):
            for name in names:
                counts[name, group] += counts_in(edges[name], rows.column(name))
    return Distributions(_bins_table(counts, edges), limits)


def _largest(names: pa.ChunkedArray, most: int) -> list[str]:
    counted = [(entry["counts"], entry["values"]) for entry in pc.value_counts(names).to_pylist() if entry["values"]]
    return [name for _, name in sorted(counted, key=lambda pair: (-pair[0], pair[1]))[:most]]


def _divided(batch: pa.RecordBatch, by: str, shown: Sequence[str]) -> Iterator[tuple[str, pa.RecordBatch]]:
    if not by:
        yield ALL, batch
        return
    names = batch.column(by)
    for name in shown:
        yield name, batch.filter(pc.fill_null(pc.equal(names, name), False))  # noqa: FBT003
    yield "all others", batch.filter(pc.invert(pc.is_in(names, pa.array(list(shown), pa.string()))))


def _bins_table(counts: dict[tuple[str, str], npt.NDArray[np.int64]], edges: dict[str, Edges]) -> pa.Table:
    rows = [
        {
            "signal": name,
            "group": group,
            "from": float(edges[name][n]),
            "to": float(edges[name][n + 1]),
            "documents": int(count),
        }
        for (name, group), of_group in counts.items()
        if of_group.any()
        for n, count in enumerate(of_group)
    ]
    schema = pa.schema(
        [
            ("signal", pa.string()),
            ("group", pa.string()),
            ("from", pa.float64()),
            ("to", pa.float64()),
            ("documents", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def _limits_table(judge: Judge, names: Sequence[str]) -> pa.Table:
    rows = [
        {
            "signal": rule.signal,
            "rule": rule.name,
            "parameter": rule.parameter,
            "language": language,
            "limit": limit,
            "fails": rule.fails,
            "is_of_all": not rule.languages and (not rule.categories or PROSE[0] in rule.categories),
        }
        for rule in judge.rules
        if rule.signal in names
        for language, limit in ((None, rule.limit), *judge.languages_with_own_limits(rule).items())
        if np.isfinite(limit)
    ]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("signal", "rule", "parameter", "language")),
            ("limit", pa.float64()),
            ("fails", pa.string()),
            ("is_of_all", pa.bool_()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)


def correlations(run: str, signals: Sequence[str] = ()) -> pa.Table:
    """Return Spearman's rank correlation of pairs of signals over a sample: the documents with the lowest doc_ids.

    Columns: `signal`, `other`, `correlation` (-1 to 1; null where one of them has one value only), `documents`.

    Args:
        run: The run directory.
        signals: Names; none for all that a rule compares.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version.
    """
    names = tuple(signals) or judge_of(run).signals
    columns: tuple[Column, ...] = tuple(column for column in SIGNAL_COLUMNS if column.name in names)
    sample = lowest(records_judged(run, STAGE, (DOC_ID, *columns)), _SAMPLE, columns)
    values = {name: pc.cast(sample[name], pa.float64()).to_numpy() for name in names}
    rows = []
    for number, name in enumerate(names):
        for other in names[number + 1 :]:
            both = ~(np.isnan(values[name]) | np.isnan(values[other]))
            rows.append(
                {
                    "signal": name,
                    "other": other,
                    "correlation": spearman(values[name][both], values[other][both]),
                    "documents": int(both.sum()),
                }
            )
    schema = pa.schema(
        [("signal", pa.string()), ("other", pa.string()), ("correlation", pa.float64()), ("documents", pa.int64())]
    )
    return pa.Table.from_pylist(rows, schema)


def spearman(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float | None:
    """Return Pearson's correlation of ranks, those of equal values being their mean.

    >>> spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 4.0, 9.0, 16.0]))
    1.0
    """
    ranks = []
    for values in (first, second):
        _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
        if len(counts) < 2:
            return None
        ranks.append((np.cumsum(counts) - (counts - 1) / 2)[at])
    return round(float(np.corrcoef(ranks[0], ranks[1])[0, 1]), 12)
