"""Which phone numbers are issued: asked of the phonenumbers library, dearly and so seldom.

The library takes a tenth of a millisecond for a number and a region. So it is asked about what may be issued only,
which the patterns of its own tables tell in a hundredth of that; and of one text that is shown, at most `MOST_ASKED`
times. Beyond that the patterns answer alone. They say yes to all that the library says yes to, and to more: on a page
that is dense with such numbers a few are replaced that are none. Where numbers stand in a row without a sign between
them, they may be cut elsewhere than the library cuts them, and one of hundreds is then missed that it finds by chance.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, Leniency, PhoneMetadata, PhoneNumberMatcher

MOST_ASKED: Final = 8
"""Questions to the library about one text that is shown, of about 3,000 code points: a tenth of its cost in prose."""
LEAST_DIGITS, MOST_DIGITS = 9, 15
"""Of a number that nothing calls one: with an area's code, and at most with a country's (ITU-T E.164)."""
_GROUP: Final = re.compile(r"\d+")
_SIGNS: Final = "-x‐-―−ー－-／ \u00a0\u00ad\u200b\u2060\u3000()（）［］.\\[\\]/~\u2053\u223c～"
_CHAIN: Final = re.compile(rf"\d{{1,20}}(?:[{_SIGNS}]{{0,4}}\d{{1,20}})*")
"""Groups of digits with what the library takes for signs of a number between them."""
_PLUS: Final = re.compile(rf"[+＋][{_SIGNS}+＋]{{0,9}}(?={_CHAIN.pattern})")
_NO_BRACKET: Final = r"[^(\[（［)\]）］]"
_BRACKETED: Final = re.compile(
    rf"[(\[（［]?(?:{_NO_BRACKET}+[)\]）］])?{_NO_BRACKET}+(?:[(\[（［]{_NO_BRACKET}+[)\]）］]){{0,3}}{_NO_BRACKET}*"
)
"""Few brackets, closed where they were opened."""
_TYPES: Final = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan"),
    "voicemail",
)
_OPENING: Final = ("(", "[", "（", "［")
_AROUND: Final = 2
"""Code points before and after a stretch that the library sees too: a letter or a sign of money says no."""
_MOST_CODE: Final = 3
"""Digits of a country's code, and of what may stand before an area's code."""


class Number(NamedTuple):
    """A number as the library finds it.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        text: How it is written.
    """

    start: int
    end: int
    text: str

    def moved(self, by: int) -> "Number":
        """Return it as it stands in a text of which what is looked at is a part."""
        return Number(self.start + by, self.end + by, self.text)


class Run(NamedTuple):
    """Groups of digits that follow each other.

    Attributes:
        start: In what is looked at, with a bracket before the digits.
        end: Behind the last digit.
        digits: The digits, ASCII.
    """

    start: int
    end: int
    digits: str


class Lookups:
    """What the library said about the numbers of one text, and how often it was asked.

    Attributes:
        in_vain: Stretches that hold no number, by their shape, as whoever asks counts them.
    """

    def __init__(self, most: int = MOST_ASKED) -> None:
        """Let it be asked that many times."""
        self.in_vain: Counter[str] = Counter()
        self._left = most
        self._known: dict[tuple[str, str | None, int], list[Number]] = {}

    def international(self, text: str, start: int, end: int) -> list[Number]:
        """Return the numbers around a stretch that begin with a plus and are possible."""
        first = max(0, start - _AROUND)
        shown = text[first : end + _AROUND]
        answer = self._answer(shown, None, Leniency.POSSIBLE, runs_abroad(shown), end - first)
        return [number.moved(first) for number in answer]

    def issued(self, text: str, start: int, end: int, regions: Iterable[str]) -> Iterator[tuple[str, list[Number]]]:
        """Yield the numbers around a stretch that are issued in each region in which any may be."""
        first = max(0, start - _AROUND)
        shown = text[first : end + _AROUND]
        abroad = runs_abroad(shown)
        runs = runs_in(shown)
        for region in regions:
            candidates = [*abroad, *(run for run in runs if may_be_issued(run.digits, region))]
            if answer := self._answer(shown, region, Leniency.VALID, candidates, end - first):
                yield region, [number.moved(first) for number in answer]

    def _answer(self, shown: str, region: str | None, leniency: int, runs: Sequence[Run], until: int) -> list[Number]:
        """Return numbers: the library's, or the runs up to a place, behind which another number begins."""
        if not runs:
            return []
        key = shown, region, leniency
        answer = self._known.get(key)
        if answer is None and self._left:
            self._left -= 1
            answer = self._known[key] = library_numbers(*key)
        if answer is None:
            runs = [run for run in runs if run.start < until]
            answer = [Number(start, min(end, until), shown[start : min(end, until)]) for start, end, _ in _apart(runs)]
        return answer


def library_numbers(shown: str, region: str | None, leniency: int) -> list[Number]:
    """Return all that the phonenumbers library finds in some text: slow."""
    matches = PhoneNumberMatcher(shown, region, leniency=leniency)
    return [Number(match.start, match.end, match.raw_string) for match in matches]


def _apart(runs: Sequence[Run]) -> Iterator[Run]:
    """Yield runs that do not overlap, the longest of those that begin together."""
    until = -1
    for run in sorted(runs, key=lambda run: (run.start, -run.end)):
        if run.start >= until:
            yield run
            until = run.end


