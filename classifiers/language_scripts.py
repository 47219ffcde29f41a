"""The script of a text: that of most of its letters, by ISO 15924."""

# ruff: noqa: SIM905  (a list of fifty pairs reads better as a text)

import unicodedata
from functools import lru_cache
from typing import Any, Final

import numpy as np

_BY_NAME: Final = dict(
    pair.split("=")
    for pair in (
        "ADLAM=Adlm ARABIC=Arab ARMENIAN=Armn BALINESE=Bali BATAK=Batk BENGALI=Beng BOPOMOFO=Bopo"
        " BUGINESE=Bugi CANADIAN=Cans CHAKMA=Cakm CHAM=Cham CHEROKEE=Cher CJK=Hani COPTIC=Copt CYRILLIC=Cyrl"
        " DEVANAGARI=Deva ETHIOPIC=Ethi GEORGIAN=Geor GLAGOLITIC=Glag GOTHIC=Goth GREEK=Grek GUJARATI=Gujr"
        " GURMUKHI=Guru HANGUL=Hang HEBREW=Hebr HIRAGANA=Jpan JAVANESE=Java KANNADA=Knda KATAKANA=Jpan"
        " KHMER=Khmr LAO=Laoo LATIN=Latn LEPCHA=Lepc LIMBU=Limb LISU=Lisu MALAYALAM=Mlym MEETEI=Mtei"
        " MONGOLIAN=Mong MYANMAR=Mymr NKO=Nkoo OGHAM=Ogam OL=Olck ORIYA=Orya OSAGE=Osge RUNIC=Runr"
        " SAMARITAN=Samr SAURASHTRA=Saur SINHALA=Sinh SUNDANESE=Sund SYRIAC=Syrc TAMIL=Taml TELUGU=Telu"
        " THAANA=Thaa THAI=Thai TIBETAN=Tibt TIFINAGH=Tfng VAI=Vaii YI=Yiii"
    ).split()
)
"""First words of the names of letters (Unicode's UnicodeData.txt) → their scripts."""
_KANA: Final = 0.05
"""Share of kana among kana and Han letters from which on both are Japanese writing."""
_LIMIT: Final = 0x20000
_OTHER: Final = "Zyyy"
_NAMES: Final = ("", _OTHER, *dict.fromkeys(_BY_NAME.values()))
_HANI, _JPAN = _NAMES.index("Hani"), _NAMES.index("Jpan")


@lru_cache(maxsize=1)
def _scripts() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the script of every code point, a number of `_NAMES`; 0 for what is no letter."""
    numbers = {name: number for number, name in enumerate(_NAMES)}
    scripts = np.zeros(_LIMIT, np.uint8)
    for point in range(_LIMIT):
        if chr(point).isalpha():
            first, _, _ = unicodedata.name(chr(point), "").partition(" ")
            scripts[point] = numbers[_BY_NAME.get(first, _OTHER)]
    return scripts


def script_of(text: str) -> str | None:
    """Return the script of most letters, by ISO 15924, `Zyyy` for one that is not told apart; None without letters.

    >>> [script_of(text) for text in ("The mill", "Мельница", "水車小屋のパン", "磨坊", "방앗간", "12")]
    ['Latn', 'Cyrl', 'Jpan', 'Hani', 'Hang', None]
    """
    points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    counts = np.bincount(_scripts()[points[points < _LIMIT]], minlength=len(_NAMES))
    counts[0] = 0
    if counts[_JPAN] > _KANA * (counts[_JPAN] + counts[_HANI]):
        counts[_JPAN] += counts[_HANI]
        counts[_HANI] = 0
    return _NAMES[int(counts.argmax())] if counts.any() else None
