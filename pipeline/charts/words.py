"""Numbers and names as titles say them."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from pipeline.terminal import safe

_WIDTH: Final = 78
_NAME_CHARS: Final = 60
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB", "PB")


def counted(count: int, what: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "document"), counted(2400, "copy")
    ('1 document', '2,400 copies')
    """
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what[:-1]}ies" if what.endswith("y") else f"{count:,} {what}s"


def percent(share: float) -> str:
    """Return a share as per cent, with a decimal where that tells something.

    >>> percent(.4137), percent(.0042), percent(0.), percent(.9996), percent(.0002)
    ('41 %', '0.4 %', '0 %', '99.96 %', 'under 0.1 %')
    """
    value = 100 * share
    if 0 < value < 0.05:
        return "under 0.1 %"
    if 99 < value < 100:
        return f"{value:.2f} %"
    return f"{value:.1f} %" if 0 < value < 10 else f"{value:.0f} %"


def sized(number: float) -> str:
    """Return bytes in a unit that fits.

    >>> sized(950), sized(12_400_000)
    ('950 bytes', '12.4 MB')
    """
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"


def named(text: str | None) -> str:
    r"""Return a name out of a page as a title may hold it: no commands, not too long.

    >>> named("a\x1b.example"), named(None), len(named("x" * 100))
    ('a\\x1b.example', '(none)', 60)
    """
    if text is None or text == "":
        return "(none)"
    shown = safe(text)
    return shown if len(shown) <= _NAME_CHARS else f"{shown[: _NAME_CHARS - 1]}…"


def lines_of(sentence: str, width: int = _WIDTH) -> list[str]:
    """Return a title in lines that fit above a chart."""
    return wrap(sentence.replace(" %", "\u00a0%"), width, break_long_words=True, break_on_hyphens=False) or [""]


def listed(words: Sequence[str], most: int = 3) -> str:
    """Return the first words of a list.

    >>> listed(["a", "b", "c", "d"]), listed([])
    ('a, b, c and 1 more', 'none')
    """
    return "".join(_parts(words, most)) or "none"


def _parts(words: Sequence[str], most: int) -> Iterator[str]:
    yield ", ".join(words[:most])
    if len(words) > most:
        yield f" and {len(words) - most:,} more"
