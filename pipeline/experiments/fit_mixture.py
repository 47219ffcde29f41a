"""The job: cells, samples and targets of a run in, proxies, a mixture file out, or a refusal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers.tokenizers import TokenizerError, load_encoder
from pipeline.errors import ConfigError
from pipeline.experiments.corpus import Corpus, without_leaks
from pipeline.experiments.evidence import Answer
from pipeline.experiments.laws import laws_of, laws_of_collected
from pipeline.experiments.mixture_file import earlier_weights, report, write_mixture
from pipeline.experiments.mixture_loss import ScoredTargets
from pipeline.experiments.ngram_model import Stream
from pipeline.experiments.prior import Prior, find_prior
from pipeline.experiments.proposal import Proposal, Swarm, propose
from pipeline.experiments.regressors import FITS, Fit, with_experts
from pipeline.experiments.run_cells import Wanted, read_cells_of
from pipeline.experiments.run_corpus import read_corpus
from pipeline.experiments.run_files import (
    EXPERTS,
    INDEX,
    collect,
    emit,
    read_experts,
    read_index,
    require_same_cells,
    targets_of,
)
from pipeline.experiments.space import Array, Space, frozen, space_of, tied
from pipeline.experiments.swarm import NATURAL, Run, swarm
from pipeline.experiments.target_files import read_targets
from pipeline.experiments.transformer import Trainer, make_pools, params_of, shape_of
from pipeline.stores import storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FEATURE_TOKENS = 2000
_FAR = 1e-3
Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        run: The run directory.
        output: The YAML file to write.
        wanted: What to read of the run.
        targets: A YAML file of targets; "" for held-out domains.
        proxy: `ngram` or `transformer`.
        runs: Mixes of the swarm; None for three a weight.
        seeds: Times that the natural mix and the prior are run.
        sizes: Of the proxies, smallest first.
        vocabulary: Of the proxies' tokenizer.
        emit: A directory to write the swarm to, instead of training it; "" for none.
        collect: A CSV file of losses; "" for none.
        index: The index of the swarm that was written; "" for the one beside the losses.
        compute: FLOP that a law is to predict at; None for no law.
        reuse: An earlier mixture, whose ratios are kept; "" for none.
        free: Cells whose shares are weighed anew all the same.
    """

    run: str
    output: str
    wanted: Wanted
    targets: str = ""
    proxy: str = "ngram"
    runs: int | None = None
    seeds: int = 3
    sizes: tuple[str, ...] = ("1m",)
    vocabulary: int = 8192
    emit: str = ""
    collect: str = ""
    index: str = ""
    compute: float | None = None
    reuse: str = ""
    free: tuple[str, ...] = ()


def fit_mixture(session: "Callable[[], SparkSession]", request: Request, say: Say) -> list[str]:
    """Find a mix, write it, and return what to print.

    Args:
        session: Gives the session; not asked where the question is wrong.
        request: What is asked for.
        say: Told how far it is.

    Raises:
        ConfigError: The question is wrong, or the run lacks what is needed.
        InputError: A file cannot be read or is not what it should be.
        EvidenceError: The runs do not tell mixes apart.
    """
    if request.collect:
        return _collected(session, request)
    given = read_targets(request.targets, request.wanted.dev_bytes) if request.targets else ()
    is_trained = request.proxy == "transformer" and not request.emit
    if is_trained:
        for size in request.sizes:
            shape_of(size)
    corpus = without_leaks(read_corpus(session(), request.run, request.wanted, given))
    if empty := [name for name, sample in corpus.samples.items() if not sample.texts]:
        raise ConfigError(f"cell {empty[0]}: all of its documents are held out or share lines with a target")
    sizes = [(cell.name, cell.tokens) for cell in corpus.cells]
    space = _space(request, sizes, corpus.target_tokens, corpus.max_epochs, corpus.unjudged)
    prior = _prior(corpus, space, request, must_gain=not is_trained and not request.emit)
    if request.emit:
        runs = swarm(space, request.runs, request.seeds, request.wanted.seed, prior.mix)
        tokens = request.wanted.proxy_tokens
        path = emit(request.emit, corpus, space, runs, tokens, prior.experts.scored)
        return [*_notes(corpus.notes), f"{len(runs)} runs of {tokens:,} tokens", path]
    if not is_trained:
        return _written(request, prior.answer, corpus, {})
    return _trained(request, corpus, space, prior, say)


