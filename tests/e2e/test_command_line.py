"""The commands as a user types them: a wrong word is answered in one line, at once, and without Java."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.command import Command
from pipeline.cli.curating import CURATE
from pipeline.cli.looking import EXPLAIN, LOCATE
from pipeline.cli.process import main
from pipeline.plan import NAMES
from tests.e2e.reading import rows

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = (
    "--input",
    "--output",
    "--config",
    "--set",
    "--from",
    "--to",
    "--only",
    "--dry-run",
    "--strict",
    "--show-config",
)


SEVERAL = """
import contextlib, io, json, sys
from pipeline.cli.curating import CURATE
from pipeline.cli.process import main
answers = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(CURATE, arguments)
    answers.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(answers))
"""


def typed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the main job where no Java can be found."""
    return without_java(folder, str(ROOT / "jobs" / "curate.py"), *arguments)


def without_java(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK", "PYSPARK"))}
    environment |= {"JAVA_HOME": "/nonexistent", "PATH": "/nonexistent", "CI": "true"}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed")
    (folder / "crawl.warc.gz").write_bytes(b"")
    (folder / "mine.yaml").write_text("heuristics:\n  min_words: 30\n")
    return folder


WRONG = {
    "stage": (["--only", "langage"], "no stage 'langage'", "did you mean 'language'?"),
    "first stage": (["--from", "mixx"], "no stage 'mixx'", "did you mean 'mix'?"),
    "order of stages": (["--from", "mix", "--to", "route"], "--from mix comes after --to route", ""),
    "key": (["--set", "heuristics.min_word=3"], "no parameter 'heuristics.min_word'", "did you mean 'min_words'?"),
    "section": (["--set", "heuristic.min_words=3"], "no stage 'heuristic'", "did you mean 'heuristics'?"),
    "assignment": (["--set", "min_words=3"], "write it as stage.key=value", ""),
    "value": (["--set", "heuristics.min_words=-3"], "heuristics.min_words = -3", "greater than or equal to 0"),
    "configuration file": (
        ["--config", "mien.yaml"],
        "no such configuration file: mien.yaml",
        "did you mean 'mine.yaml'?",
    ),
    "listing": (["--input", "@warc.paths"], "no such listing: @warc.paths", ""),
    "input": (["--input", "craul.warc.gz"], "no such input: craul.warc.gz", "did you mean 'crawl.warc.gz'?"),
}


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, tuple[int, str, str]]:
    """What the job answers to each wrong word: exit code, output and errors, all of one process."""
    given = [["--input", "crawl.warc.gz"] if "--input" not in arguments else [] for arguments, *_ in WRONG.values()]
    asked = [
        ["--output", "run", *more, *arguments] for more, (arguments, *_) in zip(given, WRONG.values(), strict=True)
    ]
    ended = without_java(folder, "-c", SEVERAL, json.dumps(asked))
    assert (ended.returncode, ended.stderr) == (0, "")
    return dict(zip(WRONG, json.loads(ended.stdout), strict=True))


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_word_is_one_line_with_the_near_miss(
    folder: Path, answers: dict[str, tuple[int, str, str]], name: str
) -> None:
    code, out, err = answers[name]
    _, what, instead = WRONG[name]
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("error: ")
    assert what in line
    assert instead in line
    assert not (folder / "run").exists()


def test_a_new_run_without_input_says_what_to_name(folder: Path) -> None:
    result = typed(folder, "--output", "run")
    assert (result.returncode, result.stderr) == (2, "error: run is a new run: name its input with --input\n")


def test_a_dry_run_needs_no_java_and_writes_nothing(folder: Path) -> None:
    result = typed(folder, "--output", "run", "--input", "crawl.warc.gz", "--config", "mine.yaml", "--dry-run")
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["run"] * len(NAMES)
    assert not (folder / "run").exists()


