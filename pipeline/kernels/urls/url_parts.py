"""Where the host and the path of a URL lie in its bytes; compiled."""

import numpy as np

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.words import Bytes

DOT, SLASH, QUERY, FRAGMENT, _AT, _COLON, _BRACKET, _CLOSING = (ord(sign) for sign in "./?#@:[]")
_HTTP, _WWW = np.frombuffer(b"http", np.uint8), np.frombuffer(b"www", np.uint8)


@compiled
def authority(buffer: Bytes, start: int, end: int) -> tuple[int, int, int]:
    """Return where the host begins, where it ends, and where the path begins; -1 for what is no http(s) URL.

    >>> url = np.frombuffer(b"http://me@mill.example.:80/x", np.uint8)
    >>> authority(url, 0, len(url))
    (10, 22, 26)
    """
    at = start
    while at < end and at < start + 4 and buffer[at] | 32 == _HTTP[at - start]:
        at += 1
    if at == start + 4 and at < end and buffer[at] | 32 == 115:  # s
        at += 1
    if at < start + 4 or at + 3 > end or buffer[at] != _COLON or buffer[at + 1] != SLASH or buffer[at + 2] != SLASH:
        return -1, -1, -1
    host = at = at + 3
    colon = -1
    while at < end and buffer[at] != SLASH and buffer[at] != QUERY and buffer[at] != FRAGMENT:
        if buffer[at] == _AT:
            host, colon = at + 1, -1
        elif buffer[at] == _CLOSING:
            colon = -1
        elif buffer[at] == _COLON:
            colon = at
        at += 1
    last = colon if colon >= 0 else at
    while last > host and buffer[last - 1] == DOT:
        last -= 1
    return (host, last, at) if last > host else (-1, -1, -1)


@compiled
def has_parents(buffer: Bytes, start: int, end: int) -> bool:
    """Tell a name from an address of numbers: no last label of a name is a number.

    >>> [has_parents(np.frombuffer(host, np.uint8), 0, len(host)) for host in (b"a.example", b"10.0.0.1", b"[::1]")]
    [True, False, False]
    """
    if buffer[start] == _BRACKET:
        return False
    at = end - 1
    while at >= start and buffer[at] != DOT:
        if not 48 <= buffer[at] <= 57:
            return True
        at -= 1
    return False


@compiled
def bare_start(buffer: Bytes, start: int, end: int) -> int:
    """Return where the host begins without `www.` or `www2.`; it stays where the rest would be a single label.

    >>> [bare_start(np.frombuffer(host, np.uint8), 0, len(host)) for host in (b"www2.a.example", b"www.example")]
    [5, 0]
    """
    at = start
    while at < end and at < start + 3 and buffer[at] | 32 == _WWW[at - start]:
        at += 1
    if at < start + 3:
        return start
    while at < end and 48 <= buffer[at] <= 57:
        at += 1
    if at >= end or buffer[at] != DOT:
        return start
    for later in range(at + 1, end):
        if buffer[later] == DOT:
            return at + 1
    return start
