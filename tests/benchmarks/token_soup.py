"""Soup, made of real texts: what token outliers have to tell from them. The same seed gives the same texts.

Each kind is as long as real texts are, and is labelled as their language is.
"""

import base64
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = 200
"""The commonest words of a corpus are no keywords."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OCR = (0.08, 0.12, 0.18, 0.25)
"""Shares of characters that a scan gets wrong."""
_SEPARATORS = (", ", " ", "\n", " | ", "; ", " - ")
_LIST_SIZES = (10, 30, 100, 300)
_LINE_OF_BASE64 = 76


class Real(NamedTuple):
    """What soup is made of.

    Attributes:
        texts: As long as these soup is to be.
        others: Texts of the same kind, to be spoilt.
        words: All different words of these texts, lower case, the commonest first.
        foreign: Other languages' paragraphs.
    """

    texts: Sequence[str]
    others: Sequence[str]
    words: Sequence[str]
    foreign: Sequence[Sequence[str]]


def real_of(texts: Sequence[str], others: Sequence[str], foreign: Sequence[Sequence[str]]) -> Real:
    """Return what soup is made of, the words counted."""
    counts = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    return Real(texts, others, sorted(counts, key=lambda word: (-counts[word], word)), foreign)


def _number_of_words(draw: random.Random, real: Real) -> int:
    return len(draw.choice(real.texts).split())


def shuffled_vocabulary(draw: random.Random, real: Real) -> str:
    """Return words drawn evenly from all that there are, in lines of some length."""
    words = draw.choices(real.words, k=_number_of_words(draw, real))
    size = draw.choice((8, 15, 40, len(words)))
    ends = draw.choice((".\n", "\n", ". "))
    return ends.join(" ".join(words[at : at + size]) for at in range(0, len(words), size))


def _misread(character: str, rate: float, draw: random.Random) -> str:
    if character.isspace() or draw.random() >= rate:
        return character
    wrong = draw.random()
    if wrong < 0.6:
        return draw.choice(_LETTERS)
    return "" if wrong < 0.8 else f"{character} "


def ocr_noise(draw: random.Random, real: Real) -> str:
    """Return a text with characters replaced, left out, and parted."""
    rate = draw.choice(_OCR)
    return "".join(_misread(character, rate, draw) for character in draw.choice(real.others))


def base64_blob(draw: random.Random, real: Real) -> str:
    """Return random bytes, in lines or not, of as many characters as a real text has."""
    size = len(draw.choice(real.texts))
    blob = base64.b64encode(draw.randbytes(size * 3 // 4)).decode()
    if draw.random() < 0.5:
        return blob
    return "\n".join(blob[at : at + _LINE_OF_BASE64] for at in range(0, len(blob), _LINE_OF_BASE64))


def keyword_list(draw: random.Random, real: Real) -> str:
    """Return words that say something, some of them again and again, without a sentence."""
    known = real.words[_COMMON : _COMMON + 8000]
    chosen = draw.choices(known, k=draw.choice(_LIST_SIZES))
    return draw.choice(_SEPARATORS).join(draw.choices(chosen, k=_number_of_words(draw, real)))


def foreign_half(draw: random.Random, real: Real) -> str:
    """Return a page the half of whose words gave way to paragraphs of another language, at one place."""
    words = draw.choice(real.others).split(" ")
    half = sum(map(len, words)) // 2
    paragraphs = draw.choice(real.foreign)
    at, other = draw.randrange(len(paragraphs)), ""
    while len(other) < half:
        other += paragraphs[at % len(paragraphs)] + "\n"
        at += 1
    kept = words[: len(words) // 2]
    cut = draw.randrange(len(kept) + 1)
    return "\n".join([" ".join(kept[:cut]), other[: half + 200], " ".join(kept[cut:])]).strip()


KINDS: dict[str, Callable[[random.Random, Real], str]] = {
    "shuffled vocabulary": shuffled_vocabulary,
    "OCR noise": ocr_noise,
    "base64": base64_blob,
    "keyword list": keyword_list,
    "another language": foreign_half,
}


def planted(real: Real, each: int, seed: int = 0) -> list[tuple[str, str]]:
    """Return kind and text of soup, as many of each kind."""
    result = []
    for kind, make in KINDS.items():
        draw = random.Random(f"{seed} {kind}")
        result += [(kind, make(draw, real)) for _ in range(each)]
    return result
