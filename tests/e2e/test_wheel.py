"""An installed wheel works in a fresh environment, outside the checkout: commands, the library, what ships as data."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.engine.named_recipes import recipe_names, recipe_text
from pipeline.report_page.escaping import escaped
from pipeline.report_page.scripts import licence, our_script, style
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
    install(folder)
    return folder


def install(folder: Path, extras: str = "") -> None:
    """Install the wheel, with what is named in brackets."""
    (wheel,) = folder.glob("gristmill-*.whl")
    words = ["install", "--quiet", "--constraint", str(ROOT / "requirements.lock"), f"{wheel}{extras}"]
    subprocess.run([in_(folder, "python"), "-m", "pip", *words], check=True, timeout=1800)


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


def test_recipes_come_with_it(environment: Path) -> None:
    gristmill = in_(environment, "gristmill")
    listed = run(environment, gristmill, "recipes")
    assert listed.returncode == 0, listed.stderr
    assert [line.split()[0] for line in listed.stdout.splitlines()] == recipe_names()
    for name in recipe_names():
        shown = run(environment, gristmill, "recipes", name)
        assert shown.stdout.rstrip("\n") == recipe_text(name).rstrip("\n"), shown.stderr
        settings = run(environment, gristmill, "curate", "--recipe", name, "--show-config")
        assert settings.returncode == 0, settings.stderr
        assert settings.stdout


@pytest.fixture(scope="module")
def curated(environment: Path) -> str:
    """A run of the sample by the command; what it printed."""
    write_sample(environment / "sample")
    words = [in_(environment, "gristmill"), "curate", "--input", "sample", "--output", "runs/first"]
    ended = run(environment, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_sample_is_curated_and_looked_at(environment: Path, curated: str) -> None:
    assert "163,517 tokens in all" in curated
    checked = run(environment, in_(environment, "gristmill"), "verify", "runs/first")
    assert checked.returncode == 0, checked.stdout


def test_the_report_is_written_with_its_look_and_scripts_once_its_extra_is_there(
    environment: Path, curated: str
) -> None:
    words = [in_(environment, "gristmill"), "report", "runs/first", "-o", "report.html"]
    refused = run(environment, *words)
    assert (refused.returncode, refused.stderr) == (2, "error: charts need Altair: pip install 'gristmill[report]'\n")
    install(environment, "[report]")
    ended = run(environment, *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    page = (environment / "report.html").read_text(encoding="utf-8")
    for shipped in (style(), our_script(), escaped(licence())):
        assert shipped in page
