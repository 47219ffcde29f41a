"""What opt_out decides of rows, by headers, metas and files of sites, however batches and partitions are cut."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.engine.tables import NO_TABLES
from pipeline.opt_out.files import LATEST, ROBOTS, TDM, GivenFile, packed
from pipeline.opt_out.match_pages import CrawlerPolicy, judge_pages, judged
from pipeline.stages.opt_out import OptOutParams, measure_opt_out, opt_out
from schemas.columns import SOURCE_URL
from tests.spark.stages import verdicts
from tests.tables import first_table, without

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COLUMNS = ("x_robots_tag", "declared_robots", "tdm_reservation", "declared_tdm")
ROWS: list[tuple[Any, ...]] = [
    # header, metas, TDM header, TDM metas; reason, signal
    (None, None, None, None, None, None),
    ("index", "robots: nofollow", "0", "tdm-reservation: 0", None, None),
    ("noai", None, None, None, "x_robots_tag", "header *: noai"),
    (None, "gptbot: noindex", None, None, "meta_robots", "meta gptbot: noindex"),
    (None, "googlebot: noindex", None, None, None, None),
    (None, None, "1", None, "tdm_reservation", "tdm-reservation by header"),
    (None, None, "1", "tdm-reservation: 0", None, None),
    ("none", "robots: noai", "1", None, "x_robots_tag", "header *: none; meta robots: noai; tdm-reservation by header"),
]


def measured(rows: list[tuple[Any, ...]], size: int, **params: Any) -> list[dict[str, Any]]:
    table = pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(COLUMNS)})
    batches = iter(table.to_batches(max_chunksize=size))
    result = measure_opt_out(batches, OptOutParams(**params), NO_TABLES)
    return [row for batch in result for row in batch.to_pylist()]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_first_source_that_speaks_names_the_reason_and_all_are_told(size: int) -> None:
    result = [(row["__opt_out"], row["opt_out_signal"]) for row in measured(ROWS, size)]
    assert result == [row[4:] for row in ROWS]


def test_a_source_that_is_not_honoured_leaves_the_reason_to_the_next() -> None:
    result = measured(ROWS, 100, honour=("tdm_reservation",))
    assert [row["__opt_out"] for row in result] == [*[None] * 5, "tdm_reservation", None, "tdm_reservation"]
    assert [row["opt_out_signal"] for row in result] == [row[5] for row in ROWS]
    assert {row["__opt_out"] for row in measured(ROWS, 100, honour=())} == {None}


def test_a_table_without_headers_and_metas_passes() -> None:
    batch = pa.record_batch({"text": ["noai"]})
    (result,) = measure_opt_out(iter([batch]), OptOutParams(), NO_TABLES)
    assert result.to_pylist() == [{"text": "noai", "opt_out_signal": None, "__opt_out": None}]


def test_headers_on_the_use_of_content_opt_out() -> None:
    headers = [None, "Content-Signal: search=yes, ai-train=yes", "Content-Usage: train-ai=n"]
    batch = pa.record_batch({"x_robots_tag": [None, None, "noai"], "content_usage": headers})
    (result,) = measure_opt_out(iter([batch]), OptOutParams(), NO_TABLES)
    assert [(row["__opt_out"], row["opt_out_signal"]) for row in result.to_pylist()] == [
        (None, None),
        (None, None),
        ("x_robots_tag", "header *: noai; header Content-Usage train-ai=n"),
    ]
    (result,) = measure_opt_out(iter([batch]), OptOutParams(honour=("content_usage",)), NO_TABLES)
    assert [row["__opt_out"] for row in result.to_pylist()] == [None, None, "content_usage"]


def test_the_stage_drops_by_reason(spark: "SparkSession") -> None:
    rows = [{"__opt_out": reason} for reason in (None, "robots_txt", "meta_robots")]
    result = verdicts(spark, opt_out, OptOutParams(), opt_out.adds, rows)
    assert [drop and (drop["stage"], drop["reason"]) for drop in result] == [
        None,
        ("opt_out", "robots_txt"),
        ("opt_out", "meta_robots"),
    ]


def sites(*rows: tuple[str, int, int, int | None, int | None, bytes]) -> pa.RecordBatch:
    names = ("site", "kind", "age", "part", "row", "content")
    return pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


FORBIDS, ALLOWS = packed(b"User-agent: GPTBot\nDisallow: /a"), packed(b"User-agent: *\nAllow: /")
RESERVES = packed(b'[{"location": "/b", "tdm-reservation": 1}]')
STREAM = [
    ("a.example", ROBOTS, -LATEST, None, None, FORBIDS),
    ("a.example", ROBOTS, -5, None, None, ALLOWS),
    ("a.example", TDM, -5, None, None, RESERVES),
    ("a.example", 2, 0, 7, 0, b"https://a.example/a"),
    ("a.example", 2, 0, 7, 1, b"https://a.example/b"),
    ("a.example", 2, 0, 8, 0, b"https://a.example/c"),
    ("b.example", 2, 0, 8, 1, b"https://b.example/a"),
    ("c.example", ROBOTS, -9, None, None, ALLOWS),
    ("c.example", ROBOTS, -5, None, None, FORBIDS),
    ("c.example", 2, 0, 8, 2, b"https://c.example/a"),
    ("d.example", ROBOTS, -5, None, None, FORBIDS),
]
OUT = [
    {"__part": 7, "__row": 0, "__forbidden": "GPTBot", "__reserved": False},
    {"__part": 7, "__row": 1, "__forbidden": None, "__reserved": True},
]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_the_newest_file_of_a_site_judges_its_pages_wherever_batches_end(size: int) -> None:
    batches = (sites(*STREAM[first : first + size]) for first in range(0, len(STREAM), size))
    result = [
        row
        for batch in judged(batches, CrawlerPolicy(("GPTBot", "CCBot"), all_of_them=False))
        for row in batch.to_pylist()
    ]
    assert result == OUT


def test_preferences_of_robots_txt_count_as_its_rules_do() -> None:
    robots = packed(b"User-agent: *\nContent-Signal: search=yes, ai-train=no\n\nUser-agent: CCBot\nDisallow: /a")
    rows: list[tuple[str, int, int, int | None, int | None, bytes]] = [("a.example", ROBOTS, -5, None, None, robots)]
    rows += [("a.example", 2, 0, 0, number, f"https://a.example/{path}".encode()) for number, path in enumerate("ab")]
    result = {}
    for rule in (False, True):
        batches = judged(iter([sites(*rows)]), CrawlerPolicy(("GPTBot", "CCBot"), all_of_them=rule))
        result[rule] = [row["__forbidden"] for batch in batches for row in batch.to_pylist()]
    assert result[False] == ["CCBot; Content-Signal ai-train=no", "Content-Signal ai-train=no"]
    assert result[True] == ["CCBot; Content-Signal ai-train=no"]


def test_all_agents_must_be_forbidden_where_that_is_the_rule() -> None:
    (result,) = judged(iter([sites(*STREAM)]), CrawlerPolicy(("GPTBot", "CCBot"), all_of_them=True))
    assert result.to_pylist() == OUT[1:]
    (result,) = judged(iter([sites(*STREAM)]), CrawlerPolicy(("GPTBot",), all_of_them=True))
    assert result.to_pylist() == OUT


def test_pages_meet_the_files_of_their_sites_in_every_part(spark: "SparkSession", tmp_path: Path) -> None:
    files = []
    for number in range(40):
        path = tmp_path / f"s{number}.example"
        path.write_text(f"User-agent: *\nDisallow: /{number % 3}\n")
        files.append(GivenFile(str(path), 1, ROBOTS, path.name))
    parts, expected = {}, set()
    for part in range(3):
        parts[f"p{part}"] = [{"source_url": f"https://s{(17 * n) % 50}.example/{n % 4}"} for n in range(200)]
        for row, n in enumerate(range(200)):
            site = (17 * n) % 50
            if site < 40 and n % 4 == site % 3:
                expected.add((part, row))
    first = first_table(str(tmp_path / "run"), [SOURCE_URL], parts)
    gone = sorted(expected)[0]
    cells = without(first, "screen", {f"p{gone[0]}": {gone[1]: None}}).cells([SOURCE_URL.name])
    result = judge_pages(spark, files, cells, CrawlerPolicy(("GPTBot", "CCBot"), all_of_them=False)).collect()
    assert {(row["__part"], row["__row"]) for row in result} == expected - {gone}
    assert {(row["__forbidden"], row["__reserved"]) for row in result} == {("GPTBot, CCBot", False)}
