"""What becomes of every planted record of the sample crawl."""

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.results.locations import locate
from schemas.tables import RELEASE
from tests.e2e.reading import decisions, rows
from tests.sample import SIX_TIMES_LINE, Fate, expected_fates, frequent_lines

REFUSED = {
    "error": "http_status",
    "redirect": "http_status",
    "nonhtml": "not_html",
    "empty": "empty_body",
    "truncated": "truncated",
    "oversized": "body_too_large",
    "dns": "not_http",
}


@pytest.fixture(scope="module")
def fates() -> dict[str, Fate]:
    return {record_id: fate for record_id, fate in expected_fates().items() if fate.kind != "damaged"}


def test_every_response_record_has_exactly_one_decision(finished: Path, fates: dict[str, Fate]) -> None:
    result = rows(finished, "decisions")
    assert Counter(row["record_id"] for row in result) == Counter(list(fates))


@pytest.mark.parametrize(("kind", "reason"), REFUSED.items())
def test_what_is_no_page_is_refused_by_ingest_with_its_reason(
    finished: Path, fates: dict[str, Fate], kind: str, reason: str
) -> None:
    result = decisions(finished)
    planted = [result[record_id] for record_id, fate in fates.items() if fate.kind == kind]
    assert planted
    assert {(row["stage"], row["reason"]) for row in planted} == {("ingest", reason)}


def test_older_captures_and_other_spellings_give_way_to_the_newest(finished: Path, fates: dict[str, Fate]) -> None:
    result = decisions(finished)
    for record_id, fate in fates.items():
        if fate.kind in ("older", "variant"):
            assert (result[record_id]["stage"], result[record_id]["survivor_record_id"]) == ("dedup_url", fate.of), (
                fate.url
            )


def test_pages_whose_owners_have_opted_out_go_before_they_are_read(finished: Path, fates: dict[str, Fate]) -> None:
    result = decisions(finished)
    planted = {fate.purpose: result[record_id] for record_id, fate in fates.items() if fate.kind == "optout"}
    assert {purpose: (row["stage"], row["reason"]) for purpose, row in planted.items()} == {
        "optout/robots-header": ("opt_out", "x_robots_tag"),
        "optout/robots-meta": ("opt_out", "meta_robots"),
        "optout/tdm-header": ("opt_out", "tdm_reservation"),
        "optout/tdm-meta": ("opt_out", "tdm_reservation"),
    }
    assert sum(row["stage"] == "opt_out" for row in result.values()) == len(planted)


def test_one_of_each_page_and_its_mirror_or_near_copy_is_dropped_for_the_other(
    finished: Path, fates: dict[str, Fate]
) -> None:
    result = decisions(finished)
    for record_id, fate in fates.items():
        if fate.kind in ("mirror", "near"):
            by = {row["record_id"]: row["survivor_record_id"] for row in (result[record_id], result[fate.of])}
            stages = {result[record_id]["stage"], result[fate.of]["stage"]}
            assert "dedup_document" in stages, fate.url
            assert by[record_id] == fate.of or by[fate.of] == record_id, fate.url


def test_ordinary_pages_reach_the_mix_in_their_language_and_category(finished: Path, fates: dict[str, Fate]) -> None:
    mixed = {row["record_id"]: row for row in rows(finished, "heuristics")}
    copied = {fate.of for fate in fates.values()}
    pages = {i: fate for i, fate in fates.items() if fate.kind == "page" and i not in copied}
    lost = [fate.url for record_id, fate in pages.items() if record_id not in mixed]
    assert not lost
    for record_id, fate in pages.items():
        assert (mixed[record_id]["language"], mixed[record_id]["category"]) == (fate.language, fate.category), fate.url


@pytest.mark.parametrize("kind", ["spam", "log", "short", "boilerplate_only"])
def test_worthless_pages_do_not_reach_the_mix(finished: Path, fates: dict[str, Fate], kind: str) -> None:
    result = decisions(finished)
    planted = [result[record_id] for record_id, fate in fates.items() if fate.kind == kind]
    assert planted
    for row in planted:
        assert not row["kept"] and row["stage"] != "mix", (row["source_url"], row["stage"])  # noqa: PT018


def test_lines_seen_more_than_six_times_go_and_one_seen_six_times_stays(finished: Path) -> None:
    texts = {row["url"]: (row["language"], row["text"]) for row in rows(finished, "heuristics")}
    for language, lines in frequent_lines().items():
        for line in lines:
            assert not [url for url, (of, text) in texts.items() if of == language and line in text.split("\n")]
    assert sum(SIX_TIMES_LINE in text for _, text in texts.values()) == 6


def test_damage_is_a_row_of_inputs_and_costs_only_the_damaged_record(finished: Path) -> None:
    inputs = {Path(row["warc_file"]).name: row for row in rows(finished, "inputs")}
    assert "is cut" in inputs["sample-00003.warc.gz"]["error"]
    assert [name for name, row in inputs.items() if row["error"]] == ["sample-00003.warc.gz"]


def test_the_mix_comes_within_a_point_of_its_target(finished: Path) -> None:
    tokens: Counter[str] = Counter()
    for row in rows(finished, "release"):
        tokens[row["category"]] += row["tokens"]
    total = sum(tokens.values())
    for category, target in {"general": 0.50, "math": 0.25, "code": 0.17, "multilingual": 0.08}.items():
        assert tokens[category] / total == pytest.approx(target, abs=0.01)


def test_no_document_stands_in_the_release_more_than_four_times(finished: Path) -> None:
    times = Counter(row["doc_id"] for row in rows(finished, "release"))
    assert max(times.values()) <= 4
    kept = {row["doc_id"] for row in rows(finished, "decisions") if row["kept"]}
    assert set(times) == kept


def test_spans_point_at_code_and_math_after_every_edit(finished: Path) -> None:
    seen: Counter[str] = Counter()
    for row in rows(finished, "heuristics"):
        for span in row["spans"]:
            piece = row["text"][span["start"] : span["end"]]
            assert piece.strip()
            seen[span["kind"]] += 1
            if span["kind"] == "math":
                assert piece.startswith("$") and piece.endswith("$"), piece  # noqa: PT018
    assert seen["code"] > 20
    assert seen["math"] > 100


def test_the_release_loads_with_datasets_and_with_pyarrow(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    place = locate(str(finished), "release")
    loaded = datasets.load_dataset(place, cache_dir=str(tmp_path), split="train")
    table = pq.read_table(Path(place) / "data")
    assert len(loaded) == table.num_rows
    assert set(RELEASE.names) == set(table.column_names) == set(loaded.column_names)
    shards = {str(file.relative_to(finished / "release")) for file in (finished / "release").rglob("*.parquet")}
    assert "data/general/train-00000-of-00001.parquet" in shards


def test_survivors_say_how_many_copies_and_captures_they_stand_for(finished: Path) -> None:
    dropped = decisions(finished).values()
    for stage, columns in (
        ("dedup_url", {"newer_capture": "captures"}),
        ("dedup_document", {"exact_duplicate": "copies_exact", "near_duplicate": "copies_near"}),
    ):
        survivors = rows(finished, stage)
        for reason, column in columns.items():
            counted = Counter(row["survivor_record_id"] for row in dropped if row["reason"] == reason)
            assert counted
            assert {row["record_id"]: row[column] for row in survivors if row[column]} == counted
