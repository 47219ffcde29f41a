"""Changed code redoes the stages whose cells it decides, and says which file; words about it redo nothing."""

import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGED = "pipeline/kernels/pii/emails.py"
LINE = "_DIGITS: Final = 13\n"
PLAN = dict[str, tuple[str, str]]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the code, to be changed."""
    for name in ("classifiers", "jobs", "pipeline", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / "repo" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "repo"


def edit(repository: Path, before: str, after: str) -> None:
    path = repository / CHANGED
    source = path.read_text()
    assert source.count(before) == 1
    path.write_text(source.replace(before, after))


def typed(repository: Path, run: Path, *arguments: str) -> str:
    """Run the main job of a copy of the code, and return what it says."""
    command = [sys.executable, str(repository / "jobs" / "curate.py"), "--output", str(run), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(repository), "CI": "true"}
    ended = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def planned(repository: Path, run: Path, *arguments: str) -> PLAN:
    """Return stage → its state and why."""
    lines = typed(repository, run, "--dry-run", *arguments).splitlines()[1:]
    return {line.split()[0]: (line[16:26].strip(), line[26:]) for line in lines}


def test_a_changed_constant_of_a_kernel_redoes_the_stage_that_reaches_it_and_names_the_file(
    finished: Path, repository: Path
) -> None:
    plan = planned(repository, finished)
    assert {state for state, _ in plan.values()} == {"done"}
    edit(repository, LINE, LINE.replace("13", "14"))
    plan = planned(repository, finished)
    assert [stage for stage, (_, why) in plan.items() if why.startswith("code changed: ")] == ["pii"]
    assert plan["pii"] == ("run", f"code changed: {CHANGED}")
    stages = list(plan)
    assert {plan[stage][0] for stage in stages[: stages.index("pii")]} == {"done"}
    for earlier, stage in pairwise(stages[stages.index("pii") :]):
        assert plan[stage] == ("run", f"{earlier} is redone")


def test_a_comment_and_a_docstring_redo_nothing(finished: Path, repository: Path) -> None:
    edit(repository, LINE, f"# counted in mail\n{LINE}")
    edit(
        repository, '"""Tell whether an address can be one of a person."""', '"""Tell whether somebody may read it."""'
    )
    assert {state for state, _ in planned(repository, finished).values()} == {"done"}


def test_results_of_the_code_as_it_was_are_kept_where_the_user_says_so(finished: Path, repository: Path) -> None:
    edit(repository, LINE, LINE.replace("13", "14"))
    plan = planned(repository, finished, "--keep-results", "pii")
    assert {state for state, _ in plan.values()} == {"done"}


def test_kept_results_carry_what_is_changed_after_them(
    finished: Path, run_copy: Path, repository: Path, tmp_path: Path
) -> None:
    edit(repository, LINE, LINE.replace("13", "14"))
    change = ("--keep-results", "pii", "--set", "heuristics.min_words=150")
    plan = planned(repository, run_copy, *change)
    assert plan["heuristics"] == ("run", "min_words 50 → 150")
    assert [stage for stage, (state, _) in plan.items() if state == "run"] == [
        "heuristics",
        "quality",
        "topic",
        "mix",
        "anneal",
    ]
