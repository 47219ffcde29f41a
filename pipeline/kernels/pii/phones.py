"""Phone numbers: called so by the text, written as nothing else is, or issued where the document may be from."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import phonenumbers
from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from pipeline.kernels.pii import phone_shapes as shapes
from pipeline.kernels.pii.cues import PHONE, PHONE_AFTER, PHONE_WEAK, Cue, cue_pattern
from pipeline.kernels.pii.issued import MOST_DIGITS, Lookups
from pipeline.kernels.pii.patterns import result_of

FORMED, CALLED = 0.5, 0.75
"""Scores of what is written as phone numbers are, and of what the text calls one."""
_BEFORE: Final = 32
_CUE: Final = cue_pattern(PHONE, "☎📞📱✆")
_WEAK_CUE: Final = re.compile(
    rf"(?:{cue_pattern(PHONE_WEAK).pattern})(?P<between>[^\d\n]*)$|(?:^|[\s|,;(])(?:[TPFMCOHW]\s?:|Ph\s?[.:])(?P<label>\s*)$",
    re.IGNORECASE,
)
"""Words that stand before phone numbers and before much else; a letter and a colon, as on cards."""
_CUE_AFTER: Final = re.compile(rf"[\s(\[:–-]{{0,3}}(?:{'|'.join(PHONE_AFTER)})\b", re.IGNORECASE)
_AT: Final = re.compile(
    r"\b(?:call|dial|ring|text)\s$"
    r"|\b(?:reach|contact|text|call|ring|rung|phon|talk|speak|messag|bell)\w*\b[^\d\n]{1,36}?\b(?:at|on|under|from)\s$",
    re.IGNORECASE,
)
"""Where somebody is reached."""
_AT_BEFORE: Final = 48
_ANY_WORD: Final = re.compile(r"[^\W\d_]|[☎📞📱✆]")
"""What every word before a number has: in tables of figures none is looked for."""
_DIGIT: Final = re.compile(r"\d")
_DOI: Final = re.compile(r"\b10\.\d{4,9}/\S*$")
_LABELS: Final = re.compile(r"[TPFMCOHW]\s?:|Ph\s?[.:]", re.IGNORECASE)
_CALLS: Final = Cue(
    (
        *(*PHONE, *PHONE_WEAK, *PHONE_AFTER, *"☎📞📱✆"),
        *("call", "dial", "ring", "text", "reach", "contact", "rung", "phon", "talk", "speak", "messag", "bell"),
    )
)
"""A text without any of these, and without a label, calls nothing a phone number."""
_MORE_WORDS: Final = re.compile(r"[ \t]+\w")
_BARE_DIGITS: Final = range(10, 14)
"""Digits of a number after a weak word, if no sign is between them."""
_LEAST_LABELLED, _LEAST_APART = 9, 7
"""Digits of a number after a letter and a colon, and after a weak word with others between."""
_ABOVE: Final = re.compile(rf"^[^\n]{{0,24}}?(?:{_CUE.pattern})\w*[^\w.!?\ue000]*$", re.IGNORECASE | re.MULTILINE)
_NUMBERED: Final = re.compile(
    r"\b(?:ISBN|ISSN|DOI|PMID|PMC|OCLC|LCCN|EAN|GTIN|UPC|BARCODE|ASIN|SKU|MPN)\b[^\n]{0,12}$|\b10\.\d{4,9}/\S*$",
    re.IGNORECASE,
)
"""Catalogues, whose numbers are grouped as phone numbers are."""
_NAMED: Final = re.compile(
    r"\b(?:part|model|serial|s/n|p/n|invoice|ref(?:\. [A-Z])?|code?|item|lot|batch|ticket|patent|oem|build|version"
    r"|firmware|tariff|factor|id|wo|pp|vol|sku|replaces|supersedes|tags?|n[ro]|nº|n°|nr kat|\w+nr|\w+nummer|auftrag"
    r"|bestellung|exp(?:te|ediente)|pedido|cep|plz|zip|(?:art|order|sr)\.? ?(?:no\.?|number|#)?)\b[^\w\n]{0,4}$"
    r"|(?:编[号码]|[订单批货型证学工]号码?|订单|共)[:： ]{0,2}$",
    re.IGNORECASE,
)
"""What a number is that no word calls a phone number."""
_ABROAD: Final = re.compile(r"[+＋]\d{1,3}(?:[ -]\(?\d{1,5}\)?){2,5}")
"""A number with a country's code, in groups: some plans are changed, and some numbers made up."""
_DECIMALS: Final = re.compile(r"[+＋]\d+[.,]\d+(?:[ \t\u00a0]+[-–−+]?\d+[.,]\d+)*$")
"""Decimals in a row, the first with a plus."""
_FIGURE_BEFORE: Final = re.compile(r"\d[ \t\u00a0]{1,8}[-–−+(]?$")
_FIGURE_AFTER: Final = re.compile(r"[ \t\u00a0]{1,8}[-–−+(]?\d")
"""Where a stretch is part of a longer row of figures: of a table, most likely."""
_BETWEEN: Final = re.compile(r" ?/ ?|[ \t]{2,}| ?[(（]")
_OPEN: Final = re.compile(r"[ /-]*[(（\[][^)）\]]*$")
_BRACKETS: Final = dict(zip("(（[", ")）]", strict=True))
MOST_JUDGED: Final = 24
"""Phone numbers in one text that is shown, of about 3,000 code points, behind which it is a list of them."""
_DENSE: Final = 0.5
"""Share of its stretches of digits that phone numbers are in a list of them, at least."""
MOST_IN_VAIN: Final = 128
"""Stretches of one text that is shown of which none was issued anywhere, behind which it is a table of other figures:
what nothing calls a phone number, and is not surely written as one, is none there."""
MOST_ALIKE_IN_VAIN: Final = 32
"""The same for stretches that differ in their digits alone."""
Stretch = tuple[int, int]


