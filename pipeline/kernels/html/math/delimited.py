"""Formulas that stand between delimiters in a page's text, where it loads a library that typesets them."""

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, CountRows, Counts, Int
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.math.mathml import canonical
from pipeline.kernels.html.names import look_up, word_table
from pipeline.kernels.html.references import unescape
from pipeline.kernels.html.tags import is_letter, is_space, lower

# What says that a page loads such a library, and of each the place of its last sign before which the rest stands: few
# signs of a page are an "x" or a brace.
_LOADERS: Final = tuple(
    np.frombuffer(sign, np.uint8)
    for sign in (b"mathjax", b"katex", b"tex2jax", b"\\begin{equation", b"simplemath", b"class=math")
)
_MATHJAX, _KATEX, _TEX2JAX, _EQUATION, _SIMPLE, _CLASS = _LOADERS
# Elements in which no library looks for formulas.
_SKIPPED: Final = (*("script", "style", "pre", "code", "kbd", "samp", "textarea", "xmp", "noscript", "tt", "math"),)
# A formula may hold line breaks and the emphasis that a markdown converter made of its underscores, but no block.
_BODY: Final = rb"(?:[^<]|<(?=[\s\d=])|</?(?:br|em|i|b|wbr|strong)\s*/?>|<!--(?:(?!-->).){0,200}-->)"
_ENVIRONMENT: Final = rb"\\begin\{(?P<name>(?:equation|align|gather|multline|eqnarray|alignat|flalign)\*?)\}"
_MAX_TEX: Final = b"4000"
_DELIMITED: Final = (
    rb"\\\((?P<round>(?:(?!\\\()%(body)s){1,%(most)s}?)\\\)"
    rb"|\\\[(?P<square>(?:(?!\\\[)%(body)s){1,%(most)s}?)\\\]"
    rb"|(?<![\\$])\$\$(?P<dollars>(?:(?!\$\$)%(body)s){1,%(most)s}?)\$\$"
    rb"|(?P<environment>%(environment)s(?:(?!\\begin\{(?P=name)\})%(body)s){1,%(most)s}?\\end\{(?P=name)\})"
) % {b"body": _BODY, b"most": _MAX_TEX, b"environment": _ENVIRONMENT}
_SINGLE: Final = (
    rb"|(?<![\\$\w])\$(?P<single>(?![\s$])"
    rb"(?:[^$<\n\\]|\\.|\n(?!\s{0,40}\n)|<(?=[\s\d=])){1,500}?(?<![\s\\]))\$(?![\d$])"
)
_WITH_SINGLE: Final = re.compile(_DELIMITED + _SINGLE, re.DOTALL | re.IGNORECASE)
_WITHOUT_SINGLE: Final = re.compile(_DELIMITED, re.DOTALL | re.IGNORECASE)
_EMPHASIS: Final = re.compile(r"<(?:br|/?em|/?i|/?b|wbr|/?strong)\s*/?>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_SINGLE_ON: Final = re.compile(
    rb"""inlineMath["']?\s*[:=]\s{0,20}\{?[^{}]{0,40}?\[\s{0,20}\[?\s{0,20}["']\$["']|left["']?\s*:\s*["']\$["']|"inlineMath":\{"\[\+\]":\[\["\$"""
)
_MARK: Final = "data-delimited"
_MARKED: Final = re.compile(rf"<math {_MARK}=(\d{{1,7}})></math>")
# Formulas of a page that are marked: one in a hundred bytes of the largest page.
_MAX_MARKED: Final = 40_000
_SEED, _FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_NAMES: Final = word_table((name, number) for number, name in enumerate(_SKIPPED, 1))
_LESS, _GREATER, _BACKSLASH, _DOLLAR, _DASH, _BANG, _SLASH = (ord(sign) for sign in "<>\\$-!/")
_ROUND, _SQUARE, _B, _E = (ord(sign) for sign in "([be")
_X, _BRACE, _P, _EQUALS, _DOUBLE, _SINGLE_QUOTE = (ord(sign) for sign in "x{p=\"'")
_TO_LOWER: Final = 32


