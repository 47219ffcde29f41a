"""Decoders of the multi-byte encodings of the WHATWG Encoding Standard, compiled.

Each takes bytes, uint8 (n,), one or two indexes, int32 (pointers,) with 0 for no character, and what it fills: code
points, int32 (n + 1,), and a tally, int64 (3,): characters written, errors among them, and 1 where the last of them
stands for a character that the end cuts off. An error is written as U+FFFD, at the byte at which the standard has it.
"""

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.int32]
Tally = npt.NDArray[np.int64]

_SIZE, _ERRORS, _CUT = range(3)
_REPLACEMENT = 0xFFFD
_HALFWIDTH = 0xFF61
_PLANE_1, _LAST = 189000, 1237575
"""Pointers of gb18030's four bytes beyond the basic plane: the first and the last."""
_PAIRED = {1133: (0x00CA, 0x0304), 1135: (0x00CA, 0x030C), 1164: (0x00EA, 0x0304), 1166: (0x00EA, 0x030C)}
_PAIR_POINTERS = np.array(list(_PAIRED), np.int32)
_PAIR_POINTS = np.array(list(_PAIRED.values()), np.int32)
"""Pointers of Big5 that are two code points."""
_ASCII, _ROMAN, _KATAKANA, _DOUBLE = range(4)
"""States of ISO-2022-JP."""


@compiled
def _write(point: int, out: Points, tally: Tally) -> None:
    out[tally[_SIZE]] = point
    tally[_SIZE] += 1


@compiled
def _fail(out: Points, tally: Tally) -> None:
    _write(_REPLACEMENT, out, tally)
    tally[_ERRORS] += 1


@compiled
def _cut(out: Points, tally: Tally) -> None:
    _write(_REPLACEMENT, out, tally)
    tally[_CUT] = 1


@compiled
def _pair(point: int, trail: int, out: Points, tally: Tally) -> int:
    """Write what a lead and a trail byte are, and return how many of them were read: ASCII stays behind a bad lead."""
    if point > 0:
        _write(point, out, tally)
        return 2
    _fail(out, tally)
    return 1 if trail < 0x80 else 2


@compiled
def shift_jis(body: Bytes, jis0208: Points, _: Points, out: Points, tally: Tally) -> None:
    """Decode Shift_JIS."""
    at, end = 0, len(body)
    while at < end:
        byte = int(body[at])
        if byte <= 0x80:
            _write(byte, out, tally)
            at += 1
        elif 0xA1 <= byte <= 0xDF:
            _write(_HALFWIDTH - 0xA1 + byte, out, tally)
            at += 1
        elif byte == 0xA0 or byte > 0xFC:
            _fail(out, tally)
            at += 1
        elif at + 1 == end:
            _cut(out, tally)
            at += 1
        else:
            trail, point = int(body[at + 1]), 0
            if 0x40 <= trail <= 0xFC and trail != 0x7F:
                row = byte - (0x81 if byte < 0xA0 else 0xC1)
                point = jis0208[row * 188 + trail - (0x40 if trail < 0x7F else 0x41)]
            at += _pair(point, trail, out, tally)


@compiled
def euc_kr(body: Bytes, index: Points, _: Points, out: Points, tally: Tally) -> None:
    """Decode EUC-KR."""
    at, end = 0, len(body)
    while at < end:
        byte = int(body[at])
        if byte < 0x80:
            _write(byte, out, tally)
            at += 1
        elif byte in (0x80, 0xFF):
            _fail(out, tally)
            at += 1
        elif at + 1 == end:
            _cut(out, tally)
            at += 1
        else:
            trail = int(body[at + 1])
            point = index[(byte - 0x81) * 190 + trail - 0x41] if 0x41 <= trail <= 0xFE else 0
            at += _pair(point, trail, out, tally)


@compiled
def big5(body: Bytes, index: Points, _: Points, out: Points, tally: Tally) -> None:
    """Decode Big5 with the characters of Hong Kong."""
    at, end = 0, len(body)
    while at < end:
        byte = int(body[at])
        if byte < 0x80:
            _write(byte, out, tally)
            at += 1
        elif byte in (0x80, 0xFF):
            _fail(out, tally)
            at += 1
        elif at + 1 == end:
            _cut(out, tally)
            at += 1
        else:
            trail, point = int(body[at + 1]), 0
            if 0x40 <= trail <= 0x7E or 0xA1 <= trail <= 0xFE:
                pointer = (byte - 0x81) * 157 + trail - (0x40 if trail < 0x7F else 0x62)
                point = index[pointer]
                for number in range(len(_PAIR_POINTERS)):
                    if pointer == _PAIR_POINTERS[number]:
                        _write(_PAIR_POINTS[number, 0], out, tally)
                        point = _PAIR_POINTS[number, 1]
            at += _pair(point, trail, out, tally)


