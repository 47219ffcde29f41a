"""fastText models whose file is mapped, not read: all processes of a machine share one copy of it.

A file of 2 to 4 GB a process is what keeps people from running such models on every core. What is computed is what
fastText 0.9.3 computes; a test compares both.
"""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.fasttext_files.format import LOSSES, SUPERVISED, FormatError, Index, index_of, read_header, words_at
from classifiers.fasttext_files.rows import rows_of

Scores = npt.NDArray[np.float32]
_ADDED: Final = 1e-5
"""What fastText adds to a probability before its logarithm; it is still there in what it returns."""
_TABLE: Final = 512
_STEEPEST: Final = 8.0
"""fastText's sigmoid is a table of 512 steps from -8 to 8."""


class MappedFastText:
    """A model of fastText's, mapped.

    Args:
        path: A dense .bin file of a supervised model.
        cache: See `index_of`.

    Raises:
        FormatError: fastText itself has to read it: it is quantised, or of hierarchical softmax, or no supervised one.
    """

    def __init__(self, path: Path, cache: Path | None = None) -> None:
        header = read_header(path)
        self._arguments = header.arguments
        if header.arguments["model"] != SUPERVISED:
            raise FormatError(f"{path} holds word vectors, no classifier")
        self._loss = LOSSES[header.arguments["loss"]]
        if self._loss == "hierarchical softmax":
            raise FormatError(f"{path} was trained with hierarchical softmax: fastText itself reads it")
        self._file = np.memmap(path, np.uint8, "r")
        self._index: Index = index_of(path, header, cache)
        self._words = header.words
        # Rows are looked up all over the file: pages around them are not wanted.
        self._file._mmap.madvise(mmap.MADV_RANDOM)  # type: ignore[attr-defined]
        self._input, end = self._matrix(int(self._index.end[0]), path)
        output, _ = self._matrix(end, path)
        self._output = output.astype(np.float64)
        self.labels: tuple[str, ...] = tuple(words_at(self._file, self._index.starts[self._words :]))

    def _matrix(self, start: int, path: Path) -> tuple[npt.NDArray[np.float32], int]:
        """Return the matrix that is stored at an offset, not copied, and where it ends."""
        if self._file[start]:
            raise FormatError(f"{path} is quantised: fastText itself reads it")
        rows, columns = (int(value) for value in self._file[start + 1 : start + 17].view("<i8"))
        start, end = start + 17, start + 17 + rows * columns * 4
        if end > len(self._file):
            raise FormatError(f"{path} ends before its matrices do: {len(self._file)} bytes, {end} at the least")
        values = self._file[start:end].view("<f4")
        return np.asarray(values).reshape(rows, columns), end

    def probabilities(self, lines: Sequence[str]) -> Scores:
        """Return the probabilities of lines, float32 (lines, labels), in the order of `labels`.

        Args:
            lines: Without line breaks. One of which the model knows nothing has 0 for all labels.
        """
        scores = np.zeros((len(lines), len(self.labels)), np.float32)
        for number, line in enumerate(lines):
            rows = self.rows(line)
            if len(rows):
                hidden = self._input[rows].sum(axis=0, dtype=np.float64) / len(rows)
                scores[number] = np.minimum(self._activated(self._output @ hidden) + _ADDED, 1.0)
        return scores

    def rows(self, line: str) -> npt.NDArray[np.int64]:
        """Return the rows of the input matrix that a line is the mean of, with repetitions, int64 (rows,)."""
        args = self._arguments
        shape = (self._words, args["bucket"], args["word_ngrams"], args["minn"], args["maxn"])
        data = np.frombuffer(line.encode("utf-8", "replace") + b"\n", np.uint8)
        return rows_of(data, self._file, self._index, shape)

    def _activated(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        if self._loss == "softmax":
            powers = np.exp(sums - sums.max())
            shares: npt.NDArray[np.float64] = powers / powers.sum()
            return shares
        steps = np.floor((np.clip(sums, -_STEEPEST, _STEEPEST) + _STEEPEST) * _TABLE / _STEEPEST / 2)
        values: npt.NDArray[np.float64] = 1 / (1 + np.exp(_STEEPEST - steps * 2 * _STEEPEST / _TABLE))
        return np.where(np.abs(sums) > _STEEPEST, (sums > 0).astype(np.float64), values)
