"""The syntax tree of a module without what decides nothing.

Left out are docstrings and other bare strings, `pass`, annotations of arguments, returns and variables, and what stands
under `if TYPE_CHECKING` or `if __name__ == "__main__"`. Annotations of fields stay, for some classes are made of them.
"""

import ast
from collections.abc import Iterator, Sequence

_BLOCKS = ("body", "orelse", "finalbody")


def deciding_tree(source: bytes | str, file: str = "<source>") -> ast.Module:
    """Return the tree of a source without what decides nothing.

    >>> [type(part).__name__ for part in deciding_tree("'Doc.'; limit: int = 3; unset: int; go()").body]
    ['Assign', 'Expr']
    """
    tree = ast.parse(source, file)
    _strip(tree, in_class=False)
    return tree


def _strip(node: ast.AST, *, in_class: bool) -> None:
    """Take out of a statement what decides nothing, down to the last statement within it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        in_class, node.returns = False, None
        for argument in arguments_of(node.args):
            argument.annotation = None
    elif isinstance(node, ast.ClassDef):
        in_class = True
    for field in _BLOCKS:
        if block := getattr(node, field, None):
            setattr(node, field, list(_deciding(block, in_class=in_class)))
    for clause in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        _strip(clause, in_class=in_class)


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """Return all arguments of a function, whatever way they are given."""
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _deciding(block: Sequence[ast.stmt], *, in_class: bool) -> Iterator[ast.stmt]:
    """Yield the statements of a block that can decide something."""
    for statement in block:
        if isinstance(statement, ast.Pass) or _is_bare_string(statement):
            continue
        branch = _branch_that_runs(statement)
        if branch is not None:
            yield from _deciding(branch, in_class=in_class)
        elif isinstance(statement, ast.AnnAssign) and not in_class:
            if statement.value is not None:
                yield ast.Assign([statement.target], statement.value)
        else:
            _strip(statement, in_class=in_class)
            yield statement


def _is_bare_string(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _branch_that_runs(statement: ast.stmt) -> list[ast.stmt] | None:
    """Return the only branch of an `if` that runs where a module is imported; None where it may be either."""
    if not isinstance(statement, ast.If):
        return None
    test = statement.test
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and _is_type_checking(test.operand):
        return statement.body
    return statement.orelse if _is_type_checking(test) or _is_main(test) else None


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def _is_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    names = [side.id for side in sides if isinstance(side, ast.Name)]
    return names == ["__name__"] and any(isinstance(side, ast.Constant) and side.value == "__main__" for side in sides)
