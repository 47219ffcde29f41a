"""What stands in a line: links, emphasis, raised signs, code, formulas, pictures; compiled."""

from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int, Row
from pipeline.kernels.compiled import lean
from pipeline.kernels.html import columns as col
from pipeline.kernels.html.entities import next_point
from pipeline.kernels.html.names import (
    BLOCK,
    EMBEDDED_CODE,
    INLINE_CODE,
    LEFTOVER,
    MATH,
    RENDERED,
    SIGN,
    TAG,
)
from pipeline.kernels.html.tags import HAS_LINK, HAS_SOURCE, IN_PAGE, OUTWARD, has
from pipeline.kernels.html.writing import page_writer as writer
from pipeline.kernels.html.writing import text_writer
from pipeline.kernels.html.writing.page_writer import (
    AT_ALTS,
    AT_BEGAN,
    AT_BLOCK_IN_CODE,
    AT_COUNT,
    AT_EMBEDDED,
    AT_LINK_NODE,
    AT_LINKS,
    AT_OWNER,
    AT_QUOTE_AT,
    AT_QUOTE_NODE,
    AT_ROW,
    Work,
    flush,
)
from pipeline.kernels.html.writing.scripts import is_script

LEFT_OUT: Final = SIGN["edit_section"] | SIGN["way_back"]
_EDIT_SECTION, _EMOJI = SIGN["edit_section"], SIGN["emoji"]
# Bytes of text of what is left out, events in it, bytes of the alt of an emoji.
_LONGEST_EDIT, _LONGEST_WAY_BACK, _LONGEST_SIGN, _LONGEST_EMOJI = 200, 60, 24, 32
_MOST_EVENTS, _SHORTEST_ALT, _LONGEST_SMILEY = 12, 20, 8
# What smileys begin with, and what the folders of their pictures are called.
_EYES: Final = tuple(ord(sign) for sign in ":;=8B>xX")
_SMILEYS, _RETURN = np.frombuffer(b"/smil", np.uint8), np.frombuffer(b"footnote-return", np.uint8)
_HASH, _SECTION, _PILCROW, _SPACE, _ZERO, _NINE, _CARET, _LOW_LINE = (ord(sign) for sign in "#§¶ 09^_")
_NO_BREAK_SPACE, _TEXT_STYLE, _PICTURE_STYLE = 0xA0, 0xFE0E, 0xFE0F
_ARROWS: Final = np.array([ord(sign) for sign in "↩↵⤴⤶↑⇑⬆⏎^⮌↰⇧↖⏫🔙▲△⤒⤣⮐⮰⟲↺"], np.int64)
_A, _BR, _P, _FIGURE, _BUTTON, _INPUT = (TAG[name] for name in ("a", "br", "p", "figure", "button", "input"))
_SUP, _SUB, _B, _STRONG, _EM, _I = (TAG[name] for name in ("sup", "sub", "b", "strong", "em", "i"))


@lean
def _text_size(work: Work, first: Int, last: Int) -> Int:
    """The bytes of text in a stretch of events."""
    size = np.int64(0)
    for at in range(first, last):
        if work.events[at, 0] == col.TEXT:
            size += work.events[at, 3] - work.events[at, 2]
    return size


@lean
def write_embedded(work: Work, node: Int, at: Int, scripts: Int) -> Int:
    """Write the placeholder of an element that is embedded; return the event to go on from, or -1 if it is not."""
    s, w = work.s, work.w
    row = work.nodes[node]
    kind = row[col.EMBEDDED]
    if kind in (LEFTOVER, RENDERED) and scripts:
        return np.int64(row[col.LAST])
    if (
        kind == LEFTOVER
        or (kind != EMBEDDED_CODE and not row[col.FLAGS] & HAS_SOURCE)
        or s[AT_EMBEDDED] >= len(work.embedded)
    ):
        return np.int64(-1)
    chars = _text_size(work, at, row[col.LAST])
    counts = work.counts[s[AT_COUNT]]
    if kind == EMBEDDED_CODE and not s[AT_ROW]:
        flush(work, col.PROSE)
        counts = work.counts[s[AT_COUNT]]
        owner = s[AT_OWNER]
        s[AT_OWNER] = node
        writer.write_placeholder(work, np.int64(kind), np.int64(row[col.START]), np.int64(row[col.END]), node)
        counts[col.EMBEDDED_WORDS], counts[col.CHARS] = 1 + chars // 6, chars
        flush(work, col.PREFORMATTED)
        s[AT_OWNER] = owner
    else:
        text_writer.end_word(w, counts, work.lexicon)
        text_writer.put_space(work.out, w, s[AT_BEGAN])
        formula = np.int64(MATH if kind == RENDERED else kind)
        writer.write_placeholder(work, formula, np.int64(row[col.START]), np.int64(row[col.END]), node)
        counts[col.FORMULAS] += 1
        counts[col.EMBEDDED_WORDS] += 1 + min(chars, 200) // 8
    return np.int64(row[col.LAST])


