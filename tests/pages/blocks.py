"""Fenced blocks of pages: which commands they hold, and what these print.

| block | what it is | what the tests do |
|---|---|---|
| `console` | commands after `$`, with what they print | run them, compare what they print |
| `sh` | commands alone | run them |
| `sh not-run` | commands that want what is not here: a cluster, a network, your own files | read their options |
| `python` | a program | run it, all blocks of a page in one process |
| `text`, `yaml`, … | anything else | no `$` begins a line of `text` |

A comment before a block says more of it:

| comment | what it says |
|---|---|
| `<!-- first 12 -->`, `<!-- last 8 -->` | how much of what is printed stands in it |
| `<!-- figures vary -->` | each run prints other numbers (CPU times, say): the words are compared |
| `<!-- typed by a person -->` | of a `text` block: it has commands that are not run, because a person answers them |

Blocks of a page are run one after the other in a folder that has `build/sample`, `runs/sample`, `warcs/` and `jobs/`.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_BLOCK = re.compile(
    r"^(?:<!-- (?:(first|last) (\d+)|(figures vary|typed by a person)) -->\n)?```([^\n]*)\n(.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_WIDTH = 118
_SECONDS = 900
KINDS = ("console", "sh", "sh not-run", "python", "text", "yaml", "json", "mermaid", "bibtex")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        kind: Its info string.
        body: What it holds.
        at: Where the body begins in the page.
        end: Which end of what is printed it shows: first, last, or all where it is None.
        most: Lines of that at most.
        marked: What else the comment before it says: `figures vary`, `typed by a person`; empty for nothing.
    """

    kind: str
    body: str
    at: int
    end: str | None = None
    most: int = 0
    marked: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether a person answers its commands, so that they are not run."""
        return self.kind == "text" and self.marked == "typed by a person"

    def prints(self, other: "Block") -> bool:
        """Tell whether another run of its commands prints what stands here, but for what a clock says."""
        mask = without_numbers if self.marked == "figures vary" else without_times
        return mask(self.body) == mask(other.body)

    def commands(self) -> list[str]:
        """Return its commands, those over several lines joined."""
        joined = self.body.replace("\\\n", " ")
        if self.kind == "console":
            return [line.removeprefix("$ ") for line in joined.split("\n") if line.startswith("$ ")]
        if not self.kind.startswith("sh"):
            return []
        if "<<" in self.body:  # a file that is written on the spot
            return [self.body]
        return [line.partition("  # ")[0].strip() for line in joined.split("\n") if line and not line.startswith("#")]


def blocks_of(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [
        Block(result[4].strip(), result[5], result.start(5), result[1], int(result[2] or 0), result[3] or "")
        for result in _BLOCK.finditer(text)
    ]


def words_of(command: str) -> list[str]:
    """Return the words of a command of ours; none of any other: `gristmill X …`, and the main job."""
    if "<<" in command:
        return []
    ours = [piece for piece in re.split(r" \|\s+|; | && ", command) if piece.startswith("gristmill ")]
    words = shlex.split((ours[0] if ours else command).partition(" | ")[0].partition(" > ")[0])
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=.*", word)] or [""]
    if Path(words[0]).name == "gristmill":
        return words[1:]
    if Path(words[0]).name == "spark-submit" and "jobs/curate.py" in words:
        return ["curate", *words[words.index("jobs/curate.py") + 1 :]]
    return []


def printed(command: str, folder: Path) -> str:
    """Return what a command prints, standard output and error together as a terminal shows them.

    Raises:
        AssertionError: It failed.
    """
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CI": "true",
        "COLUMNS": "110",
    }
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode in {0, 141}, f"{command}: exit code {ended.returncode}\n{ended.stdout}"  # 141: `| head`
    return ended.stdout


def rerun(block: Block, folder: Path) -> Block:
    """Return a `console` block with what its commands print now."""
    lines: list[str] = []
    typed = [line for line in block.body.replace("\\\n", "\\\0").split("\n") if line.startswith("$ ")]
    for line, command in zip(typed, block.commands(), strict=True):
        lines += line.replace("\\\0", "\\\n").split("\n")
        lines += _cut(printed(command, folder).rstrip("\n").split("\n"), block)
    return replace(block, body="\n".join(lines) + "\n")


def _cut(lines: list[str], block: Block) -> Iterator[str]:
    shown = [line.rstrip() if len(line) <= _WIDTH else line[: _WIDTH - 1].rstrip() + "…" for line in lines]
    if block.end is None or len(shown) <= block.most:
        yield from shown if shown != [""] else ()
    elif block.end == "first":
        yield from [*shown[: block.most], "…"]
    else:
        yield from ["…", *shown[-block.most :]]


def without_times(text: str) -> str:
    """Return printed lines with what a clock says masked: seconds, and shares of them."""
    text = re.sub(r"\b\d[\d,]*(\.\d+)? (s|seconds|ms)\b", "# s", text)
    text = re.sub(r"^(\w+ +[\d,]+ +[\d,]+ +[\d,]+)( +[\d.]+ +\d+%)?", r"\1", text, flags=re.MULTILINE)
    return re.sub(r" +$", "", re.sub(r" {2,}", "  ", text), flags=re.MULTILINE)


def without_numbers(text: str) -> str:
    """Return printed lines with every number masked, and the spaces that line them up."""
    return re.sub(r" +$", "", re.sub(r" +", " ", re.sub(r"\d[\d,.]*", "#", text)), flags=re.MULTILINE)
