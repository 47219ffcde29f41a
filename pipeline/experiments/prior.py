"""The n-gram proxy: a mix that suits the targets, by one trigram model a cell. A prior for runs, never an optimum."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.experiments.corpus import Corpus, Target
from pipeline.experiments.evidence import Answer, Interval, require_gain
from pipeline.experiments.mixture_loss import Objective, Repeats, ScoredTargets
from pipeline.experiments.ngram_model import Stream, fit_ngrams
from pipeline.experiments.space import Array, Space
from pipeline.experiments.swarm import shares_drawn

Encode = Callable[[Sequence[str]], Stream]
PULL = 0.05
"""Standard deviations of the loss over a swarm of mixes, for a nat of KL(mix ‖ natural)."""
BOOTSTRAPS, _CONTROL_BOOTSTRAPS, _SPREAD = 100, 20, 64
_RATIOS = (0.3, 1.0)
"""What a doubling may gain, of what the doubling before it gained."""
HELPS = ("more texts of the targets (--dev-bytes, --targets)", "larger samples (--sample-tokens)", "fewer cells",
         "targets that differ more in what they want")  # fmt: skip


@dataclass(frozen=True)
class Experts:
    """One model a cell, and what they make of the targets.

    Attributes:
        scored: Log probabilities of the targets' tokens.
        halves: The same by models of half and of a quarter of the samples, (2, tokens, cells).
        tokens: Of each cell's sample, (cells,).
    """

    scored: ScoredTargets
    halves: Array
    tokens: Array


def fit_experts(samples: Sequence[Stream], targets: Sequence[Target], encode: Encode, vocabulary: int) -> Experts:
    """Fit each cell's models and score the targets, each token once by each model.

    Memory: 24 bytes for each token of the targets and cell, and one cell's model at a time.

    Args:
        samples: Of each cell, in the order of draws.
        targets: The targets.
        encode: From texts to tokens.
        vocabulary: Tokens are below it.
    """
    texts = encode([text for target in targets for text in target.texts])
    shape = (3, len(texts.ids), len(samples))
    scores = np.empty(shape)
    for number, sample in enumerate(samples):
        for part in range(3):
            model = fit_ngrams(sample.start(max(len(sample.ids) >> part, 1)), vocabulary)
            scores[part, :, number] = model.log_probabilities(texts)
    return Experts(_scored(scores[0], texts, targets), scores[1:], np.array([len(sample.ids) for sample in samples]))


def _scored(log_p: Array, texts: Stream, targets: Sequence[Target]) -> ScoredTargets:
    weights = np.array([target.weight for target in targets], np.float64)
    return ScoredTargets(
        log_p,
        np.repeat(np.arange(len(texts.offsets) - 1), np.diff(texts.offsets)),
        np.repeat(np.arange(len(targets)), [len(target.texts) for target in targets]),
        np.array([len(text.encode("utf-8", "replace")) for target in targets for text in target.texts], np.float64),
        weights / weights.sum(),
    )


def price_of_repeats(experts: Experts, cells: Array, epochs: Array, natural: Array) -> Repeats:
    """Return what repeats cost: what a doubling of a cell's tokens gains, extrapolated from n/4, n/2 and n tokens.

    Args:
        experts: The models.
        cells: Tokens of each cell in the run, (cells,).
        epochs: Of each cell, were it all of the corpus, (cells,).
        natural: Shares of the cells, (cells,), by which it is judged what each explains.
    """
    scored = experts.scored
    top = scored.log_p.max(axis=1, keepdims=True)
    explained = np.exp(scored.log_p - top) * natural
    explained *= (scored.row_weights() / explained.sum(axis=1))[:, None]
    sums = np.maximum(explained.sum(axis=0), 1e-12)
    last = np.maximum((explained * (scored.log_p - experts.halves[0])).sum(axis=0) / sums, 0)
    before = np.maximum((explained * (experts.halves[0] - experts.halves[1])).sum(axis=0) / sums, 1e-12)
    ratio = np.clip(last / before, *_RATIOS)
    doublings = np.log2(np.maximum(cells / np.maximum(experts.tokens, 1), 1)) + 1
    tokens_a_byte = float(scored.row_weights().sum())
    return Repeats(epochs, last * ratio**doublings / np.log(2) * tokens_a_byte)


def pull_of(scored: ScoredTargets, space: Space, seed: int, pull: float = PULL) -> float:
    """Return the bits per byte for a nat of divergence: so many standard deviations of the loss over a swarm."""
    mixes = space.weights(shares_drawn(space, _SPREAD, np.random.default_rng(seed)))
    losses = [float(scored.bits_per_byte(mix) @ scored.weights) for mix in mixes]
    return pull * float(np.std(losses))


def gains_left_out(objective: Objective, best: Array, seed: int, times: int) -> tuple[Array, Array]:
    """Return mixes fitted to samples of documents, (times, K), and what they gain on those left out, (times,).

    Args:
        objective: What is minimised.
        best: The mix for all documents.
        seed: Of the bootstrap.
        times: How many samples.
    """
    scored, space = objective.targets, objective.space
    rng, scaled = np.random.default_rng(seed), objective.prepared()[0]
    natural = scored.document_bits(space.weights(space.natural))
    groups = [np.flatnonzero(scored.target == number) for number in range(len(scored.weights))]
    mixes, gains = [], []
    for _ in range(times):
        drawn = np.zeros(len(scored.target))
        for group in groups:
            np.add.at(drawn, rng.choice(group, len(group)), 1)
        mix = objective.best(drawn, best, scaled)
        saved = natural - scored.document_bits(space.weights(mix))
        gains.append(_mean(scored, saved, drawn == 0))
        mixes.append(mix)
    return np.array(mixes), np.array(gains)


def _mean(scored: ScoredTargets, bits: Array, chosen: Array) -> float:
    """Return the weighted mean over targets of bits per byte of some documents."""
    count = len(scored.weights)
    sizes = np.bincount(scored.target, weights=scored.bytes * chosen, minlength=count)
    sums = np.bincount(scored.target, weights=bits * chosen, minlength=count)
    here = np.where(sizes > 0, scored.weights, 0)
    return float((here * sums / np.maximum(sizes, 1)).sum() / max(here.sum(), 1e-12))


def dealt_at_random(samples: Sequence[Stream], seed: int) -> list[Stream]:
    """Return as many samples of about the same sizes, whose documents are those of all, dealt at random."""
    sizes = [len(sample.offsets) - 1 for sample in samples]
    offsets = [sample.offsets[:-1] for sample in samples]
    starts = np.cumsum([0, *(len(sample.ids) for sample in samples)])
    ids = np.concatenate([sample.ids for sample in samples])
    bounds = np.append(np.concatenate([own + start for own, start in zip(offsets, starts, strict=False)]), len(ids))
    order = np.random.default_rng(seed).permutation(sum(sizes))
    lengths = np.cumsum(np.diff(bounds)[order])
    ends = np.searchsorted(lengths, starts[1:], side="left") + 1
    cuts = [0, *np.minimum(ends, len(order)).tolist()]
    return [Stream(ids, bounds).of_texts(order[a:b]) for a, b in pairwise(cuts)]


@dataclass(frozen=True)
class Prior:
    """What the n-gram proxy found.

    Attributes:
        mix: Shares of what is weighed, (K,).
        answer: The same in words and intervals.
        experts: The models' scores.
        pull: Bits per byte for a nat of divergence.
    """

    mix: Array
    answer: Answer
    experts: Experts
    pull: float


def find_prior(
    corpus: Corpus, space: Space, encode: Encode, vocabulary: int, seed: int, *, must_gain: bool = True
) -> Prior:
    """Return the mix of least n-gram loss on the targets, under caps and a pull towards the natural mix.

    Args:
        corpus: Cells, samples, targets.
        space: The mixes to choose from.
        encode: From texts to tokens.
        vocabulary: Tokens are below it.
        seed: Of bootstraps and of the control.
        must_gain: Whether to refuse where the gain may be nothing.

    Raises:
        EvidenceError: The gain may be nothing, or is no more than cells that are dealt at random gain.
    """
    samples = [encode(corpus.samples[cell.name].texts) for cell in corpus.cells]
    sizes = np.array([cell.tokens for cell in corpus.cells], np.float64)
    epochs = corpus.target_tokens / sizes
    best, pull, experts, mixes, gains = _solved(corpus, space, (samples, encode, vocabulary), sizes, epochs, seed)
    dealt = (dealt_at_random(samples, seed), encode, vocabulary)
    control = _solved(corpus, space, dealt, sizes, epochs, seed, times=_CONTROL_BOOTSTRAPS)[4]
    scored, floor = experts.scored, max(float(control.mean()), 0.0)
    before, after = (scored.bits_per_byte(space.weights(mix)) for mix in (space.natural, best))
    gain = Interval.of(float(gains.mean()), gains)  # of documents left out: what it was fitted to flatters it
    weights = space.weights(mixes)
    shares = zip(space.cells, space.weights(best).tolist(), weights.T, strict=True)
    answer = Answer(
        "ngram",
        {name: Interval.of(share, samples) for name, share, samples in shares},
        dict(zip(space.cells, space.weights(space.natural).tolist(), strict=True)),
        {t.name: (float(a), float(b)) for t, a, b in zip(corpus.targets, before, after, strict=True)},
        gain,
        floor,
        facts={
            "tokens of the samples": {c.name: int(n) for c, n in zip(corpus.cells, experts.tokens, strict=True)},
            "gain of cells dealt at random": round(floor, 5),
            "pull, bits per byte a nat": round(pull, 5),
            "documents of the targets": len(scored.target),
        },
    )
    if must_gain:
        require_gain(gain, floor, "what cells dealt at random gain", HELPS)
    return Prior(best, answer, experts, pull)


def _solved(
    corpus: Corpus, space: Space, texts: tuple[Sequence[Stream], Encode, int], sizes: Array, epochs: Array, seed: int,
    times: int = BOOTSTRAPS,
) -> tuple[Array, float, Experts, Array, Array]:  # fmt: skip
    samples, encode, vocabulary = texts
    experts = fit_experts(samples, corpus.targets, encode, vocabulary)
    pull = pull_of(experts.scored, space, seed)
    repeats = price_of_repeats(experts, sizes, epochs, space.weights(space.natural))
    objective = Objective(experts.scored, space, pull, repeats)
    best = objective.best()
    return best, pull, experts, *gains_left_out(objective, best, seed, times)
