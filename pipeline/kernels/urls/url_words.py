"""Words in URLs: which of some lists of words, and how many of each list, stand in an address.

A word of a URL is a run of letters and digits; case, escapes and punycode are undone first. A word of a list may begin
or end with `*`, which stands for the rest of a word.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_OF_URL = 1 << 16
"""Characters of a URL that are searched for words."""
_MOST_OF_LABEL = 63
"""Letters that a label of a host has at most; longer punycode is none, which takes time by its square to see."""
_LABEL = re.compile(r"xn--[a-z0-9-]+")
_WORD = re.compile(r"\*?[^\W_]+\*?")
_RUN = re.compile(r"[^\W_]+")


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
    counts = np.zeros(len(urls), np.int32)
    if words:
        readable = _readable(urls)
        listed = _listed(tuple(words))
        rows = np.flatnonzero(pc.match_substring_regex(readable, listed.cores).to_numpy(zero_copy_only=False))
        for row, url in zip(rows.tolist(), readable.take(pa.array(rows)).to_pylist(), strict=True):  # few of a crawl's
            counts[row] = listed.count(url)
    return pa.array(counts)


class _Listed(NamedTuple):
    """Words of a list by how they are compared.

    Attributes:
        cores: Pattern of all of them without `*`: plain text, which a regular expression finds fast.
        whole: Those that must be a word of the URL.
        beginnings: What a word of the URL must begin with.
        ends: What one must end with.
        anywhere: What must stand in one.
    """

    cores: str
    whole: frozenset[str]
    beginnings: tuple[str, ...]
    ends: tuple[str, ...]
    anywhere: tuple[str, ...]

    def count(self, url: str) -> int:
        """Return how many of the words stand in a URL in lower case."""
        words = set(_RUN.findall(url))
        count = len(self.whole & words) + sum(core in url for core in self.anywhere)
        count += sum(any(word.startswith(core) for word in words) for core in self.beginnings)
        return count + sum(any(word.endswith(core) for word in words) for core in self.ends)


@lru_cache(maxsize=64)
def _listed(words: tuple[str, ...]) -> _Listed:
    """Return the words of a list, each once."""
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for word in dict.fromkeys(words):
        kinds.setdefault((word.startswith("*"), word.endswith("*")), []).append(word.strip("*"))
    whole, beginnings, ends, anywhere = (
        tuple(kinds.get(stars, ())) for stars in ((False, False), (False, True), (True, False), (True, True))
    )
    cores = "|".join(dict.fromkeys(word.strip("*") for word in words))
    return _Listed(cores, frozenset(whole), beginnings, ends, anywhere)


def _readable(urls: pa.Array) -> pa.Array:
    """Return URLs in lower case without escapes and punycode; few have one, and those are read one by one."""
    lower = pc.utf8_lower(pc.fill_null(urls, ""))
    if (pc.max(pc.binary_length(lower)).as_py() or 0) > _MOST_OF_URL:
        lower = pc.utf8_slice_codeunits(lower, 0, _MOST_OF_URL)
    is_coded = pc.match_substring_regex(lower, "%|xn--")
    coded = pa.array([_decoded(url) for url in lower.filter(is_coded).to_pylist()], pa.string())
    return pc.replace_with_mask(lower, is_coded, coded) if len(coded) else lower


def _decoded(url: str) -> str:
    return unquote(_LABEL.sub(lambda label: _unicode(label[0]), url)).lower()


def _unicode(label: str) -> str:
    if len(label) > _MOST_OF_LABEL:
        return label
    try:
        return label.encode().decode("idna")
    except UnicodeError:
        return label
