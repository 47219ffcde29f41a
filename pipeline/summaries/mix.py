"""The mix: natural, target and reached shares, the curve, epochs, hosts of the release, benchmarks in it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.release.manifest import read_manifest
from pipeline.release.writing import release_key
from pipeline.runs.run import Run
from pipeline.stores import storage
from pipeline.summaries.reading import added, empty, grouped, records_judged, stage_of, stages_of, summed
from schemas.columns import CATEGORY, EPOCHS, HOST, QUALITY_BUCKET, SPLIT, TOKENS

_SHARES: Final = ("natural_share", "target_share", "reached_share")
_COUNTS: Final = ("natural_documents", "documents", "rows", "tokens")
_SUMS: Final = ("documents", "rows", "tokens")
_TRAIN: Final = "train"


def release_of(run: str) -> dict[str, Any] | None:
    """Return the manifest of a run's release; None where there is none, or one of an earlier chain."""
    written = read_manifest(storage.join(run, "release"))
    return written if written is not None and written["source"] == release_key(Run(run).tables()[-1]) else None


def categories(run: str) -> pa.Table:
    """Return natural, target and reached shares of tokens (0 to 1) of each category, documents, rows and tokens.

    Empty without a release.
    """
    return _summed(run, (CATEGORY.name,))


def cells(run: str) -> pa.Table:
    """Return the same of each cell: category and topic, or language, over all qualities; with what bound it."""
    return _summed(run, (CATEGORY.name, "group"))


def curve(run: str) -> pa.Table:
    """Return the same of each category and bucket of quality; `epochs` is how often a document of it stands there."""
    table = _summed(run, (CATEGORY.name, "bucket"))
    epochs = [
        rows / documents if documents else 0.0
        for rows, documents in zip(table["rows"].to_pylist(), table["natural_documents"].to_pylist(), strict=True)
    ]
    return table.append_column("epochs", pa.array(epochs, pa.float64())).sort_by(
        [(CATEGORY.name, "ascending"), ("bucket", "ascending")]
    )


def _summed(run: str, by: Sequence[str]) -> pa.Table:
    release = release_of(run)
    sums: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in release["cells"] if release else ():
        key = tuple(cell[name] for name in by)
        row = sums.setdefault(key, {**dict(zip(by, key, strict=True)), **_nothing()})
        for name in (*_SHARES, *_COUNTS):
            row[name] += cell[name]
        row["bound_by"] |= {cell["bound_by"]} - {None}
    rows = [{**row, "bound_by": ", ".join(sorted(row["bound_by"]))} for row in sums.values()]
    kinds = {name: pa.int64() if name == "bucket" else pa.string() for name in by}
    schema = pa.schema(
        [
            *kinds.items(),
            *((name, pa.float64()) for name in _SHARES),
            *((name, pa.int64()) for name in _COUNTS),
            ("bound_by", pa.string()),
        ]
    )
    return pa.Table.from_pylist(rows, schema).sort_by(
        [("reached_share", "descending"), *((name, "ascending") for name in by)]
    )


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(_SHARES, 0.0), **dict.fromkeys(_COUNTS, 0), "bound_by": set()}


def epochs(run: str) -> pa.Table:
    """Return how many documents and tokens of each category stand how often in the training split.

    `epochs` 0 are documents that the mix had no room for; their tokens are those of the document, once.
    """
    by, total = (CATEGORY.name, "times"), empty((CATEGORY.name, "times"), ("documents", "tokens"))
    for batch in records_judged(run, "mix", (CATEGORY, EPOCHS, TOKENS, SPLIT)):
        is_train = pc.fill_null(pc.equal(batch.column(SPLIT.name), _TRAIN), True)  # noqa: FBT003
        times = pc.fill_null(batch.column(EPOCHS.name), 0)
        rows = pa.table(
            {
                CATEGORY.name: batch.column(CATEGORY.name),
                "times": times.cast(pa.string()),
                "documents": pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows),
                "tokens": pc.fill_null(batch.column(TOKENS.name), 0).cast(pa.int64()),
            }
        ).filter(is_train)
        total = added(total, rows, by, ("documents", "tokens"))
    table = total.rename_columns([CATEGORY.name, "epochs", "documents", "tokens"])
    return table.set_column(1, "epochs", table["epochs"].cast(pa.int64())).sort_by(
        [(CATEGORY.name, "ascending"), ("epochs", "ascending")]
    )


