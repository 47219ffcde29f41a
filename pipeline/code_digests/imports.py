"""Names as code means them: of its own module, or of another that it imports."""

import ast
from collections.abc import Iterator
from typing import NamedTuple


class Use(NamedTuple):
    """A name that code uses.

    Attributes:
        module: The module in which the name is looked up; "" for the one in which the code stands.
        names: The name, and the attributes that are taken of it; empty where the module itself is meant.
    """

    module: str
    names: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """The use as one name."""
        return ".".join((self.module, *self.names))


def imports_of(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Use]]:
    """Yield the names that an import binds, each with what it means; "*" stands for all names of a module.

    Args:
        node: The import.
        package: The package in which it stands.

    >>> dict(imports_of(ast.parse("from ..text import lines as l").body[0], "pipeline.kernels.html"))
    {'l': Use(module='pipeline.kernels.text', names=('lines',))}
    >>> dict(imports_of(ast.parse("import os.path, os.path as p").body[0], ""))
    {'os': Use(module='os', names=()), 'p': Use(module='os.path', names=())}
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield alias.asname or top, Use(alias.name if alias.asname else top, ())
        return
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1] if node.level else []
    module = ".".join([*above, node.module] if node.module else above)
    for alias in node.names:
        yield alias.asname or alias.name, Use(module, (alias.name,))
