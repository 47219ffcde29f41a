"""One call of every compiled kernel on a little data: it compiles what is not kept yet, and loads what is."""

from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pyarrow as pa

_TEXTS: Final = pa.array(["The mill grinds 3 sacks of corn.\n\n* It stands still.", "水车", None])
_SPANS: Final = pa.array([[(0, 3)], [], None], pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32())])))
_SALTS: Final = np.zeros(3, np.int64)
_LINES: Final = SimpleNamespace(text=np.zeros(1, np.int32), key=np.zeros(1, np.int64))
_ROWS: Final = np.zeros((2, 3), np.int64)
_SIGNATURES: Final = np.zeros((2, 128), np.uint32)
_TOKENS: Final = np.zeros(0, np.int32)
_UNITS: Final = SimpleNamespace(offsets=np.zeros(2, np.int64), hashes=np.zeros(0, np.uint64))
_COUNTS: Final = namedtuple("_COUNTS", "offsets ids counts")  # stands in for a kernel's own type
_COLUMN: Final = np.frombuffer(bytes(2 * 8), np.int64)
"""As a column of Arrow comes: read-only, which is a type of its own."""
_NONE: Final = np.zeros(0, np.uint64)
_URL_TABLE: Final = (_COLUMN, np.frombuffer(bytes(2 * 2), np.uint16), np.frombuffer(bytes(3 * 4), np.int32), 62)
_SIGNATURE_COLUMN: Final = np.frombuffer(_SIGNATURES.tobytes(), np.uint32).reshape(2, -1)
_PAGE: Final = (
    "<html lang=en><head><title>Corn</title><style>p{}</style></head><body class='post main'><nav><a href=/>Home</a>"
    r"</nav><h1>Corn</h1><p>Take <math><mi>x</mi></math>, \(y^2\) or $z$ of <code>a_1</code>: &amp; x<sup>2</sup>"
    "<script src=mathjax.js></script><div class=fragment><div class=line><b class=lineno>1</b>a</div></div>"
    "<table class=code><tr><td>1<br>2<td>a</table><x-m><template shadowrootmode=open><slot></slot></template>b</x-m>"
    "<b>a<p>b</b>c<table>d<tr><td>e</table><a href=/a>a<a href=/b>b</a><svg><g></g></svg>"
    "<pre>def f(x):\n  return x</pre><table><tr><td>E<td>f</table><ul><li>g<li>h</ul><img alt='a mill'><button>OK"
)

_MULTI_BYTE: Final = ("big5", "euc-jp", "euc-kr", "gb18030", "iso-2022-jp", "shift_jis")


def _bare_page() -> Any:
    """A page with one element, in arrays of the types that its passes hand on."""
    columns, nodes = (import_module(f"{__package__}.html.{name}") for name in ("columns", "tree.nodes"))
    rows = np.zeros((2, columns.NODE_COLUMNS), np.int32)
    rows[0, columns.PARENT] = -1
    events = np.zeros((0, 4), np.int32)
    return nodes.Page(np.frombuffer(bytes(16), np.uint8), rows, np.zeros(2, np.int64), rows[:, :2].copy(), events, 0)


def _bare_blocks() -> Any:
    """A block without text, likewise."""
    columns, blocks = (import_module(f"{__package__}.html.{name}") for name in ("columns", "writing.blocks"))
    rows, embedded = (np.zeros((1, size), np.int32) for size in (columns.BLOCK_COLUMNS, columns.EMBEDDED_COLUMNS))
    text = np.zeros(1, np.uint8)
    return blocks.Blocks(text, text, rows, np.zeros((1, columns.COUNTS), np.int64), embedded)


def _bare_table() -> Any:
    """A table of no n-grams."""
    ngrams = import_module(f"{__package__}.linear.ngrams")
    return ngrams.Table(np.zeros(8, np.uint32), np.zeros(8, np.int32))


def _bare_units() -> Any:
    return import_module(f"{__package__}.contamination.units").find_units(_TEXTS)


def _bare_index() -> Any:
    """An index of one item, read-only as it is where it is mapped."""
    grams = import_module(f"{__package__}.contamination.grams")
    ends, number = np.array([0, 9], np.int64), np.zeros(1, np.int32)
    texts = grams.ItemTexts(
        ends, np.arange(9, dtype=np.uint64), number + 1, number, number, np.zeros(2, np.int64), _NONE
    )
    index = grams.build_index(texts, _NONE)
    return grams.Index(*(type(group)(*map(_as_mapped, group)) for group in index))


def _as_mapped(array: Any) -> Any:
    return np.frombuffer(array.tobytes(), array.dtype, len(array)) if array.nbytes else array


def _no_hints() -> Any:
    return np.zeros(import_module(f"{__package__}.html.main_content.feature_names").HINTS, np.float32)


def _no_words() -> Any:
    return import_module(f"{__package__}.html.names").no_words()


