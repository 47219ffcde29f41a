"""Tokenizers that the mix counts with and outliers are judged by: texts in, tokens or their numbers out."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Counts = np.ndarray[Any, np.dtype[np.int32]]
Offsets = np.ndarray[Any, np.dtype[np.int64]]
TEKKEN = "tekken_240911.json"
"""Mistral's Tekken, 131,072 entries, from the mistral-common wheel: no download."""


class Tokens(NamedTuple):
    """Tokens of some texts; those of text `i` are at `offsets[i]` to `offsets[i + 1]`."""

    offsets: Offsets
    ids: Counts


_TOGETHER = 64
_LONG_RUN = 1 << 16
_RUNS = re.compile(rf"(?<!\s)\s{{{_LONG_RUN},}}|(?<![^\W\d_])[^\W\d_]{{{_LONG_RUN},}}")
"""Looked for where a run begins and nowhere else, or a run that is nearly as long takes time by its square."""


class TokenizerError(Exception):
    """No tokenizer of this name can be loaded without a download."""


class Encoder(NamedTuple):
    """A tokenizer: texts in, tokens out, no special ones.

    Attributes:
        encode: From texts to the ids of each.
        vocabulary: Ids are below this number.
    """

    encode: Callable[[Sequence[str]], list[list[int]]]
    vocabulary: int

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts as one array.

        >>> load_encoder("tekken").tokens(["The mill grinds.", ""]).offsets.tolist()
        [0, 5, 5]
        """
        sizes: list[int] = []
        pieces = [np.zeros(0, np.int32)]
        for encoded in self._encoded(texts):
            counts = [len(ids) for ids in encoded]
            sizes += counts
            pieces.append(np.fromiter(chain.from_iterable(encoded), np.int32, sum(counts)))
        offsets = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        return Tokens(offsets, np.concatenate(pieces))

    def lengths(self, texts: Sequence[str]) -> Counts:
        """Return the numbers of tokens of texts.

        >>> load_encoder("tekken").lengths(["The mill grinds.", ""]).tolist()
        [5, 0]
        """
        return np.array([len(ids) for encoded in self._encoded(texts) for ids in encoded], np.int32)

    def _encoded(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Yield the ids of a few texts at a time: as numbers of Python they take ten times the room of the text."""
        for start in range(0, len(texts), _TOGETHER):
            yield self.encode(texts[start : start + _TOGETHER])


@lru_cache(maxsize=2)
def load_encoder(name: str, digest: str | None = None) -> Encoder:  # noqa: ARG001  (a key of the cache)
    """Return a tokenizer.

    Args:
        name: `tekken`; the path of a Hugging Face `tokenizer.json` or of a folder that holds one; the path of a
            `.tiktoken` rank file; or a tiktoken encoding's name (`cl100k_base`), which needs its file in the cache.
        digest: Of its file, so that another file under the same name is loaded anew.

    Raises:
        TokenizerError: There is none of that name.
    """
    if name == "tekken":
        return _tiktoken_encoder(_tekken())
    file = _file(name)
    try:
        if file is not None:
            return _tiktoken_encoder(_ranks(file)) if file.suffix == ".tiktoken" else _hugging_face_encoder(file)
        import tiktoken

        return _tiktoken_encoder(tiktoken.get_encoding(name))
    except Exception as error:
        raise TokenizerError(
            f"no tokenizer '{name}': neither 'tekken', a file, nor a cached encoding: {error}"
        ) from error


def tokenizer_digest(name: str) -> str:
    """Return what a tokenizer is known by: the hash of its file, or its name where it comes with a package.

    Raises:
        TokenizerError: There is none of that name.

    >>> tokenizer_digest("tekken")
    'tekken_240911.json'
    """
    if name == "tekken":
        return TEKKEN
    file = _file(name)
    if file is not None:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    load_encoder(name)
    return name


def _file(name: str) -> Path | None:
    path = Path(name) / "tokenizer.json" if Path(name).is_dir() else Path(name)
    return path if path.is_file() and path.suffix in (".json", ".tiktoken") else None


def _tekken() -> Any:
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer

    return Tekkenizer.from_file(str(files("mistral_common") / "data" / TEKKEN))._model


def _ranks(path: Path) -> Any:
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    ranks = load_tiktoken_bpe(str(path))
    return tiktoken.Encoding(path.stem, pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


# The split pattern of cl100k and of Llama 3: what rank files of that size are used with.
_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _tiktoken_encoder(encoding: Any) -> Encoder:
    def encode(texts: Sequence[str]) -> list[list[int]]:
        return [ids_of(text) for text in texts]  # tiktoken's own batches go through threads, which cost a fifth more

    def ids_of(text: str) -> list[int]:
        if len(text) <= _LONG_RUN:
            ids: list[int] = encoding.encode_ordinary(text)
            return ids
        return [*chain.from_iterable(map(encoding.encode_ordinary, _pieces(text)))]

    return Encoder(encode, encoding.max_token_value + 1)


def _pieces(text: str) -> list[str]:
    """Return a text cut within very long runs of white space and of letters.

    On the former tiktoken's pattern overflows its stack; the latter are one word, whose parts it joins at great cost.

    >>> [len(piece) for piece in _pieces("a" + " " * 100_000 + "b")]
    [65537, 34465]
    """
    cuts = [0]
    for run in _RUNS.finditer(text):
        cuts.extend(range(run.start() + _LONG_RUN, run.end(), _LONG_RUN))
    return [text[start:end] for start, end in pairwise([*cuts, len(text)])]


def _hugging_face_encoder(path: Path) -> Encoder:
    import os

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def encode(texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    return Encoder(encode, max(tokenizer.get_vocab().values(), default=0) + 1)
