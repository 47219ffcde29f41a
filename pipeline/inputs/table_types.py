"""The type of a column whose files disagree: the narrowest of a lattice that holds the values of all.

null < bool < text;  whole numbers < wider ones < double < text;  date < timestamp < text;  text < bytes
lists and structs are widened inside;  anything beside a list or a struct is text, of that as JSON

Whole numbers beside fractions, and uint64 beside signed ones, are doubles, which are exact to 2⁵³: a column of keys is
therefore not widened but text, made of what each file has. As text a whole float is a whole number: 7.0 is `7`.
"""

import json
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SIGNED = (pa.int8(), pa.int16(), pa.int32(), pa.int64())
_UNSIGNED = (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
_MICROSECONDS = pa.timestamp("us")
_INEXACT = float(1 << 53)
"""From here on a double does not tell every whole number from the next."""


def unified(schemas: Iterable[Iterable[pa.Field]]) -> tuple[pa.Field, ...]:
    """Return the columns of several files in the order in which they are first met, each of a type that holds all.

    >>> first, second = [pa.field("id", pa.int64())], [pa.field("id", pa.string()), pa.field("n", pa.int8())]
    >>> [(field.name, str(field.type)) for field in unified([first, second])]
    [('id', 'string'), ('n', 'int8')]
    """
    types: dict[str, pa.DataType] = {}
    for fields in schemas:
        for field in fields:
            before = types.get(field.name)
            types[field.name] = field.type if before is None else widened(before, field.type)
    return tuple(pa.field(name, kind) for name, kind in types.items())


def keys_as_text(fields: Iterable[pa.Field], key: str) -> list[pa.Field]:
    """Return the columns of a table with that of its keys as text, which each file's own type is made into exactly.

    >>> keys_as_text([pa.field("id", pa.float64())], "id")
    [pyarrow.Field<id: string>]
    """
    return [field.with_type(pa.string()) if field.name == key else field for field in fields]


def widened(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """Return the narrowest type of the lattice that holds the values of two.

    >>> widened(pa.int64(), pa.float32()), widened(pa.bool_(), pa.int8()), widened(pa.int32(), pa.uint32())
    (DataType(double), DataType(string), DataType(int64))
    >>> widened(pa.list_(pa.int8()), pa.list_(pa.string())), widened(pa.list_(pa.int8()), pa.int8())
    (ListType(list<item: string>), DataType(string))
    """
    left, right = _plain(left), _plain(right)
    if left == right or pa.types.is_null(right):
        return left
    if pa.types.is_null(left):
        return right
    if _is_number(left) and _is_number(right):
        return _wider_number(left, right)
    if pa.types.is_list(left) and pa.types.is_list(right):
        return pa.list_(widened(left.value_type, right.value_type))
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        return pa.struct(list(unified([left, right])))
    if _is_time(left) and _is_time(right):
        return _MICROSECONDS if _zone(left) is _zone(right) is None else pa.timestamp("us", "UTC")
    return pa.binary() if pa.binary() in {left, right} else pa.string()


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return a type without what changes no value: dictionaries, large offsets, fixed sizes, half floats."""
    is_a = pa.types
    if is_a.is_dictionary(kind):
        return _plain(kind.value_type)
    if is_a.is_large_string(kind) or is_a.is_string_view(kind):
        return pa.string()
    if is_a.is_large_binary(kind) or is_a.is_fixed_size_binary(kind) or is_a.is_binary_view(kind):
        return pa.binary()
    if is_a.is_large_list(kind) or is_a.is_fixed_size_list(kind):
        return pa.list_(kind.value_type)
    return kind


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def _zone(kind: pa.DataType) -> str | None:
    zone: str | None = getattr(kind, "tz", None)
    return zone


def _wider_number(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """Return a type for both numbers; whole ones beside fractions are doubles, which are exact to 2⁵³."""
    if not (pa.types.is_integer(left) and pa.types.is_integer(right)):
        return pa.float64()
    for of_one_kind in (_SIGNED, _UNSIGNED):
        if left in of_one_kind and right in of_one_kind:
            return max(left, right, key=of_one_kind.index)
    unsigned, signed = (left, right) if left in _UNSIGNED else (right, left)
    if unsigned == pa.uint64():
        return pa.float64()
    return max(signed, _SIGNED[_UNSIGNED.index(unsigned) + 1], key=_SIGNED.index)


def fitted(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return an array as a type of the lattice that holds its values; bytes that are no UTF-8 become U+FFFD in text.

    >>> fitted(pa.array([1, None]), pa.string()).to_pylist(), fitted(pa.array([[1]]), pa.string()).to_pylist()
    (['1', None], ['[1]'])
    """
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if _plain(array.type) == _plain(kind) == pa.string():
        return _valid(array).cast(kind)
    if array.type == kind:
        return array
    if _plain(kind) == pa.binary():
        return array.cast(kind) if _plain(array.type) == pa.binary() else fitted(array, pa.string()).cast(kind)
    if _plain(kind) != pa.string():
        return _nested(array, kind)
    if pa.types.is_nested(array.type):
        return pa.array([None if value is None else as_json(value) for value in array.to_pylist()], kind)
    if _plain(array.type) == pa.binary():
        return _decoded(array, kind)
    text = array.cast(pa.string())
    return (_without_fraction(array, text) if pa.types.is_floating(array.type) else text).cast(kind)


def _without_fraction(array: pa.Array, text: pa.Array) -> pa.Array:
    """Return the text of floats, of whole ones as that of whole numbers: a null among ids makes floats of them."""
    numbers = array.cast(pa.float64())
    is_whole = pc.and_(pc.equal(pc.trunc(numbers), numbers), pc.less(pc.abs(numbers), _INEXACT))
    return pc.if_else(is_whole, numbers.cast(pa.int64(), safe=False).cast(pa.string()), text)


def _nested(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return an array as another type than text; what lies inside lists and structs is fitted likewise."""
    if pa.types.is_struct(kind) and pa.types.is_struct(array.type):
        names = [field.name for field in array.type]
        columns = [
            fitted(array.field(field.name), field.type) if field.name in names else pa.nulls(len(array), field.type)
            for field in kind
        ]
        return pa.StructArray.from_arrays(columns, fields=list(kind), mask=array.is_null())
    if pa.types.is_list(kind) and (pa.types.is_list(array.type) or pa.types.is_large_list(array.type)):
        ends = np.cumsum(array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False))
        offsets = pa.array(np.concatenate(([0], ends)).astype(np.int32))
        return pa.ListArray.from_arrays(offsets, fitted(array.flatten(), kind.value_type), mask=array.is_null())
    return array.cast(kind, safe=False)


def _valid(array: pa.Array) -> pa.Array:
    """Return text that is UTF-8; files may say text and hold other bytes."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return _decoded(
            array.view(pa.large_binary() if pa.types.is_large_string(array.type) else pa.binary()), array.type
        )
    return array


def _decoded(array: pa.Array, kind: pa.DataType) -> pa.Array:
    values = (None if value is None else value.decode("utf-8", "replace") for value in array.to_pylist())
    return pa.array(list(values), kind)


def as_text(value: object) -> str:
    """Return a value that is no text as text: whole numbers without a fraction, the rest as JSON.

    >>> as_text(7.0), as_text(0.5), as_text([7.0])
    ('7', '0.5', '[7.0]')
    """
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _INEXACT
    return str(int(value)) if isinstance(value, float) and is_whole else as_json(value)


def as_json(value: object) -> str:
    """Return a value as JSON text.

    >>> as_json({"rye": [1, 2]})
    '{"rye": [1, 2]}'
    """
    return json.dumps(value, ensure_ascii=False, default=str)