@lean
def _open_code(work: Work, node: Int, at: Int) -> Int:
    """Begin code in a sentence; return the event to go on from where its lines make it a block, else -1."""
    s, w = work.s, work.w
    if s[AT_QUOTE_NODE] >= 0:
        return np.int64(-1)
    breaks, last = 0, work.nodes[node, col.LAST]
    if at < s[AT_BLOCK_IN_CODE] and s[AT_BLOCK_IN_CODE] < last:
        return np.int64(-1)
    for inner in range(at + 1, last):
        if work.events[inner, 0] == col.OPEN:
            tag = work.nodes[work.events[inner, 1], col.TAG_OF]
            breaks += tag == _BR
            if work.flags[tag] & BLOCK:
                s[AT_BLOCK_IN_CODE] = inner
                return np.int64(-1)
    if breaks and not s[AT_ROW] and s[AT_EMBEDDED] < len(work.embedded):
        work.nodes[node, col.EMBEDDED] = EMBEDDED_CODE
        return write_embedded(work, node, at, np.int64(0))
    text_writer.put_space(work.out, w, s[AT_BEGAN])
    text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
    s[AT_QUOTE_NODE], s[AT_QUOTE_AT] = node, w[text_writer.POS]
    w[text_writer.CODE] = 1
    return np.int64(-1)


@lean
def is_left_out(work: Work, node: Int, at: Int) -> Bool:
    """Whether an element is a link to edit a section, or the way back from a footnote."""
    row = work.nodes[node]
    if row[col.NAMED] & _EDIT_SECTION:
        return _text_size(work, at, row[col.LAST]) <= _LONGEST_EDIT
    return _text_size(work, at, row[col.LAST]) <= _LONGEST_WAY_BACK


@lean
def _is_arrow(point: Int) -> Bool:
    """Whether a code point is an arrow that leads back, or what may stand beside one."""
    for arrow in _ARROWS:  # noqa: SIM110  (compiled code takes no generators)
        if point == arrow:
            return True
    return False


@lean
def _is_permalink(work: Work, node: Int, at: Int) -> Bool:
    """Whether a link within the page is a sign by which a heading is linked to, `¶`, `#`, `§`, or leads back, `↩`."""
    last = np.int64(work.nodes[node, col.LAST])
    if last > at + _MOST_EVENTS:
        return False
    signs, arrows, others = 0, 0, 0
    for event in range(at + 1, last):
        if work.events[event, 0] != col.TEXT:
            continue
        here, stop = np.int64(work.events[event, 2]), np.int64(work.events[event, 3])
        if stop - here > _LONGEST_SIGN:
            return False
        while here < stop:
            point, _, here = next_point(work.src, here, stop, work.entities)
            if point in (_HASH, _SECTION, _PILCROW):
                signs += 1
            elif _is_arrow(point):
                arrows += 1
            elif point >= _ZERO and point <= _NINE:
                others += 1
            elif not (point <= _SPACE or point in (_NO_BREAK_SPACE, _TEXT_STYLE, _PICTURE_STYLE)):
                return False
    return (arrows > 0 and signs == 0) or (signs == 1 and arrows == 0 and others == 0)


@lean
def _is_named_return(src: Bytes, row: Row) -> Bool:
    """Whether the class of a link within the page says that it leads back from a footnote."""
    return row[col.CLASS_END] > row[col.CLASS] and has(src, row[col.CLASS], row[col.CLASS_END], _RETURN)