class Phones(PhoneRecognizer):
    """Phone numbers: what the text calls one, what is written as nothing else is, what is valid in its regions.

    In a list of phone numbers what follows is one too: where a text that is shown had `MOST_JUDGED` of them, and
    little else of so many digits, its other stretches of digits are taken for phone numbers unless they are dates and
    the like. To judge each costs, and of such a page rather too much is replaced than too little.
    """

    def __init__(self, regions: Sequence[str]) -> None:
        """Look for numbers of these regions, as the phonenumbers library names them."""
        super().__init__(supported_regions=regions)
        self._regions = tuple(regions)
        self.context = []  # cues stand behind numbers too, which presidio does not look at

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """Return phone numbers; what could as well be another number must be called a phone number by the text."""
        results: list[RecognizerResult] = []
        lookups = Lookups()
        calls = _CALLS.may_be_in(text) or _LABELS.search(text) is not None
        at = judged = 0
        while match := shapes.STRETCH.search(text, at):
            judged += 1
            if len(results) >= MOST_JUDGED and len(results) >= _DENSE * judged:
                places, score = _unjudged(*match.span(), match[0]), results[-1].score
            else:
                places, score = self._judged(text, *match.span(), lookups, calls=calls)
            results += [self._result(text, *stretch, score) for stretch in places]
            at = max(match.start() + 1, places[-1][1]) if places else match.end()  # a stretch may hold several
        return results

    def _judged(self, text: str, start: int, end: int, lookups: Lookups, *, calls: bool) -> tuple[list[Stretch], float]:
        """Return the numbers in a stretch of digits, and how sure they are; none is called one unless `calls`."""
        stretch = text[start:end]
        if shapes.is_other(stretch):
            return [], 0.0
        sure = list(shapes.sure_places(stretch, self._regions))
        is_abroad = _has_plus(text, start, end) or stretch.startswith("00")
        is_bare = may_be_issued = False
        if not _is_in_row(text, start, end):
            is_bare = shapes.is_bare(stretch, self._regions)
            may_be_issued = is_bare or (_is_worth_asking(stretch, lookups) and shapes.may_be_formed(stretch))
        if not (calls or sure or is_abroad or may_be_issued):
            return [], 0.0  # most are spared what is asked of the words around them
        has_words = _ANY_WORD.search(text, max(0, start - _AT_BEFORE), start) is not None
        numbered = _NUMBERED if has_words else _DOI
        if (has_words or "/" in text[max(0, start - _BEFORE) : start]) and numbered.search(
            text, max(0, start - _BEFORE), start
        ):
            return [], 0.0
        is_named = has_words and _NAMED.search(text, max(0, start - _BEFORE), start) is not None
        if sure and is_named:
            sure = list(shapes.sure_places(stretch, self._regions, is_named=True))
        places = [(start + first, start + last) for first, last in sure]
        if calls and (has_words or _CUE_AFTER.match(text, end)) and is_called_phone(text, start, end):
            return (places if len(places) > 1 else [(start, _first_of(text, start, end))]), CALLED
        if _DECIMALS.match(stretch):
            return [], 0.0
        if is_abroad:
            places = list(_international(text, start, end, lookups)) or places
        if may_be_issued and not (places or is_named):
            places = self._issued(text, start, end, lookups, is_bare=is_bare)
        return [(first, _closed(text, first, last)) for first, last in places], FORMED

    def _issued(self, text: str, start: int, end: int, lookups: Lookups, *, is_bare: bool) -> list[Stretch]:
        """Return the numbers in a stretch that are valid in the first region in which any is."""
        stretch = text[start:end]
        shown = text[max(0, start - 2) : end + 2]
        regions = self._regions if is_bare else shapes.regions_written_in(shown, self._regions)
        for region, numbers in lookups.issued(text, start, end, regions):
            if ranges := [
                (first, last) for first, last, number in numbers if is_bare or self._is_formed(number, region)
            ]:
                return ranges
        lookups.in_vain[_shape(stretch)] += 1
        return []

    def _is_formed(self, number: str, region: str) -> bool:
        """Tell whether a number that is issued in a region is written as such numbers are, and hardly anything else."""
        if number[0] not in "+＋" and not shapes.is_written_as_in(region, number, at_home=region == self._regions[0]):
            return False
        return shapes.is_formed(number)

    def _result(self, text: str, start: int, end: int, score: float) -> RecognizerResult:
        if text[start] in _BRACKETS and _BRACKETS[text[start]] not in text[start:end]:
            start += 1
        return result_of(self, "PHONE_NUMBER", start, end, score)


