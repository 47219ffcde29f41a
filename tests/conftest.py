"""What tests share: one SparkSession, the sample crawl, and one finished run of it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.sample import write_sample

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHARED = Path(__file__).resolve().parents[2] / "shared"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}
"""What costs a test's tiny tables more than it brings; drivers of their own run on the settings of a user."""

settings.register_profile("tests", deadline=None)  # how long an example takes on a busy machine says nothing
settings.load_profile("tests")


@pytest.fixture(scope="session")
def spark() -> Iterator["SparkSession"]:
    os.environ.setdefault("CI", "true")  # plain lines instead of bars
    from pipeline.spark.session import start_session, stop_session

    words = " ".join(f"--conf {name}={value}" for name, value in SETTINGS.items())
    with pytest.MonkeyPatch.context() as patch:  # a driver that a test starts has none of them
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{words} pyspark-shell")
        session = start_session("tests")
    yield session
    stop_session()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample")
    write_sample(directory)
    return directory


@pytest.fixture(scope="session")
def finished(spark: "SparkSession", sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the whole sample crawl; tests that change a run copy it."""
    from pipeline.curation import Request, curate

    output = tmp_path_factory.mktemp("finished") / "run"
    curate(Request(output=str(output), inputs=(str(sample / "*"),)))
    return output


@pytest.fixture
def run_copy(finished: Path, tmp_path: Path) -> Path:
    target = tmp_path / "run"
    no_exports = shutil.ignore_patterns("exports")  # other tests may have asked for tables of it
    shutil.copytree(finished, target, copy_function=shutil.copy2, ignore=no_exports)
    return target


def shared(name: str) -> Path:
    """Return a path of the shared material, or skip the test where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs {name} of the shared material, which is not part of the project")
    return path
