"""Global names that code uses, told from its local ones as Python tells them."""

import ast
from collections.abc import Iterable

from pipeline.code_digests.imports import Use, imports_of
from pipeline.code_digests.syntax import arguments_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)


class Scope:
    """Names that statements bind in a module, a class, a function or a comprehension.

    Attributes:
        package: The package of the module.
        parent: The scope around it; None for a module.
        is_class: Whether it is a class, whose names the functions within do not see.
        bound: Names that are bound otherwise than by an import.
        imports: Names that are bound by imports, with all that they may mean.
        stars: What `import *` imports from.
    """

    def __init__(self, package: str, parent: "Scope | None" = None, *, is_class: bool = False) -> None:
        """Begin a scope in which nothing is bound."""
        self.package, self.parent, self.is_class = package, parent, is_class
        self.bound: set[str] = set()
        self.imports: dict[str, list[Use]] = {}
        self.stars: list[str] = []
        self._outer: set[str] = set()  # declared global
        self._elsewhere: set[str] = set()  # declared global or nonlocal

    def bind(self, nodes: Iterable[ast.AST]) -> None:
        """Add what nodes bind, but for what functions and classes within them bind for themselves."""
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    self.bound.add(node.id)
            elif isinstance(node, Comprehension):
                self.bound |= {part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                self._elsewhere |= set(node.names)
                self._outer |= set(node.names) if isinstance(node, ast.Global) else set()
            else:
                if isinstance(node, _NAMED) and node.name:
                    self.bound.add(node.name)
                elif isinstance(node, ast.MatchMapping) and node.rest:
                    self.bound.add(node.rest)
                if not isinstance(node, ast.Lambda | Function | ast.ClassDef):
                    pending.extend(ast.iter_child_nodes(node))
        self.bound -= self._elsewhere

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, use in imports_of(node, self.package):
            if name == "*":
                self.stars.append(use.module)
            else:
                self.imports.setdefault(name, []).append(use)

    def uses_of(self, names: tuple[str, ...]) -> list[Use]:
        """Return what a name and attributes of it mean here; nothing where it is a local name."""
        scope: Scope = self
        while scope.parent is not None:
            if scope is self or not scope.is_class:
                if names[0] in scope._outer:
                    break
                if imported := scope.imports.get(names[0]):
                    return [Use(use.module, use.names + names[1:]) for use in imported]
                if names[0] in scope.bound:
                    return []
            scope = scope.parent
        return [Use("", names)]


class _Reader:
    """Collects what code uses of its own module and of others."""

    def __init__(self) -> None:
        self.uses: set[Use] = set()

    def read(self, nodes: Iterable[ast.AST], scope: Scope) -> None:
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Name | ast.Attribute):
                pending.extend(self._read_name(node, scope))
            elif isinstance(node, ast.Lambda | Function):
                self._read_function(node, scope)
            elif isinstance(node, ast.ClassDef):
                self._read_class(node, scope)
            elif isinstance(node, Comprehension):
                self._read_comprehension(node, scope)
            else:
                pending.extend(ast.iter_child_nodes(node))

    def _read_name(self, node: ast.Name | ast.Attribute, scope: Scope) -> list[ast.expr]:
        """Read a name with the attributes that are taken of it; return what they are taken of if that is no name."""
        base: ast.expr = node
        names: list[str] = []
        while isinstance(base, ast.Attribute):
            names.append(base.attr)
            base = base.value
        if not isinstance(base, ast.Name):
            return [base]
        if isinstance(base.ctx, ast.Load) or not (scope.is_class or scope.parent is None):
            self.uses.update(scope.uses_of((base.id, *reversed(names))))
        return []

    def _read_function(self, node: ast.Lambda | Function, scope: Scope) -> None:
        """Read decorators and defaults where the function is defined, and its body in a scope of its own."""
        arguments = node.args
        self.read((default for default in (*arguments.defaults, *arguments.kw_defaults) if default), scope)
        inner = Scope(scope.package, scope)
        inner.bound.update(argument.arg for argument in arguments_of(arguments))
        body: list[ast.expr] | list[ast.stmt]
        if isinstance(node, ast.Lambda):
            body = [node.body]
        else:
            self.read(node.decorator_list, scope)
            body = node.body
        inner.bind(body)
        self.read(body, inner)

    def _read_class(self, node: ast.ClassDef, scope: Scope) -> None:
        """Read a class's statements in order: what one binds, the next ones mean."""
        self.read((*node.decorator_list, *node.bases, *node.keywords), scope)
        inner = Scope(scope.package, scope, is_class=True)
        for statement in node.body:
            self.read([statement], inner)
            inner.bind([statement])

    def _read_comprehension(self, node: Comprehension, scope: Scope) -> None:
        """Read the first iterable where the comprehension stands, and all else in a scope of its own."""
        first, *others = node.generators
        self.read([first.iter], scope)
        inner = Scope(scope.package, scope)
        inner.bind(generator.target for generator in node.generators)
        results = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        self.read((*first.ifs, *others, *results), inner)


def uses_in(nodes: Iterable[ast.AST], scope: Scope) -> frozenset[Use]:
    """Return the names of its own module and of others that code uses.

    >>> tree = ast.parse("f = lambda x, y=LIMIT: g(x, [z for z in h.i(y)])")
    >>> sorted(use.dotted for use in uses_in(tree.body, Scope("")))
    ['.LIMIT', '.g', '.h.i']
    """
    reader = _Reader()
    reader.read(nodes, scope)
    return frozenset(reader.uses)
