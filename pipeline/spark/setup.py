"""Set the installed PySpark up: `python -m pipeline.spark.setup`, once after installing.

Afterwards `spark-submit` works from any shell: it finds its own Python and a Java, and its terminal shows the job's
own lines alone. Spark's log goes to `spark.log` in `$GRISTMILL_LOG_DIR`, by default `logs` under the working directory,
or where neither can be written to a directory of the user's own in the temporary one.
"""

import shlex
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import CurationError
from pipeline.spark.java import RUNTIME, JavaError, ensure_java

MARK = "# Written by `python -m pipeline.spark.setup`; remove this line to keep your own changes."
_WRITTEN = MARK[: MARK.index("pipeline.spark") + len("pipeline.spark")]
"""What it began with when this module had another name."""

SCRIPTS = ("spark-submit", "spark-class")

LOG4J = """
status = fatal
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file

appender.file.type = RollingFile
appender.file.name = file
appender.file.createOnDemand = true
appender.file.fileName = ${env:GRISTMILL_LOG_DIR:-logs}/spark.log
appender.file.filePattern = ${env:GRISTMILL_LOG_DIR:-logs}/spark.%i.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 32MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
"""

DEFAULTS = """
# Spark's own 1g is too little for the driver that is also the executor; memory is taken as it is needed.
spark.driver.memory                4g
spark.ui.showConsoleProgress       false
"""

_ENVIRONMENT = r"""
case "${{JAVA_HOME:-none}}" in
  none | {runtime} | {java}) gristmill_java={java} ;;
  *) gristmill_java= ;;
esac
if [ -n "$gristmill_java" ] && [ -x {java}/{link}/bin/java ]; then
  JAVA_HOME="$gristmill_java"
else
  # A Java that was not there at set-up, or one that has gone since.
  JAVA_HOME="$({python} -P -m pipeline.spark.java)" || exit 1
fi
unset gristmill_java
PYSPARK_PYTHON=${{PYSPARK_PYTHON:-{python}}}
PYSPARK_DRIVER_PYTHON=${{PYSPARK_DRIVER_PYTHON:-$PYSPARK_PYTHON}}
export JAVA_HOME PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON
# A JVM that plans, and sorts small rows, for minutes: a second compiler and a collector of many threads take more CPU
# and memory than they give. On more than 8 cores, or where the user has named options or a collector, Java decides.
if [ -z "${{SPARK_SUBMIT_OPTS+set}}" ] && [ "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 64)" -le 8 ]; then
  case "$* ${{JAVA_TOOL_OPTIONS-}} ${{JDK_JAVA_OPTIONS-}}" in
    *-XX:*GC*) ;;
    *) export SPARK_SUBMIT_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" ;;
  esac
fi
# A folder of this user's below the temporary one. A link, or a folder of somebody else's, or one that others may write
# to, would have files written elsewhere: then it is a new one.
gristmill_folder() {{
  gristmill_own="${{TMPDIR:-/tmp}}/gristmill-$1-$(id -u)"
  mkdir -m 700 "$gristmill_own" 2>/dev/null
  if [ ! -d "$gristmill_own" ] || [ -L "$gristmill_own" ] || [ ! -O "$gristmill_own" ] ||
    [ -n "$(find "$gristmill_own" -prune \( -perm -020 -o -perm -002 \))" ]; then
    gristmill_own="$(mktemp -d "${{TMPDIR:-/tmp}}/gristmill-$1.XXXXXX")"
  fi
}}
# What the JVM of a driver unpacks goes there, by its process, so that a later run removes what a killed one left.
case "$* ${{SPARK_SUBMIT_OPTS-}} ${{JAVA_TOOL_OPTIONS-}} ${{JDK_JAVA_OPTIONS-}}" in
  *-Djava.io.tmpdir=*) ;;
  *)
    gristmill_folder spark
    # Sockets lie there too, whose paths have 107 bytes at most.
    if [ -z "$gristmill_own" ] || [ "${{#gristmill_own}}" -gt 38 ]; then TMPDIR=/tmp gristmill_folder spark; fi
    gristmill_boot=$(tr -dc 0-9a-f 2>/dev/null </proc/sys/kernel/random/boot_id | cut -c 1-8)
    gristmill_ns=$(readlink /proc/self/ns/pid 2>/dev/null | tr -dc 0-9 | tail -c 4)
    gristmill_own="$gristmill_own/jvm-$$-$gristmill_boot-$gristmill_ns"
    case "$gristmill_own" in
      *[[:space:]]*) ;;
      *) mkdir -m 700 "$gristmill_own" 2>/dev/null &&
        export SPARK_SUBMIT_OPTS="${{SPARK_SUBMIT_OPTS:+$SPARK_SUBMIT_OPTS }}-Djava.io.tmpdir=$gristmill_own" ;;
    esac ;;
esac
# Where the log cannot be written, Spark would go back to writing all of it to the terminal.
gristmill_logs="${{GRISTMILL_LOG_DIR:-logs}}"
if ! mkdir -p "$gristmill_logs" 2>/dev/null || [ ! -w "$gristmill_logs" ]; then
  gristmill_folder logs
  export GRISTMILL_LOG_DIR="$gristmill_own"
fi
unset -f gristmill_folder
unset gristmill_logs gristmill_own gristmill_boot gristmill_ns
"""

