"""The codes by which languages are known here, whatever a model calls them."""

from functools import cache, lru_cache
from typing import Final

from classifiers.languages.tables import CODES

UNKNOWN: Final = "und"
_NONE: Final = frozenset({"und", "zxx", "mis", "mul"})
"""ISO 639's words for no language."""
_FORMER: Final = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv"}
"""Codes that ISO 639-1 has withdrawn, and that Java and many a page still use."""

MACROLANGUAGES = {
    **dict.fromkeys(("ar", "arz"), "ara"),
    **dict.fromkeys(("az", "azb"), "aze"),
    **dict.fromkeys(("mhr", "mrj"), "chm"),
    **dict.fromkeys(("bs", "hr", "sh", "sr"), "hbs"),
    **dict.fromkeys(("ckb", "ku"), "kur"),
    **dict.fromkeys(("id", "min", "ms"), "msa"),
    **dict.fromkeys(("nn", "no"), "nor"),
    **dict.fromkeys(("wuu", "yue", "zh"), "zho"),
}
"""Codes that belong to one macrolanguage (ISO 639-3's table of macrolanguages, SIL International)."""


@cache
def code_of(label: str) -> str:
    """Return the code of a label: lid.176's where it has the language, else ISO 639-1, else ISO 639-3.

    Args:
        label: A language of ISO 639-3, with or without a script behind it, as GlotLID and OpenLID have it; or a code,
            which stays.

    >>> [code_of(label) for label in ("eng_Latn", "arb", "zsm_Latn", "als_Latn", "als", "quc_Latn", "und_Tibt", "iw")]
    ['en', 'ar', 'ms', 'sq', 'als', 'quc', 'und', 'he']
    """
    language, has_script, _ = label.replace("-", "_").partition("_")
    language = _FORMER.get(language, language)
    if language in _NONE:
        return UNKNOWN
    if not has_script and language in _codes():
        return language
    return _by_iso().get(language, language)


def group_of(code: str) -> str:
    """Return the macrolanguage of a code, or the code itself.

    >>> group_of("hr"), group_of("de")
    ('hbs', 'de')
    """
    return MACROLANGUAGES.get(code, code)


@lru_cache(maxsize=1)
def _rows() -> list[tuple[str, list[str]]]:
    lines = CODES.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(code, members.split(" ")) for code, members in pairs]


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(code for code, _ in _rows())


@lru_cache(maxsize=1)
def _by_iso() -> dict[str, str]:
    return {member: code for code, members in _rows() for member in members}
