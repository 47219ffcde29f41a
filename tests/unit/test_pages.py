"""The pages of documentation: what code writes into them is up to date, and what they tell a reader to type exists."""

import re
from pathlib import Path

import pytest

from pipeline.cli.commands import ENTRIES, command_named
from pipeline.plan import STAGES
from tests.pages.blocks import KINDS, blocks_of, without_times, words_of
from tests.pages.generated import ROOT, pages, parts_of, rewritten

PAGES = {path.relative_to(ROOT).as_posix(): path for path in pages()}
LINKED = PAGES | {name: ROOT / name for name in ("BENCHMARKS.md", "CHANGELOG.md")}
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
_UNITS = "seconds|s|ms|µs|milliseconds|times|bytes|KB|MB|GB|MiB|rows?|tokens|documents|pages|texts"
_OF = "page|record|machine|row|rule|document|run|core|worker|stage|text|token|host|language|second"
_A_FOR_PER = re.compile(rf"\b((?:{_UNITS}) an? (?:{_OF})|once a (?:machine|core|worker|second))\b")
_OF_READERS = {"my_stages.py", "runs/mine"}
"""What a page tells its reader to make."""
_NO_RATES = {"Times a document", "times a document"}
"""How often a document stands somewhere."""


@pytest.mark.parametrize("name", PAGES)
def test_what_code_writes_into_a_page_is_up_to_date(name: str) -> None:
    text = PAGES[name].read_text()
    assert rewritten(text) == text, "python -m tests.pages --write"


def test_every_stage_and_every_command_has_a_page() -> None:
    for stage in STAGES:
        assert ("stage", stage.name) in parts_of((ROOT / "docs" / "stages" / f"{stage.name}.md").read_text())
    for name in (*ENTRIES, "completion"):
        assert ("command", name) in parts_of((ROOT / "docs" / "commands" / f"{name}.md").read_text())


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].read_text().splitlines()) <= 200


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_of_a_kind_that_tests_know(name: str) -> None:
    for block in blocks_of(PAGES[name].read_text()):
        assert block.kind in KINDS, block.body


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_can_be_parsed(name: str) -> None:
    for block in blocks_of(PAGES[name].read_text()):
        for command in block.commands():
            words = words_of(command)
            if not words or words[0].startswith("-") or words[0] == "completion":
                continue
            assert words[0] in ENTRIES, command
            parser = command_named(words[0]).parser(words[0])
            parser.add_argument("--master")
            parser.add_argument("--conf")
            if "--help" not in words:
                parser.parse_args(words[1:])


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_console_shows_what_it_prints(name: str) -> None:
    for block in blocks_of(PAGES[name].read_text()):
        if block.kind == "console":
            lines = block.body.replace("\\\n", " ").rstrip("\n").split("\n")
            assert not lines[-1].startswith("$ "), f"{lines[-1]}: python -m tests.pages --write --run"


@pytest.mark.parametrize("name", PAGES)
def test_what_a_command_prints_is_made_by_it_but_where_a_person_types(name: str) -> None:
    for block in blocks_of(PAGES[name].read_text()):
        if block.kind == "text" and not block.is_typed:
            pasted = [line for line in block.body.split("\n") if line.startswith("$ ")]
            assert not pasted, f"{pasted}: make it a `console` block, and python -m tests.pages --write --run"


@pytest.mark.parametrize("name", PAGES)
def test_where_commands_are_not_run_the_reader_is_told_why(name: str) -> None:
    text = PAGES[name].read_text()
    for block in blocks_of(text):
        if block.kind == "sh not-run":
            before = " ".join(text[: block.at].rpartition("```")[0].split("\n\n")[-2].split())
            assert "ests do not run this" in before, block.body


@pytest.mark.parametrize("name", LINKED)
def test_a_rate_is_said_with_per(name: str) -> None:
    rates = [match[0] for match in _A_FOR_PER.finditer(LINKED[name].read_text())]
    assert [said for said in rates if said not in _NO_RATES] == []


@pytest.mark.parametrize("said", ["12 ms a page", "300 bytes a row", "mapped once a machine", "a row a rule"])
def test_a_rate_with_an_article_is_seen(said: str) -> None:
    assert _A_FOR_PER.search(said)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_is_named_is_one(name: str) -> None:
    for command in re.findall(r"`gristmill ([a-z][\w-]*)", PAGES[name].read_text()):
        assert command in ENTRIES or command == "completion", command


@pytest.mark.parametrize("name", LINKED)
def test_every_link_to_a_file_leads_to_one(name: str) -> None:
    for target in _LINK.findall(LINKED[name].read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, heading = target.partition("#")
        file = (LINKED[name].parent / path).resolve() if path else LINKED[name]
        assert file.exists(), target
        if heading and file.suffix == ".md":
            assert heading in _anchors(file), target


@pytest.mark.parametrize("name", ["docs/design.md", "docs/decisions.md", "docs/adding-a-stage.md"])
def test_every_file_that_is_named_is_there(name: str) -> None:
    named = set(_PATH.findall(_FENCED.sub("", PAGES[name].read_text()))) - _OF_READERS
    files = {path for path in named if ("/" in path or path.endswith(".py")) and not path.startswith("RUN/")}
    assert not {path for path in files if not (ROOT / path).exists() and not _is_in_the_pipeline(path)}


def _is_in_the_pipeline(path: str) -> bool:
    return any((ROOT / "pipeline").rglob(path.rstrip("/")))


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_a_clock_is_no_difference() -> None:
    first = "ingest          311 rows, 22 dropped, 43.3 s\ningest   333   311   22   43.3   60%   http_status 10\n"
    later = "ingest          311 rows, 22 dropped, 9.1 s\ningest   333   311   22    9.1    5%   http_status 10\n"
    assert without_times(first) == without_times(later)
    assert without_times(first) != without_times(later.replace("22", "23"))


def test_where_figures_vary_words_are_compared() -> None:
    first, later, other = (
        blocks_of(f"<!-- figures vary -->\n```console\n$ gristmill forecast\n{line}\n```\n")[0]
        for line in ("ingest    6.48   1,023 GB", "ingest   11.2     987 GB", "ingest   11.2     987 TB")
    )
    assert first.prints(later)
    assert not first.prints(other)


def test_only_a_mark_lets_a_person_s_commands_stand() -> None:
    block = "```text\n$ gristmill review runs/sample --stage pii\n```\n"
    assert [made.is_typed for made in blocks_of(block)] == [False]
    assert [made.is_typed for made in blocks_of(f"<!-- typed by a person -->\n{block}")] == [True]
