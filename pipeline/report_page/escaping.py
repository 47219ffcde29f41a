"""What Python writes into the page: every string of HTML by one function, every value of JSON by another."""

import html
import json
from typing import Any, Final

from pipeline.terminal import finite, safe_text

_SPELT: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def escaped(text: str) -> str:
    r"""Return text for the inside of an element or of a quoted attribute: it is read, and never run.

    Commands to a terminal and changes of direction are spelt out.

    >>> escaped("<img onerror='x'>\u202e")
    '&lt;img onerror=&#x27;x&#x27;&gt;\\u202e'
    """
    return html.escape(safe_text(text))


def json_text(value: Any) -> str:
    r"""Return a value as JSON that cannot end the `<script>` that it stands in; numbers that JSON lacks are null.

    >>> json_text({"a": "</script>", "b": float("nan")})
    '{"a":"\\u003c/script\\u003e","b":null}'
    """
    written = json.dumps(finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.translate(_SPELT).encode("utf-8", "backslashreplace").decode()


def json_block(name: str, value: Any) -> str:
    """Return a value as an element of data, which a script reads by its id.

    Args:
        name: The id, of letters and hyphens.
        value: Anything that JSON has.
    """
    return f'<script type="application/json" id="{escaped(name)}">{json_text(value)}</script>'
