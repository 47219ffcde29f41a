"""presidio's recognisers of patterns, read without what presidio keeps of every match to explain it.

A table of figures matches patterns by the thousand, and hardly any match is a value: an object for each is what costs.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, Protocol

import regex  # type: ignore[import-untyped]  # what presidio's patterns are written for
from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

_LITERAL: Final = re.compile(r"\\.|\(\?[a-zA-Z:<!=-]+")
"""What stands in a pattern and is no letter that it looks for: classes of characters, flags, groups."""


class Match(Protocol):
    """What `re` and `regex` both return."""

    def start(self) -> int:
        """Return where it begins."""

    def end(self) -> int:
        """Return where it ends."""

    def __getitem__(self, group: int) -> Any:
        """Return the text of a group."""


def matches_of(
    recognizer: PatternRecognizer, text: str, patterns: Sequence[Pattern] | None = None
) -> Iterator[tuple[Pattern, Match]]:
    """Yield where the patterns of a recogniser, or some of them, match a text; none has been judged."""
    for pattern in _patterns(recognizer) if patterns is None else patterns:
        for match in _compiled(pattern.regex, recognizer.global_regex_flags or 0).finditer(text):
            if match.end() > match.start():
                yield pattern, match


def _patterns(recognizer: Any) -> list[Pattern]:
    patterns: list[Pattern] = recognizer.patterns
    return patterns


@cache
def _compiled(pattern: str, flags: int) -> Any:
    return regex.compile(pattern, flags=flags)


def score_of(recognizer: PatternRecognizer, pattern: Pattern, value: str) -> float:
    """Return how sure a recogniser is of a value that its pattern matches: 1 where a checksum holds, 0 for none."""
    is_valid = recognizer.validate_result(value)
    if (is_valid is not None and not is_valid) or recognizer.invalidate_result(value):
        return 0.0
    return 1.0 if is_valid else pattern.score


def result_of(recognizer: Any, entity: str, start: int, end: int, score: float) -> RecognizerResult:
    """Return a value as presidio wants it."""
    fields = {
        RecognizerResult.RECOGNIZER_NAME_KEY: recognizer.name,
        RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
    }
    return RecognizerResult(entity, start, end, score, recognition_metadata=fields)


def results_of(
    recognizer: PatternRecognizer, text: str, patterns: Sequence[Pattern] | None = None
) -> list[RecognizerResult]:
    """Return what a recogniser finds in a text, as its own `analyze` does, by all patterns or some; overlaps too."""
    entity = recognizer.supported_entities[0]
    return [
        result_of(recognizer, entity, match.start(), match.end(), score)
        for pattern, match in matches_of(recognizer, text, patterns)
        if (score := score_of(recognizer, pattern, match[0]))
    ]


def looks_for_letters(recognizer: PatternRecognizer) -> bool:
    """Tell whether a value of a recogniser may have letters."""
    return any(re.search("[A-Za-z]", _LITERAL.sub("", pattern.regex)) for pattern in _patterns(recognizer))
