"""How phone numbers are written, and what else is written like them."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.kernels.pii.issued import LEAST_DIGITS, MOST_DIGITS

STRETCH: Final = re.compile(
    r"(?<![\w/%€$£#])(?<!\d[.,:])(?<!\w-)(?!24/7\b)[+＋]?[(（\[]?\d(?:[ \t\u00a0.()（）\[\]/‐-―−ー－⁓~-]{0,4}\d){5,16}"
    r"(?:\s?(?:x|ext\.?|#|;ext=)\s?\d{1,6})?(?![\w%€$£]|[.:/-]\d|,\d{3}(?!\d))",
    re.IGNORECASE,
)
"""What can be a phone number: six to seventeen digits, a few signs between them, an extension."""
_YEAR: Final = r"(?:1[5-9]|20)\d\d"
_DAY, _TIME = r"(?:[0-2]?\d|3[01])", r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_OTHER: Final = re.compile(
    rf"{_YEAR}([-./ ]){_DAY}\1{_DAY}(?: \d\d)?|{_DAY}([-./ ]){_DAY}\2{_YEAR}(?: \d\d)?|{_DAY}/{_DAY}/\d\d"
    rf"|{_YEAR}(?: ?[-–—/]? ?{_YEAR})+|{_YEAR}/\d+|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\D\d+)?"
    rf"|{_TIME} ?[-–—] ?{_TIME}|(?:0|[1-9]\d*)\.\d+(?: \d{{3}})*|97[89]([- ]?)\d{{1,5}}\3\d{{1,7}}\3\d{{1,6}}\3\d"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|(?!1\.\d{3}\.)\d(?:\.\d+){3}|\d{4}(?:\.\d\d){3}|.*\.\..*"
)
"""Dates, years, times, decimals, ISBN, addresses of the internet, versions: no phone numbers, whatever is before."""
_THOUSANDS: Final = re.compile(r"\d{1,3}([. \u00a0\u202f])\d{3}(?:\1\d{3})*")
"""Thousands in groups, as some phone numbers are written too."""
_ROW: Final = re.compile(r"[1-9]\d?(?:\D+\d{1,2}){4,}")
"""Small numbers one after the other: sizes, scores, draws."""
_MINUTE: Final = r"(?:[01]\d|2[0-4])[0-5]\d"
_TABLE: Final = re.compile(
    rf"\d+[.,]\d+(?:[ \t\u00a0]+[-–−+]?\d+[.,]\d+)+|{_MINUTE}(?:\D+{_MINUTE}){{2,}}"
    rf"|.*(?:^|[ ])\d\.\d(?:[ ]|$).*|.*[(（]{_YEAR}[)）].*|\d\d(?:\D\d\d){{5,}}"
)
"""Rows of timetables, of decimals and of draws; numbers around the year of a citation."""
_DIGITS, _EXTENSION = re.compile(r"\d+"), re.compile("[xX#]|[eE][xX][tT]")
_ARE_BITS: Final = frozenset("01")
_RANGE: Final = re.compile(r"(?<!\d)(?<!\d[-–])([1-9]\d{3,})[-–]([1-9]\d{3,})(?![-–]?\d)")
_MOST_RANGE: Final = 1000
_FORMED: Final = re.compile(rf"00\d|(?![(（]?{_YEAR}[)）])[(（]\d+[)）]|[(（]?\d+[^\d)）]+\d+")
"""International, with an area code in brackets, or in groups: what is rarely anything else."""

_START: Final = r"(?<!\d)(?<!\d[-./])"
_END: Final = r"(?:\s?(?:x|ext\.?|#|;ext=)\s?\d{1,6})?(?![\d(]|[-./]\d)"
_SURE: Final = re.compile(
    rf"{_START}(?:"
    r"(?:(?:\+?1|001)[-. ]{0,2})?(?:\(\d{3}\)[-. ]{0,2}\d{3}[-. ]?\d{4}|\d{3}([-.])\d{3}\1\d{4})"
    rf"|(?:(?:(?:\+|00)\d{{1,3}}|[178])[-. ]?)?\((?!{_YEAR}\))0\d{{1,4}}\)"
    r"[-. /]{0,2}\d{2,8}(?:[-. ]?\d{2,4}){0,3}"
    rf"|(?:(?:\+|00)\d{{1,3}}|[78])[-. ]?\((?!{_YEAR}\))\d{{3,5}}\)[-. ]?\d{{2,4}}(?:[-. ]?\d{{2,4}}){{1,2}}"
    r"|\(\d{3,5}\)[ ]?\d{2,3}[- ]\d\d[- ]\d\d|\(\d{2,3}\)[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}"
    r"|\(\d\d\)[ ]?9?\d{4}[- ]\d{4}"
    r"|(?<!\d )(?!\d{5} ?- ?\d{4}(?!\d)|\d\d-\d{7}(?!\d))0[1-9]\d{0,3}[-./) ]{1,3}\d{2,8}(?:[-. ]\d{2,4}){0,3}"
    rf"){_END}",
    re.IGNORECASE,
)
"""North America's groups; an area code in brackets, two digits in Brazil; one that begins with a zero."""
_RUSSIAN, _RUSSIAN_DIGITS = re.compile(r"[78]\D{0,2}\("), 11
_IN_PAIRS: Final = re.compile(rf"{_START}(?<!\d[ ])0[1-9](?:([-. ])\d\d)(?:\1\d\d){{3}}(?![ ]\d\d(?!\d)){_END}")
"""As in France; elsewhere these are draws of a lottery."""
_TRUNK_DIGITS: Final = range(9, 12)
"""Digits of a number that begins with a zero and has no brackets."""
_BARE: Final = re.compile(r"0[1-9]\d{8,9}")
_CHINESE_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_NORTH_AMERICA: Final = ("US", "CA")
_NANP: Final = re.compile(r"(?:1[-. ]?)?(?:\(\d{3}\)\D{0,2}\d{3}\D?\d{4}|\d{3}\D{1,3}\d{3}\D{1,3}\d{4})(?!\d)")
_LED_BY_ZERO: Final = frozenset(
    (
        "GB",
        "IE",
        "AU",
        "NZ",
        "ZA",
        "IN",
        "DE",
        "AT",
        "CH",
        "FR",
        "BE",
        "NL",
        "SE",
        "FI",
        "RO",
        "JP",
        "KR",
        "TH",
        "VN",
        "ID",
        "MY",
        "EG",
    )
)
_LED: Final = re.compile(r"[(（]?0|1[3568]\d\d\D|91\D")
_NANP_ANYWHERE, _LED_ANYWHERE = (re.compile(rf"(?<!\d)(?:{shape.pattern})") for shape in (_NANP, _LED))
_WITH_PAIRS: Final = frozenset(
    ("FR", "BE", "NL", "CH", "DE", "AT", "SE", "FI", "DK", "NO", "IT", "PL", "CZ", "SK", "HU", "RU", "UA", "TR")
)


