"""Metas of a page that may speak to robots, found in one compiled pass over its bytes; most pages have none."""

from typing import Any

import numpy as np

from pipeline.kernels.compiled import compiled

_BLOCK = 256
_LESS, _MORE, _M, _EQUALS, _DOUBLE, _SINGLE, _AND, _HASH = (ord(sign) for sign in "<>m=\"'&#")
# `no` and a letter with which a directive goes on: noindex, noai, none, noml, nofollow, noarchive, nocache, nosnippet.
_N, _O, _A, _I = (ord(letter) for letter in "noai")
_AFTER_NO = np.array([chr(byte).lower() in "iamfcsn" for byte in range(256)])
_MOST = 1000


def telling_metas(source: bytes) -> list[tuple[int, int]]:
    """Where the metas begin that may speak to robots, and where their tags end; at most a thousand.

    What they stand in is not asked; nor is what they say, but for signs without which they say nothing.

    >>> telling_metas(b"<meta charset=utf-8><META NAME=robots CONTENT='noai > 1'><meta name=tdm-policy content=x>")
    [(20, 57), (57, 89)]
    """
    buffer = np.frombuffer(source, np.uint8)
    ranges = np.zeros((_MOST, 2), np.int64)
    count = _find(buffer, _AFTER_NO, ranges)
    return [(start, stop) for start, stop in ranges[:count].tolist()]


@compiled
def _find(src: Any, after_no: Any, ranges: Any) -> Any:
    """Write the starts and ends of tags; return how many there are."""
    count = 0
    last = len(src) - 6
    at = 0
    for block in range(0, last, _BLOCK):
        if count == len(ranges):
            break
        stop = min(block + _BLOCK, last)
        if not _may_begin(src[block:stop], src[block + 1 : stop + 1]):
            continue
        at = max(at, block)
        while at < stop and count < len(ranges):
            if src[at] != _LESS or not _is_meta(src, at):
                at += 1
                continue
            end = _tag_end(src, at + 5)
            if _tells(src, at + 5, end, after_no):
                ranges[count, 0], ranges[count, 1] = at, end
                count += 1
            at = max(at + 1, end)
    return count


@compiled
def _may_begin(signs: Any, followers: Any) -> Any:
    """Whether `<` and an m follow one another; without a jump, so that many bytes are compared at once."""
    least = np.uint8(255)
    for k in range(len(signs)):
        least = min(least, (signs[k] ^ np.uint8(_LESS)) | ((followers[k] | np.uint8(32)) ^ np.uint8(_M)))
    return least == 0


@compiled
def _is_meta(src: Any, at: Any) -> Any:
    """Whether a meta's start tag begins at `at`, behind which six bytes follow."""
    letters = (src[at + 1] | 32) == _M and (src[at + 2] | 32) == 101 and (src[at + 3] | 32) == 116
    after = src[at + 5]
    return letters and (src[at + 4] | 32) == 97 and (after in (32, 47) or (9 <= after <= 13))


@compiled
def _tag_end(src: Any, at: Any) -> Any:
    """Where a start tag ends whose attributes begin at `at`: a `>` in a quoted value is no end."""
    end = len(src)
    value = False
    while at < end and src[at] != _MORE:
        byte = src[at]
        if value and (byte in (_DOUBLE, _SINGLE)):
            close = at + 1
            while close < end and src[close] != byte:
                close += 1
            at = close
            value = False
        elif byte == _EQUALS:
            value = True
        elif byte != 32 and not 9 <= byte <= 13:
            value = False
        at += 1
    return min(at + 1, end)


@compiled
def _tells(src: Any, start: Any, end: Any, after_no: Any) -> Any:
    """Whether a tag holds the beginning of a directive, `aitr` of one, `tdm-`, or a letter written as a number."""
    for at in range(start, end - 2):
        byte = src[at] | 32
        if byte == _N and (src[at + 1] | 32) == _O and after_no[src[at + 2]]:
            return True
        if byte == 116 and (src[at + 1] | 32) == 100 and (src[at + 2] | 32) == _M:
            return True
        if (
            byte == _A
            and (src[at + 1] | 32) == _I
            and (src[at + 2] | 32) == 116
            and src[min(at + 3, end - 1)] | 32 == 114
        ):
            return True
        if src[at] == _AND and src[at + 1] == _HASH:
            return True
    return False
