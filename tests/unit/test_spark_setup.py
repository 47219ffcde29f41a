"""What set-up writes into an installed PySpark, and that a bare shell can then submit a job."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from pipeline.spark import setup as spark_setup
from pipeline.spark.java import quiet_home
from pipeline.spark.setup import MARK, SetupError, set_up
from pipeline.stores.private import process_folder
from tests.unit.test_java import fake_java

BARE = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a Java home such as `ensure_java` returns."""
    return quiet_home(fake_java(tmp_path / "jdk"), tmp_path / "java")


@pytest.fixture
def spark(tmp_path: Path) -> Path:
    """Return a PySpark, in a directory with a space in its name, whose scripts print what they are given."""
    spark = tmp_path / "site packages" / "pyspark"
    (spark / "bin").mkdir(parents=True)
    for name in ("spark-submit", "spark-class"):
        script = spark / "bin" / name
        script.write_text(f'#!/bin/sh\necho {name} "$SPARK_HOME" "${{PATH%%:*}}" "$@"\n')
        script.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "spark-submit").write_text("the wheel's own")
    return spark


def install(tmp_path: Path, spark: Path, home: Path) -> list[Path]:
    return set_up(spark, tmp_path / "bin", home, Path("/the venv/bin/python"))


def sourced(spark: Path, **environment: str) -> list[str]:
    """Return JAVA_HOME, the two Pythons and the log's directory as Spark's scripts see them."""
    names = '"$JAVA_HOME" "$PYSPARK_PYTHON" "$PYSPARK_DRIVER_PYTHON" "$GRISTMILL_LOG_DIR"'
    command = ["bash", "-c", f'set -a; . "$0"; printf "%s\\n" {names}', str(spark / "conf" / "spark-env.sh")]
    asked = {**BARE, **environment}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=asked, cwd=spark.parent)
    return ran.stdout.splitlines()


def test_a_bare_environment_gets_our_java_and_our_python(tmp_path: Path, spark: Path, home: Path) -> None:
    install(tmp_path, spark, home)
    assert sourced(spark) == [str(home), "/the venv/bin/python", "/the venv/bin/python", ""]


def test_the_java_that_set_up_wrapped_is_exchanged_for_its_wrapper(tmp_path: Path, spark: Path, home: Path) -> None:
    install(tmp_path, spark, home)
    assert sourced(spark, JAVA_HOME=str(tmp_path / "jdk"))[0] == str(home)
    assert sourced(spark, JAVA_HOME=str(home))[0] == str(home)


def test_pythons_that_the_user_set_stand(tmp_path: Path, spark: Path, home: Path) -> None:
    install(tmp_path, spark, home)
    assert sourced(spark, PYSPARK_PYTHON="p")[1:3] == ["p", "p"]
    assert sourced(spark, PYSPARK_DRIVER_PYTHON="d")[1:3] == ["/the venv/bin/python", "d"]