_DATED: Final = re.compile(rf"(?:{_YEAR}([-./]){_DAY}\1{_DAY}|{_DAY}([-./]){_DAY}\2(?:{_YEAR}|\d\d))(?!\d|[-./]\d)")
"""A date, behind which there is more."""


def is_other(stretch: str) -> bool:
    """Tell whether a stretch of digits is a date, a time, an ISBN or the like.

    >>> is_other("2024-03-14"), is_other("978-3-16-148410-0"), is_other("020 7946 0958")
    (True, True, False)
    """
    return bool(_OTHER.fullmatch(stretch.strip("()[]（ ")))


def is_row(number: str) -> bool:
    """Tell whether a number is a row of small ones.

    >>> is_row("3 12 25 36 48 49"), is_row("03 12 25 36 48")
    (True, False)
    """
    return bool(_ROW.fullmatch(number))


def is_grouped(number: str) -> bool:
    """Tell whether a number may as well be one with its thousands in groups.

    >>> is_grouped("12 345 678"), is_grouped("123 456 7890")
    (True, False)
    """
    return bool(_THOUSANDS.fullmatch(number))


def is_range(number: str) -> bool:
    """Tell whether a number has two in it, the second a little higher than the first: pages, postal codes.

    >>> is_range("21840-21847"), is_range("274 (12) 340-59"), is_range("212-555-0143")
    (True, False, False)
    """
    for match in _RANGE.finditer(number):
        first, second = match[1], match[2]
        if len(first) == len(second) and 0 < int(second) - int(first) < _MOST_RANGE:
            return True
    return False


