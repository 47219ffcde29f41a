"""Lines that datatrove's C4 filter takes out of a page, and the text that it leaves.

A line is what `str.splitlines` gives, stripped. It goes for too long or too few words, a missing final punctuation
mark, JavaScript and notices about cookies and terms, in this order; marks of citations go from the lines that stay.
Lines with "lorem ipsum" or a curly bracket are counted, for such a page goes as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline.kernels.datatrove.english import split_sentences
from pipeline.kernels.text.spans import Edit

_CITATION = re.compile(r"\[(?:\d*|edit|citation needed)\]")
_ENDS = (".", "?", "!", '"', "'")
_NOTICE = re.compile("terms of use|(?:privacy|cookie) policy|(?:uses|use of|use) cookies")


class C4Lines(NamedTuple):
    """What C4's filter does to lines, under datatrove's names; None or -1 switches a limit off."""

    split_paragraph: bool = True
    remove_citations: bool = True
    filter_no_terminal_punct: bool = False
    min_words_per_line: int = 3
    max_word_length: int = 1000
    filter_javascript: bool = True
    filter_policy: bool = True


class Line(NamedTuple):
    """A line that stays.

    Attributes:
        start: Where it begins in the page, stripped.
        text: The line without citations.
        chunks: What `str.split` makes of it.
        cut: Where the citations stood in the page.
    """

    start: int
    text: str
    chunks: list[str]
    cut: tuple[tuple[int, int], ...] = ()


class Cleaned(NamedTuple):
    """What is left of a page.

    Attributes:
        text: The text, or the page itself if nothing changed.
        edits: They make this text of the page.
        lines: The lines that stay.
        lorem_ipsum: Lines that hold "lorem ipsum".
        curly_bracket: Lines that hold a curly bracket, without those that go for JavaScript.
        lorem_ipsum_first: Whether the first of all these holds "lorem ipsum".
    """

    text: str
    edits: list[Edit]
    lines: list[Line]
    lorem_ipsum: int = 0
    curly_bracket: int = 0
    lorem_ipsum_first: bool = False


def clean(text: str, params: C4Lines) -> Cleaned:
    r"""Return what C4's filter leaves of a page.

    >>> found = clean("Menu\n\nThe mill[1] grinds corn.\nWe use cookies here.", C4Lines())
    >>> found.text, [(edit.start, edit.end) for edit in found.edits]
    ('The mill grinds corn.', [(0, 6), (14, 17), (30, 51)])
    """
    lines: list[Line] = []
    faults: list[str] = []
    for start, line in _lines(text, params):
        chunks = line.split()
        if len(chunks) < params.min_words_per_line or _has_long_word(line, chunks, params):
            continue
        cleaned = _without_citations(start, line, chunks) if params.remove_citations else Line(start, line, chunks)
        if params.filter_no_terminal_punct and (not cleaned.text.endswith(_ENDS) or cleaned.text.endswith("...")):
            continue
        lower = cleaned.text.lower()
        if "lorem ipsum" in lower:
            faults.append("lorem_ipsum")
        if params.filter_javascript and "javascript" in lower:
            continue
        if "{" in lower:
            faults.append("curly_bracket")
        if not (params.filter_policy and _NOTICE.search(lower)):
            lines.append(cleaned)
    joint = "\n" if params.split_paragraph else " "
    whole = joint.join(line.text for line in lines)
    left = whole.strip()
    edits = [] if left == text else list(_edits(text, lines, joint, (len(whole) - len(whole.lstrip()), len(left))))
    first = faults[:1] == ["lorem_ipsum"]
    return Cleaned(left, edits, lines, faults.count("lorem_ipsum"), faults.count("curly_bracket"), first)


def _lines(text: str, params: C4Lines) -> Iterator[tuple[int, str]]:
    """Give where each line begins and the line, both without white space around it."""
    start = 0
    for line in text.splitlines(keepends=True) if params.split_paragraph else split_sentences(text):
        bare = line.lstrip()
        yield start + len(line) - len(bare), bare.rstrip()
        start += len(line)


def _has_long_word(line: str, chunks: list[str], params: C4Lines) -> bool:
    longest = params.max_word_length
    return longest != -1 and len(line) > longest and any(len(chunk) > longest for chunk in chunks)


def _without_citations(start: int, line: str, chunks: list[str]) -> Line:
    if "[" not in line:
        return Line(start, line, chunks)
    cut = tuple((start + match.start(), start + match.end()) for match in _CITATION.finditer(line))
    bare = _CITATION.sub("", line) if cut else line
    return Line(start, bare, bare.split() if cut else chunks, cut)


def _pieces(lines: Iterable[Line]) -> Iterator[list[tuple[int, int]]]:
    """Give for each line the stretches of the page that it consists of."""
    for line in lines:
        stretches = []
        at = line.start
        for start, end in line.cut:
            stretches.append((at, start))
            at = end
        length = len(line.text) - sum(end - start for start, end in stretches)
        yield [*stretches, (at, at + length)]


def _edits(text: str, lines: list[Line], joint: str, kept: tuple[int, int]) -> Iterator[Edit]:
    """Give the edits between the stretches that stay, of `kept[1]` characters from `kept[0]` of the joined lines."""
    skip, room = kept
    at = 0
    joints = ""
    for number, stretches in enumerate(_pieces(lines)):
        if number and skip:
            skip -= 1
        elif number and room:
            joints += joint
            room -= 1
        for first, end in stretches:
            start = min(first + skip, end)
            skip -= start - first
            stop = min(end, start + room)
            if start < stop:
                yield from _gap(text, at, start, joints)
                at, joints = stop, ""
                room -= stop - start
    yield from _gap(text, at, len(text), joints)


def _gap(text: str, start: int, end: int, kept: str) -> Iterator[Edit]:
    """Give the edits that leave `kept` of a stretch: deletions if it holds that."""
    position = text.find(kept, start, end) if kept else end
    if position < 0:
        yield Edit(start, end, kept)
        return
    if start < position:
        yield Edit(start, position, "")
    if position + len(kept) < end:
        yield Edit(position + len(kept), end, "")
