"""Damage, loss and change of files: the right bytes, or a line that names the file and what to do."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline import curation as driver
from pipeline.cells.checked_file import read_parquet
from pipeline.curation import Request, curate
from pipeline.errors import DamageError
from pipeline.spark.failures import told
from pipeline.stores import storage
from tests.e2e.reading import hashes

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ("decisions", "inputs", "release")
MANIFESTS = {"decisions": "_manifest.json", "release": "manifest.json"}


def results(run: Path) -> dict[str, dict[str, str]]:
    return {name: hashes(run / name) for name in PUBLISHED}


def flip(file: Path) -> None:
    """Change a bit of a byte somewhere in a file."""
    drawn = random.Random(file.name)
    content = bytearray(file.read_bytes())
    content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
    file.unlink()  # another run may share it by a hard link
    file.write_bytes(bytes(content))


def failure(run: Path, **request: Any) -> str:
    """Return what a user is told when a run fails."""
    with pytest.raises(Exception) as raised:  # noqa: PT011  (Spark's own, told in a line)
        curate(Request(output=str(run), **request))
    line = told(raised.value)
    assert line is not None, raised.value
    assert "\n" not in line
    return line


def test_a_flipped_byte_in_any_file_of_the_stages_is_an_error_that_names_it(run_copy: Path) -> None:
    files = [path for path in (run_copy / "stages").rglob("*") if path.is_file()]
    assert len(files) > 60
    for path in files:
        flip(path)
        with pytest.raises(DamageError) as raised:
            storage.read_json(str(path)) if path.suffix == ".json" else read_parquet(str(path))
        stage = path.relative_to(run_copy / "stages").parts[0]
        assert f"{path} is damaged or cut: remove {run_copy}/stages/{stage} and run again" in str(raised.value)


@pytest.mark.long
def test_a_flipped_byte_in_any_file_of_a_run_gives_the_right_bytes_or_a_line_that_names_the_file(
    run_copy: Path, finished: Path
) -> None:
    files = sorted(path for path in run_copy.rglob("*") if path.is_file())
    assert len(files) > 90
    named = 0
    for path in files:
        content = path.read_bytes()
        flip(path)
        for name in ("decisions", "release"):  # so that results are made anew, of what the stages left
            (run_copy / name / MANIFESTS[name]).unlink(missing_ok=True)
        try:
            curate(Request(output=str(run_copy)))
        except Exception as error:
            line = told(error)
            assert line is not None
            assert str(path) in line, line
            named += 1
        else:
            assert results(run_copy) == results(finished), path
        if "stages" in path.parts or path.parent == run_copy:
            path.unlink(missing_ok=True)
            path.write_bytes(content)
    assert named > 20


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["flipped", *(pytest.param(loss, marks=pytest.mark.long) for loss in ("cut", "gone"))])
def test_what_is_published_is_made_anew_where_it_is_not_what_was_written(
    run_copy: Path, finished: Path, loss: str, capsys: pytest.CaptureFixture[str]
) -> None:
    published = [file for name in PUBLISHED for file in sorted((run_copy / name).rglob("*.parquet"))]
    for file in [*random.Random(loss).sample(published, 2), run_copy / "inputs" / "inputs.parquet"]:
        if loss == "flipped":
            flip(file)
        elif loss == "cut":
            os.truncate(file, file.stat().st_size - 10)
        else:
            file.unlink()
        capsys.readouterr()
        curate(Request(output=str(run_copy)))
        assert f"not as written: {file}; made anew" in capsys.readouterr().out
        assert results(run_copy) == results(finished)


@pytest.mark.slow
def test_a_file_too_many_and_damaged_manifests_of_what_is_published_cost_it_alone(
    run_copy: Path, finished: Path
) -> None:
    shutil.copy(
        next((run_copy / "release").rglob("*.parquet")), run_copy / "release" / "data" / "general" / "copy.parquet"
    )
    for name, manifest in MANIFESTS.items():
        flip(run_copy / name / manifest)
    curate(Request(output=str(run_copy)))
    assert results(run_copy) == results(finished)


@pytest.mark.slow
def test_a_damaged_stage_is_named_and_removing_it_heals_the_run(run_copy: Path, finished: Path) -> None:
    (lines,) = (run_copy / "stages" / "dedup_line" / "files").glob("drops-*")
    flip(lines)
    asked = {"assignments": ("log_lines.min_lines=1",)}
    assert failure(run_copy, **asked) == (
        f"{lines} is damaged or cut: remove {run_copy}/stages/dedup_line and run again; what it held is made anew"
    )
    shutil.rmtree(run_copy / "stages" / "dedup_line")
    curate(Request(output=str(run_copy)))
    assert results(run_copy) == results(finished)


@pytest.mark.long
def test_a_damaged_head_is_named_and_without_it_all_is_found_again(
    run_copy: Path, finished: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(run_copy / "head.json")
    assert failure(run_copy) == f"{run_copy}/head.json is damaged or cut: remove it and run again"
    (run_copy / "head.json").unlink()
    assert "is a new run: name its input with --input" in failure(run_copy)
    capsys.readouterr()
    curate(Request(output=str(run_copy), inputs=(str(sample / "*"),)))
    assert capsys.readouterr().out.count("done already") == len(
        json.loads((run_copy / "head.json").read_bytes())["stages"]
    )
    assert results(run_copy) == results(finished)


@pytest.fixture
def input_copy(sample: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample, tmp_path / "crawl"))


@pytest.fixture
def before_extract(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Calls to make between ingest and extract of the next run."""
    calls: list[Any] = []
    run_stage = driver._run_stage

    def and_then(plan: Any, stage: Any, *rest: Any) -> Any:
        if stage.step.name == "extract":
            for call in calls:
                call()
        return run_stage(plan, stage, *rest)

    monkeypatch.setattr(driver, "_run_stage", and_then)
    return calls


