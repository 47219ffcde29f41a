"""Identifiers of persons that states issue, by their checksum, and a word beside them that says what they are.

Numbers are looked for beside their names, so that a table of figures costs no checksum. A few are written as hardly
anything else is, and need no name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final

from presidio_analyzer import LocalRecognizer, RecognizerResult

from pipeline.kernels.pii import stdnum_checks
from pipeline.kernels.pii.locales import Locale
from pipeline.kernels.pii.patterns import result_of
from pipeline.kernels.pii.stdnum_europe import EUROPE
from pipeline.kernels.pii.stdnum_kinds import GENERIC, OTHER_WORDS, Kind
from pipeline.kernels.pii.stdnum_names import Named, Names
from pipeline.kernels.pii.stdnum_overseas import OVERSEAS

Known = dict[tuple[str, str], bool]
"""Whether the checksums of numbers hold, by entity and number."""
ALL: Final = (*OVERSEAS, *EUROPE)
ENTITIES_OF_STDNUM: Final = frozenset(kind.entity for kind in ALL)
PLAIN, CALLED = 0.8, 0.9
"""Scores of what is written as nothing else is, and of what the text names."""
_BEFORE, _BEHIND, _AFTER = 40, 24, 64
"""Code points before a name in which a number begins, between the two, and behind it in which a number begins."""
_CHAIN: Final = 24
"""Code points between two numbers of a list."""
_JOINT: Final = r"(?: ?[.\-] ?| )?"
_GUARDS: Final = r"(?<![A-Za-z0-9])(?<!\d[.,/-])", r"(?![A-Za-z0-9])(?![.,/-]\d)"
_SIGNS: Final = re.compile(r"[ ./()]")
"""What no check needs; hyphens say in which century a Finn or a Swede was born."""
_GAP: Final = re.compile(r"[^\d\n;!?]*")
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGITS: Final = re.compile(r"\d(?:[^\d\n]{0,4}\d){5}")
"""What no identifier is without."""
_CELLS: Final = re.compile(r"[|\t;]|,[^,\n]*,")
"""What parts the cells of a table's row."""
_WIDE: Final = re.compile(
    r"[\uff01-\uff5e\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59‐-―−ー\u00a0\u2007\u2009\u202f\u3000]"
)
_NARROW: Final = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{zero + digit: 48 + digit for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50) for digit in range(10)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー"), 45),
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F, 0x3000), 32),
}
"""Signs of other widths and scripts, each as one of ASCII."""


class StdnumIds(LocalRecognizer):
    """All identifiers of `stdnum_kinds` and `stdnum_europe` that are wanted, in documents of one place."""

    def __init__(self, locale: Locale, wanted: Sequence[str], language: str) -> None:
        """Look for these entities.

        Args:
            locale: Where the documents may be from.
            wanted: Names of entities; those of others are passed over.
            language: What presidio is told.
        """
        self._kinds = [kind for kind in ALL if kind.entity in wanted]
        self._home = [_is_home(locale, kind) for kind in self._kinds]
        super().__init__(sorted({kind.entity for kind in self._kinds}), type(self).__name__, language)
        self._names = _names(tuple(_names_of(locale, kind) for kind in self._kinds))
        self._plain = _plain_pattern(locale, self._kinds)

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """Return identifiers; of a number that may be of several kinds, all of them."""
        if not _DIGITS.search(text):
            return []
        narrow = text.translate(_NARROW) if not text.isascii() and _WIDE.search(text) else text
        scores: dict[tuple[int, int, str], float] = {}
        for match in self._plain.finditer(narrow):
            kind = self._kinds[int(str(match.lastgroup)[1:])]
            if _holds(kind, match[0]):
                scores[*match.span(), kind.entity] = PLAIN
        in_tables: set[str] = set()
        checked: Known = {}
        for named in self._names.within(text):
            for number in named.numbers:
                if not (named.is_other_word and not self._home[number]):
                    for start, end in _beside(narrow, named, self._kinds[number], in_tables, checked):
                        scores[start, end, self._kinds[number].entity] = CALLED
        return [result_of(self, entity, start, end, score) for (start, end, entity), score in scores.items()]


def _is_home(locale: Locale, kind: Kind) -> bool:
    """Tell whether a document is from a country of an identifier, as far as one can tell."""
    return (locale.language != "und" or bool(locale.country)) and locale.may_issue(kind.countries)


