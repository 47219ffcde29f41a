"""A digest changes if, and only if, code changes that decides something."""

import pytest

from pipeline.code_digests.digests import changed_files, changed_functions
from tests.unit.code_digests.packages import MILL, digest_of, edited

BEFORE = digest_of(MILL)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        pytest.param("mill/stages.py", "# what they are", "# whatever they are", id="a comment"),
        pytest.param("mill/stages.py", '"""What the mill does."""', '"""Stages."""', id="a module's docstring"),
        pytest.param("mill/stages.py", '"""Return a sack."""', '"""Return one."""', id="a docstring"),
        pytest.param("mill/stages.py", '    """How much it holds."""\n', "", id="a docstring of a field"),
        pytest.param("mill/stages.py", "rows: list[str]", "rows", id="an annotation"),
        pytest.param("mill/stages.py", '"Sack":', "'Miller':", id="an annotated result"),
        pytest.param("mill/stages.py", "turns: int =", "turns =", id="an annotation of a local variable"),
        pytest.param("mill/stages.py", "LIMIT: int =", "LIMIT =", id="an annotation of a constant"),
        pytest.param("mill/stages.py", "import Miller", "import Miller, tell", id="an import for types"),
        pytest.param("mill/stages.py", "import re\n", "import os\nimport re\n", id="an unused import"),
        pytest.param("mill/stages.py", "return rows\n", "return rows + 1\n", id="an unreached function"),
        pytest.param("mill/stages.py", "@lru_cache\n", "def new():\n    pass\n\n", id="a new function"),
        pytest.param("mill/stages.py", "Wheel().turn(rows) +", "(\n  Wheel().turn(rows,)\n) +", id="formatting"),
        pytest.param("mill/scales.py", "'kg'", '"kg"', id="quotes"),
        pytest.param("mill/sieves.py", "OTHER = 3", "OTHER = 4", id="an unreached constant of a reached file"),
        pytest.param("mill/grain.py", '["sand"] = 1', '["sand"] = 2', id="an item of an unreached table"),
        pytest.param(
            "mill/people.py", "class Miller: ...", "class Miller(int): ...", id="a class named by types alone"
        ),
        pytest.param(
            "mill/stones.py", "def count", "if __name__ == '__main__':\n    count([])\n\ndef count", id="a script"
        ),
    ],
)
def test_what_decides_nothing_changes_no_digest(file: str, before: str, after: str) -> None:
    assert digest_of(edited(file, before, after)) == BEFORE


def test_the_order_of_definitions_changes_no_digest() -> None:
    function, constant = MILL["mill/scales.py"].split("WEIGHTS =")
    assert digest_of({**MILL, "mill/scales.py": f"WEIGHTS ={constant}{function}"}) == BEFORE


@pytest.mark.parametrize(
    ("file", "before", "after", "functions"),
    [
        pytest.param("mill/grain.py", "return len(name)", "return 0", ["grade"], id="a helper of a table's loop"),
        pytest.param("mill/grain.py", "rye", "wheat", ["NAMES"], id="a constant two modules away"),
        pytest.param(
            "mill/grain.py", "= grade(name)", "= 2", ["(statements)", "grade"], id="a loop that fills a table"
        ),
        pytest.param("mill/grain.py", "OTHERS = {}", "KINDS['x'] = 1", ["(statements)"], id="an item of a table"),
        pytest.param("mill/bags.py", "most=9", "most=8", ["fill"], id="a default behind an import of all names"),
        pytest.param("mill/stages.py", "LIMIT: int = 3", "LIMIT: int = 4", ["LIMIT"], id="a constant as a default"),
        pytest.param("mill/stages.py", "LIMIT: int = 3", "LIMIT: int = 3.0", ["LIMIT"], id="a number of another type"),
        pytest.param("mill/stages.py", "size: int = 3", "size: int = 2", ["Sack"], id="a field's default"),
        pytest.param("mill/stages.py", "size: int = 3", "size: str = 3", ["Sack"], id="a field's annotation"),
        pytest.param("mill/stones.py", "@cached\n", "", ["cached", "grind"], id="a decorator"),
        pytest.param("mill/stones.py", "return function", "return print", ["cached"], id="the code of a decorator"),
        pytest.param(
            "mill/stones.py", "return len(rows)", "return 1", ["count"], id="a function that calls its caller"
        ),
        pytest.param("mill/scales.py", "sum(rows)", "max(rows)", ["weigh"], id="what is imported from another place"),
        pytest.param("mill/sieves.py", "[1, 2]", "[1, 3]", ["SIZES"], id="an attribute of an alias"),
        pytest.param("mill/people.py", "rows[0]", "rows[1]", ["tell"], id="what is imported within a function"),
        pytest.param("mill/words.py", "'bye'", "'cheers'", ["BYE"], id="a module that is searched by name"),
        pytest.param("mill/parts/axle.py", "return self.radius", "return 1", ["Axle"], id="a method of a base class"),
        pytest.param("mill/parts/weir.py", "= []", "= [0]", ["HEIGHTS"], id="a name that is defined either way"),
        pytest.param(
            "mill/__init__.py", "from .scales", "from mill.sieves", ["weigh"], id="where a name is imported from"
        ),
    ],
)
def test_a_change_shows_in_its_file_and_definition(file: str, before: str, after: str, functions: list[str]) -> None:
    changed = digest_of(edited(file, before, after))
    assert changed.digest != BEFORE.digest
    names = changed_functions(BEFORE.functions, changed.functions)
    assert file in changed_files(BEFORE.files, changed.files)
    assert [name.partition(":")[2] for name in names if name.startswith(file)] == functions
    if file != "mill/__init__.py":
        assert changed_files(BEFORE.files, changed.files) == [file]


def test_a_helper_that_moves_is_a_change_of_both_files() -> None:
    files = {**MILL, "mill/sieves.py": MILL["mill/sieves.py"] + MILL["mill/bags.py"], "mill/bags.py": ""}
    moved = digest_of({**files, "mill/__init__.py": MILL["mill/__init__.py"].replace(".bags", ".sieves")})
    assert changed_files(BEFORE.files, moved.files) == ["mill/__init__.py", "mill/bags.py", "mill/sieves.py"]


def test_the_same_name_of_another_module_is_another_meaning() -> None:
    """The text of the function that uses it stays the same."""
    other = digest_of(edited("mill/stages.py", "from mill.stones import grind", "from mill.bags import fill"))
    assert "mill/stages.py:mill" in changed_functions(BEFORE.functions, other.functions)
