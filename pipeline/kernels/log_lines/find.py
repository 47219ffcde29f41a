"""Lines of logs, error dumps and the like, found in texts whose rest is good.

Llama 3 removes "lines that consist of repeated content such as logging or error messages", which "can be very long and
unique, hence cannot be filtered by line-dedup", by their duplicated n-gram coverage (section 3.1.1, after Rae et al.
2021). Here the n-grams are of token *templates*, for two lines of a log differ in times and addresses; coverage is one
of 44 facts of a line, since verses repeat as well and frames of a stack trace do not. A small fitted net weighs the
facts of a line, of the two before it, of the two after it and of the thirteen around it. Then the likeliest sequence
of text and log is taken (Viterbi), and of each run of log lines the sum of evidence must suffice.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.log_lines.context import CONTEXTS, measure_context, room_for
from pipeline.kernels.log_lines.runs import RunSettings, decide, fitted, weigh
from pipeline.kernels.log_lines.shapes import SHAPES, scan_line
from pipeline.kernels.log_lines.tokens import log_words
from pipeline.kernels.text.lines import span_arrays
from pipeline.kernels.text.words import SPACE, decode, longest, tables, utf8

Array = np.ndarray[Any, np.dtype[Any]]
FACTS: Final = (*SHAPES, *CONTEXTS)
LINES_AT_ONCE: Final = 1 << 14
"""Lines of a text that are judged together; this bounds memory (a few MB), and hardly any text has more."""
_SHAPES: Final = len(SHAPES)


class LogLines(NamedTuple):
    """The lines of a batch of texts that are to go, in order.

    Attributes:
        text: Number of the text, int32.
        start: Where the line begins in its text, in code points, int32.
        end: Where it ends, before its line break, int32.
    """

    text: Array
    start: Array
    end: Array


def find_log_lines(
    texts: pa.Array, spans: pa.Array, tables_of: pa.Array | None = None, settings: RunSettings | None = None
) -> LogLines:
    r"""Return the lines that belong to logs, error dumps and the like; blank ones between two of them go, too.

    A text's lines depend on that text, its spans and the settings alone. Cost: linear in the text.

    Args:
        texts: Strings; null counts as empty.
        spans: Lists of (start, end, …) in code points, sorted; a line inside one of them is neither counted nor found.
        tables_of: Lists as `spans`: a line inside one of them needs more evidence. None for none.
        settings: How lines make a run.

    >>> none = pa.array([[], []], pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())])))
    >>> log = [f"2024-03-0{day} 03:00:0{day} ERROR [main] app.Gate - gate {day} refused" for day in range(1, 8)]
    >>> found = find_log_lines(pa.array(["The mill stands.\n" + "\n".join(log), "The mill stands."]), none)
    >>> found.text.tolist(), found.start[:2].tolist()
    ([0, 0, 0, 0, 0, 0, 0], [17, 76])
    """
    buffer, offsets = utf8(texts)
    room = int((buffer == 0x0A).sum()) + len(offsets)
    out = LogLines(*np.empty((3, room), np.int32))
    none = pa.nulls(len(texts), spans.type)
    spared, marked = span_arrays(spans), span_arrays(none if tables_of is None else tables_of)
    chosen, lexicon = tuple(settings or RunSettings()), (tables(), log_words())
    count = _find(buffer, offsets, longest(offsets), lexicon, spared, marked, tuple(fitted()), chosen, *out)
    return LogLines(*(array[:count] for array in out))


@compiled
def _find(  # noqa: PLR0913, PLR0917  (flat buffers are what compiled code takes)
    buffer: Any,
    offsets: Any,
    points: Any,
    lexicon: Any,
    spared: Any,
    marked: Any,
    net: Any,
    chosen: Any,
    text_of: Any,
    start_of: Any,
    end_of: Any,
) -> Any:
    count = 0
    for text in range(len(offsets) - 1):
        length = decode(buffer, offsets[text], offsets[text + 1], points)
        left = 1 + (points[:length] == 0x0A).sum()
        at = np.array([0, spared[0][text], marked[0][text], 0, 0], np.int64)
        while left > 0:
            rows = min(left, LINES_AT_ONCE)
            left -= rows
            lines = _next_lines(points, length, rows, lexicon[0].classes, text, spared, marked, at)
            if len(lines) < chosen[0]:
                continue
            score = weigh(_measure(points, lines, at[4], lexicon), net)
            is_log = decide(score, lines, chosen)
            for line in range(len(lines)):
                if not is_log[line]:
                    continue
                begin = lines[line - 1, 1] + 1 if line and is_log[line - 1] and lines[line, 5] else lines[line, 0]
                while begin <= lines[line, 0]:
                    end = _line_end(points, begin, length)
                    text_of[count], start_of[count], end_of[count] = text, begin, end
                    count += 1
                    begin = end + 1
    return count


@compiled
def _line_end(points: Any, start: Any, length: Any) -> Any:
    while start < length and points[start] != 0x0A:
        start += 1
    return start


@compiled
def _next_lines(  # noqa: PLR0913, PLR0917
    points: Any, length: Any, rows: Any, classes: Any, text: Any, spared: Any, marked: Any, at: Any
) -> Any:
    """Return those of the next `rows` lines that are neither blank nor spared.

    A row is: start, end, both without white space around, whether it is in a table, whether none but blank lines stand
    between it and the row before. `at` holds the place in the text and in the spans, and gets the number of tokens.
    """
    lines = np.empty((rows, 6), np.int32)
    count, joined = 0, False
    at[4] = 0
    for _ in range(rows):
        start = at[0]
        end = _line_end(points, start, length)
        at[0] = end + 1
        low, high = start, end
        while low < high and classes[points[low]] & SPACE:
            low += 1
        while high > low and classes[points[high - 1]] & SPACE:
            high -= 1
        if low == high:
            continue
        at[1] = _span_at(low, spared, at[1], spared[0][text + 1])
        at[2] = _span_at(low, marked, at[2], marked[0][text + 1])
        if _is_inside(low, high, spared, at[1], spared[0][text + 1]):
            joined = False
            continue
        in_table = _is_inside(low, high, marked, at[2], marked[0][text + 1])
        lines[count, 0], lines[count, 1], lines[count, 2], lines[count, 3] = start, end, low, high
        lines[count, 4], lines[count, 5] = in_table, joined
        joined = True
        count += 1
        for position in range(low, high):
            at[4] += not classes[points[position]] & SPACE and (
                position == low or classes[points[position - 1]] & SPACE != 0
            )
    return lines[:count]


@compiled
def _span_at(start: Any, spans: Any, span: Any, last: Any) -> Any:
    """Return the first span from `span` on that does not end before a line's start."""
    while span < last and spans[2][span] <= start:
        span += 1
    return span


@compiled
def _is_inside(start: Any, end: Any, spans: Any, span: Any, last: Any) -> Any:
    """Tell whether a line lies wholly in one span; spans that begin with it are few."""
    while span < last and spans[1][span] <= start:
        if spans[2][span] >= end:
            return True
        span += 1
    return False


@compiled
def _measure(points: Any, lines: Any, tokens: Any, lexicon: Any) -> Any:
    """Return the facts of the lines, a row a line."""
    rows = room_for(len(lines), tokens)
    facts = np.zeros((len(lines), len(FACTS)), np.float32)
    for line in range(len(lines)):
        scan_line(points, lines[line, 2], lines[line, 3], lexicon[0], lexicon[1], rows, line, facts[line])
    measure_context(rows, len(lines), facts[:, _SHAPES:])
    return facts