def mark_delimited(source: bytes) -> tuple[bytes, list[str]]:
    r"""The source with each formula that a math library would typeset as a `<math>` element, and the formulas.

    Only pages that load such a library are touched; single dollars count only where the page configures them. What
    stands behind forty thousand formulas is left as it is.

    Args:
        source: UTF-8 of a page.

    >>> mark_delimited(b'<script src="mathjax.js"></script><p>Let \\(x^2\\) be.</p>')
    (b'<script src="mathjax.js"></script><p>Let <math data-delimited=0></math> be.</p>', ['$x^2$'])
    """
    formulas: list[str] = []
    signs = np.frombuffer(source, np.uint8)
    if not _loads_library(signs):
        return source, formulas
    pattern = _WITH_SINGLE if _counts_single(source) else _WITHOUT_SINGLE
    pieces: list[bytes] = []
    written = 0
    for match in _matches(pattern, source, _delimiters(signs, len(signs), _NAMES)):
        kind = match.lastgroup or ""
        tex = unescape(_without_emphasis(match[kind].decode("utf-8", "replace")))
        if not tex.strip():
            continue
        formulas.append(canonical(tex, display=kind not in ("round", "single")))
        pieces += (source[written : match.start()], b"<math %b=%d></math>" % (_MARK.encode(), len(formulas) - 1))
        written = match.end()
        if len(formulas) >= _MAX_MARKED:
            break
    return b"".join((*pieces, source[written:])), formulas


def _counts_single(source: bytes) -> bool:
    """Whether a page configures single dollars as delimiters."""
    return (b"'$'" in source or b'"$"' in source) and _SINGLE_ON.search(source) is not None


def _matches(pattern: re.Pattern[bytes], source: bytes, places: Any) -> Iterator[re.Match[bytes]]:
    """Yield the formulas that begin at some of the places, none within another."""
    end = 0
    for position in places.tolist():
        if position >= end and (match := pattern.match(source, position)):
            end = match.end()
            yield match


def _without_emphasis(tex: str) -> str:
    return _EMPHASIS.sub("", tex) if "<" in tex else tex


def unmark_delimited(text: str, formulas: list[str]) -> str:
    """A title, say, in which formulas were marked, with the formulas."""
    if not formulas or _MARK not in text:
        return text
    # a page may hold such an element itself
    return _MARKED.sub(lambda mark: "".join(formulas[int(mark[1]) : int(mark[1]) + 1]), text)


def marked_formula(fragment: str, formulas: list[str]) -> str | None:
    """The formula that was marked with this element; None where none was."""
    mark = _MARKED.match(fragment)
    return formulas[int(mark[1])] if mark and int(mark[1]) < len(formulas) else None


@compiled
def _loads_library(src: Bytes) -> Bool:
    """Whether a page names a library for formulas, or markup that is for one; most pages name none."""
    for at in range(len(src)):
        byte = src[at] | _TO_LOWER
        if byte == _X:
            if _ends(src, at, _MATHJAX) or _ends(src, at, _KATEX) or _ends(src, at, _TEX2JAX):
                return True
        elif byte == _BRACE:
            if src[at] == _BRACE and _stands(src, at - len(b"\\begin"), _EQUATION):
                return True
        elif byte == _P:
            if _stands(src, at - len(b"sim"), _SIMPLE):
                return True
        elif byte == _EQUALS and _is_math_class(src, at):
            return True
    return False


@compiled
def _is_math_class(src: Bytes, at: Int) -> Bool:
    """Whether the `=` at `at` gives a class that begins with "math"."""
    value = at + 1
    if value < len(src) and src[value] in (_DOUBLE, _SINGLE_QUOTE):
        value += 1
    k, name = 0, len(b"class=")
    while k < len(b"math") and value + k < len(src) and src[value + k] | _TO_LOWER == _CLASS[name + k]:
        k += 1
    if k < len(b"math") or at < name - 1:
        return False
    for k in range(name):  # noqa: SIM110  (compiled code takes no generators)
        if src[at - name + 1 + k] | _TO_LOWER != _CLASS[k]:
            return False
    return True


