"""Which stages each of the last commits that touch kernels would have redone, and by which of the files it touched.

`python -m tests.benchmarks.redone_by_commit [--commits 30]`

Each commit's tree is compared with its parent's, stage by stage, by the digest of the code that decides its cells. A
stage that is redone without a file of the commit among those that changed would be redone by code that it does not use:
the last line counts them.
"""

import argparse
import ast
import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from pipeline.code_digests.digests import changed_files, code_digest
from pipeline.code_digests.sources import Source, Sources
from pipeline.code_digests.stage_code import LEFT_OUT, WRAPPERS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pipeline", "classifiers")
FORMER_FRAME = tuple(
    f"pipeline.{name}"
    for name in (
        "cli", "column_types", "committed", "config", "curate", "daemon", "decisions", "fit_notes", "frames",
        "heeded_tables", "hops", "inputs", "java", "ledger", "loaded_files", "lock", "manifest", "parts", "partwise",
        "patching", "plan", "progress", "quarantine", "release", "report", "reuse", "segment", "session", "show",
        "side_writer", "sides", "spark_setup", "stage", "steps", "storage", "streams", "table_file", "table_tasks",
        "tables", "tallies", "watchdog",
    )
)  # fmt: skip
"""What ran stages before it had packages."""


class TreeSources(Sources):
    """Sources of a tree that is not the running one."""

    tree: Path

    def __init__(self) -> None:
        """Look for the project's packages in the tree."""
        super().__init__()
        for name in PACKAGES:
            self._sources[name] = Source(self.tree / name / "__init__.py", (self.tree / name,))


def git(*arguments: str) -> bytes:
    """Return what git prints."""
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True).stdout


@cache
def digests(commit: str) -> Mapping[str, Mapping[str, str]]:
    """Return stage → file → hash of what decides the stage's cells, at a commit."""
    with TemporaryDirectory() as folder:
        archive = io.BytesIO(git("archive", commit, "--", "pipeline", "classifiers"))
        with tarfile.open(fileobj=archive) as files:
            files.extractall(folder, filter="data")
        TreeSources.tree = Path(folder)
        left_out = (*LEFT_OUT, *FORMER_FRAME)
        with patch("pipeline.code_digests.following.Sources", TreeSources):
            return {
                stage: code_digest(roots, PACKAGES, left_out, (*WRAPPERS, "pipeline.stage.stage")).files
                for stage, roots in stages_of(Path(folder, "pipeline", "stages"))
            }


def stages_of(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (stage, its functions and its parameters) of the modules that hold stages."""
    for file in sorted(folder.glob("*.py")):
        body = ast.parse(file.read_text()).body
        defined = {item.name for item in body if isinstance(item, ast.FunctionDef | ast.ClassDef)}
        for item in body:
            call = next(iter(item.decorator_list), None) if isinstance(item, ast.FunctionDef) else None
            if not (isinstance(item, ast.FunctionDef) and isinstance(call, ast.Call) and item.name == file.stem):
                continue
            clauses = [clause.value for clause in call.keywords if clause.arg != "report"]
            clauses += [argument.annotation for argument in item.args.args if argument.annotation is not None]
            named = {part.id for clause in clauses for part in ast.walk(clause) if isinstance(part, ast.Name)}
            roots = sorted({item.name} | (named & defined))
            yield item.name, [f"pipeline.stages.{file.stem}:{name}" for name in roots]


def main() -> None:
    """Print a table of commits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--until", default="HEAD", help="the newest commit")
    given = parser.parse_args()
    log = git("log", "--no-merges", f"-{given.commits}", "--format=%h %s", given.until, "--", "pipeline/kernels")
    unexplained = 0
    print("| commit | files of kernels | stages that it would have redone |\n|---|---:|---|")
    for line in log.decode().splitlines():
        commit, _, subject = line.partition(" ")
        touched = set(git("diff", "--name-only", "--no-renames", f"{commit}~", commit).decode().splitlines())
        before, after = digests(f"{commit}~"), digests(commit)
        redone = []
        for stage in after:
            if before.get(stage, {}) != after[stage]:
                redone.append(stage)
                unexplained += not touched & set(changed_files(before.get(stage, {}), after[stage]))
        kernels = sum(name.startswith("pipeline/kernels/") for name in touched)
        print(f"| {commit} {subject[:60]} | {kernels} | {', '.join(redone) or 'none'} |")
    print(f"\n{unexplained} stages would have been redone by no file that their commit touched")


if __name__ == "__main__":
    main()