def _space(
    request: Request, cells: Sequence[tuple[str, int]], target: int, epochs: float, unjudged: Sequence[str]
) -> Space:
    space = space_of([name for name, _ in cells], [tokens for _, tokens in cells], target, epochs)
    if not request.reuse:
        return frozen(space, unjudged)
    space = tied(space, earlier_weights(request.reuse), request.free)
    if moved := [name for name in space.names if name in unjudged]:
        raise ConfigError(f"--free {moved[0]}: no target stands for it; name texts with --targets")
    return space


def _prior(corpus: Corpus, space: Space, request: Request, *, must_gain: bool) -> Prior:
    try:
        encoder = load_encoder(corpus.tokenizer)
    except TokenizerError as error:
        raise ConfigError(str(error)) from error

    def encode(texts: Sequence[str]) -> Stream:
        tokens = encoder.tokens(texts)
        return Stream(tokens.ids.astype(np.int64), tokens.offsets)

    most = min(request.wanted.sample_tokens, request.wanted.all_tokens // len(corpus.cells))
    small = replace(corpus, samples={name: sample.start(most) for name, sample in corpus.samples.items()})
    return find_prior(small, space, encode, encoder.vocabulary, request.wanted.seed, must_gain=must_gain)


def _trained(request: Request, corpus: Corpus, space: Space, prior: Prior, say: Say) -> list[str]:
    seed, tokens = request.wanted.seed, request.wanted.proxy_tokens
    pools, done = make_pools(corpus, request.vocabulary), f"{request.output}.runs"
    runs = swarm(space, request.runs, request.seeds, seed, prior.mix)
    params = {size: params_of(size, pools.pairs.vocabulary) for size in request.sizes}
    smallest = min(params.values())
    budgets = {size: int(tokens * count / max(params.values())) for size, count in params.items()}
    train = Trainer(corpus, pools, space, done, say).losses
    size = next(name for name, count in params.items() if count == smallest)
    losses = train(runs, size, budgets[size])
    weights = np.array([target.weight for target in corpus.targets])
    mixes = np.stack([run.mix for run in runs])
    targets = tuple(target.name for target in corpus.targets)
    made = Swarm(mixes, losses, targets, weights / weights.sum())
    proposal = propose(space, made, seed, kinds_of(prior.experts.scored, space), "transformer")
    facts: dict[str, Any] = {"params of the proxies": params[size], "tokens of each run": budgets[size]}
    if request.compute is not None:
        pair = [(NATURAL, space.natural), ("proposed", proposal.mix)]
        again = [Run(f"{name}-{n}", mix, seed + n) for name, mix in pair for n in range(request.seeds)]
        points = [(params[s], budgets[s], train(again, s, budgets[s])) for s in request.sizes]
        facts["laws"] = laws_of(points, targets, request.seeds, request.compute, seed)
    return _written(request, proposal.answer, corpus, facts)


def kinds_of(scored: ScoredTargets | None, space: Space) -> Mapping[str, tuple[Fit, ...]] | None:
    """Return the kinds of fits to choose from, with the experts' losses as a feature where there are experts.

    Args:
        scored: What the experts make of the targets; of each target some thousand tokens are enough for a feature.
        space: The mixes.
    """
    if scored is None:
        return None
    fits = []
    for number in range(len(scored.weights)):
        rows = np.flatnonzero(scored.target[scored.document] == number)
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), _FEATURE_TOKENS)).astype(int)]
        log_p = scored.log_p[rows]
        top = log_p.max(axis=1)
        scaled = np.exp(log_p - top[:, None]) @ space.members
        fits.append(with_experts(partial(_expert_losses, scaled, top)))
    every = {name: (fit,) * len(fits) for name, fit in FITS.items()}
    return {**every, "ridge on w and the n-gram loss": tuple(fits)}


