"""Tokenizers that the mix counts with: texts in, numbers of tokens out."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

Counts = np.ndarray[Any, np.dtype[np.int32]]
TokenCounter = Callable[[Sequence[str]], Counts]
TEKKEN = "tekken_240911.json"
"""Mistral's Tekken, 131,072 entries, from the mistral-common wheel: no download."""


class TokenizerError(Exception):
    """No tokenizer of this name can be loaded without a download."""


@lru_cache(maxsize=2)
def load_counter(name: str) -> TokenCounter:
    """Return a function from texts to their numbers of tokens, without special tokens.

    Args:
        name: `tekken`; the path of a Hugging Face `tokenizer.json` or of a folder that holds one; the path of a
            `.tiktoken` rank file; or a tiktoken encoding's name (`cl100k_base`), which needs its file in the cache.

    Raises:
        TokenizerError: There is none of that name.

    >>> load_counter("tekken")(["The mill grinds.", ""]).tolist()
    [5, 0]
    """
    if name == "tekken":
        return _tiktoken_counter(_tekken())
    file = _file(name)
    try:
        if file is not None:
            return _tiktoken_counter(_ranks(file)) if file.suffix == ".tiktoken" else _hugging_face_counter(file)
        import tiktoken  # noqa: PLC0415

        return _tiktoken_counter(tiktoken.get_encoding(name))
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
    load_counter(name)
    return name


def _file(name: str) -> Path | None:
    path = Path(name) / "tokenizer.json" if Path(name).is_dir() else Path(name)
    return path if path.is_file() and path.suffix in (".json", ".tiktoken") else None


def _tekken() -> Any:
    from mistral_common.tokens.tokenizers.tekken import Tekkenizer  # noqa: PLC0415  (a second to import)

    return Tekkenizer.from_file(str(files("mistral_common") / "data" / TEKKEN))._model


def _ranks(path: Path) -> Any:
    import tiktoken  # noqa: PLC0415
    from tiktoken.load import load_tiktoken_bpe  # noqa: PLC0415

    ranks = load_tiktoken_bpe(str(path))
    return tiktoken.Encoding(path.stem, pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


# The split pattern of cl100k and of Llama 3: what rank files of that size are used with.
_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _tiktoken_counter(encoding: Any) -> TokenCounter:
    def count(texts: Sequence[str]) -> Counts:
        return np.array([len(ids) for ids in encoding.encode_ordinary_batch(list(texts), num_threads=1)], np.int32)

    return count


def _hugging_face_counter(path: Path) -> TokenCounter:
    import os  # noqa: PLC0415

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(texts: Sequence[str]) -> Counts:
        return np.array([len(e.ids) for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)], np.int32)

    return count
