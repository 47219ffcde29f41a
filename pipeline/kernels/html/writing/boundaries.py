"""Words that only style sheets part: where elements around them say so, a space goes between; compiled.

A browser shows `<span class=label>Mail</span><span class=value>rye@…</span>` with a gap, `<b>slow</b>ly` without one.
No style sheet is read: classes, tags and the letters at the boundary decide, and in doubt nothing is put in a word.
"""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.entities import next_point
from pipeline.kernels.html.names import BLOCK, FORMATTING, HIDDEN, INLINE_CODE, SIGN, TAG
from pipeline.kernels.html.tags import HAS_LINK, IS_APART
from pipeline.kernels.html.writing import text_writer
from pipeline.kernels.html.writing.page_writer import AT_BEGAN, AT_COUNT, AT_GLUE, AT_GLUED, AT_QUOTE_NODE, Work

_APART: Final = SIGN["apart"]
_A, _SPAN, _SMALL_TAG, _TIME, _LABEL, _SUP, _SUB, _WBR, _BR, _IMG = (
    TAG[name] for name in ("a", "span", "small", "time", "label", "sup", "sub", "wbr", "br", "img")
)
# What began and ended at a boundary.
_CLOSED, _OPENED, _CLOSED_LINK, _OPENED_LINK, _STANDS_APART, _NEVER, _STYLED, _ONE_LETTER, _ONE_DIGIT = (
    1 << bit for bit in range(9)
)
_TWO_SIDES: Final = _CLOSED | _OPENED
_TWO_LINKS: Final = _CLOSED_LINK | _OPENED_LINK
# What a character is to a boundary.
_SMALL, _CAPITAL, _DIGIT, _LETTER, _BEGINS, _ENDS, _NEITHER = range(7)
_BEGINNING: Final = np.array([ord(sign) for sign in "([+$€£¥@#“‘«„¿¡&"], np.int64)
_ENDING: Final = np.array([ord(sign) for sign in ".,;:!?)]%…”’»°"], np.int64)
_MAX_WORD: Final = 64
_COLON, _UNICODE = ord(":"), 0x80
_AT_SIGN, _SPACE, _SMALL_A, _SMALL_Z, _BIG_A, _BIG_Z, _ZERO, _NINE = (ord(sign) for sign in "@ azAZ09")
# The ordinals of English, as two bytes each.
_ORDINALS: Final = tuple(ord(ending[0]) << 8 | ord(ending[1]) for ending in ("st", "nd", "rd", "th"))
# Letters of alphabets begin here, and those of scripts without spaces further on; × and ÷ are none.
_FIRST_LETTER, _FIRST_UNSPACED, _TIMES, _DIVIDED = 0xC0, 0xE00, ord("×"), ord("÷")


@lean
def note_boundary(work: Work, node: Int, kind: Int) -> None:
    """Note that an element begins or ends right behind a word."""
    s, row = work.s, work.nodes[node]
    tag = row[col.TAG_OF]
    flags = work.flags[tag]
    if flags & (BLOCK | HIDDEN | INLINE_CODE) or row[col.EMBEDDED] or s[AT_QUOTE_NODE] >= 0 or kind == col.LINK_END:
        return
    if s[AT_GLUED] != work.w[text_writer.POS]:
        s[AT_GLUED], s[AT_GLUE] = work.w[text_writer.POS], 0
    if tag in (_SUP, _SUB, _WBR, _BR, _IMG):
        s[AT_GLUE] |= _NEVER
        return
    size = row[col.CLOSE_START] - row[col.OPEN_END]
    if size < 2:  # letters that are styled one by one
        digit = work.src[row[col.OPEN_END]]
        s[AT_GLUE] |= _ONE_DIGIT if size and digit >= _ZERO and digit <= _NINE else _ONE_LETTER
    is_link = tag == _A and row[col.FLAGS] & HAS_LINK
    if kind == col.OPEN:
        s[AT_GLUE] |= _OPENED | (_OPENED_LINK if is_link else 0)
    else:
        s[AT_GLUE] |= _CLOSED | (_CLOSED_LINK if is_link else 0)
    if row[col.NAMED] & _APART or row[col.FLAGS] & IS_APART or tag in (_TIME, _LABEL):
        s[AT_GLUE] |= _STANDS_APART
    if not flags & FORMATTING or tag in (_SPAN, _SMALL_TAG) or row[col.CLASS_END] > row[col.CLASS] or is_link:
        s[AT_GLUE] |= _STYLED


