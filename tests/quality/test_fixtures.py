"""Other projects' odd WARC and ARC files, all in one run: none ends it, and every page that is in them is found."""

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.curate import Request, curate
from tests.e2e.reading import rows
from tests.quality.scoring import pinned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow

FOLDER = "data/warc-fixtures"


@pytest.fixture(scope="module")
def index() -> dict[str, dict[str, str]]:
    with pinned(f"{FOLDER}/INDEX.tsv").open(newline="") as lines:
        return {line["path"]: line for line in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.fixture(scope="module")
def run(spark: "SparkSession", index: dict[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("fixtures") / "run"
    folder = pinned(f"{FOLDER}/INDEX.tsv").parent
    curate(Request(output=str(output), inputs=tuple(str(folder / name) for name in index), last="dedup_url"))
    return output


def test_probe(run: Path, index: dict[str, dict[str, str]]) -> None:
    pages = Counter(Path(row["warc_file"]).name for row in rows(run, "ingest"))
    errors = {Path(row["warc_file"]).name: row["error"] for row in rows(run, "inputs")}
    for name, line in index.items():
        print("PROBE", pages[name] < int(line["html200"]), pages[name], line["html200"], name[-60:], "|", errors.get(name), "|W", line["warcio_error"][:40], "|F", line["fastwarc_error"][:40])
    seen = Counter((Path(row["warc_file"]).name, row["stage"], row["reason"]) for row in rows(run, "decisions"))
    for (name, stage, reason), n in sorted(seen.items(), key=str):
        if pages[name] < int(index[name]["html200"]): print("WHY", name, stage, reason, n)
