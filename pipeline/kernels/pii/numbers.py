"""Accounts and national identifiers: presidio's recognisers, held back where their checksums say little."""

import re
from collections.abc import Sequence
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, LocalRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    DeTaxIdRecognizer,
    IbanRecognizer,
    InPanRecognizer,
    MacAddressRecognizer,
)

from pipeline.kernels.pii.cues import CARD, NATIONAL, cue_pattern

_LET_BE, _CALLED, _AT_LEAST = 0.3, 0.35, 0.4
"""Score of a value that needs a cue, what presidio adds for a cue, and what a value then has at least."""
_BEFORE: Final = 60
_SHORT_CARD, _LONG_CARD = 13, 16
_RISES: Final = 100
"""Four groups that rise by less are years, primes or rows of a table."""
_MORE_CARDS: Final = (
    Pattern(
        "Mastercard, 2221 to 2720",
        r"\b2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
        0.3,
    ),
    Pattern("Maestro, UnionPay", r"\b(?:50\d\d|5[6-8]\d\d|6\d{3})[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{2,3}\b", 0.3),
    Pattern("UnionPay", r"\b62\d{4} \d{13}\b", 0.3),
)
"""Numbers that presidio does not know."""
_PAIR, _PAIR_BEFORE = re.compile(r"[:-][0-9A-Fa-f]{2}\b"), re.compile(r"\b[0-9A-Fa-f]{2}[:-]$")
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_IBAN_DIGITS: Final = 6
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


class Cue:
    """Words that say of a number what it is, before it on its line."""

    def __init__(self, words: Sequence[str]) -> None:
        """Know the words; several may stand in one entry."""
        self._pattern = cue_pattern([word.lower() for word in words] or ["\0"])

    def __call__(self, text: str, start: int) -> bool:
        """Tell whether one of them stands before a place."""
        return bool(self._pattern.search(text[max(0, start - _BEFORE) : start].rpartition("\n")[2]))


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
        found: list[RecognizerResult] = []
        known = {
            RecognizerResult.RECOGNIZER_NAME_KEY: type(self).__name__,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        for match in _IBAN.finditer(text):
            places = [place for place, sign in enumerate(match[0], match.start()) if sign.isalnum()]
            size = _IBAN_SIZES.get(match[0][:2].upper(), len(places) + 1)
            if size > len(places) or text[places[size - 1] + 1 : places[size - 1] + 2].isalnum():
                continue
            if _is_iban("".join(text[place] for place in places[:size])):
                end = places[size - 1] + 1
                found.append(RecognizerResult("IBAN_CODE", match.start(), end, 1.0, recognition_metadata=known))
        return found


class Cards(CreditCardRecognizer):
    """Numbers of credit and debit cards; those that goods, messages and tables have too need a cue."""

    def __init__(self, supported_language: str = "en") -> None:
        """Know the cues of many languages."""
        super().__init__([*self.PATTERNS, *_MORE_CARDS], supported_language=supported_language)
        self.context, self._cue = [], Cue(CARD)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return numbers whose checksum holds."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for result in found:
            if _is_common(text[result.start : result.end]):
                result.score = _CALLED + _LET_BE if self._cue(text, result.start) else _LET_BE
        return found


def _is_common(number: str) -> bool:
    """Tell whether a number whose checksum holds is written as those of goods, messages and tables are."""
    groups = re.findall(r"\d+", number)
    digits = "".join(groups)
    if len(digits) == _SHORT_CARD or len(digits) > _LONG_CARD:
        return len(groups) == 1
    rising = len(groups) > 1 and int(groups[0]) < int(groups[-1]) < int(groups[0]) + _RISES
    return len(digits) == _LONG_CARD and (digits[0] == "1" or rising)


def _is_iban(number: str) -> bool:
    """Tell whether a number is an IBAN by its checksum (ISO 7064), and none of words."""
    value = int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4]))
    return value % 97 == 1 and sum(map(str.isdigit, number)) >= _IBAN_DIGITS


class Macs(MacAddressRecognizer):
    """Addresses of network cards; six pairs of digits between colons are hours and the like, more are fingerprints."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return addresses that are no piece of a longer row of pairs."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        return [
            one
            for one in found
            if not (_PAIR_BEFORE.search(text, max(0, one.start - 3), one.start) or _PAIR.match(text, one.end))
        ]

    def invalidate_result(self, pattern_text: str) -> bool:
        """Tell whether it is none."""
        return bool(super().invalidate_result(pattern_text)) or not any(map(str.isalpha, pattern_text))


class Pans(InPanRecognizer):
    """India's tax numbers; not every word of ten signs, as presidio's third pattern has it."""

    PATTERNS = InPanRecognizer.PATTERNS[:2]


class TaxIds(DeTaxIdRecognizer):
    """Germany's tax numbers, in groups of three too."""

    PATTERNS = [*DeTaxIdRecognizer.PATTERNS, Pattern("in groups", r"\b[1-9]\d \d{3} \d{3} \d{3}\b", 0.5)]  # noqa: RUF012

    def validate_result(self, pattern_text: str) -> bool | None:
        """Tell whether its checksum holds."""
        return super().validate_result(pattern_text.replace(" ", ""))


class Cautious(LocalRecognizer):
    """A recogniser whose values of digits alone need a cue: their checksums hold for one number in ten.

    The cues are presidio's, which knows how each identifier is called where it is issued; of several words too.
    """

    def __init__(self, inner: EntityRecognizer, *, letters_too: bool) -> None:
        """Wrap a recogniser of presidio.

        Args:
            inner: The recogniser.
            letters_too: Whether values with letters need a cue as well.
        """
        name = type(inner).__name__
        super().__init__(inner.supported_entities, name, inner.supported_language)
        words = (*(inner.context or ()), *NATIONAL.get(inner.supported_entities[0], ()))
        self._inner, self._letters_too, self._cue = inner, letters_too, Cue(words)

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the inner recogniser finds, with scores that need a cue."""
        found: list[RecognizerResult] = self._inner.analyze(text, entities, nlp_artifacts)
        for result in found:
            value = text[result.start : result.end]
            if self._cue(text, result.start):
                result.score = min(1.0, max(result.score + _CALLED, _AT_LEAST))
            elif not self._is_plain(value, result.score):
                result.score = min(result.score, _LET_BE)
            result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY] = self.id
        return found

    def _is_plain(self, value: str, score: float) -> bool:
        """Tell whether a value is hardly anything else: by letters and a checksum, or by hyphens."""
        if any(map(str.isalpha, value)):
            return score == 1.0 or not self._letters_too
        return not self._letters_too and "-" in value
