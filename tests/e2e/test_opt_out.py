"""Pages whose owners have opted out: by headers, metas and files of their sites, and after the fact."""

import gzip
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.results.explain import explain
from tests.e2e.reading import decisions, rows
from tests.sample.capture import HTML, Capture, Headers
from tests.sample.prose import english_stories
from tests.sample.warc import member, response

STORIES = ["".join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs) for story in english_stories()]
BY_META = '<meta name="robots" content="noai, noimageai">'
BY_TDM = "<meta name=tdm-reservation content=1>"
GPTBOT = "User-agent: GPTBot\nDisallow: /private/\n"


def page(url: str, number: int, *headers: tuple[str, str], head: str = "", day: int = 10) -> Capture:
    body = f"<html><head>{head}<title>A page</title></head><body><main>{STORIES[number]}</main></body></html>"
    return Capture(url=url, body=body.encode(), kind="page", purpose="test", headers=(*HTML, *headers), day=day)


def site_file(url: str, body: str, status: str = "200 OK", day: int = 10, headers: Headers = ()) -> Capture:
    return Capture(url=url, body=body.encode(), kind="page", purpose="test", status=status, headers=headers, day=day)


def write_warc(path: Path, captures: Iterable[Capture]) -> Path:
    path.write_bytes(b"".join(member(response(capture)) for capture in captures))
    return path


FIRST = (
    page("https://plain.example/", 0),
    page("https://header.example/", 1, ("X-Robots-Tag", "googlebot: nofollow"), ("X-Robots-Tag", "noai")),
    page("https://header.example/2", 2, ("X-Robots-Tag", "googlebot: noindex")),
    page("https://header.example/3", 3, ("X-Robots-Tag", "unavailable_after: 25 Jun 2010 15:00:00 PST, CCBot: none")),
    page("https://meta.example/", 4, head=BY_META),
    page("https://meta.example/2", 5, head=f"<!-- {BY_META} -->"),
    page("https://tdm.example/", 6, ("TDM-Reservation", "1")),
    page("https://tdm.example/2", 7, ("TDM-Reservation", "1"), head="<meta name=tdm-reservation content=0>"),
    page("https://tdm.example/3", 8, head=BY_TDM),
    page("https://back.example/", 9),
    page("https://back.example/", 10, head=BY_META, day=12),
)
SECOND = (
    page("https://sites.example/private/1", 11),
    page("https://sites.example/open/1", 12),
    page("https://sites.example:8080/private/1", 13),
    page("https://mined.example/rye", 14),
    page("https://mined.example/open/rye", 15),
    page("https://moved.example/private/1", 16),
)
BY_PAGE = {
    "https://header.example/": ("x_robots_tag", "header *: noai"),
    "https://header.example/3": ("x_robots_tag", "header ccbot: none"),
    "https://meta.example/": ("meta_robots", "meta robots: noai"),
    "https://tdm.example/": ("tdm_reservation", "tdm-reservation by header"),
    "https://tdm.example/3": ("tdm_reservation", "tdm-reservation by meta"),
    "https://back.example/": ("meta_robots", "meta robots: noai"),
}


def gone(run: Path) -> dict[str, str]:
    return {row["source_url"]: row["reason"] for row in decisions(run).values() if row["stage"] == "opt_out"}


def signals(run: Path, stage: str = "opt_out") -> dict[str, str]:
    return {row["source_url"]: row["opt_out_signal"] for row in rows(run, stage) if row["opt_out_signal"]}


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    folder = tmp_path / "crawl"
    folder.mkdir()
    write_warc(folder / "a.warc.gz", FIRST)
    write_warc(folder / "b.warc.gz", SECOND)
    return folder


