"""The script of a text, that of most of its letters, and the languages that a script alone decides for."""

# ruff: noqa: SIM905  (a list of fifty pairs reads better as a text)

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.languages.codes import code_of

_BY_NAME: Final = dict(
    pair.split("=")
    for pair in (
        "ADLAM=Adlm ARABIC=Arab ARMENIAN=Armn BALINESE=Bali BATAK=Batk BENGALI=Beng BOPOMOFO=Bopo"
        " BUGINESE=Bugi CANADIAN=Cans CHAKMA=Cakm CHAM=Cham CHEROKEE=Cher CJK=Hani COPTIC=Copt CYRILLIC=Cyrl"
        " DEVANAGARI=Deva ETHIOPIC=Ethi GEORGIAN=Geor GLAGOLITIC=Glag GOTHIC=Goth GREEK=Grek GUJARATI=Gujr"
        " GURMUKHI=Guru HALFWIDTH=Jpan HANGUL=Hang HEBREW=Hebr HIRAGANA=Jpan IDEOGRAPHIC=Hani JAVANESE=Java"
        " KANNADA=Knda KATAKANA=Jpan KATAKANA-HIRAGANA=Jpan"
        " KHMER=Khmr LAO=Laoo LATIN=Latn LEPCHA=Lepc LIMBU=Limb LISU=Lisu MALAYALAM=Mlym MEETEI=Mtei"
        " MONGOLIAN=Mong MYANMAR=Mymr NKO=Nkoo OGHAM=Ogam OL=Olck ORIYA=Orya OSAGE=Osge RUNIC=Runr"
        " SAMARITAN=Samr SAURASHTRA=Saur SINHALA=Sinh SUNDANESE=Sund SYRIAC=Syrc TAMIL=Taml TELUGU=Telu"
        " THAANA=Thaa THAI=Thai TIBETAN=Tibt TIFINAGH=Tfng VAI=Vaii YI=Yiii"
    ).split()
)
"""First words of the names of letters and vowel signs (Unicode's UnicodeData.txt) → their scripts."""
_OWNERS: Final = {
    script: tuple(codes.split(","))
    for script, codes in (
        pair.split("=")
        for pair in (
            "Armn=hy Geor=ka,xmf Grek=el Gujr=gu Guru=pa Hang=ko Hebr=he,yi Jpan=ja Khmr=km Knda=kn Laoo=lo Mlym=ml"
            " Mymr=my Orya=or Sinh=si Taml=ta Telu=te Thaa=dv Thai=th"
        ).split()
    )
}
"""Scripts in which the web writes one language, or two that a model tells apart, the likelier first.

Ethiopic (Tigrinya) and Tibetan (Dzongkha) are not here: lid.176 has one of two languages that are written much.
"""
_SAME: Final = {"Hans": "Hani", "Hant": "Hani", "Kore": "Hang", "Hira": "Jpan", "Kana": "Jpan"}
"""What models call scripts that letters do not tell apart."""
_KANA: Final = 0.15
"""Share of kana among kana and Han letters from which on both are Japanese."""
_SCRIPT: Final = 4
"""Letters of a code of ISO 15924."""
_DECIDES: Final = 0.5
"""Share of a text's letters above which their script decides."""
_LIMIT: Final = 0x20000
_OTHER: Final = "Zyyy"
_NAMES: Final = ("", _OTHER, *dict.fromkeys(_BY_NAME.values()))
_HANI, _JPAN = _NAMES.index("Hani"), _NAMES.index("Jpan")
_ASCII_LETTER: Final = re.compile("[A-Za-z]")

Owners = Mapping[str, Sequence[str]]


class Written(NamedTuple):
    """How a text is written.

    Attributes:
        script: Of most letters, by ISO 15924; `Zyyy` for one that is not told apart, None without letters.
        share: Of the letters that it has, 0 … 1.
    """

    script: str | None
    share: float


@lru_cache(maxsize=1)
def _scripts() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the script of every code point, a number of `_NAMES`; 0 for what is neither letter nor vowel sign."""
    numbers = {name: number for number, name in enumerate(_NAMES)}
    scripts = np.zeros(_LIMIT, np.uint8)
    for point in range(_LIMIT):
        kind = unicodedata.category(chr(point))[0]
        if kind in "LM":
            first, _, _ = unicodedata.name(chr(point), "").partition(" ")
            name = _BY_NAME.get(first, _OTHER if kind == "L" else "")
            scripts[point] = numbers["Hang" if "HANGUL" in unicodedata.name(chr(point), "") else name]
    return scripts


def written(text: str) -> Written:
    """Return the script of most letters.

    >>> [written(text).script for text in ("The mill", "Мельница", "水車小屋のパン", "磨坊", "방앗간", "12")]
    ['Latn', 'Cyrl', 'Jpan', 'Hani', 'Hang', None]
    """
    if text.isascii():
        return Written("Latn", 1.0) if _ASCII_LETTER.search(text) else Written(None, 0.0)
    points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    counts = np.bincount(_scripts()[points[points < _LIMIT]], minlength=len(_NAMES))
    counts[0] = 0
    if counts[_JPAN] > _KANA * (counts[_JPAN] + counts[_HANI]):
        counts[_JPAN] += counts[_HANI]
        counts[_HANI] = 0
    best = int(counts.argmax())
    return Written(_NAMES[best], float(counts[best] / counts.sum())) if counts[best] else Written(None, 0.0)


def owners_in(labels: Sequence[str]) -> Owners:
    """Return the scripts that decide among a model's labels, with the codes of the languages that they decide for.

    Labels that say their script (`ell_Grek`, `el-Grek`) tell it themselves: a script that one of them alone has. For
    labels without scripts it is what the web writes, as far as the model has it.

    >>> owners_in(["ell_Grek", "tha_Thai", "heb_Hebr", "ydd_Hebr", "cmn_Hans", "lzh_Hant"])
    {'Grek': ('el',), 'Thai': ('th',)}
    >>> owners_in(["el", "he", "en"])
    {'Grek': ('el',), 'Hebr': ('he',)}
    """
    by_script: dict[str, set[str]] = {}
    for label in labels:
        script = next((part for part in label.replace("-", "_").split("_")[1:] if len(part) == _SCRIPT), "")
        by_script.setdefault(_SAME.get(script, script), set()).add(code_of(label))
    bare = by_script.pop("", set())
    if by_script:
        return {script: tuple(codes) for script, codes in by_script.items() if len(codes) == 1}
    among = {script: tuple(code for code in codes if code in bare) for script, codes in _OWNERS.items()}
    return {script: codes for script, codes in among.items() if codes}


def decided_by(writing: Written, owners: Owners) -> Sequence[str]:
    """Return the codes of the languages that a text's script decides for; none where it decides nothing.

    >>> decided_by(written("Η ΠΑΛΙΑ ΜΥΛΟΠΕΤΡΑ"), owners_in(["el", "en"])), decided_by(written("The mill"), {})
    (('el',), ())
    """
    return owners.get(writing.script or "", ()) if writing.share > _DECIDES else ()
