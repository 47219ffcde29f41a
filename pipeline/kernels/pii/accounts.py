"""Numbers of accounts: of banks, by the length that their country has, and of cards, by their issuers."""

import re
from typing import Any, Final

from presidio_analyzer import Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer

from pipeline.kernels.pii.cues import CALLED, CARD, LET_BE, Cue
from pipeline.kernels.pii.patterns import result_of, results_of

_ISSUED: Final = re.compile(
    r"4\d{15}|5[0-8]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}"
    r"|3(?:0[0-59]|[5689]\d)\d{13}|6\d{15}"
)
"""Numbers as issuers have them by first digits and length (ISO 7812); goods have thirteen digits, messages eighteen."""
_ISSUED_GROUPED: Final = re.compile(r"4\d{12}(?:\d{6})?|6\d{16,18}|5[0-8]\d{16,17}")
"""More, if they stand in groups."""
_MAY_BE_CARD: Final = re.compile(r"\d{4}(?:[- ]?\d){8}|\d{4}[- ]?\d{3}[- ]?\d{3}[- ]?\d{3}")
"""What no number of a card is without: texts that lack it are not shown to presidio's patterns."""
_JOINED, _GOES_ON = re.compile(r"\w[-/.]$"), re.compile(r"-\d")
_RISES: Final = 100
"""Four groups that rise by less are years, primes or rows of a table."""
_MORE_CARDS: Final = (
    Pattern(
        "Mastercard, 2221 to 2720",
        r"\b2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
        0.3,
    ),
    Pattern(
        "Visa, Maestro, UnionPay",
        r"\b(?:4\d{3}|50\d\d|5[6-8]\d\d|6\d{3})[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{2,3}\b",
        0.3,
    ),
    Pattern("UnionPay", r"\b62\d{4} \d{13}\b", 0.3),
)
"""Numbers that presidio does not know."""
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_DIGITS: Final = 4
"""Digits that it has at least: words after a number have none, and checksums hold by chance."""
_IBAN_SIZES: Final = {
    country: int(size)
    for country, size in re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29"
        " ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28"
        " LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25"
        " QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24"
        " XK20 YE30",
    )
}
"""Signs of a number by country (ISO 13616); presidio's own lengths are wrong for some."""


class Ibans(IbanRecognizer):
    """Numbers of bank accounts, in small letters too, each as long as its country has them."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return numbers whose checksum holds."""
        results: list[RecognizerResult] = []
        at = 0
        while match := _IBAN.search(text, at):
            at = match.start() + 1
            places = [position for position, sign in enumerate(match[0], match.start()) if sign.isalnum()]
            size = _IBAN_SIZES.get(match[0][:2].upper(), len(places) + 1)
            if size > len(places) or text[places[size - 1] + 1 : places[size - 1] + 2].isalnum():
                continue
            if _is_iban("".join(text[position] for position in places[:size])):
                at = places[size - 1] + 1
                results.append(result_of(self, "IBAN_CODE", match.start(), at, 1.0))
        return results


class Cards(CreditCardRecognizer):
    """Numbers of credit and debit cards; those that goods, messages and tables have too need a cue."""

    def __init__(self, supported_language: str = "en") -> None:
        """Know the cues of many languages."""
        super().__init__([*self.PATTERNS, *_MORE_CARDS], supported_language=supported_language)
        self.context, self._cue = [], Cue(CARD)

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return numbers whose checksum holds."""
        if not _MAY_BE_CARD.search(text):
            return []
        results = [
            value
            for value in results_of(self, text)
            if not (_JOINED.search(text, max(0, value.start - 2), value.start) or _GOES_ON.match(text, value.end))
        ]
        for result in results:
            if _is_common(text[result.start : result.end]):
                result.score = LET_BE + CALLED if self._cue(text, result.start) else LET_BE
        return results


def _is_common(number: str) -> bool:
    """Tell whether a number whose checksum holds is written as those of goods, messages and tables are."""
    groups = re.findall(r"\d+", number)
    if len(groups) == 1:
        return not _ISSUED.fullmatch(number)
    rising = int(groups[0]) < int(groups[-1]) < int(groups[0]) + _RISES
    return rising or not (_ISSUED.fullmatch("".join(groups)) or _ISSUED_GROUPED.fullmatch("".join(groups)))


def _is_iban(number: str) -> bool:
    """Tell whether a number is an IBAN by its checksum (ISO 7064), and none of words."""
    value = int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4]))
    return value % 97 == 1 and sum(map(str.isdigit, number)) >= _IBAN_DIGITS