def _unjudged(start: int, end: int, stretch: str) -> list[Stretch]:
    """Return a stretch of digits in a list of phone numbers as one, unless it is a date or the like."""
    return [] if shapes.is_other(stretch) or _DECIMALS.match(stretch) else [(start, end)]


def _international(text: str, start: int, end: int, lookups: Lookups) -> Iterator[Stretch]:
    """Yield numbers with a country's code that may be numbers there."""
    stretch = text[start:end]
    if stretch.startswith("00") and not stretch.isdigit() and _is_possible(f"+{stretch[2:]}"):
        yield start, end
    elif stretch[0] in "+＋" and not lookups.international(text, start, end):
        if _ABROAD.fullmatch(stretch) and not shapes.is_grouped(stretch[1:]):
            yield start, end
    elif _has_plus(text, start, end):
        for first, last, number in lookups.international(text, start, end):
            if not shapes.is_grouped(number[1:]):
                yield first, last


def _is_worth_asking(stretch: str, lookups: Lookups) -> bool:
    """Tell whether a stretch may be issued, by those before it in the text that were not."""
    return lookups.in_vain.total() < MOST_IN_VAIN and lookups.in_vain[_shape(stretch)] < MOST_ALIKE_IN_VAIN


def _shape(stretch: str) -> str:
    """Return a stretch with its digits alike."""
    return _DIGIT.sub("0", stretch)


def _has_plus(text: str, start: int, end: int) -> bool:
    """Tell whether there is a plus in a stretch, or right before it."""
    around = text[max(0, start - 1) : end]
    return "+" in around or "＋" in around


def _is_in_row(text: str, start: int, end: int) -> bool:
    """Tell whether figures stand beside a stretch: some of many are valid somewhere, and to ask is dear."""
    is_behind = _FIGURE_BEFORE.search(text, max(0, start - 10), start) is not None
    return is_behind or _FIGURE_AFTER.match(text, end) is not None


def _closed(text: str, start: int, end: int) -> int:
    """Return the end of a number, before a bracket that it does not close."""
    match = _OPEN.search(text, start + 1, end)
    return match.start() if match else end


def _first_of(text: str, start: int, end: int) -> int:
    """Return the end of the first number in a stretch that has too many digits for one."""
    if sum(map(str.isdigit, text[start:end])) > MOST_DIGITS:
        for match in _BETWEEN.finditer(text, start, end):
            if sum(map(str.isdigit, text[start : match.start()])) >= _LEAST_APART:
                return match.start()
    return _closed(text, start, end)


def _is_possible(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


def is_called_phone(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at some place of a text is called a phone number there.

    >>> is_called_phone("Tel.: 069 1234567", 6, 17), is_called_phone("455 6186 office", 0, 8)
    (True, True)
    >>> is_called_phone("No. 1234567", 4, 11), is_called_phone("T: 069 1234567", 3, 14)
    (False, True)
    """
    above, _, before = text[max(0, start - _BEFORE) : start].rpartition("\n")
    if _CUE.search(before):
        return True
    number = text[start:end]
    digits = sum(map(str.isdigit, number))
    after = _CUE_AFTER.match(text, end)
    if after and not (shapes.is_grouped(number) and _MORE_WORDS.match(text, after.end())):
        return True
    if digits >= _LEAST_APART and _AT.search(text, max(0, start - _AT_BEFORE), start):
        return True
    if (digits == len(number) and digits not in _BARE_DIGITS) or shapes.is_row(number):
        return False
    if not before.strip() and _ABOVE.search(above):
        return not shapes.is_grouped(number)
    weak = _WEAK_CUE.search(before)
    if weak is None:
        return False
    if weak["label"] is not None:
        return digits >= _LEAST_LABELLED and not shapes.is_grouped(number)
    return not weak["between"].strip() or (digits >= _LEAST_APART and not shapes.is_grouped(number))
