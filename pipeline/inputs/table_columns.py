"""Columns of tables that a user brings: which there are, and the types in which a run holds them."""

import logging
from collections.abc import Collection, Sequence

import pyarrow as pa

from pipeline.errors import ContractError, InputError
from pipeline.inputs.files import Inputs
from pipeline.inputs.table_types import keys_as_text
from schemas.columns import FETCH_TIME, SCRATCH, TEXT, Column, column_named
from schemas.renamed import COLUMNS

_LOG = logging.getLogger(__name__)

_SPARK_HAS = tuple(map(pa.type_for_alias, ("int8", "int16", "int32", "int64", "float", "double", "bool", "date32")))
_WIDENED = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20),
    pa.float16(): pa.float32(),
    pa.date64(): pa.date32(),
}


def table_columns(inputs: Inputs, url_column: str, text_column: str | None, html_column: str | None) -> list[Column]:
    """Return the columns that an input table brings; none for WARC files.

    Raises:
        ContractError: It lacks the URL column, or has neither text nor HTML.
    """
    if inputs.kind == "warc":
        return []
    fields = keys_as_text(inputs.fields, url_column)
    names = [field.name for field in fields]
    source = inputs.parts[0].source
    if scratch := [name for name in names if name.startswith(SCRATCH)]:
        raise ContractError(f"{source}: rename the column '{scratch[0]}': names that begin with {SCRATCH} are our own")
    if url_column not in names:
        raise ContractError(
            f"{source} has no URL column '{url_column}' (--set ingest.url_column=…); it has: {', '.join(names)}"
        )
    if text_column not in names and html_column not in names:
        raise ContractError(
            f"{source} has neither '{text_column}' (--set ingest.text_column=…) nor"
            f" '{html_column}' (--set ingest.html_column=…); it has: {', '.join(names)}"
        )
    shared = [(field, column) for field in fields if (column := column_named(name_now(field.name, names))) is not None]
    for name in names:
        if (new := name_now(name, names)) != name:
            _LOG.warning("warning: %s: its column '%s' is called '%s' now, and is taken for it", source, name, new)
    check_types(source, shared)
    columns = []
    for field in fields:
        if field.name == text_column:
            columns.append(TEXT)
        elif field.name != html_column:
            name = name_now(field.name, names)
            input_column = Column(name, stored_type(field.type), "column of the input", None)
            columns.append(column_named(name) or input_column)
    return columns


def name_now(name: str, names: Collection[str]) -> str:
    """Return what a column of a table is called now, where an earlier version wrote it under another name.

    Args:
        name: As the table has it.
        names: All columns of the table: where the new name is there too, the old one is a column of the user's.
    """
    new = COLUMNS.get(name, name)
    return name if new in names else new


def stored_type(kind: pa.DataType) -> pa.DataType:
    """Return the type in which Spark can hold values of an Arrow type; where it has none, they become text.

    >>> stored_type(pa.list_(pa.dictionary(pa.int8(), pa.large_string()))), stored_type(pa.uint16())
    (ListType(list<item: string>), DataType(int32))
    """
    is_a = pa.types
    if is_a.is_dictionary(kind):
        return stored_type(kind.value_type)
    if is_a.is_struct(kind):
        return pa.struct([field.with_type(stored_type(field.type)) for field in kind])
    if is_a.is_map(kind):
        return pa.map_(stored_type(kind.key_type), stored_type(kind.item_type))
    if is_a.is_list(kind) or is_a.is_large_list(kind) or is_a.is_fixed_size_list(kind):
        return pa.list_(stored_type(kind.value_type))
    if is_a.is_timestamp(kind):
        return pa.timestamp("us", "UTC")
    if is_a.is_binary(kind) or is_a.is_large_binary(kind) or is_a.is_fixed_size_binary(kind):
        return pa.binary()
    if is_a.is_decimal128(kind) or kind in _SPARK_HAS:
        return kind
    return _WIDENED.get(kind, pa.string())


def check_types(source: str, shared: Sequence[tuple[pa.Field, Column]]) -> None:
    """Check that the columns of a table which ours share a name with can become what ours are.

    Args:
        source: The file, for the message.
        shared: Each such column, and ours of its name.

    Raises:
        InputError: Names the column, its type and ours.
    """
    for field, column in shared:
        kind = field.type
        if column is FETCH_TIME and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            raise InputError(
                f"{source}: '{field.name}' is {kind}, which may count seconds or milliseconds: bring timestamps or"
                " ISO strings"
            )
        try:
            pa.nulls(0, stored_type(kind)).cast(column.type)
        except pa.ArrowNotImplementedError:
            raise InputError(
                f"{source}: '{field.name}' is {kind}, ours of this name is {column.type}: rename it"
            ) from None