_SCRIPT = """#!/usr/bin/env bash
{mark}
# The script of the wheel asks the PATH's python3 where Spark is; this one knows.
PATH={bin}:$PATH
SPARK_HOME=${{SPARK_HOME:-{spark_home}}}
export PATH SPARK_HOME
exec "$SPARK_HOME"/bin/{name} "$@"
"""


class SetupError(CurationError):
    """PySpark is missing, or its directory cannot be written."""


def set_up(spark_home: Path, scripts: Path, java: Path, python: Path) -> list[Path]:
    """Write PySpark's configuration and the two scripts that start it.

    A configuration file that does not bear our mark is a user's own and left alone.

    Args:
        spark_home: The installed package `pyspark`.
        scripts: Where pip put its `spark-submit`.
        java: What `ensure_java` returned.
        python: The interpreter of driver and workers.

    Returns:
        The files written.
    """
    conf = spark_home / "conf"
    conf.mkdir(exist_ok=True)
    texts = {
        conf / "spark-env.sh": environment(java, python),
        conf / "log4j2.properties": LOG4J,
        conf / "spark-defaults.conf": DEFAULTS,
    }
    written = []
    for path, text in texts.items():
        if not path.exists() or path.read_text().startswith(_WRITTEN):
            path.write_text(MARK + text)
            written.append(path)
    for name in SCRIPTS:
        script = scripts / name
        script.unlink(missing_ok=True)  # pip may have linked it to its cache
        script.write_text(wrapper(name, spark_home, scripts))
        script.chmod(0o755)
        written.append(script)
    return written


def environment(java: Path, python: Path) -> str:
    """Return `spark-env.sh`, which Spark's scripts source before they start a JVM; what a user has set stands."""
    return _ENVIRONMENT.format(
        runtime=shlex.quote(str((java / RUNTIME).readlink())),
        java=shlex.quote(str(java)),
        link=RUNTIME,
        python=shlex.quote(str(python)),
    )


def wrapper(name: str, spark_home: Path, scripts: Path) -> str:
    """Return the script that stands in for the wheel's of the same name."""
    return _SCRIPT.format(
        mark=MARK.partition(";")[0],
        name=name,
        bin=shlex.quote(str(scripts)),
        spark_home=shlex.quote(str(spark_home)),
    )


def main() -> None:
    """Set up the PySpark of the running Python and say what was found.

    Raises:
        SetupError: PySpark is not installed, its path has a space, or one of its files cannot be written.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise SetupError(f"PySpark is not installed for {sys.executable}: run `make setup`")
    spark_home = Path(spec.origin).parent
    if " " in str(spark_home):
        raise SetupError(f"Spark's own scripts break at the space in {spark_home}: move the project to a path without")
    java = ensure_java()
    try:
        set_up(spark_home, Path(sysconfig.get_path("scripts")), java, Path(sys.executable))
    except OSError as error:
        raise SetupError(f"cannot set PySpark up: {error}; is it installed in an environment of your own?") from error
    sys.stdout.write(f"Spark {spark_home}\nJava  {(java / RUNTIME).readlink()}\n")


if __name__ == "__main__":
    try:
        main()
    except (JavaError, SetupError) as error:
        sys.exit(f"error: {error}")
