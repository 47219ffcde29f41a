"""A run directory of the former format is refused in one sentence, and nothing in it is touched."""

import json
from pathlib import Path

import pytest

from pipeline.cli.command import Command
from pipeline.cli.curating import CURATE
from pipeline.cli.judging import COMPARE, REVIEW
from pipeline.cli.limits import COMPARE_DATATROVE, FIT_LIMITS, WHAT_IF
from pipeline.cli.looking import EXPLAIN, EXPORT, LOCATE, SHOW
from pipeline.cli.process import main

RUN, NEW, TABLE = "{run}", "{new}", "{table}"
ASKED: dict[str, tuple[Command, list[str]]] = {
    "curate": (CURATE, ["--output", RUN]),
    "curate with input": (CURATE, ["--output", RUN, "--input", TABLE]),
    "dry run": (CURATE, ["--output", RUN, "--input", TABLE, "--dry-run"]),
    "against": (CURATE, ["--output", NEW, "--input", TABLE, "--against", RUN]),
    "tokens of an earlier run": (
        CURATE,
        ["--output", NEW, "--input", TABLE, "--set", f"heuristics.token_distribution={RUN}"],
    ),
    "explain": (EXPLAIN, [RUN, "https://mill.test/"]),
    "locate a result": (LOCATE, [RUN, "decisions"]),
    "locate a stage": (LOCATE, [RUN, "extract"]),
    "export": (EXPORT, [RUN, "extract", NEW]),
    "show": (SHOW, ["https://mill.test/", "--run", RUN]),
    "whatif": (WHAT_IF, [RUN, "--set", "heuristics.min_words=3"]),
    "fit_thresholds": (FIT_LIMITS, [RUN, "--output", NEW]),
    "disagreements": (COMPARE_DATATROVE, [RUN]),
    "compare": (COMPARE, [RUN, RUN]),
    "review": (REVIEW, [RUN, "--stage", "heuristics"]),
}


def contents(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Return path → time of the last change and bytes of all files."""
    files = [file for file in sorted(directory.rglob("*")) if file.is_file()]
    return {str(file.relative_to(directory)): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}


@pytest.mark.parametrize(("job", "arguments"), ASKED.values(), ids=ASKED)
def test_every_job_refuses_it_in_one_sentence_and_touches_nothing(
    spark: object, tmp_path: Path, capsys: pytest.CaptureFixture[str], job: Command, arguments: list[str]
) -> None:
    run, new, table = tmp_path / "run", tmp_path / "new", tmp_path / "pages.jsonl"
    for name, content in {
        "chain.json": "{}",
        "decisions/_manifest.json": "{}",
        "stages/extract/k/x.parquet": "",
    }.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(content)
    table.write_text(json.dumps({"url": "https://mill.test/", "text": "The miller is in."}) + "\n")
    before = contents(run)
    words = {RUN: str(run), NEW: str(new), TABLE: str(table)}
    for mark, word in words.items():
        arguments = [argument.replace(mark, word) for argument in arguments]
    capsys.readouterr()
    assert main(job, arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"error: {run} was made by an earlier version, whose tables this one does not read:"
        " name another output, or go on with that version\n"
    )
    assert contents(run) == before
    assert not new.exists()
