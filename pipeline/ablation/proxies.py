"""What small proxies make of the arms: bits per byte, differences over the same documents, and a verdict in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from xxhash import xxh3_64_intdigest

from pipeline.experiments.corpus import Sample, Target
from pipeline.experiments.document_losses import bits_by_ngrams, bits_by_transformer
from pipeline.experiments.evidence import Interval
from pipeline.experiments.prior import Encode
from pipeline.experiments.transformer import train_bytepairs
from pipeline.stores import storage
from schemas.columns import DOC_ID, EPOCH, TEXT, TOKENS

Array = np.ndarray[Any, np.dtype[np.float64]]
WITH, WITHOUT, CONTROL = ARMS = ("with", "without", "control")
MEAN = "mean"
NOT_APART = "this run does not tell them apart"
BOOTSTRAPS = 1000
LEAST_DOCUMENTS = 5
"""Of a target, below which its interval is no interval."""
FOLDS = 5
"""Of the training documents: models are fitted without each of them, to see what hangs on the draw of documents."""


@dataclass(frozen=True)
class Losses:
    """What an arm's models make of the documents of a target.

    Attributes:
        bits: Of each document, (models, documents).
        bytes: Of each document, (documents,).
    """

    bits: Array
    bytes: Array

    @property
    def value(self) -> float:
        """Bits per byte, the models' mean."""
        return float(self.bits.mean(axis=0).sum() / self.bytes.sum())


@dataclass(frozen=True)
class Judged:
    """A target, or the mean over all, under the arms.

    Attributes:
        name: Of the target.
        documents: Of the target.
        losses: Arm → bits per byte.
        stage: `without` less `with`, bits per byte: above 0 the stage helps.
        control: `control` less `with`: above 0 the proxy notices that half of the tokens are repeats.
    """

    name: str
    documents: int
    losses: Mapping[str, Interval]
    stage: Interval
    control: Interval

    @property
    def verdict(self) -> str:
        """What the difference says; a bootstrap of very few documents says nothing."""
        return NOT_APART if self.documents < LEAST_DOCUMENTS else verdict(self.stage)


def verdict(difference: Interval) -> str:
    """Return what a difference `without` − `with` says, in words.

    >>> verdict(Interval(0.1, -0.1, 0.3))
    'this run does not tell them apart'
    >>> verdict(Interval(0.2, 0.1, 0.3)), verdict(Interval(-0.2, -0.3, -0.1))
    ('better with it', 'better without it')
    """
    if difference.low <= 0 <= difference.high:
        return NOT_APART
    return "better with it" if difference.low > 0 else "better without it"


def read_sample(directory: str, tokens: int) -> Sample:
    """Return the first documents of an arm, each once, until they have so many tokens.

    Args:
        directory: Of the arm's shards, in order of their names.
        tokens: How many.
    """
    rows: list[tuple[str, str, int]] = []
    total = 0
    for doc_id, text, count, epoch in _rows(directory):
        if epoch or total >= tokens:
            break
        rows.append((doc_id, text, count))
        total += count
    return Sample(*(tuple(row[column] for row in rows) for column in range(3)))  # type: ignore[arg-type]


def _rows(directory: str) -> Iterator[tuple[str, str, int, int]]:
    names = [column.name for column in (DOC_ID, TEXT, TOKENS, EPOCH)]
    for file in storage.names(directory):
        with storage.open_for_reading(storage.join(directory, file)) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(columns=names):
                yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def by_ngrams(
    samples: Mapping[str, Sample],
    targets: Sequence[Target],
    encode: Encode,
    vocabulary: int,
    say: Callable[[str], None],
) -> dict[str, dict[str, Array]]:
    """Return arm → target → bits of each document: by a model of all texts, then by models without a fifth of them.

    Args:
        samples: Arm → its documents.
        targets: The targets.
        encode: From texts to tokens.
        vocabulary: Tokens are below it.
        say: Told of each arm.
    """
    bits: dict[str, dict[str, Array]] = {}
    for arm, sample in samples.items():
        fits = [bits_by_ngrams(sample.texts, targets, encode, vocabulary)]
        folds = folds_of(sample.doc_ids)
        for fold in range(FOLDS):
            part = sample.some(np.flatnonzero(folds != fold).tolist())
            fits.append(bits_by_ngrams(part.texts, targets, encode, vocabulary))
        bits[arm] = {target.name: np.stack([fit[target.name] for fit in fits]) for target in targets}
        say(f"{arm}: {len(sample.texts):,} texts, {1 + FOLDS} models")
    return bits