def _names_of(locale: Locale, kind: Kind) -> str:
    """Return what an identifier is called in documents of a place; English, people write everywhere."""
    is_home = _is_home(locale, kind)
    if locale.country in kind.countries or (is_home and locale.language not in ("en", "und")):
        return f"{kind.words}, {GENERIC}"
    own = ", ".join(name for name in kind.words.split(", ") if name not in OTHER_WORDS)
    return f"{own}, {GENERIC}" if is_home else own


@cache
def _names(listed: tuple[str, ...]) -> Names:
    return Names(listed)


def _plain_pattern(locale: Locale, kinds: Sequence[Kind]) -> re.Pattern[str]:
    plain = [
        f"(?P<k{number}>{kind.plain})"
        for number, kind in enumerate(kinds)
        if kind.plain and (kind.anywhere or locale.is_sure_of(kind.countries))
    ]
    return re.compile(rf"\b{_GUARDS[0]}(?:{'|'.join(plain) or '(?!)'}){_GUARDS[1]}", re.ASCII)


@cache
def _shape(kind: Kind) -> re.Pattern[str]:
    before, after = _GUARDS
    return re.compile(f"{before}(?:{kind.shape.replace('~', _JOINT)}){after}", re.ASCII | re.IGNORECASE)


@cache
def _check(kind: Kind) -> Callable[[str], bool]:
    module, _, name = kind.check.rpartition(".")
    own = module == "checks"
    check: Callable[[str], bool] = (
        getattr(stdnum_checks, name) if own else import_module(f"stdnum.{kind.check}").is_valid
    )
    return check


def _holds(kind: Kind, value: str) -> bool:
    """Tell whether the checksum of a number holds; the same digit all over is no one's."""
    if len(set(filter(str.isdigit, value))) < 2:
        return False
    try:
        return _check(kind)(_SIGNS.sub("", value))
    except Exception:  # stdnum's own: of a county that it does not list, `cn.ric` raises KeyError
        return False


def _beside(text: str, named: Named, kind: Kind, in_tables: set[str], checked: Known) -> Iterator[tuple[int, int]]:
    """Yield the numbers of a kind beside its name: behind it, before it, or below it in a table."""
    behind = list(_chained(text, named.end, _reach(text, named.end), kind, checked))
    if behind:
        yield from behind
        return
    first = max(0, named.start - _BEFORE, text.rfind("\n", 0, named.start) + 1)
    for match in _shape(kind).finditer(text, first, named.start):
        gap = text[match.end() : named.start]
        if len(gap) <= _BEHIND and _GAP.fullmatch(gap) and _is_one(kind, match, checked):
            yield match.span()
    if kind.entity not in in_tables and (rows := _rows_below(text, named)):
        in_tables.add(kind.entity)
        yield from (match.span() for match in _shape(kind).finditer(text, *rows) if _is_one(kind, match, checked))


def _reach(text: str, at: int) -> int:
    """Return where the stretch behind a name ends: with its line, or the next that has letters or digits."""
    end = at
    while True:
        newline = text.find("\n", end, at + _AFTER)
        if newline < 0:
            return min(len(text), at + _AFTER)
        if any(map(str.isalnum, text[at:newline])):
            return newline
        end = newline + 1


def _chained(text: str, start: int, reach: int, kind: Kind, checked: Known) -> Iterator[tuple[int, int]]:
    """Yield the numbers of a kind in a stretch, and those that follow them as in a list."""
    shape = _shape(kind)
    last = -1
    at = start
    while match := shape.search(text, at, min(len(text), max(reach, last + _CHAIN) + _BEFORE)):
        follows = last >= 0 and match.start() - last <= _CHAIN and not _LETTER.search(text, last, match.start())
        if match.start() >= reach and not follows:
            return
        at = match.end()
        if _is_one(kind, match, checked):
            yield match.span()
            last = match.end()


def _is_one(kind: Kind, match: re.Match[str], checked: Known) -> bool:
    """Tell whether the checksum of a number holds; many names may stand beside one."""
    key = (kind.entity, match[0])
    if key not in checked:
        checked[key] = _holds(kind, match[0])
    return checked[key]


def _rows_below(text: str, named: Named) -> tuple[int, int] | None:
    """Return the rows of the table in whose head a name stands; None where it stands in no head."""
    first = text.rfind("\n", 0, named.start) + 1
    end = text.find("\n", named.end)
    if end < 0 or not _CELLS.search(text, first, end):
        return None
    start = end
    while end >= 0 and (row := text[end + 1 : _line_end(text, end + 1)]) and _CELLS.search(row):
        end += 1 + len(row)
        if end >= len(text):
            break
    return (start, end) if end > start else None


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