def in_a_folder(place: Path) -> list[str]:
    (place / "sites.example_8080").mkdir(parents=True)
    (place / "sites.example.txt").write_text(GPTBOT)
    (place / "sites.example_8080" / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    (place / "unknown.example").write_text("User-agent: *\nDisallow: /\n")
    (place / ".DS_Store").write_bytes(b"\0")
    rules = [{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]
    (place / "mining" / "mined.example" / ".well-known").mkdir(parents=True)
    (place / "mining" / "mined.example" / ".well-known" / "tdmrep.json").write_text(json.dumps(rules))
    return [f"opt_out.robots_txt={place}", f"opt_out.tdmrep={place}/mining"]


def in_an_archive(place: Path) -> list[str]:
    place.mkdir()
    rules = [{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]
    captures = [
        site_file("https://sites.example/robots.txt", "User-agent: *\nDisallow: /\n", day=3),
        site_file("http://sites.example/robots.txt", GPTBOT, day=5),
        site_file("https://sites.example/robots.txt", "<html>", status="503 Busy", day=7),
        site_file("https://sites.example/robots.txt", "", status="301 Moved", day=8, headers=(("Location", "/x"),)),
        site_file("https://sites.example:8080/robots.txt", "User-agent: *\nDisallow: /\n", day=3),
        site_file("https://sites.example:8080/robots.txt", "gone", status="404 Not Found", day=5),
        site_file("https://sites.example/private/robots.txt", "User-agent: *\nDisallow: /\n"),
        site_file("https://moved.example/robots.txt", "<!doctype html><html>User-agent: *\nDisallow: /\n"),
        site_file("https://mined.example/.well-known/tdmrep.json", json.dumps(rules)),
        site_file("https://sites.example/.well-known/tdmrep.json", "no JSON"),
    ]
    write_warc(place / "robots.warc.gz", captures)
    return [f"opt_out.robots_txt={place}/*.warc.gz", f"opt_out.tdmrep={place}"]


@pytest.mark.parametrize("given", [in_a_folder, in_an_archive])
def test_files_of_sites_drop_what_they_forbid_and_nothing_else_is_read_again(
    spark: object, crawl: Path, tmp_path: Path, given: Callable[[Path], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    curate(Request(output=str(run), inputs=(str(crawl),), last="route"))
    assert gone(run) == {url: reason for url, (reason, _) in BY_PAGE.items()}
    texts = {row["source_url"]: row["text"] for row in rows(run, "route")}
    assert "https://header.example/2" in texts
    assert {row["stage"] for row in decisions(run).values()} == {None, "dedup_url", "opt_out"}
    assert signals(run) == {}

    for file in crawl.iterdir():  # whoever reads these again finds nothing in them
        stamp = file.stat()
        file.write_bytes(b"\0" * stamp.st_size)
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    change = tuple(given(tmp_path / "today"))
    capsys.readouterr()
    curate(Request(output=str(run), assignments=change, last="route"))
    said = capsys.readouterr().out
    assert "2 of 2 parts unchanged" in said[said.index("extract …") :]
    expected = {"https://sites.example/private/1": "robots_txt", "https://mined.example/rye": "tdm_reservation"}
    assert gone(run) == {url: reason for url, (reason, _) in BY_PAGE.items()} | expected
    left = {row["source_url"]: row["text"] for row in rows(run, "route")}
    assert left == {url: text for url, text in texts.items() if url not in expected}
    story = "\n".join(explain(str(run), "https://sites.example/private/1"))
    assert "opt_out         DROPPED: robots_txt" in story
    assert "robots.txt GPTBot" in story

    curate(Request(output=str(run), assignments=change, last="route"))
    assert "opt_out         done already" in capsys.readouterr().out


def test_a_signal_that_is_not_honoured_is_told_and_drops_nothing(spark: object, crawl: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    place = in_a_folder(tmp_path / "today")
    change = (*place, "opt_out.honour=[robots_txt]", "opt_out.robots_rule=all")
    curate(Request(output=str(run), inputs=(str(crawl),), assignments=change, last="extract"))
    assert gone(run) == {}
    told = {url: signal for url, (_, signal) in BY_PAGE.items()}
    assert signals(run, "extract") == told | {"https://mined.example/rye": "tdm-reservation by tdmrep.json"}
    change = (*place, "opt_out.honour=[robots_txt]", "opt_out.agents=[GPTBot]")
    curate(Request(output=str(run), assignments=change, last="extract"))
    assert gone(run) == {"https://sites.example/private/1": "robots_txt"}
    del told["https://header.example/3"]  # meant for an agent that is not asked for now
    assert signals(run, "extract") == told | {"https://mined.example/rye": "tdm-reservation by tdmrep.json"}


def test_a_table_of_texts_loses_nothing_but_by_files_of_sites(spark: object, tmp_path: Path) -> None:
    lines = [
        {"url": f"https://sites.example/private/{number}", "text": BY_META + story}
        for number, story in enumerate(STORIES[:3])
    ]
    lines.append({"url": "book-7", "text": STORIES[4]})
    table = tmp_path / "texts.jsonl.gz"
    table.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    run = tmp_path / "run"
    curate(Request(output=str(run), inputs=(str(table),), last="opt_out"))
    assert gone(run) == {}
    assert len(rows(run, "opt_out")) == 4
    curate(Request(output=str(run), assignments=tuple(in_a_folder(tmp_path / "today")), last="opt_out"))
    assert gone(run) == {line["url"]: "robots_txt" for line in lines[:3]}


def test_a_table_of_pages_has_its_metas_read(spark: object, tmp_path: Path) -> None:
    table = tmp_path / "pages.jsonl"
    lines = [
        {"url": f"https://a.example/{number}", "html": f"{head}<p>text"}
        for number, head in enumerate(["", BY_META, BY_TDM])
    ]
    table.write_text("\n".join(map(json.dumps, lines)))
    curate(Request(output=str(tmp_path / "run"), inputs=(str(table),), last="opt_out"))
    assert gone(tmp_path / "run") == {"https://a.example/1": "meta_robots", "https://a.example/2": "tdm_reservation"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("opt_out.robots_txt={}/nowhere", "opt_out.robots_txt: no such input"),
        ("opt_out.robots_txt={}/empty", "no file in '.*' that is named after its site"),
        ("opt_out.directives=[nothing]", "no directive that is kept: 'nothing'"),
        ("opt_out.honour=[robots]", "honour"),
        ("opt_out.agents=[]", "agents"),
    ],
)
def test_what_is_not_there_is_told_before_anything_runs(tmp_path: Path, crawl: Path, change: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    request = Request(output=str(tmp_path / "run"), inputs=(str(crawl),), assignments=(change.format(tmp_path),))
    with pytest.raises(ConfigError, match=message):
        curate(request)
