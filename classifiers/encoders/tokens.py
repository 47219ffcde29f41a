"""Which tokens of a text an encoder is shown: one window or several, each with the special tokens around it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classifiers.encoders.settings import Window

Ids = list[int]


class WindowTokenizer:
    """A tokenizer that cuts texts into windows.

    Args:
        path: A Hugging Face `tokenizer.json`.
        max_tokens: Tokens of a window, special ones among them.
        window: Which windows of a longer text.
        most_chunks: Of these windows at the most.
    """

    def __init__(self, path: Path, max_tokens: int, window: Window, most_chunks: int) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # a worker has one core; read when it is first used
        from tokenizers import Tokenizer

        self._tokenizer: Any = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        framed = self._tokenizer.encode("a")
        real = [at for at, special in enumerate(framed.special_tokens_mask) if not special]
        first, last = (real[0], real[-1] + 1) if real else (len(framed.ids), len(framed.ids))
        self._before: Ids = framed.ids[:first]
        self._after: Ids = framed.ids[last:]
        self._size = max_tokens - len(self._before) - len(self._after)
        self._window, self._most_chunks = window, most_chunks

    def windows(self, texts: Sequence[str], window: Window | None = None) -> list[list[Ids]]:
        """Return the windows of each text: at least one, of special tokens alone where the text is empty.

        Args:
            texts: Any.
            window: Which of a longer text; None for those that the tokenizer was made for.
        """
        plain = [text.encode("utf-8", "replace").decode() for text in texts]
        encoded = self._tokenizer.encode_batch_fast(plain, add_special_tokens=False)
        return [
            [self._framed(part) for part in self._parts(encoding.ids, window or self._window)] for encoding in encoded
        ]

    def _framed(self, part: Ids) -> Ids:
        """Return tokens between the special ones; an empty text of a tokenizer that has none is its first entry."""
        return [*self._before, *part, *self._after] or [0]

    def _parts(self, ids: Ids, window: Window) -> list[Ids]:
        size, count = self._size, len(ids)
        if count <= size:
            return [ids]
        if window == "chunks":
            return [ids[start : start + size] for start in range(0, min(count, size * self._most_chunks), size)]
        starts = {"head": 0, "middle": (count - size) // 2, "tail": count - size}
        return [ids[starts[name] : starts[name] + size] for name in window.split("+")]
