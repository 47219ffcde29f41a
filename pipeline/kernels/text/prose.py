"""The prose of documents: their texts without code and math, which have laws of their own."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.kernels.text.spans import Span, without_spans
from schemas.columns import NO_PROSE

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def prose_of(texts: pa.Array, spans: pa.Array) -> list[str]:
    """Return the texts without their code and math, a space for each; a null is an empty text.

    >>> spans = pa.array([[{"start": 4, "end": 8, "kind": "code"}], None])
    >>> prose_of(pa.array(["see f(x) here", None]), spans)
    ['see   here', '']
    """
    return [
        _without_spans(text, spans_of_text) if text and spans_of_text else text or ""
        for text, spans_of_text in zip(texts.to_pylist(), spans.to_pylist(), strict=True)
    ]


def _without_spans(text: str, spans: Sequence[Mapping[str, Any]]) -> str:
    """Return a text without its code and math; a span that holds nothing leaves no space behind."""
    chosen = (Span(**span) for span in spans if span["kind"] in NO_PROSE)
    return without_spans(text, [span for span in chosen if span.start < min(span.end, len(text))])


def spans_of(spans: pa.Array, kinds: Sequence[str]) -> pa.Array:
    """Return the spans of some kinds.

    >>> listed = [["table", "code"], None, ["heading"], ["math"]]
    >>> column = pa.array([some and [{"start": 0, "end": 1, "kind": kind} for kind in some] for some in listed])
    >>> [[span["kind"] for span in some] for some in spans_of(column, NO_PROSE).to_pylist()]
    [['code'], [], [], ['math']]
    """
    flat = spans.flatten()
    chosen = pc.is_in(flat.field("kind"), pa.array(kinds))
    before = np.concatenate(([0], np.cumsum(chosen.to_numpy(zero_copy_only=False))))
    ends = np.cumsum(pc.fill_null(pc.list_value_length(spans), 0).to_numpy(zero_copy_only=False))
    offsets = before[np.concatenate(([0], ends)).astype(np.int64)]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat.filter(chosen))


def share_of(spans: pa.Array, chars: Integers) -> Floats:
    """Return the share of each text's code points that its spans hold, at most 1.

    Args:
        spans: Of each text, none of them null.
        chars: Code points of each text.

    >>> share_of(pa.array([[{"start": 0, "end": 4, "kind": "code"}], []]), np.array([8, 0])).tolist()
    [0.5, 0.0]
    """
    flat = spans.flatten()
    starts, ends = (flat.field(name).to_numpy(zero_copy_only=False).astype(np.int64) for name in ("start", "end"))
    covered = np.zeros(len(spans))
    np.add.at(covered, np.repeat(np.arange(len(spans)), spans.value_lengths().to_numpy()), ends - starts)
    shares: Floats = np.minimum(1.0, covered / np.maximum(chars, 1))
    return shares
