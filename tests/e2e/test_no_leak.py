"""No value of personal data outlives the stage that takes it out: not in a table, a report, a log or an answer."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli import explain_job, locate_job, main, whatif_job
from pipeline.plan import NAMES
from tests.e2e.reading import rows
from tests.sample.capture import HTML, Capture
from tests.sample.prose import english_stories
from tests.sample.warc import member, response

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]
SUBMIT = Path(sys.executable).parent / "spark-submit"
pytestmark = pytest.mark.slow
BEFORE = NAMES[: NAMES.index("pii")]
STORIES = english_stories()
TOKEN = "ghp_" + "aB3" * 12
VALUES = {
    "PHONE_NUMBER": ("Call 202-555-0143 before noon.", "202-555-0143"),
    "CREDIT_CARD": ("Pay with 5425-2334-3010-9903, please.", "5425-2334-3010-9903"),
    "IBAN_CODE": ("It goes to DE89 3704 0044 0532 0130 00 by Friday.", "DE89 3704 0044 0532 0130 00"),
    "IP_ADDRESS": ("Somebody logged in from 81.2.69.142 at noon.", "81.2.69.142"),
    "MAC_ADDRESS": ("Its MAC is 3c:22:fb:7a:01:9e on every label.", "3c:22:fb:7a:01:9e"),
    "CRYPTO": ("Gifts go to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now.", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    "SECRET_KEY": (f"The key {TOKEN} was left in the barn.", TOKEN),
    "US_SSN": ("Her social security number is 536-22-8741.", "536-22-8741"),
}
REPEATED = "Write to quillfeather@watermill-desk.org if the gate of the yard does not stand open in the morning."
URL = "https://{}.example.net/page"


@dataclass
class Crawl:
    """Pages and what was planted in them.

    Attributes:
        captures: The pages.
        read: Values that extraction is to find.
        unread: Values in what it need not read.
    """

    captures: list[Capture] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    def email(self, name: str, *, is_read: bool = True) -> str:
        value = f"{name}@watermill-{name[:5]}.org"
        (self.read if is_read else self.unread).add(value)
        return value

    def add(self, url: str, title: str, main: str, head: str = "", status: str = "200 OK") -> None:
        html = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
            f"<body><main><article>{main}</article></main></body></html>"
        )
        self.captures.append(Capture(url, html.encode(), kind="page", purpose="test", status=status, headers=HTML))


def prose(number: int, *planted: str) -> str:
    """Return a story's paragraphs, the planted sentences at the ends of them in turn."""
    found = list(STORIES[number].paragraphs)
    for place, sentence in enumerate(planted):
        found[place % len(found)] += f" {sentence}"
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in found)


def planted_crawl() -> Crawl:
    crawl = Crawl()
    for number, (sentence, value) in enumerate(VALUES.values()):
        crawl.read.add(value)
        mail = crawl.email(f"oakley{number}x")
        title = f"{STORIES[number].title}, by {crawl.email(f'tidewell{number}x')}"
        crawl.add(URL.format(f"p{number}"), title, prose(number, sentence, f"Ask {mail} for more."))
    crawl.read.add("quillfeather@watermill-desk.org")
    for number in range(10, 20):
        crawl.add(URL.format(f"p{number}"), STORIES[number].title, prose(number) + f"<p>{REPEATED}</p>")
    add_marked_up(crawl)
    add_dropped(crawl)
    return crawl


def add_marked_up(crawl: Crawl) -> None:
    head = (
        f'<meta name="author" content="{crawl.email("metaphine", is_read=False)}">'
        f'<meta name="description" content="Ask {crawl.email("sketchley", is_read=False)}, or 202-555-0187.">'
        f'<meta property="og:title" content="By {crawl.email("openmarsh", is_read=False)}">'
    )
    crawl.unread.add("202-555-0187")
    code = f'sender = "{crawl.email("codewright")}"\nserver = "23.45.67.12"\nfor line in lines:\n    send(line)\n'
    crawl.read |= {"23.45.67.12", "(212) 555-0198", "4539 5787 6362 1486", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}
    table = "".join(
        f"<tr><td>{name}</td><td>{value}</td></tr>"
        for name, value in (
            ("Place", "Old Weir"),
            ("Phone", "(212) 555-0198"),
            ("Card", "4539 5787 6362 1486"),
            ("Mail", crawl.email("tabletop7")),
        )
    )
    items = "".join(
        f"<li>{item}</li>"
        for item in (
            f"Bring corn, and tell {crawl.email('listerine4')} of it two days before.",
            "Gifts for the roof go to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq in any amount.",
        )
    )
    picture = f'<img src="/a.png" alt="The miller {crawl.email("altbridge", is_read=False)} at the wheel">'
    body = (
        f"<h1>Wheel and weir</h1>{prose(30)}<h2>Questions to {crawl.email('headlam3')} are welcome</h2>{prose(31)}"
        f"<table><tr><th>What</th><th>Where</th></tr>{table}</table>{prose(32)}<ul>{items}</ul>{picture}"
        f"<p>The script reads:</p><pre><code class='language-python'>{escape(code)}</code></pre>{prose(33)}"
    )
    crawl.add(URL.format("marked"), f"Wheel and weir – {crawl.email('titlepage', is_read=False)}", body, head)


