"""What pages, URLs and file names may say on a terminal, in a log or in a notebook: letters, and no commands."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))
_LINES: Final = (0x2028, 0x2029)
_DIRECTIONS: Final = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""What makes a reader see letters in another order than they stand in: Unicode's bidirectional controls."""
_SHOWN: Final = {
    code: f"\\x{code:02x}" if code < 0x7F else f"\\u{code:04x}" for code in (*_CONTROLS, *_LINES, *_DIRECTIONS)
} | {0x09: "\t"}


def safe(line: str) -> str:
    r"""Return a line with control characters, escape sequences and changes of direction spelt out.

    >>> safe("a\x1b[31mred\x07 \u202egnp.exe\n")
    'a\\x1b[31mred\\x07 \\u202egnp.exe\\x0a'
    """
    return line.translate(_SHOWN)


def safe_text(text: str) -> str:
    """Return a text of several lines as `safe` returns each of them."""
    return "\n".join(map(safe, text.split("\n")))


def json_lines(value: Any) -> list[str]:
    """Return a value as the lines of a JSON object; times are text, NaN and infinities null.

    >>> json_lines({"a": float("nan")})
    ['{', ' "a": null', '}']
    """
    return json.dumps(finite(value), ensure_ascii=False, indent=1, default=str, allow_nan=False).split("\n")


def finite(value: Any) -> Any:
    """Return a JSON value with null for NaN and infinities."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value
