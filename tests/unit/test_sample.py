"""The sample crawl is what it says: the same bytes each time, readable, and varied enough to test with."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.parse.html import HTMLTree

from tests.sample import FILES, SIX_TIMES_LINE, expected_fates, frequent_lines, write_sample
from tests.sample.catalog import captures
from tests.sample.manuals import snippets
from tests.sample.mathematics import picks
from tests.sample.oddities import OVERSIZED_BYTES, oversized
from tests.sample.pages import ARTICLES, NEAR_COPIES, changed, pairs, story
from tests.sample.prose import LANGUAGES, Story, english_stories, foreign_stories

FATES = expected_fates()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_sample(tmp_path_factory.mktemp("sample"))


def read(file: Path, kinds: Any = WarcRecordType.any_type) -> list[tuple[dict[str, str], bytes]]:
    with file.open("rb") as stream:
        records = ArchiveIterator(stream, record_types=kinds, parse_http=False)
        return [(dict(record.headers), record.reader.read()) for record in records]


def shingles(told: Story) -> set[tuple[str, ...]]:
    words = " ".join(told.paragraphs).lower().split()
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def similarity(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def test_writing_twice_gives_the_same_bytes(sample: list[Path], tmp_path: Path) -> None:
    again = write_sample(tmp_path)
    assert [file.name for file in again] == [file.name for file in sample] == list(FILES)
    for one, other in zip(sample, again, strict=True):
        assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()
    assert sum(file.stat().st_size for file in sample) < 1_000_000


def test_every_complete_response_is_read_and_has_a_fate(sample: list[Path]) -> None:
    seen: dict[str, str] = {}
    for file in sample:
        for headers, block in read(file, WarcRecordType.response):
            fate = FATES[headers["WARC-Record-ID"]]
            assert headers["WARC-Target-URI"] == fate.url
            assert file.name == fate.file
            if fate.kind != "damaged":
                assert int(headers["Content-Length"]) == len(block)
                seen[fate.record_id] = fate.kind
    assert set(seen) == {fate.record_id for fate in FATES.values() if fate.kind != "damaged"}
    assert 300 <= len(seen) <= 360


def test_each_file_opens_with_a_description_and_pairs_requests_with_responses(sample: list[Path]) -> None:
    for file in sample:
        kinds = [headers["WARC-Type"] for headers, _ in read(file)]
        assert kinds[0] == "warcinfo"
        assert kinds.count("request") >= kinds.count("response") - 2
        assert kinds.count("response") > 15


def test_record_ids_are_unique_and_copies_point_at_pages() -> None:
    for fate in FATES.values():
        if fate.kind in {"older", "variant", "mirror", "near"}:
            assert FATES[fate.of].kind == "page"
            assert FATES[fate.of].language == fate.language
        else:
            assert fate.of == ""


def test_every_kind_is_there_in_the_promised_number() -> None:
    counts = Counter(fate.kind for fate in FATES.values())
    assert counts["page"] >= 240
    assert (counts["near"], counts["mirror"], counts["older"], counts["variant"]) == (14, 10, 10, 6)
    assert (counts["error"], counts["redirect"], counts["nonhtml"], counts["empty"]) == (6, 4, 5, 2)
    assert (counts["truncated"], counts["optout"], counts["pii"], counts["pii_dense"]) == (3, 4, 2, 1)
    for once in ("spam", "log", "short", "boilerplate_only", "hostile", "oversized", "damaged", "dns"):
        assert counts[once] == 1


def test_pages_cover_sixteen_languages_and_the_four_categories() -> None:
    pages = [fate for fate in FATES.values() if fate.kind == "page"]
    languages = Counter(fate.language for fate in pages)
    assert len(languages) == 16
    assert min(languages.values()) >= 5
    categories = Counter(fate.category for fate in pages)
    assert categories["code"] >= 25
    assert categories["math"] >= 25
    assert categories["general"] >= 90
    assert categories["multilingual"] >= 80


def test_english_articles_are_long_enough_and_unlike_each_other() -> None:
    stories = [*english_stories()[:ARTICLES], *english_stories()[ARTICLES:]]
    lengths = [len(" ".join(told.paragraphs).split()) for told in stories]
    assert min(lengths) >= 120
    assert max(lengths) <= 500
    sets = [shingles(told) for told in stories]
    assert max(similarity(one, other) for one, other in combinations(sets, 2)) < 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_of_a_language_are_long_enough_and_unlike_each_other(language: str) -> None:
    stories = foreign_stories(language)
    texts = [" ".join(told.paragraphs) for told in stories]
    assert min(len(text) if language in {"zh", "ja"} else len(text.split()) for text in texts) >= 120
    sentences = [set("。".join(told.paragraphs).replace(". ", "。").split("。")) for told in stories]
    for one, other in combinations(sentences, 2):
        assert len(one & other) / len(one | other) < 0.5


def test_near_copies_share_nine_tenths_of_their_shingles() -> None:
    for language, index in pairs(NEAR_COPIES):
        original = story(language, index)
        assert 0.8 < similarity(shingles(original), shingles(changed(original))) < 0.97


def test_code_is_more_than_a_third_of_each_documentation_page(sample: list[Path]) -> None:
    result = 0
    for file in sample:
        for headers, block in read(file, WarcRecordType.response):
            if FATES[headers["WARC-Record-ID"]].category == "code":
                tree = HTMLTree.parse(block.split(b"\r\n\r\n", 1)[1].decode())
                body = tree.body
                assert body is not None
                listings = sum(len(str(node.text)) for node in body.get_elements_by_tag_name("pre"))
                assert listings / len(str(body.text)) > 1 / 3
                result += 1
    assert result == len(snippets()) >= 25


def test_the_large_body_is_above_four_mebibytes() -> None:
    assert len(oversized().body) > OVERSIZED_BYTES


def test_boilerplate_within_the_content_is_on_more_than_six_articles_of_its_language() -> None:
    bodies = [
        (capture.language, capture.body.decode()) for _, capture in captures() if capture.purpose[:7] == "article"
    ]
    for language, lines in frequent_lines().items():
        for line in lines:
            assert sum(code == language and f"<p>{line}</p>" in body for code, body in bodies) > 6
    everywhere = [capture.body for _, capture in captures() if SIX_TIMES_LINE.encode() in capture.body]
    assert len(everywhere) == 6


def test_no_formula_is_on_more_than_five_sheets() -> None:
    uses = Counter(number for sheet in picks() for number in sheet)
    assert max(uses.values()) <= 5


def test_bodies_behind_codings_and_old_charsets_are_read_back(sample: list[Path]) -> None:
    seen = {}
    for file in sample:
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
                seen[FATES[record.headers["WARC-Record-ID"]].purpose] = record.reader.read()
    assert b"</html>" in seen["encoding/chunked"]
    assert "Статьи" in seen["charset/windows-1251"].decode("windows-1251")
    assert "水" in seen["charset/shift_jis"].decode("shift_jis")
    assert b"</html>" not in seen["broken/truncated"]
    assert seen["empty/no-body"] == b""
    assert seen["dns/answer"].startswith(b"2024")
