"""Signals of `heuristics`: which rules fire on what, alone and together; distributions with limits; correlation."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.inspection.stored_signals import params_of
from pipeline.inspection.verdicts import Judge
from pipeline.runs.run import Run
from pipeline.summaries.histograms import Edges, counts_in, edges_for
from pipeline.summaries.reading import records_judged
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, Column

STAGE: Final = "heuristics"
ALL: Final = "all"
_SAMPLE: Final = 4096
_BINS: Final = 30


def judge_of(run: str) -> Judge:
    """Return the rules with the limits that a run was decided with.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version.
    """
    return Judge(params_of(Run(run).table(STAGE)))


class Fired(NamedTuple):
    """Which rules fire.

    Attributes:
        rules: A row a rule: `rule`, `signal`, `parameter`, `fails` ("<" or ">"), `limit`, `documents` that it fires on,
            `first` for which it gives the reason, `only` that no other rule fires on, `if_tighter` that would go if its
            limit were a tenth tighter, `if_looser` that would stay if it were a tenth looser.
        together: Pairs of rules, `rule` and `other`, both that fire: `documents` that fail both, `share` of the
            documents on which `rule` fires.
        languages: `language`, `rule`, `documents` of the language, `fired` among them, `share`.
    """

    rules: pa.Table
    together: pa.Table
    languages: pa.Table


def fired(run: str, languages: int = 15) -> Fired:
    """Return which rules fire on the documents that `heuristics` was handed, by its own signals and limits.

    Args:
        run: The run directory.
        languages: To tell of, those with the most documents.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version.
    """
    judge = judge_of(run)
    count = len(judge.rules)
    sums = {name: np.zeros(count, np.int64) for name in ("first", "only", "if_tighter", "if_looser")}
    both = np.zeros((count, count), np.int64)
    by_language: dict[str | None, npt.NDArray[np.int64]] = {}
    for batch in records_judged(run, STAGE, judge.columns):
        flags = judge.fails(batch)
        failing = flags.sum(axis=1)
        numbers = flags.astype(np.int64)
        both += numbers.T @ numbers
        sums["first"] += np.bincount(flags.argmax(axis=1)[failing > 0], minlength=count)
        sums["only"] += (flags & (failing == 1)[:, None]).sum(axis=0)
        for name, moved in (("if_tighter", _moved(judge, batch, 0.1)), ("if_looser", _moved(judge, batch, -0.1))):
            others = failing[:, None] - numbers
            sums[name] += ((moved != flags) & (others == 0)).sum(axis=0)
        names = batch.column(LANGUAGE.name)
        for language in pc.unique(names).to_pylist():
            rows = pc.fill_null(pc.equal(names, language), False) if language is not None else pc.is_null(names)  # noqa: FBT003
            here = np.concatenate([[rows.true_count], numbers[rows.to_numpy(zero_copy_only=False)].sum(axis=0)])
            by_language[language] = by_language.get(language, np.zeros(count + 1, np.int64)) + here
    return Fired(
        _rules_table(judge, both.diagonal(), sums),
        _together_table(judge, both),
        _language_table(judge, by_language, languages),
    )


def _moved(judge: Judge, batch: pa.RecordBatch, by: float) -> npt.NDArray[np.bool_]:
    """Return what each rule says with its limit a share tighter, or looser where that is negative."""
    higher, lower = judge.fails(batch, 1 + by), judge.fails(batch, 1 - by)
    is_least = np.array([rule.fails == "<" for rule in judge.rules])
    return np.where(is_least[None, :], higher, lower)


def _rules_table(
    judge: Judge, documents: npt.NDArray[np.int64], sums: dict[str, npt.NDArray[np.int64]]
) -> pa.Table:  # fmt: skip
    table = pa.table(
        {
            "rule": [rule.name for rule in judge.rules],
            "signal": [rule.signal for rule in judge.rules],
            "parameter": [rule.parameter for rule in judge.rules],
            "fails": [rule.fails for rule in judge.rules],
            "limit": pa.array([rule.limit for rule in judge.rules], pa.float64()),
            "documents": np.ascontiguousarray(documents),
            **sums,
        }
    )
    return table.sort_by([("documents", "descending"), ("rule", "ascending")])


def _together_table(judge: Judge, both: npt.NDArray[np.int64]) -> pa.Table:
    fires = np.flatnonzero(both.diagonal())
    rows = [
        {
            "rule": judge.rules[one].name,
            "other": judge.rules[other].name,
            "documents": int(both[one, other]),
            "share": float(both[one, other] / both[one, one]),
        }
        for one in fires[np.argsort(-both.diagonal()[fires], kind="stable")]
        for other in fires[np.argsort(-both.diagonal()[fires], kind="stable")]
        if one != other
    ]
    schema = pa.schema(
        [("rule", pa.string()), ("other", pa.string()), ("documents", pa.int64()), ("share", pa.float64())]
    )
    return pa.Table.from_pylist(rows, schema)


def _language_table(judge: Judge, counts: dict[str | None, npt.NDArray[np.int64]], most: int) -> pa.Table:
    shown = sorted(counts, key=lambda name: (-counts[name][0], str(name)))[:most]
    total: npt.NDArray[np.int64] = sum(counts.values(), np.zeros(len(judge.rules) + 1, np.int64))
    rows = [
        {
            LANGUAGE.name: name,
            "rule": judge.rules[number].name,
            "documents": int(counts[name][0]),
            "fired": int(counts[name][number + 1]),
            "share": float(counts[name][number + 1] / counts[name][0]),
        }
        for number in np.argsort(-total[1:], kind="stable").tolist()
        if total[number + 1]
        for name in shown
    ]
    schema = pa.schema(
        [(LANGUAGE.name, pa.string()), ("rule", pa.string()), ("documents", pa.int64()), ("fired", pa.int64()),
         ("share", pa.float64())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


class Distributions(NamedTuple):
    """How signals are distributed.

    Attributes:
        bins: `signal`, `group`, `from`, `to`, `documents`: values beyond the outer edges count in the outer bins.
        limits: `signal`, `rule`, `parameter`, `language` (null for all), `limit`.
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
    sample = lowest(records_judged(run, STAGE, (DOC_ID, LANGUAGE, CATEGORY, *columns)), _SAMPLE)
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


