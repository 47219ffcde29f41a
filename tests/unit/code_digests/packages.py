"""A small package whose code is digested as it is, and as it is after an edit."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.code_digests.digests import CodeDigest, code_digest

ROOT = "mill.stages:mill"
MILL = {
    "mill/__init__.py": '''
"""A mill."""
from .scales import weigh
from .bags import *
''',
    "mill/stages.py": '''
"""What the mill does."""
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import mill.parts.weir
from mill import fill, weigh
from mill import sieves as sv
from mill.parts.wheel import Wheel
from mill.stones import grind as crush

if TYPE_CHECKING:
    from mill.people import Miller

LIMIT: int = 3


class Sack(NamedTuple):
    """A sack."""

    size: int = 3
    """How much it holds."""


def mill(rows: list[str], limit: int = LIMIT) -> "Sack":
    """Return a sack."""
    from mill.people import tell

    tell(rows)  # what they are
    turns: int = Wheel().turn(rows) + mill.parts.weir.level()
    return Sack(weigh(fill(crush(rows))) + sv.SIZES[limit] + turns)


@lru_cache
def unreached(rows):
    return rows
''',
    "mill/scales.py": "def weigh(rows):\n    return sum(rows) + sum(map(len, WEIGHTS))\nWEIGHTS = ['kg']\n",
    "mill/bags.py": "def fill(rows, *, most=9):\n    return rows[:most]\n",
    "mill/stones.py": """
from mill.grain import KINDS

def cached(function):
    return function

@cached
def grind(rows):
    return grind(rows[1:]) if rows[0] in KINDS else count(rows)

def count(rows):
    return len(rows) or grind(rows)
""",
    "mill/grain.py": """
NAMES = ["rye", "oats"]
KINDS = {}
for name in NAMES:
    KINDS[name] = grade(name)
OTHERS = {}
OTHERS["sand"] = 1

def grade(name):
    return len(name)
""",
    "mill/sieves.py": "SIZES = [1, 2]\nOTHER = 3\n",
    "mill/people.py": """
from mill import words

class Miller: ...

def tell(rows):
    return getattr(words, rows[0])
""",
    "mill/words.py": "HELLO = 'hello'\nBYE = 'bye'\n",
    "mill/parts/__init__.py": "",
    "mill/parts/wheel.py": "from .axle import Axle as Part\n\nclass Wheel(Part):\n    radius = 4\n",
    "mill/parts/axle.py": """
class Axle:
    def turn(self, rows):
        return self.radius
""",
    "mill/parts/weir.py": """
try:
    from mill.scales import WEIGHTS as HEIGHTS
except ImportError:
    HEIGHTS = []

def level():
    return HEIGHTS
""",
}


def digest_of(
    files: Mapping[str, str],
    root: str = ROOT,
    followed: Sequence[str] = ("mill",),
    left_out: Sequence[str] = (),
) -> CodeDigest:
    """Return the digest of what a root reaches in a package of these files."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        sys.path.insert(0, folder)
        try:
            return code_digest([root], followed, left_out)
        finally:
            sys.path.remove(folder)
            sys.path_importer_cache.pop(folder, None)


def edited(file: str, before: str, after: str, files: Mapping[str, str] = MILL) -> dict[str, str]:
    """Return the files after an edit of one of them."""
    assert before in files[file]
    return {**files, file: files[file].replace(before, after)}
