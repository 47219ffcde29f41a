"""Signals of documents as columns: measured part by part, and found again for the rows that are decided."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream, digest
from pipeline.engine.stage import Params
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.heuristics.datatrove import DatatroveParams
from pipeline.kernels.signals.dirty_words import BUNDLED, MOST, WordLists, word_lists
from pipeline.kernels.text.composed import compose_columns
from pipeline.kernels.text.prose import share_of, spans_of
from schemas.columns import LANGUAGE, NO_PROSE, SPANS, TEXT, Column
from schemas.datatrove_signals import DATATROVE_SIGNALS
from schemas.signals import SIGNALS, TOKEN_SIGNALS, WHOLE_TEXT_SIGNALS, Signal

if TYPE_CHECKING:
    from pipeline.kernels.signals.phrases import Numbered


def _column(name: str, signal: Signal) -> Column:
    kind = pa.int32() if signal.counts else pa.int64() if signal.unit == "bytes" else pa.float64()
    return Column(name, kind, f"{signal.definition} ({signal.unit}; {signal.source})", None)


def _columns(signals: Mapping[str, Signal]) -> tuple[Column, ...]:
    return tuple(_column(name, signal) for name, signal in signals.items())


_OURS, _WHOLE = _columns(SIGNALS), _columns(WHOLE_TEXT_SIGNALS)
_THEIRS = _columns({name: signal for name, signal in DATATROVE_SIGNALS.items() if name not in SIGNALS})
TEXT_SIGNAL_COLUMNS = (*_WHOLE, *_OURS, *_THEIRS)
TOKEN_SIGNAL_COLUMNS = _columns(TOKEN_SIGNALS)
SIGNAL_COLUMNS = (*TEXT_SIGNAL_COLUMNS, *TOKEN_SIGNAL_COLUMNS)
_EDIT = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("replacement", pa.string())])
EDITS = Column("edits", pa.list_(_EDIT), "What C4's filter takes out of the text, with `definition: datatrove`", None)
ENGLISH = ("en", "und")
"""Labels of documents that datatrove's filters are applied to; so is a document without label."""


class SignalParams(Params):
    """What signals of texts depend on."""

    dirty_words: str | None = "bundled"
    """Lists of dirty words, as in `heuristics.dirty_words`."""
    dirty_words_digest: str | None = None
    """Hash of the lists."""
    datatrove: DatatroveParams | None = None
    """By whose parameters English is measured as datatrove does; None where it is measured as all else."""


@lru_cache(maxsize=2)
def load_dirty_words(source: str | None, expected: str | None) -> "Numbered | None":
    """Return the lists of dirty words, which must be those that the driver saw."""
    from pipeline.kernels.signals.phrases import number_lists

    if source is None:
        return None
    lists = dirty_word_lists(source)
    if expected is not None and lists_digest(lists) != expected:
        raise ConfigError(f"dirty_words: '{source}' holds other lists here than where the job was started")
    return number_lists(lists)


def dirty_word_lists(source: str) -> WordLists:
    """Return the lists that `heuristics.dirty_words` names.

    Raises:
        ConfigError: There is none.
    """
    if source != "bundled" and not Path(source).is_dir():
        raise ConfigError(f"heuristics.dirty_words: there is no folder '{source}'")
    lists = word_lists(BUNDLED if source == "bundled" else Path(source))
    if not lists.entries:
        raise ConfigError(f"heuristics.dirty_words: there is no <language>.txt in '{source}'")
    return lists


def named_lists_digest(parameter: str, source: str | None) -> str | None:
    """Return the hash of the lists that a parameter names, None for none.

    Raises:
        ConfigError: There are too many, or an entry has no word in it.
    """
    if source is None:
        return None
    lists = dirty_word_lists(source)
    number = len(lists.entries) + len(lists.plain)
    if number > MOST:
        raise ConfigError(f"{parameter}: {number} lists in '{source}', at most {MOST} are looked for")
    for language, entries in (*lists.entries.items(), *lists.plain.items()):
        if wordless := [entry for entry in entries if not any(map(str.isalnum, entry))]:
            raise ConfigError(f"{parameter}: {source}: {language}: '{wordless[0]}' has no word in it")
    return lists_digest(lists)


def lists_digest(lists: WordLists) -> str:
    """Return the hash of some lists."""
    return digest(sorted(lists.entries.items()), sorted(lists.plain.items()))


def measure_text_signals(rows: BatchStream, params: SignalParams, _: FittedTables) -> BatchStream:
    """Add the signals of each document's text and prose, and what is to be edited in it."""
    for batch in rows:
        texts, spans = batch.column(TEXT.name), batch.column(SPANS.name)
        chars = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False)
        signals = {
            "n_bytes": pc.fill_null(pc.binary_length(texts), 0).cast(pa.int64()),
            "table_share": pa.array(share_of(spans_of(spans, ("table",)), chars)),
            EDITS.name: pa.nulls(batch.num_rows, EDITS.type),
        }
        if params.datatrove is None:
            signals |= _ours(batch, params)
        else:
            signals |= _by_language(batch, params, params.datatrove)
        yield with_columns(batch, {column: signals[column.name] for column in (*TEXT_SIGNAL_COLUMNS, EDITS)})


def _ours(batch: pa.RecordBatch, params: SignalParams) -> dict[str, pa.Array]:
    """Return the signals by our definitions, and nulls for those that datatrove alone has."""
    from pipeline.kernels.signals.measure import measure_signals

    texts, spans = compose_columns(batch.column(TEXT.name), batch.column(SPANS.name))
    languages = batch.column(LANGUAGE.name).to_pylist()
    lists = load_dirty_words(params.dirty_words, params.dirty_words_digest)
    signals = measure_signals(texts, spans_of(spans, NO_PROSE), languages, lists)
    nulls = {column.name: pa.nulls(batch.num_rows, column.type) for column in _THEIRS}
    return nulls | {column.name: pa.array(signals[column.name], column.type) for column in _OURS}


def _by_language(batch: pa.RecordBatch, params: SignalParams, datatrove: DatatroveParams) -> dict[str, pa.Array]:
    """Return English documents' signals by datatrove's definitions, those of others by ours."""
    from pipeline.heuristics.datatrove import measure

    is_english = pc.is_in(pc.fill_null(batch.column(LANGUAGE.name), "und"), pa.array(ENGLISH))
    english, others = batch.filter(is_english), batch.filter(pc.invert(is_english))
    measured, ours = measure(english.column(TEXT.name), datatrove), _ours(others, params)
    chosen = np.flatnonzero(is_english.to_numpy(zero_copy_only=False))
    order = np.argsort(np.concatenate((chosen, np.setdiff1d(np.arange(batch.num_rows), chosen))))
    signals = {}
    for column in (*_OURS, *_THEIRS):
        theirs = measured.columns.get(column.name)
        first = pa.nulls(len(chosen), column.type) if theirs is None else pa.array(theirs, column.type)
        signals[column.name] = pa.concat_arrays([first, ours[column.name]]).take(pa.array(order))
    edits = [[edit._asdict() for edit in text_edits] for text_edits in measured.edits] + [None] * others.num_rows
    return signals | {EDITS.name: pa.array(edits, EDITS.type).take(pa.array(order))}
