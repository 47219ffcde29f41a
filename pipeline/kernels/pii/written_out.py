"""Addresses of e-mail that are written out against robots: `anna (at) mill (dot) org`, `anna＠mill.org`.

An address is a name, a sign of `@`, and a host whose labels are parted by signs of a dot. What may as well be a
sentence (`look at the dot com boom`) needs more: brackets, capitals, a name that is no word, or "e-mail" before it.
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from presidio_analyzer import LocalRecognizer, RecognizerResult

from pipeline.kernels.pii.cues import Cue
from pipeline.kernels.pii.emails import is_picture, is_reserved
from pipeline.kernels.pii.patterns import result_of
from pipeline.kernels.pii.written_words import (
    AT,
    COMMON_ATS,
    COMMON_DOTS,
    COMMON_SUFFIXES,
    DOT,
    FILLER,
    MAIL,
    NO_NAMES,
    OTHER,
    OWN_AT,
    OWN_AT_BEGINS,
    PROVIDERS,
)
from pipeline.kernels.urls.addresses import suffix_list

SCORE: Final = 0.9
_SPACE, _NO_SPACE = "[ \t\u00a0\u3000]", "[^ \t\n\u00a0\u3000]"
_NO_STOP, _NO_SIGN = "[^ \t\n\u00a0\u3000.]", "[^ \t\n\u00a0\u3000@]"
_OPEN, _CLOSE = r"[(\[{<（［｛【〔「《]", r"[)\]}>）］｝】〕」》]"
_SOFT: Final = r"[|*_\"'“”«»-]"
"""Signs that stand around words, and between them, as well."""
_CODED: Final = r"[＠﹫]|&#0{0,4}64;?|&#[xX]0{0,4}40;?|&commat;|%40|\\u0040|\\x40"
_WRITTEN_DOT: Final = (
    rf"(?:{_SPACE}{{0,2}}{_OPEN}{_SPACE}{{0,2}}(?:{DOT}|[.．]){_SPACE}{{0,2}}{_CLOSE}{_SPACE}{{0,2}}"
    rf"|{_SPACE}{{1,3}}(?:{DOT}){_SPACE}{{1,3}}|{_SPACE}{{0,2}}{_SOFT}{{1,2}}(?:{DOT}){_SOFT}{{1,2}}{_SPACE}{{0,2}}"
    rf"|{_SPACE}[.．]{_SPACE}|[．｡]|&#0{{0,4}}46;?|&period;)"
)
TRIGGERS: Final = (
    rf"(?i){_OPEN}{_SPACE}{{0,2}}(?:{AT}|a|[@＠﹫]){_SPACE}{{0,2}}{_CLOSE}",
    rf"(?i){_SOFT}(?:{AT}){_SOFT}{{1,2}}{_SPACE}?{_NO_SPACE}{{1,80}}(?:{_WRITTEN_DOT}|\.)",
    rf"(?i){_SPACE}(?:{OWN_AT}){_SPACE}",
    rf"(?i){_SPACE}(?:{AT}){_SPACE}{{1,3}}{_NO_SPACE}{{1,63}}?{_WRITTEN_DOT}",
    rf"{_SPACE}AT{_SPACE}{{1,3}}{_NO_STOP}{{1,63}}\.",
    rf"(?i)mail(?: address)?{_SPACE}?[:=]{_SPACE}?{_NO_SPACE}{{1,64}}{_SPACE}(?:at|ät|aet){_SPACE}",
    rf"(?i)@{_NO_SIGN}{{1,200}}?(?:{_WRITTEN_DOT}|{FILLER})",
    _CODED,
    rf"@{_SPACE}",
)
"""What can begin such an address."""
_BEFORE_WORD: Final = r"(?:[ |*_\"'(\[{<-]|[（［｛【〔「《“« 　])"
_BEHIND_WORD: Final = r"(?:[|*_\"')\]}>-]|[）］｝】〕」》”»])"
_ANY_DOT: Final = rf" *{_BEFORE_WORD} *(?:{DOT}|[.．]) *(?:{_BEHIND_WORD}|{_SPACE})|[．｡]|&#0*46|&period"
PRESCREEN: Final = (
    rf"(?i:{_BEFORE_WORD} *(?:{AT}|a|[@＠﹫]) *(?:{_BEHIND_WORD}|{_SPACE}+{_NO_SPACE}+(?:{_ANY_DOT}))"
    rf"|{_SPACE}(?:{OWN_AT_BEGINS})|@{_NO_SPACE}*(?:{_ANY_DOT}|{FILLER})"
    rf"|mail(?: address)?{_SPACE}?[:=]{_SPACE}?{_NO_SPACE}+{_SPACE}+(?:at|ät|aet){_SPACE})"
    rf"|[＠﹫]|&#0*64|&#[xX]0*40|&commat|%40|\\u0040|\\x40|@{_SPACE}|{_SPACE}AT{_SPACE}+{_NO_STOP}+\."
)
"""The same for RE2, and wider: without numbers of repetitions, which make it slow."""
_SIGN: Final = re.compile(
    rf"(?P<bracketed>\s{{0,3}}{_OPEN}{_SPACE}{{0,2}}(?:{AT}|[@＠﹫]){_SPACE}{{0,2}}{_CLOSE}\s{{0,3}})"
    rf"|(?P<short>{_SPACE}{{0,3}}[(\[{{]a[)\]}}]{_SPACE}{{0,3}})"
    rf"|(?P<soft>{_SPACE}{{0,2}}{_SOFT}{{1,2}}(?:{AT}){_SOFT}{{1,2}}{_SPACE}{{0,2}})"
    rf"|(?P<own>{_SPACE}{{1,3}}(?:{OWN_AT}){_SPACE}{{1,3}})"
    rf"|(?P<spoken>{_SPACE}{{1,3}}(?:{AT}){_SPACE}{{1,3}})"
    rf"|(?P<coded>{_SPACE}{{0,2}}(?:{_CODED}){_SPACE}{{0,2}})"
    rf"|(?P<plain>{_SPACE}{{0,2}}@{_SPACE}{{0,2}})",
    re.IGNORECASE,
)
_LABEL: Final = r"[^\W_](?:[^\W_]|-(?!(?:dot|punkt|point|punto)-)){0,62}"
_FIRST: Final = re.compile(_LABEL)
_NEXT: Final = re.compile(rf"(?P<written>{_WRITTEN_DOT})(?P<after>{_LABEL})|\.(?P<label>{_LABEL})", re.IGNORECASE)
_MOST_LABELS, _MOST_NAME = 6, 100
_NAME: Final = re.compile(
    rf"(?<![\w.+%@-])[^\W_][\w.+%-]{{0,63}}"
    rf"(?:(?:{_SPACE}{{0,2}}{_OPEN}(?:{DOT}|\.){_CLOSE}{_SPACE}{{0,2}}|{_SPACE}(?:{DOT}|{OTHER}){_SPACE})[\w.+%-]{{1,63}}){{0,3}}(?<=[^\W_]|_)\Z",
    re.IGNORECASE,
)
_PARTED: Final = re.compile(r"[\d._+-]|\s")
"""What a name has that is no word."""
_FILLED: Final = re.compile(rf"(?:[-_.]?(?:{FILLER}))+\Z", re.IGNORECASE)
_ALONE: Final = re.compile(r"(?:^|[:,;(<>\"'|?!–—=*•·-]\s?|\n)\s*\Z")
"""What stands before an address that is no part of a sentence."""
_FILLED_AHEAD: Final = re.compile(rf"[\w.-]{{3,200}}?[-_.]?(?:{FILLER})\b", re.IGNORECASE)
_LABELLED: Final = re.compile(r"mail(?: address)?\s?[:=]\s?\Z", re.IGNORECASE)
_MAILS: Final = Cue(MAIL)
_SPELT: Final = {"ру": "ru", "ком": "com", "нет": "net", "орг": "org", "уа": "ua", "юа": "ua", "бг": "bg"}
"""Suffixes in letters of Cyrillic."""


class _Host(NamedTuple):
    """A host behind a sign of `@`.

    Attributes:
        end: Where it ends.
        name: It, with plain dots.
        is_written: Whether a dot of it is written out.
        dots: How many of them are.
        is_filled: Whether it ends in what people are to take out.
        is_doubtful: Whether its last dot and what follows may as well be words, as in `at one point in`.
    """

    end: int
    name: str
    is_written: bool
    dots: int
    is_filled: bool
    is_doubtful: bool


class WrittenOut(LocalRecognizer):
    """Addresses of e-mail that are written out in words, in brackets, in signs of other widths, or in references."""

    def __init__(self, supported_language: str = "en") -> None:
        """Look for them in all languages."""
        super().__init__(["EMAIL_ADDRESS"], type(self).__name__, supported_language)

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """Return addresses; `anna@mill.org` is none of them."""
        results: list[RecognizerResult] = []
        at = 0
        while sign := _SIGN.search(text, at):
            address = _around(text, sign)
            at = address[1] if address else sign.start() + max(1, len(sign[0].rstrip()))
            if address:
                results.append(result_of(self, "EMAIL_ADDRESS", *address, SCORE))
        return results


def is_reserved_spelling(written: str) -> bool:
    """Tell whether an address, written out or not, is one of those that documentation writes.

    >>> is_reserved_spelling("anna (at) example (dot) org"), is_reserved_spelling("anna (at) mill (dot) org")
    (True, False)
    """
    sign = _SIGN.search(written)
    host = _host(written, sign.end()) if sign else None
    return is_reserved(f"@{host.name}" if host else written)


def may_be_code(written: str) -> bool:
    """Tell whether an address that stands in code may be code: a blank beside its sign, and plain dots.

    >>> [may_be_code(one) for one in ("q @ k.at", "f(at) x.to", "f(at)mill.org", "f (at) mill (dot) org")]
    [True, True, False, False]
    """
    sign = _SIGN.search(written)
    host = _host(written, sign.end()) if sign and sign[0] != sign[0].strip() else None
    return host is not None and not host.is_written


def _around(text: str, sign: re.Match[str]) -> tuple[int, int] | None:
    """Return where the address around a sign of `@` is; None if there is none."""
    if sign.lastgroup == "plain" and sign[0] == "@" and not _may_be_odd(text, sign.end()):
        return None
    host = _host(text, sign.end())
    if host is None:
        return None
    first = max(0, sign.start() - _MOST_NAME)
    name = _NAME.search(text[first : sign.start()])
    if name is None or not _is_meant(text, first + name.start(), name[0], sign, host):
        return None
    return first + name.start(), host.end


def _may_be_odd(text: str, at: int) -> bool:
    """Tell whether what stands behind a plain `@` is no ordinary host."""
    first = _FIRST.match(text, at)
    following = first and _NEXT.match(text, first.end())
    return bool(following and following["written"]) or _FILLED_AHEAD.match(text, at) is not None


def _host(text: str, at: int) -> _Host | None:
    """Return the longest host at a place that is under a public suffix, or a reserved one."""
    match = _FIRST.match(text, at)
    if match is None:
        return None
    labels, ends, dots = [match[0]], [match.end()], [""]
    while len(labels) < _MOST_LABELS and (following := _NEXT.match(text, ends[-1])):
        labels.append(following["after"] or following["label"])
        ends.append(following.end())
        dots.append(following["written"] or "")
    for size in range(len(labels), 1, -1):
        bare = _FILLED.sub("", ".".join(labels[:size]))
        stem, dot, last = bare.lower().rpartition(".")
        is_next_sentence = not dots[size - 1] and labels[size - 1].istitle() and not labels[size - 2].istitle()
        if dot and not is_next_sentence and _is_host(f"{stem}.{_SPELT.get(last, last)}"):
            is_doubtful = dots[size - 1].strip() in ("", *COMMON_DOTS) and labels[size - 1].lower() in COMMON_SUFFIXES
            is_filled = bare != ".".join(labels[:size])
            written = sum(map(bool, dots[:size]))
            return _Host(ends[size - 1], bare, written > 0, written, is_filled, is_doubtful)
    return None


@lru_cache(maxsize=4096)
def _is_host(name: str) -> bool:
    parts = suffix_list()(name)
    return bool(parts.suffix and parts.domain and not is_picture(f"@{name}")) or is_reserved(f"@{name}")


def _is_meant(text: str, start: int, name: str, sign: re.Match[str], host: _Host) -> bool:
    """Tell whether a name, a sign of `@` and a host are an address rather than a sentence."""
    kind = sign.lastgroup
    if kind in ("bracketed", "coded"):
        return True
    is_said = _MAILS(text, start)
    if kind == "short":  # (a) may as well begin an item of a list
        return not name.isdigit() and (is_said or _is_alone(text, start))
    if kind == "own":
        is_common = host.is_doubtful or " ".join(sign[0].lower().split()) in COMMON_ATS
        return name.isascii() and (host.is_written or is_said or not is_common)
    if kind == "plain" and sign[0] == "@":
        return host.is_written or host.is_filled
    if name.lower() in NO_NAMES or name.isdigit():
        return False
    if is_said and (host.is_written or kind != "spoken" or _LABELLED.search(text[max(0, start - 20) : start])):
        return True
    return _is_likely(text, start, name, sign, host)


def _is_likely(text: str, start: int, name: str, sign: re.Match[str], host: _Host) -> bool:
    """Tell whether what could be a sentence is an address, by its name, its host and its signs."""
    is_mailbox = host.name.partition(".")[0].lower() in PROVIDERS
    if sign.lastgroup == "plain" and is_mailbox:
        return True
    if host.is_doubtful:
        return False
    if sign.lastgroup in ("plain", "soft"):
        return host.is_written
    is_odd = _PARTED.search(name) is not None
    is_loud = sign[0].strip().isupper() and not name.isupper()
    if not host.is_written:
        return is_loud and is_odd
    is_spelt = host.dots > 1
    return is_odd or is_loud or is_mailbox or is_spelt or (name.islower() and _is_alone(text, start))


def _is_alone(text: str, start: int) -> bool:
    """Tell whether what begins at a place is no part of a sentence."""
    return _ALONE.search(text[max(0, start - 4) : start]) is not None
