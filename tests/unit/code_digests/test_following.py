"""What is followed: names as Python looks them up, in the packages that are named."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from pipeline.code_digests.digests import CodeDigest, changed_files, code_digest
from pipeline.code_digests.syntax import deciding_tree
from tests.unit.code_digests.packages import MILL, digest_of

LOCAL = [
    "def mill(LIMIT): return LIMIT",
    "def mill():\n    LIMIT = 1\n    return lambda: LIMIT",
    "def mill(): return [LIMIT for LIMIT in range(3)]",
    "def mill():\n    for LIMIT in range(3): yield LIMIT",
    "def mill():\n    with open('x') as LIMIT: return LIMIT",
    "def mill():\n    try: return 1\n    except OSError as LIMIT: return LIMIT",
    "def mill(x):\n    match x:\n        case [*LIMIT]: return LIMIT\n        case {1: 2, **LIMIT}: return LIMIT",
    "def mill():\n    import re as LIMIT\n    return LIMIT",
    "def mill():\n    def LIMIT(): return 2\n    return LIMIT()",
    "def mill():\n    LIMIT = 2\n    def inner():\n        nonlocal LIMIT\n        LIMIT = 3\n    return inner",
    "class mill:\n    LIMIT = 2\n    most = LIMIT",
    "def mill(x): return [LIMIT := x, LIMIT]",
    "def mill(x): return x.LIMIT",
]
GLOBAL = [
    "def mill(): return LIMIT.real",
    "def mill(x=LIMIT): return x",
    "def mill(x, *, y=LIMIT): return y",
    "def mill():\n    def inner():\n        return f'{1:{LIMIT}}'\n    return inner",
    "def mill(): return [x for x in range(LIMIT)]",
    "def mill(LIMIT=LIMIT): return LIMIT",
    "def mill(): return lambda x=LIMIT: x",
    "def mill():\n    global LIMIT\n    LIMIT = 3",
    "def mill():\n    LIMIT = 2\n    def inner():\n        global LIMIT\n        return LIMIT\n    return inner",
    "class mill:\n    LIMIT = LIMIT",
    "class mill:\n    LIMIT = 2\n    def method(self): return LIMIT",
    "class mill:\n    LIMIT = 2\n    many = [LIMIT for x in range(3)]",
    "class mill(metaclass=LIMIT): ...",
    "def mill(x): return [LIMIT for x in LIMIT for LIMIT in x]",
    "def mill():\n    assert isinstance(LIMIT, int)",
    "@LIMIT.wraps\ndef mill(): ...",
    "mill, other = LIMIT, 1",
]


def reached(stages: str, **files: str) -> set[str]:
    """Return what a root in `mill/stages.py` reaches, without itself."""
    return set(digest_of({"mill/stages.py": stages, **files}).functions) - {"mill/stages.py:mill"}


@pytest.mark.parametrize("code", LOCAL)
def test_a_local_name_reaches_no_global_one(code: str) -> None:
    assert reached(f"LIMIT = 3\n{code}\n") == set()


@pytest.mark.parametrize("code", GLOBAL)
def test_a_global_name_is_reached_from_wherever_it_is_used(code: str) -> None:
    assert "mill/stages.py:LIMIT" in reached(f"LIMIT = 3\n{code}\n")


@pytest.mark.parametrize(
    "statement",
    [
        "TABLE['x'] = 1",
        "TABLE.items.x = 1",
        "TABLE.update(x=1)",
        "TABLE |= {}",
        "del TABLE['x']",
        "if len(TABLE): print()",
        "with open(TABLE) as file: file.read()",
        "while TABLE: TABLE.pop()",
        "assert TABLE",
        "TABLE, rest[0] = 1, 2",
    ],
)
def test_a_statement_counts_where_it_mentions_what_is_reached(statement: str) -> None:
    table = "TABLE = {}\ndef mill(): return TABLE\nrest = [0]\n"
    without = reached(table)
    assert reached(f"{table}{statement}") - without
    assert reached(f"TABLE = {{}}\ndef mill(): return 1\nrest = [0]\n{statement}") == set()


def test_what_a_statement_uses_is_reached_with_it() -> None:
    code = "TABLE = {}\ndef mill(): return TABLE\ndef key(): return KEY\nKEY = 'x'\nTABLE[key()] = 1\n"
    assert reached(code) == {f"mill/stages.py:{name}" for name in ("TABLE", "key", "KEY", "(statements)")}


def test_a_statement_counts_that_fills_the_table_of_another_module() -> None:
    code = "from mill import tables as t\nt.TABLE['x'] = 1\ndef mill(): return other()\nfrom mill.other import other"
    files = {
        "mill/tables.py": "TABLE = {}",
        "mill/other.py": "from mill.tables import TABLE\ndef other(): return TABLE",
    }
    assert "mill/stages.py:(statements)" in reached(code, **files)


@pytest.mark.parametrize("root", ["total", "tables.TABLE"])
def test_a_function_counts_that_a_reached_object_registers(root: str) -> None:
    imports = "from functools import singledispatch as sd\nfrom mill import tables\n"
    function = f"@{root}.register\ndef _(x: int): return ONE\nONE = 1\n"
    code = f"{imports}@sd\ndef total(x): ...\n{function}def mill(): return {root}"
    files = {"mill/tables.py": "TABLE = {}"}
    assert "mill/stages.py:ONE" in reached(code, **files)
    assert "mill/stages.py:ONE" not in reached(code.replace(f"mill(): return {root}", "mill(): return sd"), **files)


def test_a_module_as_a_value_is_reached_whole() -> None:
    code = "from mill import tables\ndef mill(name): return getattr(tables, name)"
    tables = "from mill.more import B\nfrom mill import rest\n__all__ = ['A']\nA = 1\nprint(3)"
    files = {"mill/tables.py": tables, "mill/more.py": "B = 1\nC = 2", "mill/rest.py": "D = 1"}
    names = {"mill/tables.py:A", "mill/tables.py:B", "mill/tables.py:(statements)", "mill/more.py:B"}
    assert reached(code, **files) == names
    assert reached(code.replace("getattr(tables, name)", "tables.missing"), **files) == names
    assert reached(code.replace("getattr(tables, name)", "tables.__name__"), **files) == set()


def test_imports_that_go_in_circles_end() -> None:
    code = "from mill.a import x\ndef mill(): return x"
    files = {
        "mill/a.py": "from mill.b import x, y\nfrom mill.b import *",
        "mill/b.py": "from mill.a import *\nfrom mill.a import x",
    }
    assert reached(code, **files) == {"mill/a.py:x", "mill/b.py:x"}


def test_a_package_may_import_its_own_modules_and_have_functions_of_their_names() -> None:
    code = "import mill.press as p\nfrom mill.press.oil import drip\ndef mill(): return p.oil(p.nut.CRACK), drip"
    files = {
        "mill/press/__init__.py": "from . import nut\nfrom .oil import oil",
        "mill/press/nut.py": "CRACK = 1\nOTHER = 2",
        "mill/press/oil.py": "def oil(x): ...\ndef drip(): ...",
    }
    names = {"oil.py:oil", "oil.py:drip", "nut.py:CRACK", "__init__.py:oil"}
    assert reached(code, **files) == {f"mill/press/{name}" for name in names}


def test_a_file_is_parsed_once_and_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "mill_of_one_file.py"
    parsed = Mock(side_effect=deciding_tree)
    monkeypatch.setattr("pipeline.code_digests.modules.deciding_tree", parsed)
    file.write_text("SIZE = 1")
    first, second = (code_digest(["mill_of_one_file:SIZE"], ["mill_of_one_file"]) for _ in range(2))
    file.write_text("SIZE = 10")
    third = code_digest(["mill_of_one_file:SIZE"], ["mill_of_one_file"])
    assert parsed.call_count == 2
    assert first == second
    assert changed_files(second.files, third.files) == ["mill_of_one_file.py"]


def without(*left_out: str) -> CodeDigest:
    return digest_of(MILL, left_out=left_out)


def test_what_is_left_out_counts_by_its_name_alone() -> None:
    left = without("mill.stones", "mill.parts")
    assert not [file for file in left.files if file.startswith(("mill/stones", "mill/grain", "mill/parts"))]
    others = {
        **MILL,
        "mill/stages.py": MILL["mill/stages.py"].replace("import grind as crush", "import count as crush"),
    }
    other = digest_of(others, left_out=("mill.stones", "mill.parts"))
    assert changed_files(left.files, other.files) == ["mill/stages.py"]


def test_what_is_left_out_may_move_to_another_module() -> None:
    stages = MILL["mill/stages.py"]
    moved = {**MILL, "mill/rollers.py": MILL["mill/stones.py"]}
    moved["mill/stages.py"] = stages.replace("from mill.stones import", "from mill.rollers import")
    left_out = ("mill.stones", "mill.rollers")
    assert digest_of(MILL, left_out=left_out) == digest_of(moved, left_out=left_out)
    assert digest_of(MILL) != digest_of(moved)


def test_a_package_is_followed_only_below_the_prefix_that_is_named() -> None:
    files = {
        "mill/stages.py": "import mill\ndef mill_(): return mill.a.f(mill.b.f)",
        "mill/a.py": "def f(): ...",
        "mill/b.py": "def f(): ...",
    }
    digest = digest_of(files, "mill.stages:mill_", followed=["mill.stages", "mill.a"])
    assert set(digest.files) == {"mill/stages.py", "mill/a.py"}
