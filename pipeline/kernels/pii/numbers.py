"""Accounts and national identifiers: presidio's recognisers, held back where their checksums say little."""

import re
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, LocalRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, InPanRecognizer

CUE_NEEDED: Final = 0.3
"""Score of what is let be unless a cue stands before it, for which presidio adds 0.35."""
_SHORT_CARD: Final = 13


class Ibans(IbanRecognizer):
    """Numbers of bank accounts, in small letters too."""

    def __init__(self, supported_language: str = "en") -> None:
        """Look for them whatever their case."""
        super().__init__(supported_language=supported_language, regex_flags=re.MULTILINE | re.IGNORECASE)


class Cards(CreditCardRecognizer):
    """Numbers of credit cards; those of 13 digits, as goods have on their packs, need a cue."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: Any = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        """Return numbers whose checksum holds."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for result in found:
            if sum(map(str.isdigit, text[result.start : result.end])) == _SHORT_CARD:
                result.score = CUE_NEEDED
        return found


class Pans(InPanRecognizer):
    """India's tax numbers; not every word of ten signs, as presidio's third pattern has it."""

    PATTERNS = InPanRecognizer.PATTERNS[:2]


class Cautious(LocalRecognizer):
    """A recogniser whose values of digits alone need a cue: their checksums hold for one number in ten."""

    def __init__(self, inner: EntityRecognizer, *, letters_too: bool) -> None:
        """Wrap a recogniser of presidio.

        Args:
            inner: The recogniser.
            letters_too: Whether values with letters need a cue as well.
        """
        name = type(inner).__name__
        super().__init__(inner.supported_entities, name, inner.supported_language, context=inner.context)
        self._inner, self._letters_too = inner, letters_too

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the inner recogniser finds, with scores that need a cue."""
        found: list[RecognizerResult] = self._inner.analyze(text, entities, nlp_artifacts)
        for result in found:
            value = text[result.start : result.end]
            if self._letters_too or not ("-" in value or any(map(str.isalpha, value))):
                result.score = min(result.score, CUE_NEEDED)
            result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY] = self.id
        return found