def add_dropped(crawl: Crawl) -> None:
    """Pages that `pii` or a later stage drops."""
    for name, number, site in (("lonely", 40, "lonely"), ("crowd", 41, "crowd"), ("crowds", 42, "crowd")):
        sentences = [f"Write to {crawl.email(f'{name}bell{mark}')} at once." for mark in range(12)]
        crawl.add(f"https://{name}.{site}-mill.org/a", STORIES[number].title, prose(number, *sentences))
    crawl.add("https://clean.crowd-mill.org/a", "Clean", prose(43, f"Ask {crawl.email('innocent5')} of it."))
    for number, name in enumerate(("nearone99", "neartwo88")):
        both = (f"Write to {crawl.email(name)} today.", *["And so it has been in our village."] * number)
        crawl.add(URL.format(f"near{number}"), "Near", prose(44, *both))
    crawl.add(URL.format("short"), "Short", f"<p>The mill is shut. Write to {crawl.email('shortcut6')} instead.</p>")
    crawl.add(URL.format("gone"), "Gone", prose(45, "Ask " + crawl.email("gonefour4", is_read=False)), status="404 No")


def compact(text: str) -> str:
    return re.sub(r"[\s().:\-]", "", text).lower()


def forms(value: str) -> set[str]:
    """Return the value, the value without its separators, and the local part of an address of e-mail."""
    return {value.lower(), compact(value), value.partition("@")[0].lower()}


def found_in(content: str, values: Iterable[str]) -> set[str]:
    lowered, joined = content.lower(), compact(content)
    return {value for value in values if any(form in lowered or form in joined for form in forms(value))}


def decoded(file: Path) -> str:
    """Return all that a file holds: every column of a table, nested ones and bytes too, and its metadata."""
    raw = file.read_bytes()
    said = raw.decode("latin-1") + raw.decode("utf-8", errors="replace")
    if file.suffix != ".parquet":
        return said
    table = pq.read_table(file, partitioning=None)
    cells = [str(table.schema), str(table.schema.metadata)]
    for column in table.columns:
        for value in column.to_pylist():
            cells.append(value.decode("latin-1") if isinstance(value, bytes) else str(value))
            if pa.types.is_binary(column.type) and value is not None:
                cells.append(value.decode("utf-8", errors="replace"))
    return said + "\n" + "\n".join(cells)


