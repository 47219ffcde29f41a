"""datatrove's filters: answers of its own tests, a case of each rule and each oddity, and properties of any text."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.heuristics.datatrove import DatatroveParams, datatrove_rules
from pipeline.heuristics.datatrove_verdicts import Verdict, verdicts
from pipeline.kernels.datatrove.english import english, split_sentences
from pipeline.kernels.datatrove.lines import C4Lines, clean
from pipeline.kernels.datatrove.signals import DatatroveSignals, measure_datatrove_signals
from pipeline.kernels.datatrove.signs import describe
from pipeline.kernels.datatrove.words import lexicon
from pipeline.kernels.text.spans import Span, apply_edits
from schemas.datatrove_signals import DATATROVE_SIGNALS
from schemas.signals import SIGNALS
from tests.conftest import shared

FILTERS = {
    "GopherRepetitionFilter": "gopher_repetition",
    "GopherQualityFilter": "gopher_quality",
    "C4QualityFilter": "c4",
    "C4ParagraphFilter": "c4_paragraph",
    "FineWebQualityFilter": "fineweb_quality",
}
CASES = ("gopher_quality", "gopher_repetition", "c4", "fineweb_quality")
PIECES = (
    *(
        "The mill",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "\u2028",
        "\u00a0",
        "\t",
        ".",
        "...",
        "…",
        "#",
        "- ",
        "• ",
        "[1]",
        "{",
    ),
    *("lorem ipsum", "javascript", "use cookies", "it's", ":)", "foo:", "(", ")", " a.m.", "水", "don’t", "Hi! ", '"'),
    "x" * 40,
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
# Six sentences of twelve words, none of which is repeated.
PROSE = (
    "The mill stands by the river and has done so for centuries.\n"
    "Its wheel turns slowly, for in summer there is but little water.\n"
    "Farmers from all villages around bring their corn to be ground here.\n"
    "When sacks are full, a cart takes them up towards market square.\n"
    "Nobody knows who built that tower, nor what purpose it once served.\n"
    "But visitors who climb its stairs will have wide views over fields."
)


def only(name: str, **settings: Any) -> DatatroveParams:
    """Parameters with one filter alone."""
    return DatatroveParams(**{key: key == name for key in FILTERS.values()}, **settings)


def ask(text: str, name: str, **settings: Any) -> Verdict:
    return verdicts([text], only(name, **settings))[0]


def measured(text: str, **settings: Any) -> dict[str, float]:
    columns = measure_datatrove_signals(pa.array([text]), **settings).columns
    return {name: float(column[0]) for name, column in columns.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_answers_are_those_of_datatrove_s_own_tests(name: str) -> None:
    cases = json.loads(shared(f"conformance/datatrove_{name}.json").read_text())["cases"]
    assert cases
    for case in cases:
        wanted = FILTERS[case["filter"]]
        c4 = {"filter_no_terminal_punct": True} if wanted == "c4" else {}
        result = ask(case["text"], wanted, **c4, **case["params"])
        assert result.keep == case["expected_keep"], case["source"]
        if case.get("measured_reason"):
            assert result.reason == case["measured_reason"], case["source"]
        if case.get("text_after") is not None:
            assert result.text_after == case["text_after"]


def test_a_page_of_prose_passes_all_filters() -> None:
    assert verdicts([PROSE]) == [Verdict(True, None, None, None, PROSE)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("a b\n\na b\n\na b", "dup_para_frac"),
        ("x " * 40 + "\n\n" + "x " * 40 + "\n\nb\n\nc\n\nd\n\ne", "dup_para_char_frac"),
        ("a\na\nb", "dup_line_frac"),
        ("the long line\nthe long line\nb\nc\nd\ne", "dup_line_char_frac"),
        ("one", None),
        ("one two", "top_2_gram"),
        ("ab cd ab cd ef gh ij kl mn op qr st uv wx yz", "top_2_gram"),
    ],
)
def test_the_first_rule_of_repetition_that_fails_is_the_reason(text: str, reason: str | None) -> None:
    assert ask(text, "gopher_repetition").reason == reason


def test_a_most_frequent_ngram_that_occurs_once_counts_with_its_length() -> None:
    assert measured("abcd ef gh")["top_2gram_char_share"] == 7 / 10


def test_of_ngrams_as_frequent_as_each_other_the_first_counts_though_another_is_longer() -> None:
    assert measured("on it long words on it long words")["top_2gram_char_share"] == 2 * 5 / 33


def test_a_share_of_the_most_frequent_ngram_may_exceed_1_and_stays_below_its_highest_value() -> None:
    result = measured("(" * 50)
    assert 2 < result["top_2gram_char_share"] < DATATROVE_SIGNALS["top_2gram_char_share"].highest
    assert 6 < result["top_4gram_char_share"] < DATATROVE_SIGNALS["top_4gram_char_share"].highest


def test_repeated_ngrams_are_equal_if_their_words_written_together_are() -> None:
    assert measured("ab c d e f . a bc d e f")["dup_5gram_char_share"] == 6 / 23


def test_repeated_ngrams_do_not_overlap() -> None:
    assert measured("a a a a a a a a a a a a")["dup_5gram_char_share"] == 10 / 23
    assert measured("a " * 15)["dup_5gram_char_share"] == 10 / 30


def test_empty_lines_at_both_ends_of_a_text_are_repeated_lines() -> None:
    assert measured("\na\n")["dup_line_share"] == 1 / 3


def test_paragraphs_are_parted_by_two_new_lines_and_not_by_a_blank_line_with_a_space() -> None:
    assert measured("a\n \na")["dup_paragraph_share"] == 0
    assert measured("a\n\n\na")["dup_paragraph_share"] == 1 / 2


WORDS = "the mill and wheel turn with water "


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (WORDS, "gopher_short_doc"),
        ("!!! " * 200, "gopher_short_doc"),
        (WORDS * 15_000, "gopher_long_doc"),
        ("of a to be in " * 20, "gopher_below_avg_threshold"),
        ("extraordinarily " * 60, "gopher_above_avg_threshold"),
        (WORDS * 10 + "# " * 12, "gopher_too_many_hashes"),
        (WORDS * 10 + "… " * 12, "gopher_too_many_ellipsis"),
        (("- " + WORDS + "\n") * 10, "gopher_too_many_bullets"),
        (("\u00a0 •" + WORDS + "\u2028") * 10, "gopher_too_many_bullets"),
        ((WORDS + "...\t\r\n" + WORDS * 3 + "\n") * 10, "gopher_too_many_end_ellipsis"),
        ((WORDS + "12 34 56 ") * 10, "gopher_below_alpha_threshold"),
        ("mill wheel turned inside " * 20, "gopher_enough_stop_words"),
        (WORDS.upper() * 10, "gopher_enough_stop_words"),
        (WORDS * 10, None),
    ],
)
def test_the_first_rule_of_quality_that_fails_is_the_reason(text: str, reason: str | None) -> None:
    assert ask(text, "gopher_quality").reason == reason


def test_a_limit_itself_passes() -> None:
    text = WORDS * 10 + "# " * 7
    ratio = measured(text)["symbol_word_ratio_hash"]
    assert ask(text, "gopher_quality", max_symbol_word_ratio=ratio).keep
    assert ask(text, "gopher_quality", max_symbol_word_ratio=np.nextafter(ratio, 0)).reason == "gopher_too_many_hashes"


def test_a_mean_of_no_words_is_neither_too_low_nor_too_high() -> None:
    result = ask("-- !! --", "gopher_quality", min_doc_words=None, max_non_alpha_words_ratio=None, min_stop_words=None)
    assert result.reason is None or result.reason == "gopher_too_many_bullets"


def test_a_full_width_one_is_punctuation_and_a_comma_between_digits_is_no_word() -> None:
    assert measured("１ 1")["n_words"] == 1


LINES = (
    "One line stands here.\nA second line follows it.\nThen a third comes.\nAnd a fourth one too.\nThe last ends it."
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINES, None),
        ("Too short to be kept.", "too_few_sentences"),
        ("A Lorem Ipsum line.\nA line with { in it.", "lorem_ipsum"),
        ("A line with { in it.\nA lorem ipsum line.", "curly_bracket"),
        ("A lorem ipsum line with {.", "lorem_ipsum"),
        ("A javascript line { here.\nA lorem ipsum line.", "lorem_ipsum"),
        ("A javascript line { here.\n" + LINES, None),
        ("two {\n" + LINES, None),
        ("lorem\u00a0ipsum is here.\n" + LINES, None),
        ("a{" + "x" * 1000 + " b c.\n" + LINES, None),
        ("Hi! " * 5 + "\n", None),
        ("Hi. " * 4 + "... .\n", "too_few_sentences"),
    ],
)
def test_c4_stops_at_the_first_faulty_line_among_those_that_stay(text: str, reason: str | None) -> None:
    assert ask(text, "c4").reason == reason


def test_one_fault_that_does_not_count_leaves_the_other_one_as_the_reason() -> None:
    text = "A lorem ipsum line {.\n" + LINES
    assert ask(text, "c4", filter_lorem_ipsum=False).reason == "curly_bracket"
    assert ask(text, "c4", filter_curly_bracket=False).reason == "lorem_ipsum"
    assert ask(text, "c4", filter_lorem_ipsum=False, filter_curly_bracket=False).text_after == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (LINES, LINES),
        ("Menu\n" + LINES + "\nWe use cookies here.", LINES),
        ("  " + LINES.replace("\n", " \r\n\t") + "\n\n", LINES),
        (LINES.replace("\n", "\u2028"), LINES),
        ("[1] " + LINES.replace(" line", "[edit] line") + "[citation needed] ", LINES),
        ("[1] [2] [3]\n" + LINES, LINES),
        (LINES.replace("\n", "\n[1] [2] [3]\n", 1), LINES.replace("\n", "\n  \n", 1)),
    ],
)
def test_the_text_that_c4_leaves_is_datatrove_s_to_the_last_sign(text: str, left: str) -> None:
    assert ask(text, "c4").text_after == left
    edits = measure_datatrove_signals(pa.array([text])).edits[0]
    assert apply_edits(text, [], edits)[0] == left


def test_edits_are_deletions_where_lines_end_in_new_lines_and_keep_spans_in_place() -> None:
    text = "Menu\n" + LINES.replace("third", "third[3]")
    edits = measure_datatrove_signals(pa.array([text])).edits[0]
    assert all(edit.replacement == "" for edit in edits)
    start = text.index("fourth")
    after, spans = apply_edits(text, [Span(start, start + 6, "code")], edits)
    assert after[spans[0].start : spans[0].end] == "fourth"


def test_sentences_may_be_judged_instead_of_lines_and_are_joined_by_spaces() -> None:
    result = ask(
        "One is here.  Two use cookies. Three ends it!\nFour is last.", "c4", split_paragraph=False, min_num_sentences=3
    )
    assert result == Verdict(True, None, None, None, "One is here. Three ends it! Four is last.")


def test_white_space_after_a_full_stop_is_a_sentence_if_more_than_a_space() -> None:
    assert measured("One is here. .")["c4_sentences"] == 1
    assert measured("One is here.  .")["c4_sentences"] == 2


SHORT = "A short line.\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n\u00a0\n", "empty"),
        ("A line that has no end\n" * 3, "line_punct_ratio"),
        ("A line that ends so. \n", "line_punct_ratio"),
        ("A line that ends in a quote.”", "line_punct_ratio"),
        (SHORT * 3, "short_line_ratio"),
        (("A long line that stands here for good." + "\n") * 2, "char_dup_ratio"),
        ("Antidisestablishmentarianismofallkinds.\n", "list_ratio"),
        (PROSE, None),
    ],
)
def test_the_first_rule_of_fineweb_that_fails_is_the_reason(text: str, reason: str | None) -> None:
    assert ask(text, "fineweb_quality").reason == reason


def test_fineweb_reads_what_c4_leaves_and_the_text_itself_where_c4_is_off() -> None:
    text = PROSE + "\nMenu\nHome\nTop\nNews\nShop\nMap\nAbout\nLogin\nHelp\nBlog\nFAQ\nJobs\nPress\nRSS"
    assert verdicts([text]) == [Verdict(True, None, None, None, PROSE)]
    result = verdicts([text], DatatroveParams(c4=False))[0]
    assert (result.reason, result.text_after) == ("short_line_ratio", text)


def test_a_page_without_any_terminal_punctuation_may_pass() -> None:
    text = "A line that has no end but a lot of words in it"
    assert ask(text, "fineweb_quality").reason == "line_punct_ratio"
    assert ask(text, "fineweb_quality", line_punct_exclude_zero=True).keep


def test_mc4_asks_for_three_lines_of_some_length() -> None:
    line = "word " * 40
    assert ask("\n".join([line] * 3), "c4_paragraph").keep
    assert ask("\n".join([line] * 2 + ["x" * 199]), "c4_paragraph").reason == "< 3 paragraphs"
    assert not ask("\n".join([line] * 2), "c4_paragraph").keep


def test_a_limit_that_is_none_or_0_leaves_its_rule_out() -> None:
    asked = DatatroveParams(dup_line_frac=None, min_doc_words=0, min_num_sentences=-1, filter_curly_bracket=False)
    every = {rule.name for rule in datatrove_rules(DatatroveParams())}
    names = ("dup_line_frac", "gopher_short_doc", "too_few_sentences", "curly_bracket")
    assert every - {rule.name for rule in datatrove_rules(asked)} == {f"datatrove.{name}" for name in names}


def test_a_filter_that_is_off_leaves_its_rules_out() -> None:
    assert datatrove_rules(only("")) == []
    assert verdicts(["", "x"], only("")) == [Verdict(True, None, None, None, text) for text in ("", "x")]


def test_every_rule_asks_a_stored_signal_and_every_measuring_parameter_exists() -> None:
    asked = DatatroveParams(c4_paragraph=True, line_punct_exclude_zero=True, filter_curly_bracket=False)
    assert {rule.signal for rule in datatrove_rules(asked)} <= set(DATATROVE_SIGNALS)
    assert DatatroveParams.measuring <= set(DatatroveParams.model_fields)
    assert set(C4Lines._fields) < DatatroveParams.measuring


def test_counts_and_shares_that_share_a_name_with_our_own_signals_have_its_type() -> None:
    both = set(SIGNALS) & set(DATATROVE_SIGNALS)
    assert len(both) > 20
    assert all(SIGNALS[name].counts == DATATROVE_SIGNALS[name].counts for name in both)


def split_by_spacy(text: str) -> list[str]:
    with english()[0].memory_zone():
        return [token.text for token in english()[0].tokenizer(text) if not token.text.isspace()]


def split_by_us(texts: list[str]) -> list[list[str]]:
    known = lexicon()
    with known.lock:
        split = known.split(texts, [text.split() for text in texts])
        words = {number: word for word, number in known._numbers.items()}
        tokens = known.tokens
    return [
        [
            words[int(word)]
            for chunk in split.chunks[split.offsets[row] : split.offsets[row + 1]]
            for word in tokens.words[tokens.starts[chunk] : tokens.starts[chunk + 1]]
        ]
        for row in range(len(texts))
    ]


def test_words_are_spacy_s_where_special_cases_reach_over_spaces() -> None:
    rules: list[str] = sorted(english()[0].tokenizer.rules)
    parts = re.split(
        " ", ": ) ( - D :) foo:) x:-) a m . a.m. p.m 8 8a.m. he 's ' Mr Mr. foo. o.O (foo:( w / o '' foo''"
    )
    random_ = random.Random(0)

    def piece() -> str:
        return random_.choice(parts if random_.random() < 0.7 else rules) + random_.choice(("", " ", " ", "  ", "\n"))

    texts = ["".join(piece() for _ in range(12)) for _ in range(2_000)]
    assert split_by_us(texts) == [split_by_spacy(text) for text in texts]


@settings(deadline=None)
@given(TEXTS)
def test_words_are_spacy_s(text: str) -> None:
    assert split_by_us([text.replace("IS_ALPHA", "")]) == [split_by_spacy(text.replace("IS_ALPHA", ""))]


def test_a_name_that_spacy_cannot_split_is_taken_out() -> None:
    assert split_by_us(["IS_ALPHA is (IS_ALPHA)"]) == [["is", "(", ")"]]


def test_a_lexicon_that_forgets_gives_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = verdicts([PROSE, LINES])
    monkeypatch.setattr("pipeline.kernels.datatrove.words._MOST_CHUNKS", 0)
    assert verdicts([LINES]) + verdicts([PROSE]) == before[::-1]


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=6), max_size=5), st.lists(st.text(min_size=1, max_size=6), max_size=5))
def test_sums_of_words_are_equal_if_and_only_if_the_words_written_together_are(
    one: list[str], other: list[str]
) -> None:
    result = describe(["".join(one), "".join(other)]).sums
    assert (result[0] == result[1]) == ("".join(one) == "".join(other))


def signals_of(texts: list[str]) -> DatatroveSignals:
    return measure_datatrove_signals(pa.array(texts, pa.string()))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_signals_are_finite_within_range_and_of_their_text_alone(texts: list[str]) -> None:
    result = signals_of(texts)
    assert list(result.columns) == list(DATATROVE_SIGNALS)
    for name, signal in DATATROVE_SIGNALS.items():
        column = result.columns[name]
        assert column.dtype == (np.int32 if signal.counts else np.float64)
        assert np.isfinite(column).all()
        assert ((column >= 0) & (column <= signal.highest)).all(), name
    alone = [signals_of([text]) for text in texts]
    assert [one.edits[0] for one in alone] == result.edits
    for name, column in result.columns.items():
        assert [one.columns[name][0] for one in alone] == column.tolist()


@settings(deadline=None)
@given(TEXTS, st.booleans(), st.sampled_from((-1, 0, 1, 3)))
def test_edits_of_a_text_give_the_text_that_c4_leaves(text: str, by_line: bool, least: int) -> None:
    params = C4Lines(split_paragraph=by_line, min_words_per_line=least)
    cleaned = clean(text, params)
    joint = "\n" if by_line else " "
    assert cleaned.text == joint.join(line.text for line in cleaned.lines).strip()
    assert apply_edits(text, [], cleaned.edits)[0] == cleaned.text


@settings(deadline=None)
@given(TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(split_sentences(text)) == text


def test_nulls_and_no_texts_at_all_are_measured() -> None:
    assert signals_of([]).edits == []
    result = measure_datatrove_signals(pa.chunked_array([[None], ["a"]], pa.large_string()))
    assert result.columns["n_words"].tolist() == [0, 1]
