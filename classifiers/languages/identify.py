"""Language identification: lid.176, what scripts, segments and letters add to it; or any fastText model."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.languages.codes import UNKNOWN, group_of
from classifiers.languages.decisions import SURE, Decision, advised, decided, told_from_sisters
from classifiers.languages.model import LanguageModel, load_model
from classifiers.languages.scripts import Owners, Written, decided_by, written
from classifiers.languages.text import mended, on_one_line, segments_of

_SECOND: Final = 0.1
"""Share of a page from which on a second language is one: one segment of twelve may be a list of names."""


class Options(NamedTuple):
    """How languages are identified.

    Attributes:
        model: Path of a fastText model; None for lid.176.
        model_digest: Its sha256, checked where given.
        scripts: Whether a script that one language has decides alone.
        macrolanguages: Whether languages of one macrolanguage are one where the model is asked how sure it is.
        letters: Whether sequences of letters are looked at where lid.176 is unsure, for `MORE_LANGUAGES` too.
        segment_chars: Code points of a segment at least; None looks at texts as one.
        min_score: Probability from which on a segment is counted for its language.
    """

    model: str | None = None
    model_digest: str | None = None
    scripts: bool = True
    macrolanguages: bool = True
    letters: bool = True
    segment_chars: int | None = 600
    min_score: float = 0.5

    @property
    def asks_letters(self) -> bool:
        """Whether letters are looked at; they know lid.176's labels alone."""
        return self.letters and self.model is None


class Identified(NamedTuple):
    """The language of a text.

    Attributes:
        language: Its code (`languages.codes`), `und` where there is none.
        score: The probability, 0 … 1.
        label: The model's own likeliest label.
        script: Of most letters, by ISO 15924.
        second_language: Of another part of the text.
        second_share: The share of that part, 0 … 1.
    """

    language: str = UNKNOWN
    score: float = 0.0
    label: str | None = None
    script: str | None = None
    second_language: str | None = None
    second_share: float | None = None


def identify(texts: Sequence[str]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float32]]]:
    """Return the most probable language of each text, as `identify_pages` does by itself.

    Args:
        texts: Prose. An empty text has no language: label `und`, score 0.

    Returns:
        Codes, and their probabilities, float32 in 0 … 1.

    >>> identify(["The mill grinds the grain that the farmers bring.", ""])[0]
    ['en', 'und']
    """
    pages = identify_pages(texts, Options())
    return [page.language for page in pages], np.array([page.score for page in pages], np.float32)


def identify_pages(texts: Sequence[str], options: Options) -> list[Identified]:
    r"""Return the language of each text: by majority over its segments where it is long and they are sure.

    Args:
        texts: Prose, with its line breaks.
        options: How.

    Raises:
        ModelError: The model is no file, none of fastText's, or another than the digest says.

    >>> page = "The old mill by the river grinds the grain. " * 20 + "\n" + "Die alte Mühle mahlt das Korn. " * 20
    >>> [(some.language, some.second_language) for some in identify_pages([page], Options())]
    [('en', 'de')]
    """
    model = load_model(options.model, options.model_digest)
    clean = [mended(text) for text in texts]
    cut = [_cut(text, options.segment_chars) for text in clean]
    segments = [segment for pieces in cut for segment in pieces]
    writings = [written(segment) for segment in segments]
    decisions = _decisions(segments, writings, model, options)
    ends = np.cumsum([len(pieces) for pieces in cut]).tolist()
    parts = [slice(end - len(pieces), end) for end, pieces in zip(ends, cut, strict=True)]
    pages = [_Page(segments[part], writings[part], decisions[part]) for part in parts]
    whole = [number for number, page in enumerate(pages) if not page.is_settled]
    lines = [on_one_line(clean[number]) for number in whole]
    again = _decisions(lines, [pages[number].writing for number in whole], model, options)
    wholes = dict(zip(whole, again, strict=True))
    return [_identified(page, wholes.get(number), options) for number, page in enumerate(pages)]


