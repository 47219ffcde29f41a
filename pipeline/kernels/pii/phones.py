"""Phone numbers: valid where the document may be from, or called phone numbers by the text."""

import re
from collections.abc import Sequence
from typing import Any, Final

from phonenumbers import PhoneNumberMatcher
from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from pipeline.kernels.pii.cues import PHONE, PHONE_AFTER, PHONE_WEAK, cue_pattern

FORMED, CALLED = 0.5, 0.75
"""Scores of what is written as phone numbers are, and of what the text calls one."""
_BEFORE: Final = 32
_CUE: Final = cue_pattern(PHONE, "☎📞📱✆")
_WEAK_CUE: Final = re.compile(cue_pattern(PHONE_WEAK).pattern.join(("(?:", r")([^\d\n]*)$")), re.IGNORECASE)
_CUE_AFTER: Final = re.compile(rf"[\s(\[:–-]{{0,3}}(?:{'|'.join(PHONE_AFTER)})\b", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"(?<![\w/%€$£#])(?<!\d[.,:])(?<!\w-)[+＋]?[(（\[]?\d(?:[ \t\u00a0.()（）\[\]/‐-―－⁓~-]{0,4}\d){5,16}"
    r"(?:\s?(?:x|ext\.?|#|;ext=)\s?\d{1,6})?(?![\w%€$£]|[.,:/-]\d)",
    re.IGNORECASE,
)
"""What can be a phone number: six to seventeen digits, a few signs between them, an extension."""
_YEAR: Final = r"(?:1[5-9]|20)\d\d"
_DAY, _TIME = r"(?:[0-2]?\d|3[01])", r"(?:[01]?\d|2[0-4])[.:][0-5]\d"
_OTHER: Final = re.compile(
    rf"{_YEAR}([-./ ]){_DAY}\1{_DAY}(?: \d\d)?|{_DAY}([-./ ]){_DAY}\2{_YEAR}(?: \d\d)?|{_YEAR}(?: ?[-–—/]? ?{_YEAR})+"
    rf"|{_TIME} ?[-–—] ?{_TIME}|\d+\.\d+|97[89]([- ]?)\d{{1,5}}\3\d{{1,7}}\3\d{{1,6}}\3\d"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?|.*\.\..*"
)
"""Dates, years, times, decimals, ISBN, addresses of the internet: no phone numbers, whatever stands before them."""
_LEAST_DIGITS, _MOST_DIGITS = 9, 15
"""Of a number that nothing calls one: with an area's code, and at most with a country's (ITU-T E.164)."""
_GROUPED: Final = re.compile(r"\d{1,3}([. ])\d{3}(?:\1\d{3})*")
"""Thousands in groups, as some phone numbers are written too."""
_ROW: Final = re.compile(r"[1-9]\d?(?:\D+\d{1,2}){4,}")
"""Small numbers one after the other: sizes, scores, draws."""
_NUMBERED: Final = re.compile(
    r"\b(?:ISBN|ISSN|DOI|PMID|PMC|OCLC|LCCN|EAN|GTIN|UPC|ASIN|SKU|MPN)\b[^\n]{0,12}$", re.IGNORECASE
)
"""Catalogues, whose numbers are grouped as phone numbers are."""
_FORMED: Final = re.compile(rf"00\d|(?![(（]?{_YEAR}[)）])[(（]|\d+\D+\d+")
"""International, with an area code in brackets, or in groups: what is rarely anything else."""


class Phones(PhoneRecognizer):
    """Phone numbers that are valid in the regions it was given, and any number that the text calls one."""

    def __init__(self, regions: Sequence[str]) -> None:
        """Look for numbers of these regions, as the phonenumbers library names them."""
        super().__init__(supported_regions=regions)
        self.context = []  # cues stand behind numbers too, which presidio does not look at

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """Return phone numbers; what could as well be another number must be called a phone number by the text."""
        found: list[RecognizerResult] = []
        at = 0
        while match := _NUMBER.search(text, at):
            places, score = self._judged(text, *match.span())
            found += [self._result(*place, score) for place in places]
            at = places[-1][1] if places else match.end()  # a stretch may hold several
        return found

    def _judged(self, text: str, start: int, end: int) -> tuple[list[tuple[int, int]], float]:
        """Return the numbers in a stretch of digits, and how sure they are."""
        number = text[start:end]
        if _OTHER.fullmatch(number.strip("()[]（ ")) or _NUMBERED.search(text, max(0, start - _BEFORE), start):
            return [], 0.0
        if is_called_phone(text, start, end):
            return [(start, end)], CALLED
        return (self._valid(text, start, end) if _may_be_formed(number) else []), FORMED

    def _valid(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Return the numbers in a stretch that are valid in the first region in which any is."""
        first = max(0, start - 2)
        around = text[first : end + 2]
        for region in self.supported_regions:
            matches = PhoneNumberMatcher(around, region, leniency=1)
            if found := [(first + one.start, first + one.end) for one in matches if _is_formed(one.raw_string)]:
                return found
        return []

    def _result(self, start: int, end: int, score: float) -> RecognizerResult:
        known = {
            RecognizerResult.RECOGNIZER_NAME_KEY: type(self).__name__,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return RecognizerResult("PHONE_NUMBER", start, end, score, recognition_metadata=known)


def _is_formed(number: str) -> bool:
    """Tell whether a number is written as phone numbers are, and hardly anything else."""
    if number[0] in "+＋":
        return True
    digits = sum(map(str.isdigit, number))
    others = (_GROUPED, _ROW, _OTHER)
    if not _LEAST_DIGITS <= digits <= _MOST_DIGITS or any(other.fullmatch(number) for other in others):
        return False
    return bool(_FORMED.match(number))


def _may_be_formed(stretch: str) -> bool:
    """Tell whether a stretch of digits may hold such a number; rows of numbers, as in tables, hardly do."""
    return _is_formed(stretch) or any(sign in stretch for sign in "(（+＋")


def is_called_phone(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at some place of a text is called a phone number there.

    >>> is_called_phone("Tel.: 069 1234567", 6, 17), is_called_phone("455 6186 office", 0, 8)
    (True, True)
    >>> is_called_phone("No. 1234567", 4, 11)
    False
    """
    before = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    if _CUE.search(before) or _CUE_AFTER.match(text, end):
        return True
    weak = _WEAK_CUE.search(before)
    number = text[start:end]
    if weak is None or number.isdigit():
        return False
    return not (_ROW.fullmatch(number) or (weak[1].strip() and _GROUPED.fullmatch(number)))