def hosts(run: str, most: int = 20) -> pa.Table:
    """Return the hosts with most tokens in the training split: documents, rows, tokens, share of the tokens (0 to 1).

    Empty without `mix`. In the metadata, `error` is by how many tokens a host may have more: 0 unless there are very
    many hosts; `of_all` is how many hosts there are, at least as many where there is an error.

    Args:
        run: The run directory.
        most: Hosts to return.
    """
    drawn = (
        pa.table({**_drawn(batch), HOST.name: batch.column(HOST.name)})
        for batch in records_judged(run, "mix", (HOST, EPOCHS, TOKENS, SPLIT))
    )
    pieces = (rows.filter(pc.greater(rows["rows"], 0)) for rows in drawn)
    total = summed(pieces, (HOST.name,), ("tokens", "documents", "rows"))
    groups = total.groups.select([HOST.name, *_SUMS])
    shares = pc.divide(groups["tokens"].cast(pa.float64()), float(total.weight or 1))
    order = [("tokens", "descending"), (HOST.name, "ascending")]
    table = groups.append_column("share", shares).sort_by(order).slice(0, most)
    return table.replace_schema_metadata({"of_all": str(total.at_least), "error": str(total.error)})


def _drawn(batch: pa.RecordBatch) -> Mapping[str, pa.Array]:
    """Return documents, rows and tokens of the training split, 0 for what is not in it."""
    is_in = pc.and_kleene(pc.equal(batch.column(SPLIT.name), _TRAIN), pc.equal(stages_of(batch), "kept"))
    rows = pc.if_else(pc.fill_null(is_in, False), pc.fill_null(batch.column(EPOCHS.name), 0), 0)  # noqa: FBT003
    rows = rows.cast(pa.int64())
    tokens = pc.multiply(rows, pc.fill_null(batch.column(TOKENS.name), 0).cast(pa.int64()))
    return {"documents": pc.greater(rows, 0).cast(pa.int64()), "rows": rows, "tokens": tokens}


def languages(run: str) -> pa.Table:
    """Return documents, rows and tokens of each language in the training split, as the release's manifest has them."""
    release = release_of(run)
    rows = [
        {"language": row["key"], **{name: row[name] for name in _SUMS}}
        for row in (release["languages"] if release else ())
        if row["split"] == _TRAIN
    ]
    schema = pa.schema([("language", pa.string()), *((name, pa.int64()) for name in _SUMS)])
    totals = grouped(pa.Table.from_pylist(rows, schema), ("language",), _SUMS)
    return totals.sort_by([("tokens", "descending"), ("language", "ascending")])


def buckets(run: str) -> pa.Table:
    """Return documents by quality bucket: those that the mix was handed, and those that it drew."""
    by, total = ("bucket",), empty(("bucket",), ("handed", *_SUMS))
    for batch in records_judged(run, "mix", (QUALITY_BUCKET, EPOCHS, TOKENS, SPLIT)):
        rows = pa.table(
            {
                "bucket": batch.column(QUALITY_BUCKET.name).cast(pa.string()),
                "handed": pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows),
                **_drawn(batch),
            }
        )
        total = added(total, rows, by, ("handed", *_SUMS))
    table = total.set_column(0, "bucket", total["bucket"].cast(pa.int64()))
    return table.sort_by("bucket")


def benchmarks(run: str) -> pa.Table:
    """Return of each suite the share of its items (0 to 1) that stand in documents with some coverage or more.

    Columns: `suite`, `is_training`, `items`, `documents` (contaminated by the run's limits), `coverage` (0 to 1),
    `share`. Empty where `decontaminate` read no suite.
    """
    judged = stage_of(run, "decontaminate")
    notes = judged.manifest.notes if judged is not None else {}
    items = {(row["suite"], row["is_training"]): row["items"] for row in notes.get("suites", ())}
    rows = [
        {
            "suite": row["suite"],
            "is_training": row["is_training"],
            "items": items.get((row["suite"], row["is_training"])),
            "documents": row["documents"],
            "coverage": float(coverage),
            "share": share,
        }
        for row in notes.get("contaminated", ())
        for coverage, share in row["shares"].items()
    ]
    schema = pa.schema(
        [
            ("suite", pa.string()),
            ("is_training", pa.bool_()),
            ("items", pa.int64()),
            ("documents", pa.int64()),
            ("coverage", pa.float64()),
            ("share", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema)