@compiled
def _ends(src: Bytes, at: Int, sign: Bytes) -> Bool:
    """Whether a sign ends with the byte at `at`."""
    return _stands(src, at - len(sign) + 1, sign)


@compiled
def _stands(src: Bytes, at: Int, sign: Bytes) -> Bool:
    """Whether a sign in lower case stands at `at`, in any case."""
    if at < 0 or at + len(sign) > len(src):
        return False
    k = 0
    while k < len(sign) and (src[at + k] | _TO_LOWER == sign[k] or src[at + k] == sign[k]):
        k += 1
    return k == len(sign)


@compiled
def _comment_end(src: Bytes, at: Int, end: Int) -> Int:
    """Where the comment whose inside begins at `at` is past; `end` where nowhere."""
    while at + 2 < end:
        if src[at] == _DASH and src[at + 1] == _DASH and src[at + 2] == _GREATER:
            return at + 3
        at += 1
    return end


@compiled
def _element_end(src: Bytes, at: Int, end: Int, start: Int, stop: Int) -> Int:
    """Where the end tag of an element named as start to stop, looked for from `at`, is past; -1 where there is none."""
    size = stop - start
    while at + size + 2 < end:
        if src[at] == _LESS and src[at + 1] == _SLASH:
            k = 0
            while k < size and lower(src[at + 2 + k]) == lower(src[start + k]):
                k += 1
            after = at + 2 + size
            while k == size and after < end and is_space(src[after]):
                after += 1
            if k == size and after < end and src[after] == _GREATER:
                return after + 1
        at += 1
    return np.int64(-1)


@compiled
def _past_tag(src: Bytes, at: Int, end: Int, names: CountRows, absent: Bytes) -> Int:
    """Where what begins with the `<` at `at` is past: a tag, a comment, an element without formulas, or the sign."""
    if at + 3 < end and src[at + 1] == _BANG and src[at + 2] == _DASH and src[at + 3] == _DASH:
        return _comment_end(src, at + 4, end)
    if not (at + 1 < end and (is_letter(src[at + 1]) or src[at + 1] in (_SLASH, _BANG))):
        return at + 1
    stop, key = at + 1, _SEED
    while stop < end and not is_space(src[stop]) and src[stop] not in (_SLASH, _GREATER):
        key = (key ^ np.uint64(lower(src[stop]))) * _FACTOR
        stop += 1
    number = look_up(names, key)
    if number and not absent[number]:
        beyond = _element_end(src, stop, end, at + 1, stop)
        if beyond >= 0:
            return beyond
        absent[number] = 1
    here = stop
    while here < end and src[here] != _GREATER and src[here] != _LESS:
        here += 1
    return here + 1 if here < end and src[here] == _GREATER else at + 1


@compiled
def _delimiters(src: Bytes, end: Int, names: CountRows) -> Counts:
    """Where delimiters of formulas may begin, outside of tags, comments and code: int64."""
    places, count = np.empty(64, np.int64), 0
    absent = np.zeros(len(_SKIPPED) + 1, np.uint8)
    at = np.int64(0)
    while at < end:
        byte = src[at]
        if byte == _LESS:
            at = _past_tag(src, at, end, names, absent)
            continue
        begins = byte == _DOLLAR
        if byte == _BACKSLASH and at + 2 < end:
            follower = src[at + 1]
            begins = follower in (_ROUND, _SQUARE) or (follower | _TO_LOWER == _B and src[at + 2] | _TO_LOWER == _E)
        if begins:
            if count == len(places):
                more = np.empty(2 * count, np.int64)
                more[:count] = places
                places = more
            places[count] = at
            count += 1
        at += 1
    return places[:count]
