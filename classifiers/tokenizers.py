"""Tokenizers that the mix counts with: texts in, numbers of tokens out."""

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
    path = Path(name)
    if path.is_dir():
        path = path / "tokenizer.json"
    if path.suffix == ".json" and path.is_file():
        return _hugging_face_counter(path)
    if path.suffix == ".tiktoken" and path.is_file():
        return _tiktoken_counter(_ranks(path))
    try:
        import tiktoken  # noqa: PLC0415

        return _tiktoken_counter(tiktoken.get_encoding(name))
    except Exception as error:
        raise TokenizerError(
            f"no tokenizer '{name}': neither 'tekken', a file, nor a cached encoding: {error}"
        ) from error


def is_known(name: str) -> bool:
    """Tell whether a name may be a tokenizer's, without loading it.

    >>> is_known("tekken"), is_known("tekkn")
    (True, False)
    """
    if name == "tekken" or Path(name).exists():
        return True
    import tiktoken  # noqa: PLC0415

    return name in tiktoken.list_encoding_names()


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
