"""A swarm as files that any trainer reads, and the losses that it brings back."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError, InputError, near_miss
from pipeline.experiments.corpus import Corpus, Target
from pipeline.experiments.mixture_loss import ScoredTargets
from pipeline.experiments.space import Array, Space
from pipeline.experiments.swarm import Run, pool_tokens
from pipeline.stores import storage

INDEX, EXPERTS = "index.json", "experts.npz"
_NEEDED, _MORE = ("run", "target", "loss"), ("params", "tokens")


def emit(directory: str, corpus: Corpus, space: Space, runs: Sequence[Run], tokens: int, scored: ScoredTargets) -> str:
    """Write pools, targets, a configuration for each run, and an index; return the index's path.

    A pool's documents are in the order of draws. A run takes of each cell the first documents until it has the tokens
    that its configuration names, and begins anew where the pool ends.

    Args:
        directory: A new directory, or one of an earlier emission, which is written over.
        corpus: Cells, samples and targets.
        space: The mixes.
        runs: The swarm.
        tokens: Of each run, by the run's tokenizer.
        scored: What the n-gram experts make of the targets, for the fit of the losses.
    """
    pools = pool_tokens({cell.name: cell.tokens for cell in corpus.cells}, corpus.target_tokens, tokens)
    files = {cell.name: f"pools/{number:04d}.parquet" for number, cell in enumerate(corpus.cells)}
    for cell in corpus.cells:
        sample = corpus.samples[cell.name].start(pools[cell.name])
        columns = {"doc_id": sample.doc_ids, "text": sample.texts, "tokens": pa.array(sample.tokens, pa.int32())}
        _write_table(storage.join(directory, files[cell.name]), pa.table(columns))
    targets = []
    for number, target in enumerate(corpus.targets):
        file = f"targets/{number:04d}.parquet"
        _write_table(storage.join(directory, file), pa.table({"text": target.texts}))
        targets.append({"name": target.name, "file": file, "weight": target.weight, "digest": target.digest})
    configs = {}
    for run in runs:
        shares = dict(zip(space.cells, space.weights(run.mix).round(6).tolist(), strict=True))
        config = {
            "run": run.name,
            "seed": run.seed,
            "tokens": tokens,
            "cells": {
                name: {"share": share, "tokens": round(share * tokens), "pool": files[name], "pool_tokens": pools[name]}
                for name, share in shares.items()
            },
        }
        storage.write(storage.join(directory, "runs", f"{run.name}.json"), _json(config))
        configs[run.name] = {"weights": shares, "seed": run.seed}
    index = {
        "target_tokens": corpus.target_tokens,
        "tokens": tokens,
        "cells": {cell.name: {"digest": cell.digest, "tokens": cell.tokens} for cell in corpus.cells},
        "unjudged": list(corpus.unjudged),
        "targets": targets,
        "runs": configs,
    }
    stream = BytesIO()
    np.savez_compressed(
        stream, log_p=scored.log_p.astype(np.float32), document=scored.document, target=scored.target,
        bytes=scored.bytes, weights=scored.weights, names=np.array([target.name for target in corpus.targets]),
    )  # fmt: skip
    storage.write(storage.join(directory, EXPERTS), stream.getvalue())
    path = storage.join(directory, INDEX)
    storage.write(path, _json(index))
    return path


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _write_table(path: str, table: pa.Table) -> None:
    stream = BytesIO()
    pq.write_table(table, stream, compression="zstd")
    storage.write(path, stream.getvalue())


@dataclass(frozen=True)
class Collected:
    """Losses that a trainer brought back.

    Attributes:
        runs: Names.
        weights: Shares of the cells, (runs, cells), as the index has them.
        losses: (runs, targets).
        targets: Names and weights.
        sizes: (params, tokens) of each run; None where the file has no such columns.
        index: What was emitted.
    """

    runs: tuple[str, ...]
    weights: Array
    losses: Array
    targets: Mapping[str, float]
    sizes: Array | None
    index: Mapping[str, Any]


def read_index(path: str) -> dict[str, Any]:
    """Return an index.

    Raises:
        InputError: There is none, or it is none of ours.
    """
    if not storage.exists(path):
        raise InputError(f"{path} does not exist: name the {INDEX} that --emit-only wrote with --index")
    try:
        index = json.loads(storage.read(path))
        if not {"cells", "targets", "runs", "target_tokens", "tokens", "unjudged"} <= set(index):
            raise ValueError("keys are missing")
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is no index of a swarm: {error}") from error
    return dict(index)


def require_same_cells(index: Mapping[str, Any], digests: Mapping[str, str], path: str) -> None:
    """Check that losses are of the cells as they are: what was measured of other documents is no evidence.

    Raises:
        ConfigError: A cell is another one, or does not exist.
    """
    for name, cell in index["cells"].items():
        if name not in digests:
            raise ConfigError(f"{path}: the run has no cell '{name}' (any more){near_miss(name, digests)}")
        if digests[name] != cell["digest"]:
            raise ConfigError(
                f"{path}: cell '{name}' has other documents than when the swarm was written: its losses say nothing of"
                " them; emit and train anew"
            )
    if more := sorted(set(digests) - set(index["cells"])):
        raise ConfigError(f"{path}: the swarm knows no cell '{more[0]}': emit with the same --cells")


def collect(path: str, index: Mapping[str, Any], cells: Sequence[str]) -> Collected:
    """Return the losses of a CSV file: run, target, loss, and perhaps params and tokens.

    Args:
        path: Of the file.
        index: What was emitted.
        cells: Names, in the order wanted.

    Raises:
        InputError: A column, a run or a target is missing, unknown or given twice, or a value is no number.
    """
    try:
        rows = list(csv.DictReader(StringIO(storage.read(path).decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--collect {path}: {error}") from error
    lacking = [name for name in _NEEDED if not rows or name not in rows[0]]
    if lacking:
        raise InputError(f"--collect {path}: no column '{lacking[0]}': expected {', '.join(_NEEDED)}[, params, tokens]")
    weights = {target["name"]: float(target["weight"]) for target in index["targets"]}
    has_sizes = all(name in rows[0] for name in _MORE)
    values: dict[tuple[str, float, float], dict[str, float]] = {}
    for line, row in enumerate(rows, 2):
        where = f"--collect {path}, line {line}"
        if row["run"] not in index["runs"]:
            raise InputError(f"{where}: no run '{row['run']}' was emitted{near_miss(str(row['run']), index['runs'])}")
        if row["target"] not in weights:
            raise InputError(f"{where}: no target '{row['target']}'{near_miss(str(row['target']), weights)}")
        size = (_number(row["params"], where), _number(row["tokens"], where)) if has_sizes else (0.0, 0.0)
        own = values.setdefault((row["run"], *size), {})
        if row["target"] in own:
            raise InputError(f"{where}: run '{row['run']}' has a loss of '{row['target']}' already")
        own[row["target"]] = _number(row["loss"], where)
    for (run, *_), own in values.items():
        if short := [name for name in weights if name not in own]:
            raise InputError(f"--collect {path}: run '{run}' has no loss of '{short[0]}'")
    keys = sorted(values)
    return Collected(
        tuple(key[0] for key in keys),
        np.array([[index["runs"][key[0]]["weights"][cell] for cell in cells] for key in keys]),
        np.array([[values[key][name] for name in weights] for key in keys]),
        weights,
        np.array([key[1:] for key in keys]) if has_sizes else None,
        index,
    )


def _number(text: str | None, where: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        raise InputError(f"{where}: '{text}' is no number")
    return number


def read_experts(path: str) -> ScoredTargets | None:
    """Return what the experts made of the targets when a swarm was emitted; None where that was not kept."""
    if not storage.exists(path):
        return None
    with np.load(BytesIO(storage.read(path)), allow_pickle=False) as archive:
        names = ("log_p", "document", "target", "bytes", "weights")
        return ScoredTargets(
            *(archive[name].astype(np.float64) if name == "log_p" else archive[name] for name in names)
        )


def targets_of(index: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the targets of an index, without their texts."""
    return tuple(Target(target["name"], float(target["weight"]), ()) for target in index["targets"])
