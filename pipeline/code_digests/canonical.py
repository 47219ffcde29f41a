"""Syntax trees as text that every version of Python writes alike, and hashes of such text.

A node is written by its kind and its fields. Fields that are empty are left out, so that one which a later version adds
does not show; so are line numbers and what only a compiler asks for. Numbers and strings are written by value, not by
`repr`, which knows more printable characters with each version.
"""

import ast
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b

_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_DIGEST_BYTES = 8


def hash_of(*texts: str) -> str:
    """Return 16 hex digits of texts, in their order.

    >>> hash_of("ab", "c") == hash_of("a", "bc"), len(hash_of())
    (False, 16)
    """
    joined = "".join(f"{len(text)}:{text}" for text in texts)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def canonical(node: ast.AST) -> str:
    """Return a node as text, the same for the same code in every version of Python.

    >>> canonical(ast.parse("x + 1.5", mode="eval").body)
    'BinOp(left=Name(id=str1:x)op=Add()right=Constant(value=float0x1.8000000000000p+0))'
    """
    out: list[str] = []
    pending: list[str | ast.AST] = [node]
    while pending:  # trees may be deeper than calls
        piece = pending.pop()
        if isinstance(piece, str):
            out.append(piece)
        else:
            pending.extend(reversed(list(_pieces(piece))))
    return "".join(out)


@cache
def _telling(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of fields that count, in an order that no version changes."""
    return tuple(sorted(set(fields) - _SILENT))


def _pieces(node: ast.AST) -> Iterator[str | ast.AST]:
    """Yield a node's text, with its inner nodes in their places."""
    yield f"{type(node).__name__}("
    for name in _telling(node._fields):
        field = getattr(node, name, None)
        if isinstance(node, ast.JoinedStr):
            field = _merged(node.values)
        if isinstance(field, list):
            if field:
                yield f"{name}=["
                yield from (item if isinstance(item, ast.AST) else _constant(item) for item in field)
                yield "]"
        elif isinstance(field, ast.AST):
            yield f"{name}="
            yield field
        elif field is not None or isinstance(node, ast.Constant):
            yield f"{name}={_constant(field)}"
    yield ")"


def _constant(value: object) -> str:
    """Return a constant by type and value.

    >>> [_constant(value) for value in (1, True, "a", b"a", None)]
    ['int0x1', 'boolTrue', 'str1:a', 'bytes61', 'NoneTypeNone']
    """
    kind = type(value).__name__
    if isinstance(value, str):
        return f"{kind}{len(value)}:{value}"
    if isinstance(value, bytes):
        return kind + value.hex()
    if isinstance(value, complex):
        return f"{kind}{value.real.hex()},{value.imag.hex()}"
    if isinstance(value, float):
        return kind + value.hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return kind + hex(value)  # decimal digits have a limit
    return f"{kind}{value}"


def _merged(parts: list[ast.expr]) -> list[ast.expr]:
    """Return the parts of an f-string, neighbouring constants in one and none of them empty."""
    merged: list[ast.expr] = []
    text = ""
    for part in parts:
        if isinstance(part, ast.Constant):
            text += str(part.value)
            continue
        merged += [ast.Constant(text), part] if text else [part]
        text = ""
    return [*merged, ast.Constant(text)] if text else merged
