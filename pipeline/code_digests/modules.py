"""A module as its source tells it: statements that count as a whole, and the names by which they are reached."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.code_digests.canonical import canonical, hash_of
from pipeline.code_digests.imports import Use
from pipeline.code_digests.scopes import Function, Scope, uses_in
from pipeline.code_digests.sources import Source
from pipeline.code_digests.syntax import deciding_tree

STATEMENTS = "(statements)"
"""What stands for the name of statements that are no definitions."""
_DEFINITIONS = frozenset({"FunctionDef", "AsyncFunctionDef", "ClassDef", "TypeAlias"})
_ALTERNATIVES = ast.If | ast.Try | ast.TryStar | ast.With


@dataclass(frozen=True)
class Unit:
    """A statement of a module, without the imports among them.

    Attributes:
        labels: The names by which its digest is shown.
        names: All names that it binds.
        digest: Hash of its code, and of what its imported names mean.
        uses: The names that it uses.
        effects: The names that it may change the meaning of: all that a loose statement mentions, and of a definition
            the objects whose methods decorate it.
    """

    labels: tuple[str, ...]
    names: frozenset[str]
    digest: str
    uses: frozenset[Use]
    effects: frozenset[Use]


@dataclass(frozen=True)
class Module:
    """A module.

    Attributes:
        name: Its dotted name.
        path: Its file, from the folder of its root package.
        units: Its statements, in order.
        binding: The numbers of the statements that bind a name.
        affecting: The numbers of the statements that count where a name of this module is reached.
        imports: Names that it imports, with all that they may mean.
        stars: Modules of which it imports all names.
    """

    name: str
    path: str
    units: tuple[Unit, ...]
    binding: Mapping[str, tuple[int, ...]]
    affecting: Mapping[str, tuple[int, ...]]
    imports: Mapping[str, tuple[Use, ...]]
    stars: tuple[str, ...]


def read_module(name: str, source: Source, wrappers: tuple[str, ...] = (), left_out: tuple[str, ...] = ()) -> Module:
    """Return a module; a file is parsed once per process as long as it is unchanged.

    Args:
        name: Its dotted name.
        source: Where it is.
        wrappers: Dotted names of decorators that do not count, with all that they are given.
        left_out: Dotted prefixes of modules whose names do not count: of what is imported from them, the own name does.
    """
    if source.file is None:
        return Module(name, name.replace(".", "/"), (), {}, {}, {}, ())
    status = source.file.stat()
    return _read(
        name, source.file, status.st_mtime_ns, status.st_size, wrappers, left_out, is_package=bool(source.folders)
    )


@lru_cache(maxsize=4096)
def _read(
    name: str,
    file: Path,
    changed: int,  # noqa: ARG001  (with the size it tells one state of the file from another)
    size: int,  # noqa: ARG001
    wrappers: tuple[str, ...],
    left_out: tuple[str, ...],
    *,
    is_package: bool,
) -> Module:
    path = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
    package = name if is_package else name.rpartition(".")[0]
    return module_of(deciding_tree(file.read_bytes(), str(file)), name, package, path, wrappers, left_out)


def module_of(
    tree: ast.Module,
    name: str,
    package: str,
    path: str,
    wrappers: tuple[str, ...] = (),
    left_out: tuple[str, ...] = (),
) -> Module:
    """Return the module of a syntax tree; see `read_module`."""
    scope = Scope(package)
    scope.bind(tree.body)
    for statement in tree.body:
        if isinstance(statement, Function):
            kept = [item for item in statement.decorator_list if not _is_one_of(item, wrappers, scope)]
            statement.decorator_list = kept
    scope = Scope(package)
    scope.bind(_without_modules(tree, left_out).body)
    statements = [statement for statement in tree.body if not isinstance(statement, ast.Import | ast.ImportFrom)]
    units = tuple(_unit(statement, scope) for statement in statements)
    binding = _numbers((bound, number) for number, unit in enumerate(units) for bound in unit.names)
    affecting = _numbers(
        (use.names[0], number)
        for number, unit in enumerate(units)
        for use in unit.effects
        if not use.module and (_is_loose(statements[number]) or use.names[0] in binding)
    )
    imports = {bound: tuple(uses) for bound, uses in scope.imports.items()}
    return Module(name, path, units, binding, affecting, imports, tuple(scope.stars))


def _without_modules(tree: ast.Module, left_out: tuple[str, ...]) -> ast.Module:
    """Return a tree in which imports from some modules do not say from which: what is left out may move."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level and is_within(node.module, left_out):
            node.module = "(left out)"
    return tree


def is_within(name: str, prefixes: Iterable[str]) -> bool:
    """Tell whether a module is one of some, or in a package that is."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _is_one_of(decorator: ast.expr, wrappers: tuple[str, ...], scope: Scope) -> bool:
    """Tell whether a decorator is one of some dotted names."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    uses = scope.imports.get(called.id, []) if isinstance(called, ast.Name) else []
    return any(use.dotted in wrappers for use in uses)


def _numbers(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    """Return the numbers that come with each name, each number once."""
    numbers: dict[str, tuple[int, ...]] = {}
    for name, number in pairs:
        if number not in (before := numbers.get(name, ())):
            numbers[name] = (*before, number)
    return numbers


def _unit(statement: ast.stmt, scope: Scope) -> Unit:
    inner = Scope(scope.package)
    inner.bind([statement])
    names = frozenset(inner.bound | inner.imports.keys())
    uses = uses_in([statement], scope)
    is_loose = _is_loose(statement)
    labels = sorted(names) if names and (not is_loose or isinstance(statement, _ALTERNATIVES)) else [STATEMENTS]
    meanings = sorted({meaning for use in uses if not use.module for meaning in _meanings(use.names[0], scope)})
    digest = hash_of(canonical(statement), *meanings)
    return Unit(tuple(labels), names, digest, uses, uses if is_loose else _registries(statement, scope))


def _is_loose(statement: ast.stmt) -> bool:
    """Tell whether a statement is no definition; one that also sets an item or an attribute is none."""
    if isinstance(statement, ast.Assign):
        targets = [part for target in statement.targets for part in ast.walk(target)]
        return any(isinstance(part, ast.Attribute | ast.Subscript) for part in targets)
    return type(statement).__name__ not in _DEFINITIONS


def _meanings(name: str, scope: Scope) -> list[str]:
    """Return what a name of a module means that is not defined there."""
    uses = scope.imports.get(name, [])
    if not uses and name not in scope.bound:
        uses = [Use(star, ("*",)) for star in scope.stars]
    return [f"{name}={use.dotted}" for use in uses]


def _registries(statement: ast.stmt, scope: Scope) -> frozenset[Use]:
    """Return the objects whose methods decorate a definition, for these may keep it: `@total.register`."""
    if not isinstance(statement, Function | ast.ClassDef):
        return frozenset()
    calls = [item.func if isinstance(item, ast.Call) else item for item in statement.decorator_list]
    methods = [call.value for call in calls if isinstance(call, ast.Attribute)]
    return uses_in([method for method in methods if isinstance(method, ast.Name | ast.Attribute)], scope)
