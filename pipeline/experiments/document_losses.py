"""Bits per byte of target texts for a sample of training texts, by either proxy: two samples are compared by it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.experiments import gpt
from pipeline.experiments.corpus import Target
from pipeline.experiments.evidence import Interval
from pipeline.experiments.ngram_model import fit_ngrams
from pipeline.experiments.prior import BOOTSTRAPS, Encode
from pipeline.experiments.space import Array
from pipeline.experiments.transformer import Bytepairs, shape_of


def bits_by_ngrams(
    training: Sequence[str], targets: Sequence[Target], encode: Encode, vocabulary: int
) -> dict[str, Array]:
    """Return target → the bits of each of its documents under a trigram model of some texts.

    Args:
        training: The texts.
        targets: The targets.
        encode: From texts to tokens.
        vocabulary: Tokens are below it.
    """
    model = fit_ngrams(encode(training), vocabulary)
    bits: dict[str, Array] = {}
    for target in targets:
        texts = encode(target.texts)
        document = np.repeat(np.arange(len(target.texts)), np.diff(texts.offsets))
        nats = -model.log_probabilities(texts)
        bits[target.name] = np.bincount(document, weights=nats, minlength=len(target.texts)) / np.log(2)
    return bits


def losses_with_intervals(
    bits: Mapping[str, Array], targets: Sequence[Target], seed: int, times: int = BOOTSTRAPS
) -> dict[str, Interval]:
    """Return target → bits per byte, with a bootstrap interval over its documents.

    Args:
        bits: Target → bits of each of its documents.
        targets: The targets.
        seed: Of the bootstrap.
        times: How many samples.
    """
    measured: dict[str, Interval] = {}
    for target in targets:
        sizes = np.array([len(text.encode("utf-8", "replace")) for text in target.texts], np.float64)
        own: Any = bits[target.name]
        drawn = np.random.default_rng(seed).integers(0, len(sizes), (times, len(sizes)))
        samples = own[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        measured[target.name] = Interval.of(float(own.sum() / sizes.sum()), samples)
    return measured


def bits_by_transformer(
    training: Sequence[str], targets: Sequence[Target], size: str, pairs: Bytepairs, seed: int
) -> Mapping[str, Array]:
    """Return target → the bits of each of its documents under a model trained once on some texts.

    Args:
        training: The texts.
        targets: The targets.
        size: Of the model.
        pairs: The tokenizer, the same for all samples that are compared.
        seed: Of weights and order.
    """
    shape = shape_of(size)
    ids = np.concatenate([np.append(pairs.end, own) for own in pairs.encode(training)])
    model = gpt.train(ids, shape, pairs.vocabulary, seed)
    return {target.name: gpt.document_bits(model, pairs.encode(target.texts), pairs.end) for target in targets}
