"""Prints the table of signals, `schemas/signals.md`: `python -m schemas.signals_table > schemas/signals.md`."""

from schemas.datatrove_signals import DATATROVE_SIGNALS
from schemas.signals import SIGNALS, TOKEN_SIGNALS, WHOLE_TEXT_SIGNALS, Signal

_HEAD = """# Signals

Columns of the table of `heuristics`, for every document that it judged, dropped or kept. What words, lines, paragraphs,
sentences and duplicates are, `pipeline/kernels/signals/__init__.py` says. Made by `python -m schemas.signals_table`.
"""
_SECTIONS = (
    ("Of the prose", "The text without its code and math, each of which counts as a space.", SIGNALS),
    ("Of the whole text", "Code and math included.", WHOLE_TEXT_SIGNALS),
    (
        "Of the prose's tokens",
        "Against the distribution of a corpus; null where its language has too few documents there.",
        TOKEN_SIGNALS,
    ),
    (
        "Of English with `definition: datatrove`",
        "Null else. That definition fills columns above, too, from the whole text: see `schemas/datatrove_signals.py`.",
        {name: signal for name, signal in DATATROVE_SIGNALS.items() if name not in SIGNALS},
    ),
)


def signals_table() -> str:
    """Return the page in Markdown.

    >>> "| `n_words` | int32 | words | 0 to 2³¹-1 | words | Gopher |" in signals_table()
    True
    """
    pieces = [_HEAD]
    for title, says, signals in _SECTIONS:
        pieces.append(f"## {title}\n\n{says}\n")
        pieces.append("| column | type | definition | range | unit | source |\n|---|---|---|---|---|---|")
        pieces.append("\n".join(_row(name, signal) for name, signal in signals.items()) + "\n")
    return "\n".join(pieces)


def _row(name: str, signal: Signal) -> str:
    kind = "int32" if signal.counts else "int64" if signal.unit == "bytes" else "float64"
    highest = {2.0**31 - 1: "2³¹-1", float(2**63 - 1): "2⁶³-1"}.get(signal.highest, f"{signal.highest:,.0f}")
    shown = f"{signal.lowest:,.0f} to {highest}"
    return f"| `{name}` | {kind} | {signal.definition} | {shown} | {signal.unit} | {signal.source} |"


if __name__ == "__main__":
    print(signals_table(), end="")  # noqa: T201
