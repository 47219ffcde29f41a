"""What a text becomes before fastText reads it: one line, as the people who trained the model made theirs."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

Normaliser: TypeAlias = Literal["newlines-to-spaces", "ultra-fineweb", "none"]
Normalise: TypeAlias = Callable[[Sequence[str]], list[str]]

_MANY_BREAKS = re.compile("\n{3,}")
_SPACES = re.compile(" +")
_ESCAPES = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})


def normaliser_of(name: Normaliser, tokenizer: Path | None = None) -> Normalise:
    r"""Return the function that prepares texts.

    Args:
        name: `newlines-to-spaces`: line breaks become spaces. `ultra-fineweb`: see `ultra_fineweb`. `none`: the first
            line as it is, which is what fastText's own command reads of a text.
        tokenizer: A `tokenizer.json`, which `ultra-fineweb` alone needs.

    Raises:
        ValueError: `ultra-fineweb` has no tokenizer, or another one has.

    >>> normaliser_of("newlines-to-spaces")(["the mill\r\nby the river"]), normaliser_of("none")(["the mill\nby"])
    (['the mill  by the river'], ['the mill'])
    """
    if (tokenizer is not None) != (name == "ultra-fineweb"):
        raise ValueError(f"the normaliser {name} {'needs a' if tokenizer is None else 'takes no'} tokenizer")
    if tokenizer is None:
        return _newlines_to_spaces if name == "newlines-to-spaces" else _first_lines
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(tokenizer))
    return lambda texts: [ultra_fineweb(text, loaded) for text in texts]


def _newlines_to_spaces(texts: Sequence[str]) -> list[str]:
    return [text.replace("\n", " ").replace("\r", " ") for text in texts]


def _first_lines(texts: Sequence[str]) -> list[str]:
    return [text.partition("\n")[0] for text in texts]


def ultra_fineweb(text: str, tokenizer: Any) -> str:
    r"""Return a text as the classifiers of Ultra-FineWeb were shown theirs (Wang et al., 2025; its repository).

    At most one empty line between others; lower case; no accents; a space between any two tokens; line breaks and tabs
    as the two characters that stand for them in a program.

    Args:
        text: Any.
        tokenizer: That of DeepSeek-V2, as `tokenizers.Tokenizer`.
    """
    text = _MANY_BREAKS.sub("\n\n", text).lower()
    text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if unicodedata.category(sign) != "Mn")
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    tokens = " ".join(tokenizer.decode_batch([[number] for number in ids], skip_special_tokens=False))
    return _SPACES.sub(" ", tokens.translate(_ESCAPES)).strip()