@lean
def open_inline(work: Work, node: Int, tag: Int, at: Int) -> Int:
    """Open an element that does not break the line; return the event to go on from, or -1."""
    s, w = work.s, work.w
    counts = work.counts[s[AT_COUNT]]
    flags = work.nodes[node, col.FLAGS]
    if tag == _A:
        if flags & IN_PAGE and (_is_permalink(work, node, at) or _is_named_return(work.src, work.nodes[node])):
            return np.int64(work.nodes[node, col.LAST])
        if flags & HAS_LINK:
            w[text_writer.LINK] = 1
            s[AT_LINKS] += 1
            s[AT_LINK_NODE] = node
            counts[col.LINKS] += 1
            counts[col.IN_PAGE_LINKS] += flags & IN_PAGE != 0
            counts[col.OUT_LINKS] += flags & OUTWARD != 0
    elif tag in (_B, _STRONG, _EM, _I):
        w[text_writer.STRONG] += 1
    elif tag == _BUTTON:
        text_writer.end_word(w, counts, work.lexicon)
        w[text_writer.SPACE] = text_writer.FIXED_SPACE
        w[text_writer.BUTTON] += 1
    elif tag in (_SUP, _SUB):
        work.marks[node, 0], work.marks[node, 1] = w[text_writer.POS], s[AT_LINKS] - (1 if w[text_writer.LINK] else 0)
        if w[text_writer.SPACE]:
            work.marks[node, 0] = -1
    elif tag == _INPUT:
        counts[col.INPUTS] += 1
    elif work.flags[tag] & INLINE_CODE:
        return _open_code(work, node, at)
    return np.int64(-1)


@lean
def close_inline(work: Work, node: Int, tag: Int) -> None:
    """Close an element that does not break the line."""
    s, w = work.s, work.w
    if tag == _A:
        if node == s[AT_LINK_NODE]:
            text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
            w[text_writer.LINK] = 0
    elif tag in (_B, _STRONG, _EM, _I):
        text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[text_writer.STRONG] -= 1
    elif tag == _BUTTON:
        text_writer.end_word(w, work.counts[s[AT_COUNT]], work.lexicon)
        w[text_writer.SPACE] = text_writer.FIXED_SPACE
        w[text_writer.BUTTON] -= 1
    elif tag in (_SUP, _SUB) and work.marks[node, 0] >= s[AT_BEGAN] and work.marks[node, 1] == s[AT_LINKS]:
        start, stop = np.int64(work.marks[node, 0]), w[text_writer.POS]
        if is_script(work.out, s[AT_BEGAN], start, stop, tag == _SUP, work.typography, work.scratch):
            writer.write_script(work, start, stop, _CARET if tag == _SUP else _LOW_LINE)
    elif work.flags[tag] & INLINE_CODE and s[AT_QUOTE_NODE] == node:
        writer.end_quote(work)


@lean
def _is_emoji(work: Work, row: Row) -> Bool:
    """Whether the alternative text of a picture is nothing but emoji."""
    here, stop, signs = np.int64(row[col.ALT]), np.int64(row[col.ALT_END]), 0
    while here < stop:
        point, _, here = next_point(work.src, here, stop, work.entities)
        is_sign = (point >= 0x1F000 and point < 0x1FB00) or (point >= 0x2600 and point < 0x27C0)
        if not is_sign and point not in (0x200D, _PICTURE_STYLE, 0x20E3, 0x2B50, 0x2B55, 0x2B1B, 0x2B1C):
            return False
        signs += is_sign
    return signs > 0


@lean
def _is_smiley(src: Bytes, row: Row) -> Bool:
    """Whether a picture comes from a folder of smileys, and its alternative text is one: `:-P`."""
    start, stop = np.int64(row[col.ALT]), np.int64(row[col.ALT_END])
    if stop - start > _LONGEST_SMILEY or src[start] not in _EYES:
        return False
    return has(src, row[col.START], row[col.OPEN_END], _SMILEYS)


@lean
def note_picture(work: Work, node: Int) -> None:
    """Count a picture; write the emoji that it shows, and let its words wait for the end of the block."""
    s = work.s
    work.counts[s[AT_COUNT], col.IMAGES] += 1
    row = work.nodes[node]
    size = row[col.ALT_END] - row[col.ALT]
    is_emoji = size and size <= _LONGEST_EMOJI
    if is_emoji and (row[col.NAMED] & _EMOJI or _is_emoji(work, row) or _is_smiley(work.src, row)):
        counts = work.counts[s[AT_COUNT]]
        start, stop = np.int64(row[col.ALT]), np.int64(row[col.ALT_END])
        text_writer.write_text(
            work.src, start, stop, work.out, work.w, counts, work.lexicon, work.entities, s[AT_BEGAN]
        )
        return
    if s[AT_ROW] or s[AT_ALTS] >= len(work.alts) or size < _SHORTEST_ALT:
        return
    up, steps = row[col.PARENT], 0
    while up > 0 and steps < 8:
        tag = work.nodes[up, col.TAG_OF]
        if tag in (_P, _FIGURE):
            work.alts[s[AT_ALTS]] = node
            s[AT_ALTS] += 1
            return
        up = work.nodes[up, col.PARENT]
        steps += 1