@lean
def _kind_of(point: Int) -> Int:
    """What a code point is to a boundary."""
    if point >= _SMALL_A and point <= _SMALL_Z:
        return _SMALL
    if point >= _BIG_A and point <= _BIG_Z:
        return _CAPITAL
    if point >= _ZERO and point <= _NINE:
        return _DIGIT
    for sign in _BEGINNING:
        if point == sign:
            return _BEGINS
    for sign in _ENDING:
        if point == sign:
            return _ENDS
    if point >= _FIRST_LETTER and point < _FIRST_UNSPACED and point not in (_TIMES, _DIVIDED):
        return _LETTER
    return _NEITHER


@lean
def _holds_address(src: Bytes, start: Int, end: Int) -> Bool:
    """Whether the first word of a text is an e-mail address."""
    for at in range(start, min(end, start + _MAX_WORD)):
        if src[at] <= _SPACE:
            return False
        if src[at] == _AT_SIGN and at > start:
            return True
    return False


@lean
def _is_ordinal(src: Bytes, at: Int, end: Int) -> Bool:
    """Whether a text goes on as ordinals do: 1st, 2nd, 3rd, 4th."""
    if at + 2 > end:
        return False
    ending = np.int64(src[at]) << 8 | np.int64(src[at + 1])
    return ending in _ORDINALS


@lean
def _parts(before: Int, behind: Int, styled: Int, counted: Int) -> Int:
    """Whether two characters at a boundary of two elements are an end and a beginning: `Vegan|45`, `Easy|Vegan`.

    Where neither element is `styled`, only words and numbers part; numbers from numbers where they are not `counted`
    sign by sign.
    """
    if before == _DIGIT:
        return behind in (_CAPITAL, _SMALL, _LETTER) or (behind == _DIGIT and styled and not counted)
    if before not in (_SMALL, _LETTER, _CAPITAL):
        return False
    if behind == _DIGIT:
        return True
    return styled and (behind == _BEGINS or (behind == _CAPITAL and before != _CAPITAL))


@lean
def _is_label(out: Bytes, first: Int, at: Int) -> Bool:
    """Whether what stands before `at` ends in a word and a colon."""
    if at - first < 2 or out[at - 1] != _COLON:
        return False
    return out[at - 2] >= _UNICODE or _kind_of(np.int64(out[at - 2])) in (_SMALL, _CAPITAL)


@lean
def part_words(work: Work, start: Int, end: Int) -> None:
    """Let a space be due before a text, if what began or ended here parts it from the word before."""
    s, w = work.s, work.w
    glue = s[AT_GLUE]
    s[AT_GLUE] = 0
    if glue & _NEVER:
        return
    before = _kind_of(text_writer.last_point(work.out, s[AT_BEGAN], w[text_writer.POS]))
    behind = _kind_of(next_point(work.src, start, end, work.entities)[0])
    if before in (_BEGINS, _NEITHER) or behind in (_ENDS, _NEITHER):
        return
    two_sides = glue & _TWO_SIDES == _TWO_SIDES and not glue & _ONE_LETTER
    is_ordinal = before == _DIGIT and _is_ordinal(work.src, start, end)
    apart = glue & _TWO_LINKS == _TWO_LINKS and not (before == _DIGIT and behind == _DIGIT)
    apart = apart or (glue & _STANDS_APART and not is_ordinal)
    if not apart and two_sides and not is_ordinal:
        apart = _parts(before, behind, glue & _STYLED, glue & _ONE_DIGIT)
        apart = apart or (glue & _STYLED and _holds_address(work.src, start, end))
    if not apart and (two_sides or glue & _OPENED_LINK):
        apart = _is_label(work.out, s[AT_BEGAN], w[text_writer.POS])
    if apart:
        w[text_writer.SPACE] = text_writer.FIXED_SPACE
        text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
