"""Items of benchmarks are found in pages as copies of them stand there, and nowhere else."""

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.decontamination.items import Item, matched_texts
from pipeline.kernels.contamination.grams import Index, ItemTexts, build_index, keys_of, scales_and_breaks
from pipeline.kernels.contamination.match import ABSENT, NO_ANSWER, PRESENT, Hits, count_grams, match_items
from pipeline.kernels.contamination.units import find_units
from tests.injected_items import INJECTIONS, TWO_WORDS
from tests.unit.decontamination.made_items import ITEMS, LONG, MIDDLE, OTHER_WORDS, PAGE, SHORT

NONE = np.empty(0, np.uint64)
NAMES = [item.name for item in ITEMS]


def index_of(items: tuple[Item, ...] = ITEMS, common: Any = NONE) -> Index:
    texts, answers, passages = (find_units(pa.array(each)) for each in matched_texts(items))
    scales, breaks = scales_and_breaks(texts)
    begins = np.diff(passages.offsets).astype(np.int32)
    read = ItemTexts(texts.offsets, texts.hashes, scales, breaks, begins, answers.offsets, answers.hashes)
    return build_index(read, common)


def matches(*texts: str | None, index: Index | None = None, most: int = 100) -> Hits:
    return match_items(find_units(pa.array(texts, pa.string())), index_of() if index is None else index, most)


def coverage_of(name: str, text: str) -> float:
    hits = matches(text)
    result = hits.coverage[hits.items == NAMES.index(name)]
    return float(result[0]) if len(result) else 0.0


@pytest.mark.parametrize("kind", [kind for kind in INJECTIONS if kind != TWO_WORDS])
@pytest.mark.parametrize("name", ["rye", "clock", "litmus", "joined"])
def test_an_item_is_found_however_it_was_copied(kind: str, name: str) -> None:
    change, place = INJECTIONS[kind]
    text = matched_texts([ITEMS[NAMES.index(name)]])[0][0]
    least = 0.9 if kind == "case and punctuation changed" else 1.0
    assert coverage_of(name, place(change(text, OTHER_WORDS, random.Random(1)), PAGE)) >= least


@pytest.mark.parametrize(("name", "text", "least"), [("rye", LONG, 0.9), ("clock", MIDDLE, 0.8)])
def test_two_words_may_be_others(name: str, text: str, least: float) -> None:
    change, place = INJECTIONS[TWO_WORDS]
    for seed in range(20):
        covered = coverage_of(name, place(change(text, OTHER_WORDS, random.Random(seed)), PAGE))
        assert least <= covered < 1


def test_a_match_says_where_it_stands_and_whether_the_answer_is_near() -> None:
    texts = [PAGE + SHORT, PAGE + SHORT + "\n\nIt turns red.", PAGE + SHORT + " corn" * 60 + " red"]
    hits = matches(*texts)
    assert hits.rows.tolist() == [0, 1, 2]
    assert hits.answers.tolist() == [ABSENT, PRESENT, ABSENT]
    assert [texts[row][start:end] for row, start, end in zip(hits.rows, hits.starts, hits.ends, strict=True)] == [
        SHORT.rstrip("?")
    ] * 3


def test_positions_are_code_points() -> None:
    text = "Mühle 水车 𝒳 " + SHORT
    hits = matches(text)
    assert text[hits.starts[0] : hits.ends[0]] == SHORT.rstrip("?")


def test_pages_without_items_match_nothing() -> None:
    assert len(matches(PAGE, "", None, "?!").rows) == 0


def test_a_match_never_crosses_a_blank_line() -> None:
    half = LONG.index("The baker")
    assert coverage_of("rye", f"{LONG[:half]}\n{LONG[half:]}") == 1
    assert coverage_of("rye", f"{LONG[:half]}\n \n{LONG[half:]}") < 0.7


def test_an_item_with_a_blank_line_of_its_own_is_found_across_one() -> None:
    half = LONG.index("The baker")
    item = Item("two", f"{LONG[:half]}\n\n{LONG[half:]}", "", "")
    hits = matches(PAGE + "\n\n" + item.question, index=index_of((item,)))
    assert hits.coverage.tolist() == [1]
    assert hits.answers.tolist() == [NO_ANSWER]


def test_what_is_spread_over_more_than_twice_the_items_length_does_not_count() -> None:
    parts = LONG.split(". ")
    assert coverage_of("rye", (" corn" * 150).join(parts)) < 0.7


def test_items_that_are_too_short_are_not_looked_for_alone() -> None:
    assert len(matches("Who built it? Nobody knows who built it.").rows) == 0
    assert index_of().items.totals[NAMES.index("tiny")] == 0


def test_a_passage_is_matched_with_a_short_question_alone_and_never_without_it() -> None:
    index = index_of((Item("passage", "Who pays the baker?", "the brewer", LONG), Item("long", MIDDLE, "", LONG)))
    alone, both = matches(LONG, index=index), matches(f"{LONG}\n\nWho pays the baker?", index=index)
    assert alone.items.tolist() == both.items.tolist() == [0]
    assert alone.coverage[0] <= 0.6
    assert both.coverage[0] == 1


def test_texts_without_spaces_are_matched_by_characters() -> None:
    item = ITEMS[NAMES.index("water")]
    hits = matches("风车在山上。" + item.question + "答案是84。")
    assert [(NAMES[number], share) for number, share in zip(hits.items, hits.coverage, strict=True)] == [("water", 1.0)]
    assert hits.answers.tolist() == [PRESENT]


@pytest.mark.parametrize(
    "formula",
    ["1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11", "f(x, y) = (x + y) ^ 2 - (x - y) ^ 2 + x"],
)
def test_figures_and_names_of_variables_match_whole_or_not_at_all(formula: str) -> None:
    index = index_of((Item("formula", formula, "", ""),))
    assert len(matches(f"a = [{formula[:-4]}]", index=index).rows) == 0
    assert matches(f"a = [{formula}]", index=index).coverage.tolist() == [1]


def test_common_grams_count_for_nothing() -> None:
    units = find_units(pa.array([LONG]))
    common = keys_of(units.hashes, 8)[:20]
    index = index_of(common=common)
    head = " ".join(LONG.split()[:27])
    assert len(matches(head, index=index).rows) == 0
    assert len(matches(head).rows) == 1
    assert matches(LONG, index=index).coverage.tolist() == [1]
    assert index_of(common=keys_of(units.hashes, 8)).items.totals[0] == 0


def test_grams_are_counted_once_a_document() -> None:
    index = index_of()
    counts = np.zeros(len(index.grams.keys), np.int64)
    count_grams(find_units(pa.array([SHORT + "\n" + SHORT, SHORT, PAGE])), index, counts)
    assert sorted(set(counts.tolist())) == [0, 2]
    assert (counts == 2).sum() == 12  # eleven words: four grams of eight, eight seeds of four


def test_the_best_matches_of_a_document_are_kept() -> None:
    hits = matches(" ".join((LONG[:150], MIDDLE, SHORT)), most=2)
    assert [NAMES[number] for number in hits.items] == ["clock", "litmus"]
    assert hits.coverage.tolist() == [1, 1]


@pytest.mark.parametrize("same", ["Cafe\u0301", "CAFÉ", "café", "ｃａｆｅ"])
def test_units_put_forms_and_accents_aside(same: str) -> None:
    assert find_units(pa.array([same])).hashes.tolist() == find_units(pa.array(["cafe"])).hashes.tolist()


def test_runs_of_many_equal_grams_end() -> None:
    hits = matches(("sacks of rye are " * 3_000) + LONG)
    assert hits.coverage.max() == 1
