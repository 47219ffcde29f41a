"""Personal data in texts, as spans without their values."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

import pyarrow as pa

from pipeline.kernels.pii.engine import Settings, engine_for, results_in
from pipeline.kernels.pii.entities import ENTITIES
from pipeline.kernels.pii.locales import Locale, locale_of
from pipeline.kernels.pii.windows import Shown, may_hold_rare, may_hold_usual, whole, windows_of
from pipeline.kernels.pii.written_out import is_reserved_spelling, may_be_code

Stretch = tuple[int, int]
_IN_CODE: Final = frozenset(name for name, entity in ENTITIES.items() if entity.in_code)
REST_OF_LIST: Final = "REST_OF_LIST"
"""Kind of the last value of a text that is a list of personal data: all behind the values that were looked for."""
MOST_VALUES: Final = 1000
"""Values of a text behind which it may be a list of them: to look for more costs."""
LIST_SPACING: Final = 50
"""Code points of the whole text for each value in such a list, at most: whatever follows, the page is dropped as dense
by default."""
_GOES_ON: Final = {"US_SSN": re.compile(r"-\w"), "PHONE_NUMBER": re.compile(r"-[A-Z]{1,4}(?!\w)")}
"""What follows a piece of a longer number, by entity."""


class Found(NamedTuple):
    """A value of personal data at `text[start:end]`.

    Attributes:
        start: In code points.
        end: In code points.
        entity: Name of its kind.
        score: How sure it is, 0 to 1.
    """

    start: int
    end: int
    entity: str
    score: float


class Wanted(NamedTuple):
    """What is looked for in a text.

    Attributes:
        locale: Where it may be from.
        settings: Kinds of personal data.
        has_rare: Whether it may have what `windows.may_hold_rare` looks for.
    """

    locale: Locale
    settings: Settings
    has_rare: bool


def find_pii(
    texts: pa.Array,
    code: Sequence[Sequence[Stretch]],
    languages: Sequence[str | None],
    hosts: Sequence[str | None],
    settings: Settings,
) -> list[list[Found] | None]:
    """Return the personal data of each text, sorted, without overlaps; None for one on which a recogniser breaks.

    Of a text that is a list of such values, the last is REST_OF_LIST: behind `MOST_VALUES` no more are looked for.

    Args:
        texts: Strings; a null holds none.
        code: Where each text's code and formulas stand, in code points: there only addresses and keys are looked for.
        languages: Label of each text's language.
        hosts: Where each text was found; the country in the name says whose identifiers may stand in it.
        settings: What is looked for.

    >>> wanted = Settings(("EMAIL_ADDRESS", "PHONE_NUMBER"))
    >>> find_pii(pa.array(["Jane: jane@mill.org", "tel. 069 1234567"]), [[], []], ["en", "de"], [None, None], wanted)
    ... # doctest: +NORMALIZE_WHITESPACE
    [[Found(start=6, end=19, entity='EMAIL_ADDRESS', score=1.0)],
     [Found(start=5, end=16, entity='PHONE_NUMBER', score=0.75)]]
    """
    if not (settings.entities or settings.models):
        return [[] for _ in range(len(texts))]
    engine_for(settings)  # where it cannot be made, the job is to fail, not every text
    modelled = {language for language, _ in settings.models}
    usual, rare = may_hold_usual(texts).to_pylist(), may_hold_rare(texts).to_pylist()
    spans: list[list[Found] | None] = []
    for number, text in enumerate(texts.to_pylist()):
        is_modelled = languages[number] in modelled
        if not text or not (is_modelled or usual[number] or rare[number]):
            spans.append([])
            continue
        locale = locale_of(hosts[number], languages[number])
        windows = [whole(text)] if is_modelled else windows_of(text, has_rare=rare[number])
        try:
            spans.append(_of_text(text, windows, code[number], Wanted(locale, settings, rare[number])))
        except (MemoryError, OSError):  # no text is to blame for these
            raise
        except Exception:  # a text costs itself; what the error says could hold a value
            spans.append(None)
    return spans


def share_read(values: Sequence[Found]) -> float:
    """Return the share of a text in which its values were looked for.

    >>> share_read([Found(0, 9, "IP_ADDRESS", 1.0)]), share_read([Found(50, 200, REST_OF_LIST, 1.0)])
    (1.0, 0.25)
    """
    return values[-1].start / values[-1].end if values and values[-1].entity == REST_OF_LIST else 1.0


def _of_text(text: str, windows: Iterable[Shown], code: Sequence[Stretch], wanted: Wanted) -> list[Found]:
    in_code = Code(code)
    values: set[Found] = set()  # windows overlap
    for shown in windows:
        values.update(
            value
            for value in _of_window(shown, wanted)
            if not (is_let_be(text, value, in_code) or is_piece(text, value))
        )
        is_list = len(values) >= max(MOST_VALUES, len(text) / LIST_SPACING)
        if is_list and shown.until < len(text):
            until = max(value.end for value in values)
            return [*without_overlaps(values), Found(until, len(text), REST_OF_LIST, 1.0)]
    return without_overlaps(values)


def _of_window(shown: Shown, wanted: Wanted) -> Iterator[Found]:
    for result in results_in(shown.text, wanted.locale, wanted.settings, has_rare=wanted.has_rare):
        yield Found(*shown.origin(result.start, result.end), result.entity_type, float(result.score))


class Code:
    """The code and formulas of a text."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        """Take their stretches, in any order; they may overlap."""
        ordered = sorted(stretches)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def touches(self, start: int, end: int) -> bool:
        """Tell whether a stretch of the text has some of them in it.

        >>> [Code([(4, 9), (20, 30)]).touches(*stretch) for stretch in ((0, 4), (0, 5), (9, 20), (29, 40))]
        [False, True, False, True]
        """
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start


def is_piece(text: str, value: Found) -> bool:
    """Tell whether a value is a piece of a serial or part number, which goes on behind it or holds a lone zero.

    >>> is_piece("no. 555-01-4471-22", Found(4, 15, "US_SSN", 1)), is_piece("555-01-4471", Found(0, 11, "US_SSN", 1))
    (True, False)
    """
    goes_on = _GOES_ON.get(value.entity)
    return goes_on is not None and (
        goes_on.match(text, value.end) is not None or "-0-" in text[value.start : value.end]
    )


def is_let_be(text: str, value: Found, code: Code) -> bool:
    """Tell whether a value stays, since it stands in code: digits of any kind, what is made up, and code itself."""
    if not code.touches(value.start, value.end):
        return False
    if value.entity not in _IN_CODE:
        return True
    written = text[value.start : value.end]
    return value.entity == "EMAIL_ADDRESS" and (is_reserved_spelling(written) or may_be_code(written))


def without_overlaps(spans: Iterable[Found]) -> list[Found]:
    """Return values in order of place; those that overlap become one, named as the surest, or longest, of them.

    >>> without_overlaps([Found(0, 9, "A", 0.5), Found(4, 12, "B", 1.0), Found(20, 22, "A", 0.5)])
    [Found(start=0, end=12, entity='B', score=1.0), Found(start=20, end=22, entity='A', score=0.5)]
    """
    merged: list[Found] = []
    best: list[tuple[float, int, str]] = []
    for span in sorted(spans):
        rank = (span.score, span.end - span.start, span.entity)
        if merged and span.start < merged[-1].end:
            best[-1] = max(best[-1], rank)
            score, _, entity = best[-1]
            merged[-1] = Found(merged[-1].start, max(merged[-1].end, span.end), entity, score)
        else:
            merged.append(span)
            best.append(rank)
    return merged
