"""Other limits of `heuristics`: which documents would change side, decided again from the stored signals."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.heuristics.params import HeuristicsParams
from pipeline.inspection.verdicts import Drops, Judge
from pipeline.inspection.whatif import both_params
from pipeline.results.redaction import ShownText, texts_by_id
from pipeline.runs.run import Run
from pipeline.summaries.reading import added, empty, lowest, ones, records_judged
from pipeline.summaries.signals import STAGE
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, SOURCE_URL, TEXT

_BY: Final = (LANGUAGE.name, CATEGORY.name)
_SUMS: Final = ("documents", "before", "after")


class Flips(NamedTuple):
    """What other limits would do.

    Attributes:
        cells: `language`, `category`, `documents` that were judged, how many pass `before` and `after`.
        reasons: `reason`, documents for which it is the first that fails `before` and `after`.
        documents: Those of the lowest doc_ids that change side: `doc_id`, `source_url`, `language`, `category`,
            `before` and `after` (a reason, null where it passes), `value`, `limit` (of whichever drops it), `text`.
    """

    cells: pa.Table
    reasons: pa.Table
    documents: pa.Table


def slider_limits(run: str, most: int = 6) -> dict[str, tuple[float, float, float]]:
    """Return parameter → (the run's limit, and from where to where to move it) of those that dropped most.

    Whole numbers where the parameter is one.

    Args:
        run: The run directory.
        most: Parameters.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version.
    """
    table = Run(run).table(STAGE)
    params = both_params(table, {})[0]
    dropped = table.manifest.dropped()
    rules = {rule.name: rule for rule in Judge(params).rules if rule.parameter in HeuristicsParams.model_fields}
    ordered = sorted(rules.values(), key=lambda rule: (-dropped.get(rule.name, 0), rule.name))
    limits = {rule.parameter: getattr(params, rule.parameter) for rule in ordered if dropped.get(rule.name)}
    chosen = [(name, limit) for name, limit in limits.items() if limit is not None][:most]
    return {name: (limit, type(limit)(0), _twice(limit)) for name, limit in chosen}


def _twice(limit: float) -> float:
    """Return where a slider ends: a share ends at 1.

    >>> _twice(50), _twice(0.8), _twice(0)
    (100, 1.0, 5)
    """
    if isinstance(limit, int):
        return 2 * limit or 5
    return min(2 * limit, 1.0) if limit <= 1 else 2 * limit


def flips(run: str, limits: Mapping[str, Any], most: int = 10, chars: int = 300) -> Flips:
    """Return what other limits of `heuristics` would do to a run.

    Args:
        run: The run directory.
        limits: Parameter of `heuristics` → its new value.
        most: Documents to show.
        chars: Of their texts, which are shown as they left `pii`, and not at all where no stage has redacted them.

    Raises:
        ManifestError: It has no committed `heuristics`.
        ConfigError: They are of another version; or a parameter is no limit, or out of its range.
    """
    table = Run(run).table(STAGE)
    before, after = (Judge(params) for params in both_params(table, {STAGE: dict(limits)}))
    cells, reasons = empty(_BY, _SUMS), empty(("reason",), ("before", "after"))
    changed: list[pa.RecordBatch] = []
    for batch in records_judged(run, STAGE, (DOC_ID, SOURCE_URL, *before.columns)):
        old, new = before.drops(batch), after.drops(batch)
        cells = added(cells, _cell_rows(batch, old, new), _BY, _SUMS)
        for judge, drops, side in ((before, old, "before"), (after, new, "after")):
            reasons = added(reasons, _reason_rows(judge, drops, side), ("reason",), ("before", "after"))
        rows = _changed(batch, (before, after), (old, new))
        if rows.num_rows:
            changed = lowest(iter([*changed, rows]), most).combine_chunks().to_batches()
    order = [("documents", "descending"), *((name, "ascending") for name in _BY)]
    return Flips(
        cells.sort_by(order),
        reasons.sort_by([("before", "descending"), ("reason", "ascending")]),
        _with_texts(run, changed, chars),
    )


def _cell_rows(batch: pa.RecordBatch, old: Drops, new: Drops) -> pa.Table:
    counted = [ones(batch.num_rows), *(pa.array((drops.rule < 0).astype(np.int64)) for drops in (old, new))]
    return pa.table([*(batch.column(name) for name in _BY), *counted], names=[*_BY, *_SUMS])


def _reason_rows(judge: Judge, drops: Drops, side: str) -> pa.Table:
    counts = np.bincount(drops.rule[drops.rule >= 0], minlength=len(judge.rules)).astype(np.int64)
    nothing = np.zeros(len(judge.rules), np.int64)
    rows = pa.table(
        {
            "reason": pa.array([rule.name for rule in judge.rules], pa.string()),
            "before": counts if side == "before" else nothing,
            "after": counts if side == "after" else nothing,
        }
    )
    return rows.filter(pa.array(counts > 0))


def _changed(batch: pa.RecordBatch, judges: tuple[Judge, Judge], drops: tuple[Drops, Drops]) -> pa.RecordBatch:
    rows = np.flatnonzero((drops[0].rule < 0) != (drops[1].rule < 0))
    sides = [
        [judge.rules[n].name if n >= 0 else None for n in of.rule[rows].tolist()]
        for judge, of in zip(judges, drops, strict=True)
    ]
    is_lost = drops[0].rule[rows] < 0
    numbers = [np.where(is_lost, new[rows], old[rows]) for old, new in zip(drops[0][1:], drops[1][1:], strict=True)]
    names = (DOC_ID.name, SOURCE_URL.name, *_BY)
    arrays = [batch.column(name).take(pa.array(rows)) for name in names]
    arrays += [*(pa.array(side, pa.string()) for side in sides), *map(pa.array, numbers)]
    return pa.record_batch(arrays, names=[*names, "before", "after", "value", "limit"])


def _with_texts(run: str, changed: list[pa.RecordBatch], chars: int) -> pa.Table:
    schema = pa.schema(
        [
            *((name, pa.string()) for name in (DOC_ID.name, SOURCE_URL.name, *_BY, "before", "after")),
            ("value", pa.float64()),
            ("limit", pa.float64()),
        ]
    )
    table = pa.Table.from_batches(changed, changed[0].schema).cast(schema) if changed else schema.empty_table()
    texts = texts_by_id(Run(run).tables()[-1], table[DOC_ID.name].to_pylist(), chars)
    shown = [texts.get(doc_id, ShownText()).text for doc_id in table[DOC_ID.name].to_pylist()]
    return table.append_column(TEXT.name, pa.array(shown, pa.string()))