def lowest(batches: Iterator[pa.RecordBatch], most: int) -> pa.Table:
    """Return the rows with the lowest doc_ids, which are hashes: a sample that is the same each time.

    Args:
        batches: With `doc_id`.
        most: Rows.
    """
    sample: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if sample is None else pa.concat_tables([sample, rows])
        if rows.num_rows > most:
            rows = rows.take(pc.select_k_unstable(rows, most, [(DOC_ID.name, "ascending")]))
        sample = rows
    if sample is None:
        raise ValueError("there are no batches to take a sample of")
    return sample.sort_by(DOC_ID.name)


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
        {"signal": name, "group": group, "from": float(edges[name][n]), "to": float(edges[name][n + 1]), "documents": int(count)}
        for (name, group), of_group in counts.items()
        if of_group.any()
        for n, count in enumerate(of_group)
    ]  # fmt: skip
    schema = pa.schema(
        [("signal", pa.string()), ("group", pa.string()), ("from", pa.float64()), ("to", pa.float64()),
         ("documents", pa.int64())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema)


def _limits_table(judge: Judge, names: Sequence[str]) -> pa.Table:
    rows = [
        {"signal": rule.signal, "rule": rule.name, "parameter": rule.parameter, "language": language, "limit": limit}
        for rule in judge.rules
        if rule.signal in names
        for language, limit in ((None, rule.limit), *judge.languages_with_own_limits(rule).items())
        if np.isfinite(limit)
    ]
    schema = pa.schema([*((name, pa.string()) for name in ("signal", "rule", "parameter", "language")), ("limit", pa.float64())])
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
    sample = lowest(records_judged(run, STAGE, (DOC_ID, *columns)), _SAMPLE)
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
