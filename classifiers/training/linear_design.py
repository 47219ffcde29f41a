"""Documents as the rows of a sparse matrix, column by column what a linear model looks at."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from classifiers.linear import (
    GroupWeights,
    LinearSettings,
    LinearWeights,
    NgramGroup,
    SignalWeights,
    shown_urls,
    units_of,
)
from classifiers.protocol import Texts
from classifiers.training.errors import ExamplesError
from pipeline.kernels.linear.ngrams import Grams, count_ngrams
from pipeline.kernels.signals.measure import measure_signals
from pipeline.kernels.text.words import hash_words

Mask = npt.NDArray[np.bool_]
_RANGES = 10
"""Ranges of a signal, with as many documents in each."""
_LARGEST = 127
"""Of an int8 whose sign does not matter."""


class Vocabulary(NamedTuple):
    """The n-grams of a group.

    Attributes:
        keys: Rising, uint32 (n-grams,).
        idf: ln((1 + documents) / (1 + documents with it)) + 1, float32 (n-grams,).
    """

    keys: npt.NDArray[np.uint32]
    idf: npt.NDArray[np.float32]


class Columns(NamedTuple):
    """What the columns of a matrix are.

    Attributes:
        vocabularies: Of the groups of n-grams.
        edges: Of the signals: where their ranges end.
    """

    vocabularies: tuple[Vocabulary, ...]
    edges: tuple[npt.NDArray[np.float64], ...]


class Design:
    """Documents, looked at once; which of them say what the columns are is asked for each fold.

    Args:
        texts: Of the documents.
        urls: Their addresses, None where there are none.
        settings: What is looked at.
        max_chars: Code points of a text that are looked at.
    """

    def __init__(self, texts: pa.Array, urls: Texts | None, settings: LinearSettings, max_chars: int) -> None:
        self.settings = settings
        shown = pc.utf8_slice_codeunits(texts, 0, max_chars)
        sources = {"text": shown, "url": shown_urls(urls, len(shown))}
        ignored = hash_words(settings.ignored)
        self._grams = [
            count_ngrams(units_of(sources[group.of], group, ignored), group.low, group.high, group.most_units)
            for group in settings.groups
        ]
        signals = measure_signals(shown) if settings.signals else {}
        for name in settings.signals:
            if name not in signals:
                raise ExamplesError(f"no signal '{name}'; there are {', '.join(signals)}")
        self._signals = [np.asarray(signals[name], np.float64) for name in settings.signals]

    def columns(self, rows: Mask) -> Columns:
        """Return the columns that some of the documents make."""
        vocabularies = [
            _vocabulary(grams, group, rows) for grams, group in zip(self._grams, self.settings.groups, strict=True)
        ]
        inner = np.linspace(0, 1, _RANGES + 1)[1:-1]
        edges = [np.unique(np.quantile(signal[rows], inner)) for signal in self._signals]
        return Columns(tuple(vocabularies), tuple(edges))

    def matrix(self, columns: Columns) -> Any:
        """Return all documents as a sparse matrix, (documents, columns)."""
        blocks = [
            _rows_of(grams, vocabulary) * group.weight
            for grams, vocabulary, group in zip(self._grams, columns.vocabularies, self.settings.groups, strict=True)
        ]
        scale = 1 / np.sqrt(max(1, len(self._signals)))
        for signal, edges in zip(self._signals, columns.edges, strict=True):
            ranges = np.searchsorted(edges, signal, side="right")
            shape = (len(signal), len(edges) + 1)
            blocks.append(sparse.csr_matrix((np.full(len(signal), scale), (np.arange(len(signal)), ranges)), shape))
        return sparse.hstack(blocks, format="csr")

    def weights(self, columns: Columns, coefficients: npt.NDArray[np.float64], biases: Any) -> LinearWeights:
        """Return a model of the coefficients of `matrix(columns)`, float64 (columns, labels)."""
        groups, signals, at = [], [], 0
        for vocabulary in columns.vocabularies:
            part = coefficients[at : at + len(vocabulary.keys)]
            at += len(part)
            scales = np.maximum(np.abs(part).max(axis=0, initial=0), 1e-12) / _LARGEST
            groups.append(
                GroupWeights(
                    vocabulary.keys, vocabulary.idf, np.round(part / scales).astype(np.int8), scales.astype(np.float32)
                )
            )
        scale = 1 / np.sqrt(max(1, len(self._signals)))
        for edges in columns.edges:
            part = coefficients[at : at + len(edges) + 1]
            at += len(part)
            signals.append(SignalWeights(edges, (part * scale).astype(np.float32)))
        slopes = np.ones(coefficients.shape[1], np.float32)
        return LinearWeights(tuple(groups), tuple(signals), np.asarray(biases, np.float32), slopes)


def _vocabulary(grams: Grams, group: NgramGroup, rows: Mask) -> Vocabulary:
    """Return the n-grams that enough of some documents have, and of these the most frequent."""
    chosen = np.repeat(rows, np.diff(grams.offsets))
    keys, documents = np.unique(grams.keys[chosen], return_counts=True)
    enough = documents >= group.min_documents
    keys, documents = keys[enough], documents[enough]
    most = np.sort(np.argsort(-documents, kind="stable")[: group.most_ngrams])
    keys, documents = keys[most], documents[most]
    return Vocabulary(keys, (np.log((1 + rows.sum()) / (1 + documents)) + 1).astype(np.float32))


def _rows_of(grams: Grams, vocabulary: Vocabulary) -> Any:
    """Return n-grams as rows of weighed counts, each scaled to length 1."""
    shape = (len(grams.offsets) - 1, len(vocabulary.keys))
    column = np.searchsorted(vocabulary.keys, grams.keys)
    column[column == len(vocabulary.keys)] = 0
    is_there = vocabulary.keys[column] == grams.keys if shape[1] else np.zeros(len(column), bool)
    values = (1 + np.log(grams.counts)) * np.where(is_there, vocabulary.idf[column] if shape[1] else 0, 0)
    matrix = sparse.csr_matrix((values, column, grams.offsets), shape)
    matrix.eliminate_zeros()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ matrix


def names_of_columns(settings: LinearSettings) -> Sequence[str]:
    """Return what a linear model looks at, in words, for its card."""
    groups = [f"{group.low} to {group.high} {group.unit} of the {group.of}" for group in settings.groups]
    return [*groups, *([f"{len(settings.signals)} surface signals"] if settings.signals else [])]