def is_formed(number: str) -> bool:
    """Tell whether a number is written as phone numbers are; if it is issued anywhere, it is hardly anything else.

    >>> is_formed("+49 30 901820"), is_formed("4556 6177 12"), is_formed("2025550143")
    (True, True, False)
    """
    if number[0] in "+＋":
        return True
    digits = _digits(number)
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS or not _FORMED.match(number):
        return False
    others = (is_grouped, is_row, is_other, is_range, _TABLE.fullmatch, _DATED.match)
    return not any(other(number) for other in others) and not _ARE_BITS.issuperset(digits)


def may_be_formed(stretch: str) -> bool:
    """Tell whether a stretch of digits may hold such a number; rows of numbers, as in tables, hardly do."""
    return is_formed(stretch) or any(sign in stretch for sign in "(（+＋")


def is_bare(number: str, regions: tuple[str, ...]) -> bool:
    """Tell whether digits alone may be a number, if it is issued where a document is from: by a leading zero, mostly.

    >>> is_bare("07911123456", ("GB",)), is_bare("0306406152", ("GB",)), is_bare("15801881087", ("CN",))
    (True, False, True)
    """
    if regions[:1] == ("CN",) and _CHINESE_MOBILE.fullmatch(number):
        return True
    return bool(_BARE.fullmatch(number)) and not _is_isbn(number)


def is_written_as_in(region: str, number: str, *, at_home: bool) -> bool:
    """Tell whether a number without a country's code may be written as in a region.

    Args:
        region: By whose rules it is issued.
        number: As it stands in a text.
        at_home: Whether the text is likely from there.

    >>> is_written_as_in("US", "97205-97210", at_home=True), is_written_as_in("GB", "2015.14.143", at_home=False)
    (False, False)
    """
    if region in _NORTH_AMERICA:
        return bool(_NANP.match(number))
    if region in _LED_BY_ZERO and not _LED.match(number):
        return region == "IN" and at_home
    return region in _WITH_PAIRS or not _IN_PAIRS.match(number)


def regions_written_in(text: str, regions: tuple[str, ...]) -> list[str]:
    """Return the regions as in which a number in some text may be written, the first being where it is likely from.

    >>> regions_written_in("97205-97210", ("US", "GB", "BR")), regions_written_in("(212) 555-1143", ("US", "GB"))
    (['BR'], ['US'])
    """
    any_plus = "+" in text or "＋" in text
    as_in_america = any_plus or _NANP_ANYWHERE.search(text) is not None
    led = any_plus or _LED_ANYWHERE.search(text) is not None
    written: list[str] = []
    for region in regions:
        if region in _NORTH_AMERICA:
            may = as_in_america
        else:
            may = led or region not in _LED_BY_ZERO or (region == "IN" and region == regions[0])
        if may:
            written.append(region)
    return written


def sure_places(stretch: str, regions: tuple[str, ...], *, is_named: bool = False) -> Iterator[tuple[int, int]]:
    """Yield where numbers stand in a stretch that are so written that they are phone numbers, issued or not.

    Args:
        stretch: Digits with signs between.
        regions: Where the text may be from, the likeliest first.
        is_named: Whether a word before it says that it is something else.

    >>> list(sure_places("101-278-0237", ())), list(sure_places("0930 1015 1100", ("GB",)))
    ([(0, 12)], [])
    """
    for match in _SURE.finditer(stretch):
        number = match[0]
        digits = len(_digits(number))
        others = (is_range, _TABLE.fullmatch, _DATED.match)
        if any(other(number) for other in others) or _ARE_BITS.issuperset(_digits(number)):
            continue
        if _RUSSIAN.match(number) and digits != _RUSSIAN_DIGITS:
            continue
        if number[0] == "0" and "(" not in number and not match[1]:
            groups = re.findall(r"\d+", number)
            in_fours, in_pairs = ({len(group) for group in groups} == {size} for size in (4, 2))
            if digits in _TRUNK_DIGITS and not (in_fours or in_pairs or is_named):
                yield match.span()
        elif digits >= (LEAST_DIGITS if re.match(r"\D*0", number) else LEAST_DIGITS + 1):
            yield match.span()
    if regions[:1] == ("FR",):
        yield from (match.span() for match in _IN_PAIRS.finditer(stretch))


def _digits(number: str) -> str:
    """Return a number's digits, without an extension."""
    match = _EXTENSION.search(number)
    return "".join(_DIGITS.findall(number, 0, match.start() if match else len(number)))


def _is_isbn(digits: str) -> bool:
    return len(digits) == 10 and sum((10 - at) * int(digit) for at, digit in enumerate(digits)) % 11 == 0
