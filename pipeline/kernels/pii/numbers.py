"""Accounts and national identifiers: presidio's recognisers, held back where their checksums say little."""

import re
from collections.abc import Sequence
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, LocalRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IbanRecognizer,
    InPanRecognizer,
    MacAddressRecognizer,
)

from pipeline.kernels.pii.cues import CARD, cue_pattern

_LET_BE, _CALLED, _AT_LEAST = 0.3, 0.35, 0.4
"""Score of a value that needs a cue, what presidio adds for a cue, and what a value then has at least."""
_BEFORE: Final = 60
_SHORT_CARD: Final = 13
_SECOND_MASTERCARD: Final = Pattern(
    "Mastercard, 2221 to 2720",
    r"\b2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b",
    0.3,
)
"""Numbers that are issued since 2017, which presidio does not know."""


class Cue:
    """Words that say of a number what it is, before it on its line."""

    def __init__(self, words: Sequence[str]) -> None:
        """Know the words; several may stand in one entry."""
        self._pattern = cue_pattern([word.lower() for word in words] or ["\0"])

    def __call__(self, text: str, start: int) -> bool:
        """Tell whether one of them stands before a place."""
        return bool(self._pattern.search(text[max(0, start - _BEFORE) : start].rpartition("\n")[2]))


class Ibans(IbanRecognizer):
    """Numbers of bank accounts, in small letters too."""

    def __init__(self, supported_language: str = "en") -> None:
        """Look for them whatever their case."""
        super().__init__(supported_language=supported_language, regex_flags=re.MULTILINE | re.IGNORECASE)


class Cards(CreditCardRecognizer):
    """Numbers of credit cards; those of 13 digits, as goods have on their packs, need a cue."""

    def __init__(self, supported_language: str = "en") -> None:
        """Know the cues of many languages."""
        super().__init__([*self.PATTERNS, _SECOND_MASTERCARD], supported_language=supported_language)
        self.context, self._cue = [], Cue(CARD)

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return numbers whose checksum holds."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for result in found:
            if sum(map(str.isdigit, text[result.start : result.end])) == _SHORT_CARD:
                result.score = _CALLED + _LET_BE if self._cue(text, result.start) else _LET_BE
        return found


class Macs(MacAddressRecognizer):
    """Addresses of network cards; six pairs of digits between colons are hours and the like."""

    def invalidate_result(self, pattern_text: str) -> bool:
        """Tell whether it is none."""
        return bool(super().invalidate_result(pattern_text)) or not any(map(str.isalpha, pattern_text))


class Pans(InPanRecognizer):
    """India's tax numbers; not every word of ten signs, as presidio's third pattern has it."""

    PATTERNS = InPanRecognizer.PATTERNS[:2]


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
        self._inner, self._letters_too, self._cue = inner, letters_too, Cue(inner.context or ())

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