def folds_of(doc_ids: Sequence[str]) -> Any:
    """Return the fold of each document: the same in every arm, whatever became of its text, and of all its copies."""
    return np.array([xxh3_64_intdigest(doc_id.encode()) % FOLDS for doc_id in doc_ids], np.int64)


def by_transformers(samples: Mapping[str, Sample], targets: Sequence[Target], size: str, vocabulary: int,
                    seeds: Sequence[int], say: Callable[[str], None]) -> dict[str, dict[str, Array]]:  # fmt: skip
    """Return arm → target → bits of each document, by one model a seed.

    Args:
        samples: Arm → its documents.
        targets: The targets.
        size: Of the models.
        vocabulary: Of the byte pairs, which are learnt from all arms alike.
        seeds: Of weights and order; the same for all arms.
        say: Told of each model.
    """
    pairs = train_bytepairs([samples[WITH].texts, samples[WITHOUT].texts], vocabulary)
    bits: dict[str, dict[str, Array]] = {}
    for arm, sample in samples.items():
        fits = []
        for seed in seeds:
            fits.append(bits_by_transformer(sample.texts, targets, size, pairs, seed))
            say(f"{arm}, seed {seed}: trained")
        bits[arm] = {target.name: np.stack([fit[target.name] for fit in fits]) for target in targets}
    return bits


def judged(
    bits: Mapping[str, Mapping[str, Array]], targets: Sequence[Target], seed: int, *, is_jackknife: bool
) -> list[Judged]:
    """Return what each target says, and last the mean over them.

    Intervals are of 95 of 100: target documents are drawn again, the same for all arms; to their spread is added what
    hangs on the training documents (models without a fifth of them) or on the seeds (models of several).

    Args:
        bits: Arm → target → bits of each document, (models, documents).
        targets: The targets.
        seed: Of the bootstrap.
        is_jackknife: Whether the first model is of all texts, the others each without a part of them.
    """
    rng = np.random.default_rng(seed)
    weights = np.array([target.weight for target in targets])
    weights /= weights.sum()
    curves: list[dict[str, tuple[float, Array, Array]]] = []
    for target in targets:
        sizes = np.array([len(text.encode("utf-8", "replace")) for text in target.texts], np.float64)
        chosen = rng.integers(0, len(sizes), (BOOTSTRAPS, len(sizes)))
        own = {}
        for arm in ARMS:
            every = bits[arm][target.name]
            main, others = (every[0], every[1:]) if is_jackknife else (every.mean(axis=0), every)
            samples = main[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)
            own[arm] = float(main.sum() / sizes.sum()), samples, others.sum(axis=1) / sizes.sum()
        curves.append(own)
    mean = {arm: tuple(sum(w * own[arm][part] for w, own in zip(weights, curves, strict=True)) for part in range(3))
            for arm in ARMS}  # fmt: skip
    names = [*(target.name for target in targets), MEAN]
    counts = [*(len(target.texts) for target in targets), sum(len(target.texts) for target in targets)]
    rows: list[Any] = [*curves, mean]
    return [_judged(name, n, own, is_jackknife) for name, n, own in zip(names, counts, rows, strict=True)]


def _judged(name: str, documents: int, own: Mapping[str, tuple[float, Array, Array]], is_jackknife: bool) -> Judged:  # noqa: FBT001
    none = (0.0, np.zeros(BOOTSTRAPS), np.zeros_like(own[WITH][2]))
    losses = {arm: difference(own[arm], none, is_jackknife=is_jackknife) for arm in ARMS}
    stage, control = (difference(own[arm], own[WITH], is_jackknife=is_jackknife) for arm in (WITHOUT, CONTROL))
    return Judged(name, documents, losses, stage, control)


def difference(own: tuple[float, Array, Array], other: tuple[float, Array, Array], *, is_jackknife: bool) -> Interval:
    """Return a difference of two arms' losses with its interval.

    Args:
        own: Of an arm: value, bootstrap samples over target documents, values of other models.
        other: Of the other arm, samples and models in the same order.
        is_jackknife: Whether the models are each without a part of the training documents; else of several seeds.
    """
    value, samples, models = own[0] - other[0], own[1] - other[1], own[2] - other[2]
    low, high = np.percentile(samples, (2.5, 97.5)) - value
    count = len(models)
    spread = float(np.var(models)) if count > 1 else 0.0
    variance = spread * (count - 1) if is_jackknife else spread / max(count - 1, 1)
    reach = 1.96 * np.sqrt(variance)
    return Interval(value, value - float(np.hypot(min(low, 0), reach)), value + float(np.hypot(max(high, 0), reach)))