class _Rules(NamedTuple):
    """Numbers of a country's code.

    Attributes:
        code: The code.
        number: What a number is, without what may stand before it.
        sizes: How many digits it may have: quick.
        before: What may stand before it.
        instead: What stands for it then, in the words of `re`.
        abroad: What stands before a number of another country.
    """

    code: str
    number: re.Pattern[str]
    sizes: frozenset[int]
    before: re.Pattern[str] | None
    instead: str | None
    abroad: re.Pattern[str] | None

    def hold(self, digits: str) -> bool:
        """Tell whether digits without a country's code may be a number."""
        if self._is_number(digits):
            return True
        match = self.before.match(digits) if self.before is not None else None
        if match is None:
            return False
        if self.instead is not None and match.lastindex and match[match.lastindex]:
            return self._is_number(match.expand(self.instead) + digits[match.end() :])
        return self._is_number(digits[match.end() :])

    def _is_number(self, digits: str) -> bool:
        return len(digits) in self.sizes and self.number.fullmatch(digits) is not None


@cache
def _rules(region: str) -> _Rules | None:
    """Return the rules of a region, those of all that share its code; None where the library knows none."""
    own: Any = PhoneMetadata.metadata_for_region(region, None)
    return None if own is None else _rules_of(own)


@cache
def _rules_of_code(code: int) -> _Rules | None:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(code)
    main: Any = regions and PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
    return _rules_of(main) if main else None


def _rules_of(own: Any) -> _Rules:
    patterns: dict[str, None] = {}
    sizes: set[int] = set()
    for region_code in COUNTRY_CODE_TO_REGION_CODE[own.country_code]:
        shared: Any = PhoneMetadata.metadata_for_region_or_calling_code(own.country_code, region_code)
        kinds = [getattr(shared, name) for name in _TYPES]
        patterns |= dict.fromkeys(kind.national_number_pattern for kind in kinds if kind is not None)
        sizes.update(shared.general_desc.possible_length)
    number = "|".join(f"(?:{pattern})" for pattern in patterns if pattern)
    before, abroad, instead = (
        own.national_prefix_for_parsing,
        own.international_prefix,
        own.national_prefix_transform_rule,
    )
    return _Rules(
        str(own.country_code),
        re.compile(number),
        frozenset(sizes),
        re.compile(before) if before else None,
        re.sub(r"\\(\d)|\$(\d)", r"\\g<\1\2>", instead) if instead else None,
        re.compile(abroad) if abroad else None,
    )


def may_be_issued(digits: str, region: str) -> bool:
    """Tell whether digits may be a number of a region: True of all that are, and of some that are not.

    Args:
        digits: ASCII digits alone.
        region: As the library names it.

    >>> may_be_issued("2125550143", "US"), may_be_issued("0125550143", "US"), may_be_issued("02079460958", "GB")
    (True, False, True)
    """
    rules = _rules(region)
    if rules is None or rules.hold(digits):
        return True
    if digits.startswith(rules.code) and rules.hold(digits[len(rules.code) :]):
        return True
    abroad = rules.abroad.match(digits) if rules.abroad is not None else None
    return abroad is not None and _is_issued_abroad(digits[abroad.end() :])


def _is_issued_abroad(digits: str) -> bool:
    """Tell whether digits may be a number with a country's code."""
    for size in range(1, _MOST_CODE + 1):
        rules = _rules_of_code(int(digits[:size] or 0))
        if rules is not None and digits[0] != "0" and rules.hold(digits[size:]):
            return True
    return False


@cache
def _lengths(code: int) -> frozenset[int]:
    """Return how many digits may follow a country's code, one before the area's too; none if there is no such code."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(code)
    if regions is None:
        return frozenset()
    main: Any = PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
    general = main.general_desc
    lengths = (*general.possible_length, *general.possible_length_local_only)
    return frozenset(length + more for length in lengths if length > 0 for more in range(_MOST_CODE + 1))


def may_be_abroad(digits: str) -> bool:
    """Tell whether digits behind a plus may be a number: True of all that are possible, and of some that are not.

    >>> may_be_abroad("442079460958"), may_be_abroad("2147483647123456"), may_be_abroad("9990000000")
    (True, False, False)
    """
    if digits[0] == "0":
        return False
    return any(len(digits) - size in _lengths(int(digits[:size])) for size in range(1, _MOST_CODE + 1))


def runs_in(shown: str) -> list[Run]:
    """Return the groups of digits in some text that follow each other and have together as many as a number has."""
    kept: list[Run] = []
    has_brackets = any(sign in shown for sign in _OPENING)
    for chain in _CHAIN.finditer(shown):
        groups = [match.span() for match in _GROUP.finditer(shown, *chain.span())]
        for number, (start, _) in enumerate(groups):
            first = start - (has_brackets and shown[start - 1 : start] in _OPENING)
            digits = ""
            for begin, last in groups[number:]:
                digits += shown[begin:last]
                if len(digits) > MOST_DIGITS:
                    break
                if len(digits) >= LEAST_DIGITS and (not has_brackets or _BRACKETED.fullmatch(shown, first, last)):
                    kept.append(Run(first, last, _ascii(digits)))
            if len(digits) < LEAST_DIGITS:
                break  # what begins later has fewer
    return kept


def runs_abroad(shown: str) -> list[Run]:
    """Return the groups of digits behind a plus that may be, or begin with, a number with a country's code."""
    kept: list[Run] = []
    for plus in _PLUS.finditer(shown) if "+" in shown or "＋" in shown else ():
        chain = _CHAIN.match(shown, plus.end())
        digits = ""
        for group in _GROUP.findall(chain[0]) if chain else ():
            digits += _ascii(group)
            if chain and may_be_abroad(digits):
                kept.append(Run(plus.start(), chain.end(), digits))
                break
    return kept


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.digit(digit)) for digit in digits)