def _expert_losses(scaled: Array, top: Array, mixes: Array) -> Array:
    return -np.asarray((np.log(np.maximum(scaled @ mixes.T, 1e-300)) + top[:, None]).mean(axis=0))


def _collected(session: "Callable[[], SparkSession]", request: Request) -> list[str]:
    """Fit losses that a trainer brought back."""
    path = request.index or storage.join(request.collect.rpartition("/")[0] or ".", INDEX)
    index = read_index(path)
    cells, epochs = read_cells_of(session(), request.run, request.wanted)
    require_same_cells(index, {cell.name: cell.digest for cell in cells}, path)
    names = [cell.name for cell in cells]
    space = _space(request, [(c.name, c.tokens) for c in cells], int(index["target_tokens"]), epochs, index["unjudged"])
    losses = collect(request.collect, index, names)
    weights = np.array(list(losses.targets.values()))
    weights /= weights.sum()
    mixes = losses.weights @ np.linalg.pinv(space.members).T
    if np.abs(space.weights(mixes) - losses.weights).max() > _FAR:
        raise ConfigError(f"--reuse: runs of {request.collect} do not keep the ratios of {request.reuse}")
    scored = read_experts(storage.join(path.rpartition("/")[0] or ".", EXPERTS))
    kinds, targets = kinds_of(scored, space), tuple(losses.targets)
    groups = [np.ones(len(mixes), bool)] if losses.sizes is None else _groups(losses.sizes)
    swarms = [Swarm(mixes[rows], losses.losses[rows], targets, weights) for rows in groups]
    most = max(range(len(swarms)), key=lambda number: (len(swarms[number].mixes), number))
    proposal: Proposal = propose(space, swarms[most], request.wanted.seed, kinds)
    facts: dict[str, Any] = {}
    if request.compute is not None:
        if losses.sizes is None:
            raise ConfigError(f"--predict-compute: {request.collect} has no columns params and tokens")
        points = [(losses.sizes[rows][0], made) for rows, made in zip(groups, swarms, strict=True)]
        facts["laws"] = laws_of_collected(points, space.natural, proposal, request.compute, request.wanted.seed)
    corpus = Corpus(cells, {}, targets_of(index), int(index["target_tokens"]), epochs, "")
    return _written(request, proposal.answer, corpus, facts)


def _groups(sizes: Array) -> list[Any]:
    """Return the runs of each size, smallest first."""
    unique, number = np.unique(sizes, axis=0, return_inverse=True)
    return [number.ravel() == size for size in np.argsort(unique[:, 0] * unique[:, 1], kind="stable")]


def _written(request: Request, answer: Answer, corpus: Corpus, facts: Mapping[str, Any]) -> list[str]:
    answer = replace(answer, facts={**answer.facts, **facts})
    settings = {
        "run": request.run,
        "target_tokens": corpus.target_tokens,
        "max_epochs": corpus.max_epochs,
        "seed": request.wanted.seed,
        "cells": list(request.wanted.by),
        "targets": request.targets or "held-out registered domains",
        "reuse": request.reuse,
        "free": list(request.free),
    }
    write_mixture(request.output, answer, corpus.cells, corpus.targets, settings, corpus.notes)
    laws = facts.get("laws", {})
    return [*laws.get("lines", []), *report(answer, corpus.notes, request.output)]


def _notes(notes: Sequence[str]) -> list[str]:
    return [f"note: {note}" for note in notes]
