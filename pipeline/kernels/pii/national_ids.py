"""Identifiers of persons that states issue: presidio's recognisers, held back where checksums say little."""

from collections.abc import Sequence
from typing import Any

from presidio_analyzer import EntityRecognizer, LocalRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import DeTaxIdRecognizer, InPanRecognizer, UsSsnRecognizer

from pipeline.kernels.pii.cues import AT_LEAST, CALLED, LET_BE, LOOSE, NATIONAL, Cue

_DOTS = 2


class Pans(InPanRecognizer):
    """India's tax numbers; not every word of ten signs, as presidio's third pattern has it."""

    PATTERNS = InPanRecognizer.PATTERNS[:2]


class Ssns(UsSsnRecognizer):
    """Social security numbers; presidio's cues `social` and `security` stand on half of all pages: none here."""

    CONTEXT = ["ssn"]  # noqa: RUF012


class TaxIds(DeTaxIdRecognizer):
    """Germany's tax numbers, in groups of three too."""

    PATTERNS = [*DeTaxIdRecognizer.PATTERNS, Pattern("in groups", r"\b[1-9]\d \d{3} \d{3} \d{3}\b", 0.5)]  # noqa: RUF012

    def validate_result(self, pattern_text: str) -> bool | None:
        """Tell whether its checksum holds."""
        return super().validate_result(pattern_text.replace(" ", ""))


class Cautious(LocalRecognizer):
    """A recogniser whose values of digits alone need a cue: their checksums hold for one number in ten.

    The cues are presidio's, which knows how each identifier is called where it is issued, and ours.
    """

    def __init__(self, inner: EntityRecognizer, *, letters_too: bool, named_only: bool = False) -> None:
        """Wrap a recogniser of presidio.

        Args:
            inner: The recogniser.
            letters_too: Whether values with letters need a cue as well, unless a checksum holds.
            named_only: Whether all values need a cue.
        """
        name = type(inner).__name__
        super().__init__(inner.supported_entities, name, inner.supported_language)
        entity = inner.supported_entities[0]
        self.words = (*(inner.context or ()), *NATIONAL.get(entity, ()), *LOOSE.get(entity, ()))
        self._inner, self._letters_too, self._named_only, self._cue = inner, letters_too, named_only, Cue(self.words)
        self._sure_cue = Cue([word for word in self.words if word not in LOOSE.get(entity, ())])

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the inner recogniser finds, with scores that need a cue."""
        found: list[RecognizerResult] = self._inner.analyze(text, entities, nlp_artifacts)
        for result in found:
            value = text[result.start : result.end]
            cue = self._sure_cue if value.isdigit() else self._cue
            if cue(text, result.start):
                result.score = min(1.0, max(result.score + CALLED, AT_LEAST))
            elif self._named_only or not self._is_plain(value, result.score):
                result.score = min(result.score, LET_BE)
            result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY] = self.id
        return found

    def _is_plain(self, value: str, score: float) -> bool:
        """Tell whether a value is hardly anything else: by letters and a checksum, or by hyphens."""
        if any(map(str.isalpha, value)):
            return score == 1.0 or not self._letters_too
        return not self._letters_too and ("-" in value or value.count(".") == _DOTS)


class Named(LocalRecognizer):
    """Identifiers that need a cue all, asked of the texts in which one of their cues stands: few have any."""

    def __init__(self, inner: Sequence[Cautious]) -> None:
        """Hold these recognisers."""
        entities = [entity for one in inner for entity in one.supported_entities]
        super().__init__(entities, type(self).__name__, inner[0].supported_language)
        self._inner, self._cue = inner, Cue([word for one in inner for word in one.words])

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the inner recognisers find."""
        if not self._cue.is_in(text):
            return []
        found = [result for one in self._inner for result in one.analyze(text, entities, nlp_artifacts)]
        for result in found:
            result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY] = self.id
        return found
