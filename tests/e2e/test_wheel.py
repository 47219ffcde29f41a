"""An installed wheel works in a fresh environment, outside the checkout: the command, the library, the sample."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.generated import ROOT
from tests.sample import write_sample

pytestmark = pytest.mark.long
EXTRACT = """
import sys
from pipeline import extract
text = extract("<title>x</title><main><p>The mill grinds the grain of the whole valley.</p></main>").text
assert text == "The mill grinds the grain of the whole valley.", text
assert "pyspark" not in sys.modules and "presidio_analyzer" not in sys.modules
"""
SEVEN = ("pyspark", "fasttext", "trafilatura", "datasketch", "transformers", "presidio_analyzer", "pyarrow")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    build = ["wheel", "--quiet", "--no-deps", "--use-pep517", "--wheel-dir", folder, ROOT]
    subprocess.run([sys.executable, "-m", "pip", *map(str, build)], check=True, timeout=600)
    (wheel,) = folder.glob("gristmill-*.whl")
    constraint = ["--constraint", str(ROOT / "requirements.lock")]
    subprocess.run(
        [in_(folder, "python"), "-m", "pip", "install", "--quiet", *constraint, wheel], check=True, timeout=1800
    )
    return folder


def in_(folder: Path, name: str) -> str:
    return str(folder / "venv" / "bin" / name)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the fresh environment in a folder outside the checkout."""
    left_out = ("PYTHONPATH", "VIRTUAL_ENV", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS", "PYSPARK_PYTHON", "JAVA_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | {"CI": "true"}
    environment["PATH"] = f"{folder / 'venv' / 'bin'}:{environment['PATH']}"
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800, check=False)


def children_seconds() -> float:
    """CPU time of the processes that have ended: on a quiet machine what they take by the clock, on a busy one less."""
    spent = os.times()
    return spent.children_user + spent.children_system


def test_help_comes_at_once(environment: Path) -> None:
    times = []
    for _ in range(5):
        begun = children_seconds()
        ended = run(environment, in_(environment, "gristmill"), "--help")
        times.append(children_seconds() - begun)
        assert ended.returncode == 0, ended.stderr
    assert "curate" in ended.stdout
    assert min(times) < 0.5, times


def test_the_seven_packages_come_with_it(environment: Path) -> None:
    program = f"import importlib.util as u; assert all(u.find_spec(name) for name in {SEVEN!r})"
    assert run(environment, in_(environment, "python"), "-c", program).returncode == 0


def test_a_step_of_the_library_takes_seconds_and_loads_no_spark(environment: Path) -> None:
    first = run(environment, in_(environment, "python"), "-c", EXTRACT)  # compiles
    assert first.returncode == 0, first.stderr
    times = []
    for _ in range(5):
        begun = children_seconds()
        assert run(environment, in_(environment, "python"), "-c", EXTRACT).returncode == 0
        times.append(children_seconds() - begun)
    assert min(times) < 2, times


def test_the_sample_is_curated_and_looked_at(environment: Path) -> None:
    write_sample(environment / "sample")
    words = [in_(environment, "gristmill"), "curate", "--input", "sample", "--output", "runs/first"]
    ended = run(environment, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "163,517 tokens in all" in ended.stdout
    checked = run(environment, in_(environment, "gristmill"), "verify", "runs/first")
    assert checked.returncode == 0, checked.stdout
