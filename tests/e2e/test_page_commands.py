"""The commands of README and docs do what the pages say: they are run, and what they print is compared."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.blocks import Block, blocks_of, printed, rerun
from tests.pages.generated import ROOT, pages

RUN = {"console", "sh", "python"}
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in pages()
    if any(block.kind in RUN for block in blocks_of(path.read_text()))
}


@pytest.fixture(scope="module")
def curated(finished: Path, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample, and a run of it by the paths that the pages name."""
    folder = tmp_path_factory.mktemp("curated")
    shutil.copytree(sample, folder / "build" / "sample")
    shutil.copytree(sample, folder / "warcs")
    for name in ("jobs", "tests", "docs"):
        (folder / name).symlink_to(ROOT / name)
    printed("gristmill curate --input 'build/sample/*' --output runs/sample", folder)
    return folder


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_print_what_it_says(name: str, curated: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    shutil.copytree(curated, folder, symlinks=True)
    programs: list[str] = []
    for block in blocks_of(PAGES[name].read_text()):
        if block.kind == "console":
            made = rerun(block, folder)
            assert block.prints(made), f"{made.body}\npython -m tests.pages --write --run {name}"
        elif block.kind == "sh":
            run_all(block, folder)
        elif block.kind == "python":
            programs.append(block.body)
            subprocess.run([sys.executable, "-c", "\n".join(programs)], cwd=folder, check=True, timeout=600)


def run_all(block: Block, folder: Path) -> None:
    """Run the commands of a block; those of make are the targets that CI runs itself."""
    for command in block.commands():
        if command.startswith("make "):
            assert f"\n{command.split()[1]}:" in (ROOT / "Makefile").read_text()
        else:
            printed(command, folder)
