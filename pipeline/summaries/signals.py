"""Rules of `heuristics`: which of them fire on what, alone and together, and near which limits documents lie."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.inspection.stored_signals import params_of
from pipeline.inspection.verdicts import Judge
from pipeline.runs.run import Run
from pipeline.summaries.reading import records_judged
from schemas.columns import LANGUAGE

STAGE: Final = "heuristics"


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
        rules: A row per rule: `rule`, `signal`, `parameter`, `fails` ("<" or ">"), `limit`, `documents` it fires on,
            `first` for which it gives the reason, `only` that no other rule fires on, `if_tighter` that would go if its
            limit were a tenth tighter, `if_looser` that would stay if it were a tenth looser, `lowest` and `highest`
            limit of those for which it gives the reason: languages have limits of their own. Null where it gives none.
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
    ends = np.tile([[np.inf], [-np.inf]], count)  # the lowest and highest limit that dropped a document, by rule
    by_language: dict[str | None, npt.NDArray[np.int64]] = {}
    for batch in records_judged(run, STAGE, judge.columns):
        flags = judge.fails(batch)
        failing = flags.sum(axis=1)
        numbers = flags.astype(np.int64)
        both += numbers.T @ numbers
        drops = judge.drops(batch)
        gone = drops.rule >= 0
        sums["first"] += np.bincount(drops.rule[gone], minlength=count)
        np.minimum.at(ends[0], drops.rule[gone], drops.limit[gone])
        np.maximum.at(ends[1], drops.rule[gone], drops.limit[gone])
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
        _rules_table(judge, both.diagonal(), sums, ends),
        _together_table(judge, both),
        _language_table(judge, by_language, languages),
    )


def _moved(judge: Judge, batch: pa.RecordBatch, by: float) -> npt.NDArray[np.bool_]:
    """Return what each rule says with its limit a share tighter, or looser where that is negative."""
    higher, lower = judge.fails(batch, 1 + by), judge.fails(batch, 1 - by)
    is_least = np.array([rule.fails == "<" for rule in judge.rules])
    return np.where(is_least[None, :], higher, lower)


def _rules_table(
    judge: Judge,
    documents: npt.NDArray[np.int64],
    sums: dict[str, npt.NDArray[np.int64]],
    ends: npt.NDArray[np.float64],
) -> pa.Table:
    table = pa.table(
        {
            "rule": [rule.name for rule in judge.rules],
            "signal": [rule.signal for rule in judge.rules],
            "parameter": [rule.parameter for rule in judge.rules],
            "fails": [rule.fails for rule in judge.rules],
            "limit": pa.array([rule.limit for rule in judge.rules], pa.float64()),
            "documents": np.ascontiguousarray(documents),
            **sums,
            "lowest": pa.array(ends[0], mask=sums["first"] == 0),
            "highest": pa.array(ends[1], mask=sums["first"] == 0),
        }
    )
    return table.sort_by([("documents", "descending"), ("rule", "ascending")])


def _together_table(judge: Judge, both: npt.NDArray[np.int64]) -> pa.Table:
    fires = np.flatnonzero(both.diagonal())
    rows = [
        {
            "rule": judge.rules[rule].name,
            "other": judge.rules[other].name,
            "documents": int(both[rule, other]),
            "share": float(both[rule, other] / both[rule, rule]),
        }
        for rule in fires[np.argsort(-both.diagonal()[fires], kind="stable")]
        for other in fires[np.argsort(-both.diagonal()[fires], kind="stable")]
        if rule != other
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
        [
            (LANGUAGE.name, pa.string()),
            ("rule", pa.string()),
            ("documents", pa.int64()),
            ("fired", pa.int64()),
            ("share", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)
