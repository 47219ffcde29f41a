"""Character references of HTML in texts that Python reads."""

import html as entities
import re
from typing import Final

_LONG_NUMBER: Final = re.compile(r"&#([0-9]{8,});?")


def unescape(text: str) -> str:
    r"""Text without character references, also where a number has more digits than Python is willing to read.

    >>> unescape("a &lt; b"), unescape("&#000000000065;"), unescape(f"&#{'9' * 5000};")
    ('a < b', 'A', '\ufffd')
    """
    return entities.unescape(_LONG_NUMBER.sub(_short_number, text)) if "&" in text else text


def _short_number(match: re.Match[str]) -> str:
    digits = match[1].lstrip("0") or "0"
    return f"&#{digits};" if len(digits) < 8 else "\ufffd"