@pytest.mark.parametrize(
    ("cores", "environment", "arguments", "options"),
    [
        (2, {}, ["job.py"], "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
        (64, {}, ["job.py"], ""),
        (2, {"SPARK_SUBMIT_OPTS": "-Dmine=1"}, ["job.py"], "-Dmine=1"),
        (2, {"SPARK_SUBMIT_OPTS": ""}, ["job.py"], ""),
        (2, {"JAVA_TOOL_OPTIONS": "-XX:+UseG1GC"}, ["job.py"], ""),
        (2, {}, ["--driver-java-options", "-XX:+UseZGC", "job.py"], ""),
        (2, {}, ["--driver-java-options", "-Dmine=1", "job.py"], "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"),
    ],
)
def test_small_machines_get_a_small_jvm_unless_the_user_says_otherwise(
    tmp_path: Path,
    spark: Path,
    home: Path,
    cores: int,
    environment: dict[str, str],
    arguments: list[str],
    options: str,
) -> None:
    install(tmp_path, spark, home)
    getconf = tmp_path / "tools" / "getconf"
    getconf.parent.mkdir()
    getconf.write_text(f"#!/bin/sh\necho {cores}\n")
    getconf.chmod(0o755)
    script = 'environment=$1; shift; set -a; . "$environment"; echo "$SPARK_SUBMIT_OPTS"'
    command = ["bash", "-c", script, "spark-class", str(spark / "conf" / "spark-env.sh"), *arguments]
    asked = {"PATH": f"{getconf.parent}:{BARE['PATH']}", **environment}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=asked, cwd=spark.parent)
    words = [word for word in ran.stdout.split() if not word.startswith("-Djava.io.tmpdir=")]
    assert words == options.split()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for temporary files whose path is short: sockets lie below it."""
    with tempfile.TemporaryDirectory(prefix="g-", dir="/tmp") as folder:
        yield Path(folder)


def test_what_a_jvm_unpacks_goes_into_a_folder_of_its_own(
    tmp_path: Path, short_folder: Path, spark: Path, home: Path
) -> None:
    install(tmp_path, spark, home)

    def options(**environment: str) -> list[str]:
        script = 'set -a; . "$1"; echo "$$ ${SPARK_SUBMIT_OPTS-}"'
        command = ["bash", "-c", script, "spark-class", str(spark / "conf" / "spark-env.sh")]
        asked = {**BARE, "TMPDIR": str(short_folder), "SPARK_SUBMIT_OPTS": "", **environment}
        return subprocess.run(
            command, capture_output=True, text=True, check=True, env=asked, cwd=spark.parent
        ).stdout.split()

    pid, word = options()
    folder = Path(word.removeprefix("-Djava.io.tmpdir="))
    ours = short_folder / f"gristmill-spark-{os.getuid()}"
    assert folder.parent == ours
    assert folder.name.startswith(f"jvm-{pid}-")
    assert {path.stat().st_mode & 0o777 for path in (ours, folder)} == {0o700}
    assert options(SPARK_SUBMIT_OPTS="-Djava.io.tmpdir=/mine")[1:] == ["-Djava.io.tmpdir=/mine"]
    assert options(SPARK_SUBMIT_OPTS="-Dmine=1")[1] == "-Dmine=1"
    (folder / "liblz4.so").touch()
    elsewhere = ours / re.sub("-[0-9a-f]+-", "-00000000-", folder.name)
    elsewhere.mkdir()
    process_folder(ours)  # that shell is gone
    assert not folder.exists()
    assert elsewhere.exists()  # of another host, or of an earlier boot
    ours.chmod(0o777)
    assert ours not in Path(options()[1].removeprefix("-Djava.io.tmpdir=")).parents
    # where the path would be too long for a socket's, which has 107 bytes with its own 42
    long = tmp_path / ("x" * 40)
    long.mkdir()
    for elsewhere in (long, tmp_path / "not there"):
        below_tmp = Path(options(TMPDIR=str(elsewhere))[1].removeprefix("-Djava.io.tmpdir="))
        assert below_tmp.parent == Path("/tmp") / ours.name
        assert len(str(below_tmp)) <= 64
        process_folder(ours)
        assert not below_tmp.exists()


def test_a_log_that_cannot_be_written_here_goes_to_the_temporary_directory(
    tmp_path: Path, spark: Path, home: Path
) -> None:
    install(tmp_path, spark, home)
    wanted = tmp_path / "own logs"
    assert sourced(spark, GRISTMILL_LOG_DIR=str(wanted))[3] == str(wanted)
    (spark.parent / "logs").write_text("a file where a directory would be")
    ours = tmp_path / f"gristmill-logs-{os.getuid()}"
    assert sourced(spark, TMPDIR=str(tmp_path))[3] == str(ours)
    assert ours.stat().st_mode & 0o777 == 0o700
    assert sourced(spark, TMPDIR=str(tmp_path))[3] == str(ours)


@pytest.mark.parametrize("planted", ["a link", "a folder that others may write to", "a file"])
def test_a_log_goes_nowhere_that_others_have_prepared(tmp_path: Path, spark: Path, home: Path, planted: str) -> None:
    install(tmp_path, spark, home)
    (spark.parent / "logs").write_text("a file where a directory would be")
    ours = tmp_path / f"gristmill-logs-{os.getuid()}"
    (tmp_path / "theirs").mkdir()
    if planted == "a link":
        ours.symlink_to(tmp_path / "theirs")
    elif planted == "a file":
        ours.touch()
    else:
        ours.mkdir()
        ours.chmod(0o1777)
    logs = Path(sourced(spark, TMPDIR=str(tmp_path))[3])
    assert logs.parent == tmp_path
    assert logs.name.startswith("gristmill-logs.")
    assert logs.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("gone", [False, True])
def test_another_java_home_or_one_that_has_gone_is_asked_of_python(
    tmp_path: Path, spark: Path, home: Path, gone: bool
) -> None:
    set_up(spark, tmp_path / "bin", home, Path(sys.executable))
    other = fake_java(tmp_path / "other")
    if gone:
        shutil.rmtree(tmp_path / "jdk")
    answer = Path(sourced(spark, JAVA_HOME=str(other), XDG_CACHE_HOME=str(tmp_path))[0])
    assert (answer / "runtime").readlink() == other
    shutil.rmtree(answer)


def test_the_script_needs_no_python_on_the_path(tmp_path: Path, spark: Path, home: Path) -> None:
    install(tmp_path, spark, home)
    command = [str(tmp_path / "bin" / "spark-submit"), "job.py", "two words"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=BARE)
    assert ran.stdout == f"spark-submit {spark} {tmp_path / 'bin'} job.py two words\n"


def test_the_script_keeps_a_spark_home_that_the_user_set(tmp_path: Path, spark: Path, home: Path) -> None:
    install(tmp_path, spark, home)
    own = tmp_path / "own"
    shutil.copytree(spark / "bin", own / "bin")
    environment = {**BARE, "SPARK_HOME": str(own)}
    command = [str(tmp_path / "bin" / "spark-class")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert ran.stdout.startswith(f"spark-class {own} ")


def test_setting_up_twice_writes_the_same(tmp_path: Path, spark: Path, home: Path) -> None:
    first = {path: path.read_text() for path in install(tmp_path, spark, home)}
    assert {path: path.read_text() for path in install(tmp_path, spark, home)} == first
    assert len(first) == 5


def test_a_configuration_file_without_our_mark_is_left_alone(tmp_path: Path, spark: Path, home: Path) -> None:
    defaults = spark / "conf" / "spark-defaults.conf"
    install(tmp_path, spark, home)
    assert defaults.read_text().startswith(MARK)
    defaults.write_text("spark.driver.memory 1g\n")
    assert defaults not in install(tmp_path, spark, home)
    assert defaults.read_text() == "spark.driver.memory 1g\n"


def test_a_configuration_file_that_an_earlier_version_wrote_is_written_anew(
    tmp_path: Path, spark: Path, home: Path
) -> None:
    defaults = spark / "conf" / "spark-defaults.conf"
    install(tmp_path, spark, home)
    written = defaults.read_text()
    defaults.write_text("# Written by `python -m pipeline.spark_setup`; remove this line to keep your own changes.\n")
    assert defaults in install(tmp_path, spark, home)
    assert defaults.read_text() == written


def test_a_path_with_a_space_is_refused_because_sparks_own_scripts_break_there(
    spark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ModuleSpec("pyspark", None, origin=str(spark / "__init__.py"))
    monkeypatch.setattr(spark_setup, "find_spec", lambda _: result)
    with pytest.raises(SetupError, match=r"break at the space in .*site packages/pyspark"):
        spark_setup.main()


JOB = """
import pyarrow as pa
from pipeline.spark.session import start_session

def double(batches):
    for batch in batches:
        yield pa.RecordBatch.from_pydict({"id": [2 * value for value in batch.column(0).to_pylist()]})

spark = start_session()
total = spark.range(100, numPartitions=2).mapInArrow(double, "id long").groupBy().sum("id").first()[0]
print(total, spark.sparkContext.master, spark.conf.get("spark.sql.shuffle.partitions"))
"""


@pytest.mark.long
def test_a_bare_shell_submits_a_job_and_sees_its_lines_alone(tmp_path: Path) -> None:
    submit = Path(sysconfig.get_path("scripts")) / "spark-submit"
    if "pipeline.spark.setup" not in submit.read_text():
        pytest.skip("this environment was not made by `make setup`")
    (tmp_path / "job.py").write_text(JOB)
    command = [str(submit), "--master", "local[2]", "--conf", "spark.sql.shuffle.partitions=3", "job.py"]
    environment = {**BARE, "HOME": os.environ.get("HOME", str(tmp_path))}
    ran = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=300, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "9900 local[2,4] 3\n", "")
    assert (tmp_path / "logs" / "spark.log").exists()