@compiled
def euc_jp(body: Bytes, jis0208: Points, jis0212: Points, out: Points, tally: Tally) -> None:
    """Decode EUC-JP."""
    at, end = 0, len(body)
    while at < end:
        byte = int(body[at])
        if byte < 0x80:
            _write(byte, out, tally)
            at += 1
            continue
        if byte not in (0x8E, 0x8F) and not 0xA1 <= byte <= 0xFE:
            _fail(out, tally)
            at += 1
            continue
        is_triple = byte == 0x8F and at + 1 < end and 0xA1 <= body[at + 1] <= 0xFE
        lead_at = at + 1 if is_triple else at
        if lead_at + 1 == end:
            _cut(out, tally)
            return
        lead, trail, point = int(body[lead_at]), int(body[lead_at + 1]), 0
        if lead == 0x8E and 0xA1 <= trail <= 0xDF:
            point = _HALFWIDTH - 0xA1 + trail
        elif lead >= 0xA1 and 0xA1 <= trail <= 0xFE:
            pointer = (lead - 0xA1) * 94 + trail - 0xA1
            point = jis0212[pointer] if is_triple else jis0208[pointer]
        at = lead_at + _pair(point, trail, out, tally)


@compiled
def _four_byte_point(body: Bytes, at: int, four_bytes: Points) -> int:
    """Return the code point of four bytes of gb18030, 0 where there is none."""
    leads = (int(body[at]) - 0x81) * 1260 + (int(body[at + 1]) - 0x30) * 126 + int(body[at + 2]) - 0x81
    pointer = leads * 10 + int(body[at + 3]) - 0x30
    if pointer < len(four_bytes):
        return int(four_bytes[pointer])
    return 0x10000 + pointer - _PLANE_1 if _PLANE_1 <= pointer <= _LAST else 0


@compiled
def _four_bytes(body: Bytes, at: int, four_bytes: Points, out: Points, tally: Tally) -> int:
    """Write what begins with a lead byte and a digit, and return how many bytes were read."""
    left = len(body) - at
    if left == 2 or (left == 3 and 0x81 <= body[at + 2] <= 0xFE):
        _cut(out, tally)
        return left
    if 0x81 <= body[at + 2] <= 0xFE and 0x30 <= body[at + 3] <= 0x39:
        point = _four_byte_point(body, at, four_bytes)
        if point > 0:
            _write(point, out, tally)
        else:
            _fail(out, tally)
        return 4
    _fail(out, tally)
    return 1


@compiled
def gb18030(body: Bytes, index: Points, four_bytes: Points, out: Points, tally: Tally) -> None:
    """Decode gb18030, and so GBK."""
    at, end = 0, len(body)
    while at < end:
        byte = int(body[at])
        if byte < 0x80:
            _write(byte, out, tally)
            at += 1
        elif byte == 0x80:
            _write(0x20AC, out, tally)
            at += 1
        elif byte == 0xFF:
            _fail(out, tally)
            at += 1
        elif at + 1 == end:
            _cut(out, tally)
            at += 1
        elif 0x30 <= body[at + 1] <= 0x39:
            at += _four_bytes(body, at, four_bytes, out, tally)
        else:
            trail, point = int(body[at + 1]), 0
            if 0x40 <= trail <= 0xFE and trail != 0x7F:
                point = index[(byte - 0x81) * 190 + trail - (0x40 if trail < 0x7F else 0x41)]
            at += _pair(point, trail, out, tally)


@compiled
def _escaped_state(body: Bytes, at: int) -> int:
    """Return the state of ISO-2022-JP that an escape sequence asks for, -1 where it is none."""
    if at + 2 >= len(body):
        return -1
    first, second = body[at + 1], body[at + 2]
    if first == 0x24:
        return _DOUBLE if second in (0x40, 0x42) else -1
    if first != 0x28:
        return -1
    if second == 0x42:
        return _ASCII
    if second == 0x4A:
        return _ROMAN
    return _KATAKANA if second == 0x49 else -1


@compiled
def _single(byte: int, state: int) -> int:
    """Return the character of a byte in the states that have one for each, -1 where there is none."""
    if state == _KATAKANA:
        return _HALFWIDTH - 0x21 + byte if 0x21 <= byte <= 0x5F else -1
    if state == _ROMAN and byte in (0x5C, 0x7E):
        return 0xA5 if byte == 0x5C else 0x203E
    return byte if byte < 0x80 and byte not in (0x0E, 0x0F) else -1


@compiled
def iso_2022_jp(body: Bytes, jis0208: Points, _: Points, out: Points, tally: Tally) -> None:
    """Decode ISO-2022-JP; an escape sequence with nothing between it and the one before is an error."""
    at, end, state, just_escaped = 0, len(body), _ASCII, False
    while at < end:
        byte = int(body[at])
        if byte == 0x1B:
            asked = _escaped_state(body, at)
            if asked < 0 or just_escaped:
                _fail(out, tally)
            just_escaped = asked >= 0
            state = asked if asked >= 0 else state
            at += 3 if asked >= 0 else 1
            continue
        just_escaped = False
        if state != _DOUBLE:
            point = _single(byte, state)
            at += 1
        elif not 0x21 <= byte <= 0x7E:
            point = -1
            at += 1
        elif at + 1 == end:
            _cut(out, tally)
            return
        elif body[at + 1] == 0x1B:  # the escape sequence is read all the same
            point = -1
            at += 1
        else:
            trail = int(body[at + 1])
            point = jis0208[(byte - 0x21) * 94 + trail - 0x21] if 0x21 <= trail <= 0x7E else 0
            point = point if point > 0 else -1
            at += 2
        if point >= 0:
            _write(point, out, tally)
        else:
            _fail(out, tally)
