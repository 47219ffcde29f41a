"""Words in URLs: which of some lists of words, and how many of each list, stand in an address.

A word of a URL is a run of letters and digits; case, escapes and punycode are undone first. A word of a list may begin
or end with `*`, which stands for the rest of a word.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

_BEFORE, _AFTER = r"(?:^|[^\pL\pN])", r"(?:[^\pL\pN]|$)"
_LABEL = re.compile(r"xn--[a-z0-9-]+")
_WORD = re.compile(r"\*?[^\W_]+\*?")


def is_word(word: str) -> bool:
    """Tell whether a word of a list can be found: letters and digits in lower case, `*` at the ends alone.

    >>> is_word("mill"), is_word("*mühl*"), is_word("wind-mill"), is_word("*"), is_word("Mill")
    (True, True, False, False, False)
    """
    return _WORD.fullmatch(word) is not None and word == word.lower()


def count_words(urls: pa.Array, words: Sequence[str]) -> pa.Array:
    """Return how many different words of a list stand in each URL, int32; a null has none.

    >>> urls = pa.array(["https://a.example/Old-Mill?mill", "https://windm%69lls.example/", None])
    >>> count_words(urls, ["mill", "*mill*"]).to_pylist()
    [2, 1, 0]
    """
    if not words:
        return pc.fill_null(pc.multiply(pc.binary_length(urls), 0), 0).cast(pa.int32())
    readable = _readable(urls)
    is_found = pc.match_substring_regex(readable, _pattern(tuple(words)))
    found = readable.filter(is_found)
    counts = pa.array([0] * len(found), pa.int32())
    for word in words if len(found) else ():
        counts = pc.add(counts, pc.match_substring_regex(found, _pattern((word,))).cast(pa.int32()))
    return pc.replace_with_mask(pa.array([0] * len(urls), pa.int32()), is_found, counts)


@lru_cache(maxsize=512)
def _pattern(words: tuple[str, ...]) -> str:
    return "|".join(_one(word) for word in words)


def _one(word: str) -> str:
    core = word.strip("*")
    return ("" if word.startswith("*") else _BEFORE) + core + ("" if word.endswith("*") else _AFTER)


def _readable(urls: pa.Array) -> pa.Array:
    """Return URLs in lower case without escapes and punycode; few have one, and those are read one by one."""
    lower = pc.utf8_lower(pc.fill_null(urls, ""))
    is_coded = pc.match_substring_regex(lower, "%|xn--")
    coded = pa.array([_decoded(url) for url in lower.filter(is_coded).to_pylist()], pa.string())
    return pc.replace_with_mask(lower, is_coded, coded) if len(coded) else lower


def _decoded(url: str) -> str:
    return unquote(_LABEL.sub(lambda label: _unicode(label[0]), url)).lower()


def _unicode(label: str) -> str:
    try:
        return label.encode().decode("idna")
    except UnicodeError:
        return label