def test_a_refusal_imports_no_spark() -> None:
    program = (
        "import sys\nfrom pipeline.cli.curating import CURATE\nfrom pipeline.cli.process import main\n"
        "code = main(CURATE, ['--output', 'x', '--only', 'langage'])\n"
        "print(code, sorted(name for name in ('pyspark', 'py4j', 'numba', 'fasttext') if name in sys.modules))\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "2 []\n"


@pytest.mark.parametrize(("job", "words"), [(CURATE, OPTIONS), (EXPLAIN, ("run", "url")), (LOCATE, ("stage",))])
def test_help_mentions_every_option(job: Command, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(job, ["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert not [word for word in words if word not in said]


@pytest.mark.parametrize("arguments", [["--output", "x", "--only", "mix", "--to", "mix"], ["--outptu", "x"], []])
def test_arguments_that_do_not_go_together_end_with_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(CURATE, arguments)
    assert ended.value.code == 2
    assert "usage: gristmill curate" in capsys.readouterr().err


def test_shown_parameters_can_be_given_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(CURATE, ["--show-config", "--set", "heuristics.min_words=31"]) == 0
    shown = capsys.readouterr().out
    assert "  min_words: 31\n" in shown
    (tmp_path / "all.yaml").write_text(shown)
    assert main(CURATE, ["--show-config", "--config", str(tmp_path / "all.yaml")]) == 0
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize("what", ["ingest", "extract", "language", "mix", "decisions", "inputs", "release"])
def test_locate_prints_a_directory_that_can_be_read(
    finished: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    assert main(LOCATE, [f"{finished}/", what]) == 0
    (place,) = capsys.readouterr().out.splitlines()
    assert Path(place).is_dir()
    assert rows(finished, what)


@pytest.mark.parametrize(
    ("what", "message"),
    [("dedup_lines", "did you mean 'dedup_line'?"), ("zzz", "has no committed 'zzz'"), ("decision", "did you mean")],
)
def test_locate_answers_a_wrong_word_with_the_near_miss(
    finished: Path, capsys: pytest.CaptureFixture[str], what: str, message: str
) -> None:
    assert main(LOCATE, [str(finished), what]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert message in said.err


def test_explain_tells_why_and_for_whom_a_page_was_dropped(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = next(row for row in rows(finished, "decisions") if row["reason"] == "near_duplicate")
    for name in ("record_id", "doc_id", "source_url"):
        assert main(EXPLAIN, [str(finished), gone[name]]) == 0
        said = capsys.readouterr().out
        assert gone["source_url"] in said
        assert "DROPPED: near_duplicate" in said
        assert gone["survivor_record_id"] in said


def test_a_program_reads_the_same_story(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = next(row for row in rows(finished, "decisions") if row["reason"] == "near_duplicate")
    assert main(EXPLAIN, [str(finished), gone["doc_id"], "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert record["decision"]["survivor_record_id"] == gone["survivor_record_id"]
    stages = {stage["stage"]: stage for stage in record["stages"]}
    assert [name for name, stage in stages.items() if not stage["passed"]] == ["dedup_document"]
    assert stages["extract"]["measured"]["text"] is None  # nothing had redacted it yet
    assert stages["pii"]["measured"]["text"]


@pytest.mark.parametrize("stage", ["ingest", "dedup_url", "heuristics", "mix"])
def test_explain_gives_the_meaning_of_every_kind_of_reason(
    finished: Path, capsys: pytest.CaptureFixture[str], stage: str
) -> None:
    from schemas.reasons import meaning_of

    dropped = {row["reason"]: row for row in rows(finished, "decisions") if row["stage"] == stage}
    for reason, row in dropped.items():
        assert main(EXPLAIN, [str(finished), row["record_id"]]) == 0
        said = capsys.readouterr().out
        assert f"DROPPED: {reason}" in said
        assert meaning_of(stage, reason) in said


def test_explain_follows_a_kept_page_into_its_shards(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = next(row for row in rows(finished, "decisions") if row["kept"])
    assert main(EXPLAIN, [str(finished), kept["source_url"]]) == 0
    said = capsys.readouterr().out
    assert "kept by every stage" in said
    shards = [line.split()[2] for line in said.splitlines() if line.strip().startswith("in shard")]
    assert shards
    assert all(Path(shard).is_file() for shard in shards)


@pytest.mark.parametrize(
    ("run", "message"), [("nowhere", "nowhere holds no committed run"), ("", "has no record of https://not.there/")]
)
def test_explain_says_what_it_does_not_know(
    finished: Path, capsys: pytest.CaptureFixture[str], run: str, message: str
) -> None:
    assert main(EXPLAIN, [run or str(finished), "https://not.there/"]) == 2
    assert message in capsys.readouterr().err
