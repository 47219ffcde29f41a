"""An answer as files: `mixture.yaml`, which `--config` takes, and beside it what it rests on, as JSON."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import yaml

from pipeline.errors import ConfigError
from pipeline.experiments.corpus import Cell, Target
from pipeline.experiments.evidence import Answer, Interval
from pipeline.stores import storage

_DECIMALS = 4
_WORDS = {
    "ngram": "a prior from n-gram models, never an optimum: what suits the targets' words, unproven for transformers",
    "transformer": "from a swarm of tiny transformers: what suits larger models is theirs to say",
    "losses": "from losses that were collected",
}


def rounded(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights of four decimals that still sum to 1: what rounding leaves goes where most was cut off.

    >>> rounded({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    {'a': 0.3334, 'b': 0.3333, 'c': 0.3333}
    """
    unit = 10**_DECIMALS
    scaled = np.array(list(weights.values())) * unit / sum(weights.values())
    whole = np.floor(scaled + 1e-9).astype(int)
    order = np.argsort(-(scaled - whole), kind="stable")
    whole[order[: unit - int(whole.sum())]] += 1
    return {name: int(parts) / unit for name, parts in zip(weights, whole, strict=True)}


def code_digest() -> str:
    """Return the hash of the code of this package."""
    hasher = hashlib.sha256()
    for file in sorted(files("pipeline.experiments").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".py"):
            hasher.update(file.name.encode() + b"\0" + file.read_bytes())
    return hasher.hexdigest()[:16]


def provenance_path(path: str) -> str:
    """Return where what a mixture rests on is written.

    >>> provenance_path("out/mixture.yaml")
    'out/mixture.provenance.json'
    """
    return path.removesuffix(PurePosixPath(path).suffix) + ".provenance.json"


def write_mixture(
    path: str,
    answer: Answer,
    cells: Sequence[Cell],
    targets: Sequence[Target],
    settings: Mapping[str, Any],
    notes: Sequence[str],
) -> None:
    """Write a mixture and what it rests on; the same answer gives the same bytes.

    Args:
        path: Of the YAML file.
        answer: The mix.
        cells: Of the run.
        targets: By which it was found.
        settings: What was asked for: run, seed, `target_tokens`, `max_epochs` and others.
        notes: What had to be decided on the way.
    """
    weights = rounded({name: share.value for name, share in answer.weights.items()})
    content = {"mix": {"weights": weights, "target_tokens": int(settings["target_tokens"])}}
    header = "".join(f"# {line}\n" for line in _header(answer, settings, path))
    shown = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    storage.write(path, (header + shown).encode())
    provenance = {
        "proxy": answer.proxy,
        "code": code_digest(),
        "settings": dict(settings),
        "cells": [_cell(cell, answer, weights, settings) for cell in cells],
        "targets": [_target(target, answer) for target in targets],
        "gain": vars(answer.gain),
        "floor": answer.floor,
        "worse": list(answer.worse),
        "facts": dict(answer.facts),
        "notes": list(notes),
    }
    storage.write(provenance_path(path), (json.dumps(provenance, ensure_ascii=False, indent=1) + "\n").encode())


def _header(answer: Answer, settings: Mapping[str, Any], path: str) -> Iterator[str]:
    yield f"Shares of tokens for {settings['run']}, {_WORDS[answer.proxy]}."
    yield f"Mean bits per byte saved against the natural mix: {answer.gain}."
    if answer.floor is not None:
        yield f"What that had to exceed: {answer.floor:.4f}."
    yield f"For a corpus of {int(settings['target_tokens']):,} tokens. The rest of what it rests on:"
    yield PurePosixPath(provenance_path(path)).name
    yield "Share of each cell, its 95 % interval, and its natural share:"
    for name, share in answer.weights.items():
        yield f"  {name}: {share}, {answer.natural[name]:.4f}"


def _cell(cell: Cell, answer: Answer, weights: Mapping[str, float], settings: Mapping[str, Any]) -> dict[str, Any]:
    share: Interval = answer.weights[cell.name]
    target = settings["target_tokens"]
    return {
        **vars(cell),
        "cap": min(settings["max_epochs"] * cell.tokens / target, 1.0),
        "natural": answer.natural[cell.name],
        "weight": weights[cell.name],
        "low": share.low,
        "high": share.high,
        "epochs": round(weights[cell.name] * target / cell.tokens, 3),
    }


def _target(target: Target, answer: Answer) -> dict[str, Any]:
    before, after = answer.losses[target.name]
    own = {"documents": len(target.texts), "digest": target.digest} if target.texts else {}
    return {"name": target.name, "weight": target.weight, **own, "natural": before, "proposed": after}


def earlier_weights(path: str) -> dict[str, float]:
    """Return the weights of an earlier mixture.

    Raises:
        ConfigError: There is no such file, or it has no `mix.weights`.
    """
    try:
        weights = yaml.safe_load(storage.read(path).decode())["mix"]["weights"]
        return {str(name): float(share) for name, share in weights.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"--reuse {path}: expected a YAML file with mix.weights ({error})") from error


def report(answer: Answer, notes: Sequence[str], output: str) -> Iterator[str]:
    """Yield an answer in words.

    Args:
        answer: The mix.
        notes: What had to be decided on the way.
        output: Where it was written.
    """
    width = max(len(name) for name in (*answer.weights, *answer.losses, "cell"))
    title = "prior" if answer.proxy == "ngram" else "proposed"
    yield f"{'cell':<{width}}{'natural':>10}{title:>10}   95 %"
    for name, share in answer.weights.items():
        interval = f"{share.low:.4f} to {share.high:.4f}"
        yield f"{name:<{width}}{answer.natural[name]:>10.4f}{share.value:>10.4f}   {interval}"
    yield ""
    unit = "bits per byte" if answer.proxy == "ngram" else "bits per byte, predicted"
    yield f"{'target':<{width}}{'natural':>10}{title:>10}   {unit}"
    for name, (before, after) in answer.losses.items():
        yield f"{name:<{width}}{before:>10.4f}{after:>10.4f}"
    yield ""
    where = ", on documents left out" if answer.proxy == "ngram" else ""
    yield f"gain: {answer.gain} bits per byte in the mean{where}"
    if answer.floor is not None:
        yield f"what it had to exceed: {answer.floor:.4f}"
    elif answer.proxy != "ngram":
        yield "no mix was run twice: nobody knows the noise between seeds"
    if answer.proxy != "ngram":
        worse = f": {', '.join(answer.worse)}" if answer.worse else ""
        floors = "two noise floors" if answer.floor is not None else "nothing"
        yield f"targets that lose more than {floors} against the natural mix: {len(answer.worse)}{worse}"
    for name, value in answer.facts.items():
        yield from ([] if isinstance(value, Mapping) else [f"{name}: {value}"])
    for note in notes:
        yield f"note: {note}"
    yield _WORDS[answer.proxy]
    yield output
