"""Code is written alike in all versions of Python, and differently where it means something else."""

import ast

import pytest

from pipeline.code_digests.canonical import canonical, hash_of
from pipeline.code_digests.syntax import deciding_tree
from tests.unit.code_digests.packages import MILL, digest_of

UNLIKE = [
    "1",
    "1.0",
    "True",
    "1j",
    "'1'",
    "b'1'",
    "None",
    "...",
    "-1",
    "'None'",
    "(1,)",
    "[1]",
    "{1}",
    "{1: 1}",
    "f'{1}'",
    "f'{1!r}'",
    "f'{1:}'",
    "f'{1:1}'",
]


def text(code: str) -> str:
    return canonical(deciding_tree(code))


def test_values_of_other_types_differ() -> None:
    assert len({text(f"x = {value}") for value in UNLIKE}) == len(UNLIKE)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x = 'a' 'b'", "x = 'ab'"),
        ("x = u'a'", "x = 'a'"),
        ("x = f'a' 'b' f'{y}' ''", "x = f'ab{y}'"),
        ("x = 0x10", "x = 16"),
        ("x = 1e1", "x = 10.0"),
        ("if TYPE_CHECKING: import a\nelse: import b", "import b"),
        ("if not t.TYPE_CHECKING: import a", "import a"),
        ("def f():\n    if TYPE_CHECKING: import a\n    return 1", "def f(): return 1"),
        ("def f(*a: int, **b: str) -> None: pass", "def f(*a, **b): 'Nothing.'"),
        ("for x in y:\n    'Why.'\n    x: int = 2", "for x in y: x = 2"),
        ("try: x\nexcept E:\n    y: int = 1\nelse: z", "try: x\nexcept E: y = 1\nelse: z"),
        ("match x:\n    case 1: y: int = 1", "match x:\n    case 1: y = 1"),
    ],
)
def test_code_that_does_the_same_is_written_alike(left: str, right: str) -> None:
    assert text(left) == text(right)


def test_fields_of_a_class_keep_their_annotations_and_its_methods_do_not() -> None:
    before = text("class A:\n    x: int\n    def f(self, y: int):\n        z: int = y")
    assert text("class A:\n    x: str\n    def f(self, y: int):\n        z: int = y") != before
    assert text("class A:\n    x: int\n    def f(self, y):\n        z = y") == before


def test_fields_that_a_later_version_adds_do_not_show_while_they_are_empty() -> None:
    (function,) = deciding_tree("def f(x): return x").body
    fields = {name: getattr(function, name) for name in function._fields}
    later = type("FunctionDef", (ast.FunctionDef,), {"_fields": (*fields, "new", "newer")})
    assert canonical(later(**fields, new=[], newer=None)) == canonical(function)
    assert canonical(later(**fields, new=[ast.Name("T")], newer=None)) != canonical(function)


def test_parts_of_an_f_string_are_the_same_wherever_a_version_cuts_them() -> None:
    value: ast.expr = ast.FormattedValue(ast.Name("x"), -1, ast.JoinedStr([ast.Constant(">"), ast.Constant("")]))
    cut = ast.JoinedStr([ast.Constant(""), ast.Constant("a"), ast.Constant("b"), value, ast.Constant("")])
    assert canonical(cut) == canonical(ast.parse("f'ab{x:>}'", mode="eval").body)


def test_numbers_beyond_the_limit_of_digits_are_written() -> None:
    assert text(f"x = 0x{'f' * 9999}") != text(f"x = 0x{'f' * 9998}e")


def test_trees_may_be_deeper_than_calls() -> None:
    deep = "def f(): return " + " + ".join(["x"] * 2000)
    assert digest_of({"mill/a.py": f"x = 1\n{deep}"}, "mill.a:f").functions.keys() == {"mill/a.py:f", "mill/a.py:x"}


def test_digests_are_these_in_every_version() -> None:
    """Pinned: another digest of the same code would make all results stale."""
    assert hash_of("a", "\ud800") == "57626c27be791845"
    assert digest_of(MILL).digest == "2cc6f340d72c2fbb"