@pytest.mark.long
def test_input_that_changes_while_the_run_reads_it_is_an_error_and_is_not_done_afterwards(
    input_copy: Path, tmp_path: Path, finished: Path, before_extract: list[Any]
) -> None:
    file = sorted(input_copy.glob("*.warc.gz"))[0]
    whole, status = file.read_bytes(), file.stat()
    before_extract.append(lambda: os.truncate(file, 60_000))
    run = tmp_path / "run"
    assert f"input changed since ingest: {file}" in failure(run, inputs=(f"{input_copy}/*",))
    before_extract.clear()
    file.write_bytes(whole)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    curate(Request(output=str(run), inputs=(f"{input_copy}/*",)))
    assert {row["doc_id"] for row in released(run)} == {row["doc_id"] for row in released(finished)}


@pytest.mark.long
def test_input_that_vanishes_is_named(input_copy: Path, tmp_path: Path, before_extract: list[Any]) -> None:
    file = sorted(input_copy.glob("*.warc.gz"))[0]
    before_extract.append(file.unlink)
    assert str(file) in failure(tmp_path / "run", inputs=(f"{input_copy}/*",))


def released(run: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for file in (run / "release").rglob("*.parquet"):
        rows += read_parquet(str(file), ["doc_id"]).to_pylist()
    return rows


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("r[1]{a,b}*?50%20#x&y\\z:w é", marks=pytest.mark.long),
        pytest.param("two\nlines", marks=pytest.mark.long),
    ],
)
def test_a_folder_of_any_name_holds_a_run(tmp_path: Path, name: str, sample: Path) -> None:
    run, crawl = tmp_path / name / "run", tmp_path / name / "crawl"
    crawl.mkdir(parents=True)
    for other in ("r1a", "rb", "50 x"):  # what such names would mean, were they patterns
        (tmp_path / other / "run").mkdir(parents=True)
    shutil.copy(sorted(sample.glob("*.warc.gz"))[0], crawl)
    curate(Request(output=str(run), inputs=(str(crawl),), last="dedup_document"))
    curate(Request(output=str(run)))
    assert len(released(run)) > 0
    assert not [file for other in ("r1a", "rb", "50 x") for file in (tmp_path / other / "run").iterdir()]


@pytest.mark.slow
def test_an_interrupt_ends_in_a_line_and_the_run_goes_on_afterwards(tmp_path: Path, sample: Path) -> None:
    submit = Path(sys.executable).parent / "spark-submit"
    command = [
        str(submit),
        str(ROOT / "jobs" / "curate.py"),
        "--input",
        f"{sample}/*",
        "--output",
        str(tmp_path / "run"),
    ]
    with (tmp_path / "said").open("w") as said:
        job = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, cwd=tmp_path, start_new_session=True)
        deadline = time.monotonic() + 200
        while "url_screen" not in (tmp_path / "said").read_text() and time.monotonic() < deadline:
            time.sleep(0.2)
        os.killpg(job.pid, signal.SIGINT)
        assert job.wait(timeout=60) == 130
    lines = (tmp_path / "said").read_text().splitlines()
    assert lines[-1] == "interrupted: run again to go on"
    assert not any("Traceback" in line or "Py4J" in line for line in lines)
    assert not (tmp_path / "run" / "_lock.json").exists()