# Those that take long come first, so that processes which share them out end at about the same time.
KERNELS: Final[dict[str, Callable[[Any], object]]] = {
    "html.tree.nodes.read_nodes": lambda call: call(_PAGE.encode()),
    "html.writing.blocks.read_blocks": lambda call: call(_bare_page(), _no_words()),
    "html.main_content.features.measure_blocks": lambda call: call(_bare_page(), _bare_blocks(), _no_hints(), "corn"),
    "html.code.codeblocks.read_code": lambda call: call(_bare_page(), 0),
    "html.main_content.context.measure_context": lambda call: call(
        _bare_page(), _bare_blocks(), np.zeros(1), _SALTS[:1], 0.0
    ),
    "log_lines.find.find_log_lines": lambda call: call(_TEXTS, _SPANS, _SPANS),
    "text.words.find_words": lambda call: call(_TEXTS),
    "signals.measure.measure_signals": lambda call: call(_TEXTS),
    "linear.units.tokens_of": lambda call: call(_TEXTS),
    "linear.units.characters_of": lambda call: call(_TEXTS),
    "linear.ngrams.count_ngrams": lambda call: call(_UNITS, 1, 2, 10),
    "linear.ngrams.table_of": lambda call: call(np.ones(1, np.uint32)),
    "linear.ngrams.add_scores": lambda call: call(
        _UNITS, (1, 2, 10), _bare_table(), np.ones(8, np.float32), np.ones((8, 1), np.int8), np.zeros((1, 1))
    ),
    "signals.phrases.number_phrases": lambda call: call({"en": ["mill"]}),
    "tokens.divergence.count_tokens": lambda call: call(_SALTS, _TOKENS),
    "tokens.divergence.divergences": lambda call: call(_COUNTS(_SALTS, _TOKENS, _TOKENS), _SALTS[1:], np.zeros(2)),
    "text.lines.find_lines": lambda call: call(_TEXTS, _SPANS, 1),
    "text.lines.keyed": lambda call: call(_LINES, _SALTS),
    "text.hashing.hash_strings": lambda call: call(_TEXTS),
    "text.evidence.measure_evidence": lambda call: call(_TEXTS),
    "text.numeric_lines.date_words": lambda call: call(),
    "urls.url_keys.entry_keys": lambda call: call(_TEXTS),
    "urls.url_keys.find_entries": lambda call: call(_TEXTS, _URL_TABLE),
    "contamination.units.find_units": lambda call: call(_TEXTS),
    "contamination.match.count_grams": lambda call: call(_bare_units(), _bare_index(), np.zeros(1, np.int64)),
    "contamination.match.match_items": lambda call: call(_bare_units(), _bare_index(), 1),
    "near_duplicates.minhash.sketch": lambda call: call(_TEXTS),
    "near_duplicates.minhash.shingles": lambda call: call("The mill grinds."),
    "near_duplicates.minhash.band_keys": lambda call: call(_SIGNATURE_COLUMN, 16, _SALTS),
    "near_duplicates.minhash.equal_positions": lambda call: call(_SIGNATURES, _SIGNATURE_COLUMN, _ROWS[:, 0].copy()),
    "near_duplicates.survivors.resolve": lambda call: call(np.array([1]), np.array([0]), np.ones(1), 2),
    "near_duplicates.survivors.LargeBand": lambda call: call(2, 3, 128, 100).compare(
        _COLUMN, _SALTS[:2] == 0, _ROWS, _SIGNATURE_COLUMN
    ),
    "warc.charset_codecs.decode_as": lambda call: [call(b"\xb0\xa1", name) for name in _MULTI_BYTE],
    "pii.keccak.keccak_256": lambda call: call(b"mill"),
    "opt_out.meta_tags.telling_metas": lambda call: call(b"<meta name=robots content=noai>"),
    "extraction.extract": lambda call: call(_PAGE, "https://mill.example/"),
}
"""What calls compiled code, and calls of it with the types of argument that the stages use.

A type that is missing here is compiled, or its machine code loaded, by each worker; it changes no result.
"""


def load_kernels(processes: int = 1) -> dict[str, Exception]:
    """Call every kernel once.

    Args:
        processes: How many compile at a time, where nothing is kept yet; those that only load need one.

    Returns:
        Why a kernel could not be loaded, by its name; empty where all were.
    """
    if processes > 1:
        # Where processes cannot be had, or die, what they leave is compiled below.
        most = min(processes, len(KERNELS))
        with suppress(BrokenProcessPool, OSError, NotImplementedError), ProcessPoolExecutor(most) as pool:
            list(pool.map(_compile, KERNELS))
    return {name: error for name in KERNELS if (error := _load(name))}


def _compile(name: str) -> None:
    _load(name)  # whose errors may be such as no process can hand over


def _load(name: str) -> Exception | None:
    module, _, function = name.rpartition(".")
    try:
        KERNELS[name](getattr(import_module(f"{__package__}.{module}"), function))
    except Exception as error:  # whoever needs the kernel meets it again
        return error
    return None