@dataclass(frozen=True)
class Finished:
    """A run of the planted crawl, and what the job said of it."""

    crawl: Crawl
    run: Path
    said: str

    @property
    def values(self) -> set[str]:
        return self.crawl.read | self.crawl.unread

    def files(self, *, before: bool) -> list[Path]:
        early = {self.run / room / name for room in ("stages", "exports") for name in BEFORE}
        found = [file for file in sorted(self.run.rglob("*")) if file.is_file()]
        return [file for file in found if any(place in file.parents for place in early) == before]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("planted")
    crawl = planted_crawl()
    warc = folder / "crawl.warc.gz"
    warc.write_bytes(b"".join(member(response(capture)) for capture in crawl.captures))
    places = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [str(SUBMIT), str(ROOT / "jobs" / "curate.py"), "--input", str(warc), "--output", str(folder / "run")]
    ended = subprocess.run(
        [*command, "--set", "pii.site_min_pages=2", "dedup_line.reported_lines=500"],
        cwd=folder,
        env={**os.environ, "CI": "true", "PYTHONPATH": places},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=580,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    return Finished(crawl, folder / "run", ended.stdout)


def test_what_was_planted_stands_in_the_tables_before_the_stage(planted: Finished) -> None:
    content = "\n".join(map(decoded, planted.files(before=True)))
    assert found_in(content, planted.crawl.read) == planted.crawl.read


def test_the_planted_pages_meet_the_fates_that_the_search_is_about(planted: Finished) -> None:
    fates = {row["source_url"]: (row["stage"], row["reason"]) for row in rows(planted.run, "decisions")}
    assert len(fates) == len(planted.crawl.captures)
    assert fates["https://lonely.lonely-mill.org/a"] == ("pii", "dense_page")
    assert fates["https://crowds.crowd-mill.org/a"] == ("pii", "dense_page")
    assert fates["https://clean.crowd-mill.org/a"] == ("pii", "dense_site")
    assert sorted(str(fates[URL.format(f"near{number}")][1]) for number in (0, 1)) == ["None", "near_duplicate"]
    assert fates[URL.format("short")][0] in {"dedup_line", "heuristics"}
    for name in ("marked", *(f"p{number}" for number in (*range(8), *range(10, 20)))):
        assert fates[URL.format(name)] == (None, None), name


def test_no_file_after_the_stage_holds_a_value(planted: Finished) -> None:
    files = planted.files(before=False)
    known = {file.relative_to(planted.run).parts[0] for file in files}
    assert {"stages", "decisions", "inputs", "release", "report.json"} <= known
    assert {file.name.partition("-")[0] for file in files if file.parent == planted.run / "stages/pii/files"} >= {
        "measured", "columns", "drops", "sites",
    }  # fmt: skip
    leaks = {str(file.relative_to(planted.run)): found_in(decoded(file), planted.values) for file in files}
    assert {file: found for file, found in leaks.items() if found} == {}


def test_frequent_lines_are_reported_with_what_stands_for_the_value(planted: Finished) -> None:
    report = json.loads((planted.run / "report.json").read_text())
    (notes,) = (stage["notes"] for stage in report["stages"] if stage["stage"] == "dedup_line")
    assert any("<EMAIL_ADDRESS>" in line["line"].upper() for line in notes["most_frequent"])


def test_the_job_says_how_many_values_there_are_and_never_one(planted: Finished) -> None:
    assert "values of personal data found" in planted.said
    assert found_in(planted.said, planted.values) == set()


def test_each_default_kind_was_replaced_and_its_place_is_known(planted: Finished) -> None:
    kept = rows(planted.run, "heuristics")
    found = {one["entity"]: row["text"][one["start"] : one["end"]] for row in kept for one in row["pii"]}
    assert found == {entity: f"<{entity}>" for entity in ("EMAIL_ADDRESS", *VALUES)}
    (marked,) = (row for row in kept if row["source_url"] == URL.format("marked"))
    headings = [marked["text"][one["start"] : one["end"]] for one in marked["spans"] if one["kind"] == "heading"]
    assert any("Questions to <EMAIL_ADDRESS> are welcome" in heading for heading in headings)
    (code,) = (marked["text"][one["start"] : one["end"]] for one in marked["spans"] if one["kind"] == "code")
    assert code.startswith("sender") or "\nsender" in code
    assert '"<EMAIL_ADDRESS>"' in code
    assert code.rstrip("`\n").endswith("send(line)")
    assert "<EMAIL_ADDRESS>" in marked["title"]
    released = {row["source_url"]: row["text"] for row in rows(planted.run, "release")}
    assert all(released[row["source_url"]] == row["text"] for row in kept)


def test_explain_and_locate_never_show_a_value(planted: Finished, capsys: pytest.CaptureFixture[str]) -> None:
    for capture in planted.crawl.captures:
        assert main(explain_job, [str(planted.run), capture.url]) == 0
    for name in (*NAMES, "decisions", "inputs", "release"):
        assert main(locate_job, [str(planted.run), name]) == 0
    said = capsys.readouterr()
    assert "EMAIL_ADDRESS at" in said.out
    assert found_in(said.out + said.err, planted.values) == set()


def test_what_if_shows_texts_without_values(
    planted: Finished, spark: "SparkSession", capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--set", "heuristics.min_words=100000", "--sample", "50", "--chars", "100000"]
    for more in ([], ["--json"]):
        assert main(whatif_job, [str(planted.run), *asked, *more]) == 0
    said = capsys.readouterr()
    assert "<EMAIL_ADDRESS>" in said.out
    assert found_in(said.out + said.err, planted.values) == set()
