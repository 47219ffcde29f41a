"""A session that is running already, in a notebook say, is left as it was; the run works beside it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.duplicates import prose, write_table
from tests.e2e.reading import decisions

NOTEBOOK = """
import os, sys
from pipeline.spark.java import ensure_java
os.environ |= {"JAVA_HOME": str(ensure_java()), "PYSPARK_PYTHON": sys.executable}
from pyspark.sql import SparkSession
settings = {"spark.sql.session.timeZone": "Asia/Tokyo", "spark.sql.ansi.enabled": "false", "spark.ui.enabled": "false"}
builder = SparkSession.builder.master("local[2]").appName("notebook")
for key, value in settings.items():
    builder = builder.config(key, value)
mine = builder.getOrCreate()
mine.range(3).createOrReplaceTempView("mine")
mine.sparkContext.setJobGroup("my group", "what I do", True)
before = dict(mine.conf.getAll)
from pipeline import curate
frame = curate(sys.argv[1], sys.argv[2], last="dedup_url").spark("dedup_url")
assert frame.count() == 3
assert SparkSession.getActiveSession()._jsparkSession.equals(mine._jsparkSession)
assert SparkSession.builder.getOrCreate() is mine
jobs = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
assert [mine.sparkContext.getLocalProperty(name) for name in jobs] == ["my group", "what I do", "true"]
assert dict(mine.conf.getAll) == before, sorted(set(mine.conf.getAll.items()) ^ set(before.items()))
assert mine.sql("select count(*) n, cast('x' as int) is null other from mine").first() == (3, True)
print("as it was")
mine.stop()
"""


@pytest.mark.long
def test_a_run_leaves_a_running_session_as_it_was(tmp_path: Path) -> None:
    draw = random.Random(5)
    rows = [{"url": f"https://mill.test/{n}", "text": " ".join(prose(draw, 40))} for n in range(3)]
    crawl = write_table(tmp_path / "crawl.parquet", [*rows, {**rows[0], "url": "https://mill.test/0#top"}])
    command = [sys.executable, "-c", NOTEBOOK, crawl, str(tmp_path / "run")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "as it was" in ended.stdout
    assert sorted(row["reason"] or "" for row in decisions(tmp_path / "run").values()) == ["", "", "", "newer_capture"]
