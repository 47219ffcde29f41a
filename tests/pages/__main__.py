"""Say which pages are out of date, or write them anew: `python -m tests.pages [--write] [PAGE …]`."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.pages.blocks import blocks_of, printed, rerun
from tests.pages.generated import ROOT, pages, rewritten


def prepared(folder: Path) -> Path:
    """Return a folder in which the commands of a page run: with the sample, and a run of it."""
    for name in ("build/sample", "runs/sample"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "build" / "sample", folder / "warcs")
    for name in ("jobs", "tests", "docs"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def with_outputs(text: str) -> str:
    """Return a page with what its commands print now; they are run in order."""
    with tempfile.TemporaryDirectory() as name:
        folder = prepared(Path(name))
        pieces, at = [], 0
        for block in blocks_of(text):
            if block.kind == "sh":
                for command in block.commands():
                    if not command.startswith("make "):
                        printed(command, folder)
            made = rerun(block, folder) if block.kind == "console" else block
            pieces += [text[at : block.at], block.body if block.prints(made) else made.body]
            at = block.at + len(block.body)
        return "".join([*pieces, text[at:]])


def main() -> int:
    """Compare or write; return 1 where something is out of date."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages", description=__doc__)
    parser.add_argument("page", nargs="*", type=Path, help="default: all")
    parser.add_argument("--write", action="store_true", help="write what is out of date")
    parser.add_argument("--run", action="store_true", help="run the commands of the pages, and compare what they print")
    given = parser.parse_args()
    stale = 0
    for page in given.page or pages():
        before = page.read_text()
        after = rewritten(before)
        after = with_outputs(after) if given.run else after
        if after != before:
            stale += 1
            print(f"{'written' if given.write else 'out of date'}: {page}")
            if given.write:
                page.write_text(after)
    return int(bool(stale) and not given.write)


if __name__ == "__main__":
    sys.exit(main())
