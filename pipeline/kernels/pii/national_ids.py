"""Identifiers of persons that states issue: presidio's recognisers, held back where checksums say little."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from presidio_analyzer import LocalRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import DeTaxIdRecognizer, InPanRecognizer, UsSsnRecognizer

from pipeline.kernels.pii.cues import AT_LEAST, CALLED, LET_BE, LOOSE, NATIONAL, Cue
from pipeline.kernels.pii.patterns import looks_for_letters, matches_of, result_of, score_of

_DOTS: Final = 2
_MIXED: Final = re.compile(r"\d[-+]?[A-Za-z]|[A-Za-z][ -]?\d")
"""Letters beside digits, as all identifiers have them that have letters: of these alone."""
_GROUPS: Final = re.compile(r"\d-\d|\d\.\d+\.\d")
"""Digits between hyphens, or between dots."""

_LETTER: Final = r"[^\W\d_]"
MUST: Final = {
    entity: re.compile(pattern)
    for entity, pattern in {
        "US_SSN": r"\d{5}-\d{4}|\d{3}-\d{6}|\d{9}|\d{3}[- .]\d{2}[- .]\d{4}",
        "UK_NINO": rf"\d{{2}} ?{_LETTER}",
        "IN_PAN": rf"\d{{4}}{_LETTER}",
        "SG_NRIC_FIN": rf"\d{{7}}{_LETTER}",
        "ES_NIF": rf"\d{{7}}-?{_LETTER}",
        "ES_NIE": rf"\d{{7}}-?{_LETTER}",
        "DE_SOCIAL_SECURITY": rf"\d{{8}}{_LETTER}\d{{3}}",
        "FI_PERSONAL_IDENTITY_CODE": r"\d{6}\S\d{3}",
    }.items()
}
"""What no value of an entity is without: texts that lack it are not shown to presidio's patterns, which are slower."""


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

    def __init__(
        self, inner: PatternRecognizer, *, letters_too: bool, named_only: bool = False, least: float = AT_LEAST
    ) -> None:
        """Wrap a recogniser of presidio.

        Args:
            inner: The recogniser.
            letters_too: Whether values with letters need a cue as well, unless a checksum holds.
            named_only: Whether all values need a cue.
            least: Score below which a value is let be by all: those that lack a cue are then not judged.
        """
        name = type(inner).__name__
        super().__init__(inner.supported_entities, name, inner.supported_language)
        entity = inner.supported_entities[0]
        self.words = (*(inner.context or ()), *NATIONAL.get(entity, ()), *LOOSE.get(entity, ()))
        self._inner, self._letters_too, self._named_only, self._cue = inner, letters_too, named_only, Cue(self.words)
        self._sure_cue = Cue([word for word in self.words if word not in LOOSE.get(entity, ())])
        self._drops_uncalled = least > LET_BE
        self._must = MUST.get(entity)
        self._all_need_cue = named_only or (letters_too and not looks_for_letters(inner))

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:  # noqa: ARG002
        """Return what the inner recogniser finds, with scores that need a cue."""
        results: list[RecognizerResult] = []
        if self._must is not None and not self._must.search(text):
            return results
        has_cue = self._cue.may_be_in(text)
        if self._drops_uncalled and not (has_cue or self._may_hold_plain(text)):
            return results
        for pattern, match in matches_of(self._inner, text):
            start, value = match.start(), match[0]
            is_called = has_cue and (self._sure_cue if value.isdigit() else self._cue)(text, start)
            if self._drops_uncalled and not (is_called or self._may_be_plain(value)):
                continue
            score = score_of(self._inner, pattern, value)
            if score and is_called:
                score = min(1.0, max(score + CALLED, AT_LEAST))
            elif self._named_only or not (self._may_be_plain(value) and self._is_plain(value, score)):
                score = min(score, LET_BE)
            if score:
                results.append(result_of(self, self.supported_entities[0], start, match.end(), score))
        return results

    def _may_hold_plain(self, text: str) -> bool:
        """Tell whether a text may hold a value that needs no cue: quick."""
        return not self._all_need_cue and (_mixes(text) or (not self._letters_too and _has_groups(text)))

    def _may_be_plain(self, value: str) -> bool:
        """Tell whether a value can be hardly anything else, by its signs."""
        if self._named_only:
            return False
        if any(map(str.isalpha, value)):
            return True
        return not self._letters_too and ("-" in value or value.count(".") == _DOTS)

    def _is_plain(self, value: str, score: float) -> bool:
        """Tell whether such a value is: with letters, by its checksum too, if its country is not likely."""
        return score == 1.0 or not self._letters_too or not any(map(str.isalpha, value))


class Named(LocalRecognizer):
    """Identifiers that need a cue all, asked of the texts in which one of their cues stands: few have any."""

    def __init__(self, inner: Sequence[Cautious]) -> None:
        """Hold these recognisers."""
        entities = [entity for recognizer in inner for entity in recognizer.supported_entities]
        super().__init__(entities, type(self).__name__, inner[0].supported_language)
        self._inner, self._cue = inner, Cue([word for recognizer in inner for word in recognizer.words])

    def load(self) -> None:
        """Do nothing: patterns need no loading."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
        """Return what the inner recognisers find."""
        if not (self._cue.may_be_in(text) and self._cue.is_in(text)):
            return []
        results = [result for recognizer in self._inner for result in recognizer.analyze(text, entities, nlp_artifacts)]
        for result in results:
            result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY] = self.id
        return results


@lru_cache(maxsize=8)
def _mixes(text: str) -> bool:
    return _MIXED.search(text) is not None


@lru_cache(maxsize=8)
def _has_groups(text: str) -> bool:
    return _GROUPS.search(text) is not None
