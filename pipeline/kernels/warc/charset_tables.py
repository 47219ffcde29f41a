"""What labels and bytes mean in the WHATWG Encoding Standard: Python's codecs, corrected by the entries that differ.

`encoding_standard/labels.txt` holds a line for each encoding: its name, then its labels. `encoding_standard/
differences.txt` holds a line for each entry of an index that Python's codec lacks or has otherwise: the index, the
pointer, and the code point in hexadecimal (`-` for none). An index with 128 entries is of a single-byte encoding, whose
pointer is the byte less 128.
"""

import codecs
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

Index = npt.NDArray[np.int32]
"""Code points by pointer; 0 where there is none."""

_DATA: Final = files("pipeline.kernels.warc") / "encoding_standard"
_PYTHON_NAMES: Final = {"macintosh": "mac_roman", "windows-874": "cp874", "x-mac-cyrillic": "mac_cyrillic"}
_NOT_SINGLE: Final = frozenset(
    (
        *("utf-8", "utf-16be", "utf-16le", "replacement"),
        *("big5", "euc-jp", "euc-kr", "gb18030", "gbk", "iso-2022-jp", "shift_jis"),
    )
)
_FOUR_BYTES_WITHIN_BMP: Final = 39420


@cache
def encodings() -> dict[str, str]:
    """Return the name of each label's encoding; both are in lower case.

    >>> encodings()["latin1"], len(encodings())
    ('windows-1252', 228)
    """
    lines = (_DATA / "labels.txt").read_text("utf-8").splitlines()
    return {label: name for name, *labels in map(str.split, lines) for label in labels}


def encoding_named(label: str | None) -> str | None:
    r"""Return the name of a label's encoding, None for an unknown label ("get an encoding" of the standard).

    >>> encoding_named(" ShiFT_jis\n"), encoding_named("utf-7")
    ('shift_jis', None)
    """
    return encodings().get((label or "").strip("\t\n\f\r ").lower())


@cache
def is_single_byte(name: str) -> bool:
    """Tell whether each byte of an encoding is a character.

    >>> is_single_byte("koi8-u"), is_single_byte("gbk")
    (True, False)
    """
    return name not in _NOT_SINGLE


@cache
def single_byte_table(name: str) -> str:
    r"""Return the 256 characters of a single-byte encoding, U+FFFD for a byte that is none.

    >>> single_byte_table("windows-1252")[0x80:0x82]
    '€\x81'
    """
    if name == "x-user-defined":
        return "".join(map(chr, (*range(0x80), *range(0xF780, 0xF800))))
    python_name = _PYTHON_NAMES.get(name, name.removesuffix("-i"))
    table = list(bytes(range(256)).decode(python_name, "replace"))
    for pointer, point in _differences(name):
        table[0x80 + pointer] = chr(point)
    return "".join(table)


@cache
def unassigned_bytes(name: str) -> bytes:
    """Return the bytes for which a Windows code page has no character; the standard reads them as C1 controls.

    >>> unassigned_bytes("windows-1252").hex(), unassigned_bytes("iso-8859-2")
    ('818d8f909d', b'')
    """
    if not name.startswith("windows-"):
        return b""
    return bytes(byte for byte, letter in enumerate(single_byte_table(name)) if 0x80 <= ord(letter) < 0xA0)


@cache
def index_of(name: str) -> Index:
    """Return an index of the standard: `big5`, `euc-kr`, `gb18030`, `jis0208` or `jis0212`.

    The rows of Shift_JIS for private use are in `jis0208`.

    >>> chr(index_of("jis0208")[1128]), len(index_of("big5"))
    ('①', 19782)
    """
    codec, rows, columns, pair = _LAYOUTS[name]
    index = np.zeros(rows * columns, np.int32)
    for pointer in range(rows * columns):
        text = pair(pointer).decode(codec, "replace")
        index[pointer] = ord(text) if len(text) == 1 and text != "\ufffd" else 0
    for pointer, point in _differences(name):
        index[pointer] = point
    return index


@cache
def four_byte_index() -> Index:
    """Return the code points of gb18030's sequences of four bytes that are in the basic plane."""
    pointers = np.arange(_FOUR_BYTES_WITHIN_BMP)
    bytes_of = np.stack(
        (
            0x81 + pointers // 12600,
            0x30 + pointers // 1260 % 10,
            0x81 + pointers // 10 % 126,
            0x30 + pointers % 10,
        ),
        axis=1,
    )
    text = codecs.decode(bytes_of.astype(np.uint8).tobytes(), "gb18030")
    index = np.frombuffer(text.encode("utf-32-le"), np.int32).copy()
    for pointer, point in _differences("gb18030-four-bytes"):
        index[pointer] = point
    return index


def _differences(name: str) -> Iterator[tuple[int, int]]:
    for index, pointer, point in map(str.split, _difference_lines()):
        if index == name:
            yield int(pointer), 0 if point == "-" else int(point, 16)


@cache
def _difference_lines() -> list[str]:
    return (_DATA / "differences.txt").read_text("utf-8").splitlines()


def _shift_jis(pointer: int) -> bytes:
    lead, trail = divmod(pointer, 188)
    return bytes((lead + (0x81 if lead < 0x1F else 0xC1), trail + (0x40 if trail < 0x3F else 0x41)))


def _jis0212(pointer: int) -> bytes:
    lead, trail = divmod(pointer, 94)
    return bytes((0x8F, lead + 0xA1, trail + 0xA1))


def _euc_kr(pointer: int) -> bytes:
    lead, trail = divmod(pointer, 190)
    return bytes((lead + 0x81, trail + 0x41))


def _gb18030(pointer: int) -> bytes:
    lead, trail = divmod(pointer, 190)
    return bytes((lead + 0x81, trail + (0x40 if trail < 0x3F else 0x41)))


def _big5(pointer: int) -> bytes:
    lead, trail = divmod(pointer, 157)
    return bytes((lead + 0x81, trail + (0x40 if trail < 0x3F else 0x62)))


_LAYOUTS: Final = {
    "big5": ("big5hkscs", 126, 157, _big5),
    "euc-kr": ("cp949", 126, 190, _euc_kr),
    "gb18030": ("gb18030", 126, 190, _gb18030),
    "jis0208": ("cp932", 60, 188, _shift_jis),
    "jis0212": ("euc_jp", 94, 94, _jis0212),
}
"""For each index Python's codec, the numbers of lead and trail bytes, and what makes the bytes of a pointer."""
