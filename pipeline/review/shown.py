"""A decision on a terminal: what is from a page is spelt out, and colours are ours alone."""

from collections.abc import Iterable, Iterator

from pipeline.review.items import ReviewItem
from pipeline.terminal import safe

KEYS = "y right, n wrong, s skip, b back, q quit"
_MARKS = {"removed": ("[-", "-]", "\x1b[31m"), "added": ("{+", "+}", "\x1b[32m"), "left_out": ("… ", " …", "\x1b[2m")}
_PLAIN = "\x1b[0m"


def item_lines(item: ReviewItem, number: int, total: int, chars: int, *, has_colours: bool) -> Iterator[str]:
    """Yield a decision in lines that a terminal may be given as they are.

    Args:
        item: The decision.
        number: Which it is, from 1.
        total: How many there are.
        chars: Code points of a text to show.
        has_colours: Whether differences are coloured, beside their marks.
    """
    yield ""
    word = "dropped" if item.decision == "dropped" else f"kept{_distance(item)}; closest limit"
    yield f"[{number}/{total}] {item.stage}: {word}: {safe(item.reason)}{measured(item)}"
    yield f"  {safe(item.url)}"
    if item.title:
        yield f"  title  {safe(item.title)}"
    if item.other_url is not None:
        alike = "" if item.similarity is None else f" (similarity {item.similarity:.3f})"
        yield f"  like   {safe(item.other_url)}{alike}"
    if item.differences:
        yield "  [-in this one alone-] {+in the other one alone+}"
        yield from _indented(_marked(item.differences, has_colours=has_colours))
    elif item.text is not None:
        text = item.text[:chars] + ("…" if len(item.text) > chars else "")
        yield from _indented("\n".join(safe(line) for line in text.split("\n")))
    else:
        yield "  (no text: texts are shown once a stage has redacted them)"


def measured(item: ReviewItem) -> str:
    """Return the value and the limit of a decision in words."""
    if item.value is None:
        return ""
    side = "from" if item.drops_at_limit and item.worse_if == "above" else item.worse_if
    limit = "" if item.limit is None else f", dropped {side} {item.limit:.6g}"
    return f" {item.value:.6g}{limit}"


def _distance(item: ReviewItem) -> str:
    """Return how far a document is from the limit, as a share of it: some of the closest are not close."""
    if item.value is None or not item.limit:
        return ""
    off = abs(item.value - item.limit) / abs(item.limit)
    return f", {'less than 0.1' if off < 0.001 else f'{100 * off:.2g}'} % from the limit"


def _marked(segments: Iterable[tuple[str, str]], *, has_colours: bool) -> str:
    """Return differences as one text with marks."""
    pieces = []
    for op, text in segments:
        shown = "\n".join(safe(line) for line in text.split("\n"))
        if op in _MARKS:
            before, after, colour = _MARKS[op]
            marked = f"{before}{shown.rstrip()}{after}" + shown[len(shown.rstrip()) :]
            shown = f"{colour}{marked}{_PLAIN}" if has_colours else marked
        pieces.append(shown if op != "left_out" else f" {shown} ")
    return "".join(pieces)


def _indented(text: str) -> Iterator[str]:
    yield from (f"  | {line}" for line in text.split("\n"))