def _identified(page: "_Page", whole: Decision | None, options: Options) -> Identified:
    """Return the language of a page.

    Args:
        page: Its segments.
        whole: What it is taken for as a whole, where its segments are unsure.
        options: How.
    """
    if not page.segments:
        return Identified()
    votes = page.votes(min(options.min_score, SURE))
    decision = whole or (page.decisions[0] if len(page.segments) == 1 else page.together(next(iter(votes.values()))))
    if options.asks_letters:
        text = " ".join(page.segments)
        decision = advised(text, decision)
        decision = decision._replace(code=told_from_sisters(text, decision.code))
    others = [numbers for group, numbers in votes.items() if group != group_of(decision.code)]
    share = page.chars_of(others[0]) / page.chars if others and len(page.segments) > 1 else 0.0
    second = (page.together(others[0]).code, share) if share >= _SECOND else (None, None)
    return Identified(decision.code, decision.score, decision.label, page.writing.script, *second)


def _cut(text: str, segment_chars: int | None) -> list[str]:
    """Return the segments of a text, itself where it is short."""
    if segment_chars is None or len(text) < 2 * segment_chars:
        line = on_one_line(text)
        return [line] if line else []
    return segments_of(text, segment_chars)


def _decisions(
    lines: Sequence[str], writings: Sequence[Written], model: LanguageModel, options: Options
) -> list[Decision]:
    """Return what the model, and scripts, take each line for."""
    if not lines:
        return []
    owners: Owners = model.owners if options.scripts else {}
    return [
        decided(labels, values, decided_by(writing, owners), writing.share, macrolanguages=options.macrolanguages)
        for (labels, values), writing in zip(model.predict(lines), writings, strict=True)
    ]


class _Page(NamedTuple):
    """A text's segments, how they are written, and what they are taken for."""

    segments: Sequence[str]
    writings: Sequence[Written]
    decisions: Sequence[Decision]

    @property
    def chars(self) -> int:
        """Code points of all segments."""
        return sum(map(len, self.segments))

    @property
    def is_settled(self) -> bool:
        """Whether nothing but its segments has to be looked at: there are none, or one, or of most they are sure."""
        parts = zip(self.segments, self.decisions, strict=True)
        sure = sum(len(segment) for segment, decision in parts if decision.score >= SURE)
        return len(self.segments) < 2 or 2 * sure >= self.chars

    @property
    def writing(self) -> Written:
        """How most of it is written."""
        sizes: dict[str | None, float] = {}
        for segment, writing in zip(self.segments, self.writings, strict=True):
            sizes[writing.script] = sizes.get(writing.script, 0.0) + writing.share * len(segment)
        script = max(sizes, key=sizes.__getitem__, default=None)
        return Written(script, sizes.get(script, 0.0) / max(1, self.chars))

    def votes(self, min_score: float) -> dict[str, list[int]]:
        """Return which segments are for a macrolanguage and sure of it; that of most code points comes first."""
        groups: dict[str, list[int]] = {}
        for number, decision in enumerate(self.decisions):
            if decision.score >= min_score:
                groups.setdefault(group_of(decision.code), []).append(number)
        return dict(sorted(groups.items(), key=lambda pair: -self.chars_of(pair[1])))

    def chars_of(self, numbers: Sequence[int]) -> int:
        """Return the code points of some segments."""
        return sum(len(self.segments[number]) for number in numbers)

    def together(self, numbers: Sequence[int]) -> Decision:
        """Return what some segments of one macrolanguage are taken for: most text's code and label, mean score."""
        codes: dict[tuple[str, str | None], int] = {}
        for number in numbers:
            decision = self.decisions[number]
            key = decision.code, decision.label
            codes[key] = codes.get(key, 0) + len(self.segments[number])
        scores = sum(len(self.segments[number]) * self.decisions[number].score for number in numbers)
        code, label = max(codes, key=codes.__getitem__)
        return Decision(code, scores / self.chars_of(numbers), label)
