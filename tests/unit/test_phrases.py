"""Phrases are found as their definition says: those of dirty words, and those that all texts are asked for."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.kernels.signals.dirty_words import BUNDLED, MOST, WordLists, read_lists, word_lists
from pipeline.kernels.signals.measure import DIRTY_SIGNALS, measure_dirty_words, measure_signals
from pipeline.kernels.signals.phrases import number_lists, number_phrases
from schemas.signals import DISTINCT
from tests.unit.plain_signals import dirty_signals

NAMES = ("dirty_words", "distinct_dirty_words", "dirty_word_share")
SHIPPED = read_lists(BUNDLED)


def found_in(text: str, lists: Mapping[str, Sequence[str]], language: str | None = "en") -> dict[str, float]:
    result = measure_signals(pa.array([text]), None, [language], number_phrases(lists))
    return {name: result[name][0].item() for name in NAMES}


def number_in(text: str, *entries: str) -> float:
    return found_in(text, {"en": entries})["dirty_words"]


PARTS = ["swill", "Swill", "pig", "SLOP", "a", "2", "水", "車", "ß", "Σ", "σ"]
BETWEEN = ["", " ", " ", "-", "_", "\n", ", ", ". ", "'", "\u200b", "‐", "!"]
TEXTS = st.lists(st.sampled_from(PARTS + BETWEEN), max_size=40).map("".join)
ENTRIES = st.lists(st.lists(st.sampled_from(PARTS + BETWEEN), min_size=1, max_size=7).map("".join), max_size=6)


@settings(max_examples=600, deadline=None)
@given(TEXTS, ENTRIES, ENTRIES)
@example("pig swill swill", ["pig", "pig swill swill swill", "swill swill"], [])
@example("a a a a a", ["a a", "a a a"], [])
@example("a, a a a", ["a, a", "a a"], ["a"])
def test_dirty_words_agree_with_the_plain_definition(text: str, entries: list[str], others: list[str]) -> None:
    some, more = ([one for one in listed if any(sign.isalnum() for sign in one)] for listed in (entries, others))
    numbered = number_phrases({"en": some, "de": more})
    result = measure_signals(pa.array([text] * 3), None, ["en", "de", "fr"], numbered)
    expected = [dirty_signals(text, listed) for listed in (some, more, ())]
    for name in NAMES:
        assert result[name].tolist() == pytest.approx([one[name] for one in expected]), name


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("Pig swill!", "pig swill", 1),
        ("pig, swill", "pig swill", 0),
        ("pig. Swill", "pig swill", 0),
        ("pig-swill pig_swill pig\nswill pig - swill pig‑swill", "pig swill", 5),
        ("pig swill", "pig-swill", 1),
        ("pigswill", "pig swill", 0),
        ("pig swill", "pigswill", 0),
        ("swilling unswill swill2 swill's", "swill", 0),  # no match inside a word
        ("(swill) 'swill' swill-free «swill»", "swill", 4),
        ("s/w swill s / w s w s-w s//w", "s/w", 2),  # the same sign, and no more
        ("mill + slop mill slop", "mill + slop", 1),
        ("¡swill?", "swill!", 1),  # signs around an entry do not count
        ("swill", "SWILL", 1),
        ("e\u0301clat", "éclat", 0),  # code points are compared as they are
        ("swill swill swill", "swill swill", 1),  # matches do not overlap
    ],
)
def test_cases_that_tell_matches_apart(text: str, entry: str, expected: int) -> None:
    assert number_in(text, entry) == expected


def test_the_longest_entry_that_begins_at_a_word_counts() -> None:
    entries = ("pig", "pig swill", "swill slop", "slop")
    result = found_in("pig swill slop", {"en": entries})
    assert result == {"dirty_words": 2, "distinct_dirty_words": 2, "dirty_word_share": 1.0}
    # the way to a longer entry that does not end costs nothing
    assert number_in("pig swill slop", "pig", "pig swill slop hog", "swill") == 2


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("这是泔水桶", "泔水", 1),
        ("泔 水", "泔水", 1),
        ("泔，水", "泔水", 0),
        ("豚のえさ箱", "えさ", 1),
        ("エサ箱", "えさ", 0),
        ("ถังเศษอาหาร", "เศษอาหาร", 1),
        ("เศษอาหาร่", "เศษอาหาร", 0),  # another mark makes another letter
    ],
)
def test_scripts_without_spaces_have_no_boundaries_of_words(text: str, entry: str, expected: int) -> None:
    assert number_in(text, entry) == expected


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("ΟΔΟΣ οδος οδοσ", "οδος", 3),  # a sigma is one letter wherever it stands
        ("Straße STRASSE", "straße", 1),  # a letter folds to one letter
        ("DON’T", "don't", 1),
        ("ÇÖP", "çöp", 1),
        ("БУРДА", "бурда", 1),
    ],
)
def test_case_is_folded_letter_by_letter(text: str, entry: str, expected: int) -> None:
    assert number_in(text, entry) == expected


def test_the_two_turkish_i_are_letters_of_their_own() -> None:
    # İ folds to two code points and ı to itself, so that neither is taken for the other or for i
    assert [number_in(text, "kirli") for text in ("KIRLI", "kırlı", "KİRLİ")] == [1, 0, 0]
    assert [number_in(text, "KİRLİ") for text in ("KİRLİ", "kirli")] == [1, 0]


def test_a_document_is_asked_for_the_list_of_its_language_alone() -> None:
    lists = {"en": ["swill", "slop"], "de": ["swill"]}
    result = [found_in("swill slop", lists, one)["dirty_words"] for one in ("en", "de", "xx", None, "und", "")]
    assert result == [2, 1, 0, 0, 0, 0]


def test_without_lists_there_are_no_dirty_words() -> None:
    assert measure_signals(pa.array(["swill"]), None, ["en"])["dirty_words"].tolist() == [0]
    assert found_in("swill", {})["dirty_words"] == 0


def test_some_languages_have_the_lists_of_others_too() -> None:
    lists = {"fr": ("zut",), "fr-CA": ("câlice",), "fil": ("bulok",), "zh": ("泔水",), "no": ("skyller",)}
    numbered = number_lists(WordLists(lists, {}))
    text = "zut câlice bulok 泔水 skyller"

    def number(language: str) -> int:
        return int(measure_signals(pa.array([text]), None, [language], numbered)["dirty_words"][0])

    assert {one: number(one) for one in ("fr", "fr-CA", "tl", "fil", "zh", "yue", "wuu", "no", "nn", "en")} == {
        "fr": 2, "fr-CA": 1, "tl": 1, "fil": 1, "zh": 1, "yue": 1, "wuu": 1, "no": 1, "nn": 1, "en": 0,
    }  # fmt: skip


def test_different_entries_are_told_apart_up_to_a_limit() -> None:
    entries = [f"swill{number}" for number in range(DISTINCT + 6)]
    result = found_in(" ".join(entries * 2), {"en": entries})
    assert result["dirty_words"] == 2 * (DISTINCT + 6)
    assert result["distinct_dirty_words"] == DISTINCT
    assert found_in("swill1 Swill1 swill2", {"en": entries})["distinct_dirty_words"] == 2


def test_as_many_lists_as_there_are_bits_and_no_more() -> None:
    lists = {f"l{number}": (f"swill{number}", "slop") for number in range(MOST)}
    last = f"l{MOST - 1}"
    assert found_in(f"swill0 swill{MOST - 1} slop lorem ipsum", lists, last)["dirty_words"] == 2
    with pytest.raises(ValueError, match="at most 60 lists, not 61"):
        number_phrases({**lists, "one more": ("slop",)})


def test_entries_with_a_plain_sense_are_not_explicit() -> None:
    lists = number_phrases({"en": ["swill", "slop", "pig swill"], "de": ["slop"]}, {"en": ["swill"], "de": ["slop"]})
    texts = pa.array(["Swill, slop, pig swill and swill"] * 2)
    result = measure_dirty_words(texts, None, ["en", "de"], lists)
    assert [result[name].tolist() for name in ("dirty_words", "explicit_words", "distinct_explicit_words")] == [
        [4, 1],
        [2, 0],
        [2, 0],
    ]
    assert result["explicit_word_share"].tolist() == [0.5, 0.0]


def test_the_shipped_plain_entries_are_entries_of_their_lists() -> None:
    lists = word_lists(BUNDLED)
    assert len(lists.plain) > 20
    for language, entries in lists.plain.items():
        assert set(entries) < set(lists.entries[language]), language
        assert len(entries) < 0.62 * len(lists.entries[language]), language


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("We changed our privacy policy.", 1),
        ("By continuing you agree to the use of cookies.", 1),
        ("Privacy policy | Terms of use | Cookie policy", 3),
        ("The regulator fined the bank because its privacy policy did not say how long data are kept.", 0),
        (
            "The privacy policy of the mill, which the court read aloud for an hour, says nothing about use of cookies",
            0,
        ),
    ],
)
def test_a_policy_counts_where_a_site_speaks_of_its_own(text: str, mentions: int) -> None:
    assert measure_signals(pa.array([text]))["policy_phrases"].tolist() == [mentions]


def test_an_entry_without_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match=r"have no word: \['!!'\]"):
        number_phrases({"en": ["swill", "!!"]})


def test_dirty_words_do_not_change_what_other_phrases_count() -> None:
    text = "lorem ipsum javascript our privacy policy http"
    plain = measure_signals(pa.array([text]))
    both = measure_signals(pa.array([text]), None, ["en"], number_phrases({"en": ["lorem", "lorem ipsum", "http"]}))
    for name in ("lorem_ipsum", "javascript_mentions", "policy_phrases", "url_word_ratio"):
        assert plain[name].tolist() == both[name].tolist() != [0]
    assert both["dirty_words"].tolist() == [2]


def test_the_shipped_lists_are_whole() -> None:
    assert len(SHIPPED) == 28
    for language, entries in SHIPPED.items():
        assert entries, language
        assert len(set(entries)) == len(entries), language
        assert all(entry == entry.strip() != "" for entry in entries), language


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_every_shipped_entry_finds_itself_in_a_text_of_its_language(language: str) -> None:
    entries = SHIPPED[language]
    texts = pa.array([f"12 {entry.upper() if entry.isascii() else entry}: 34" for entry in entries])
    result = measure_signals(texts, None, [language] * len(entries), number_lists(word_lists(BUNDLED)))
    missed = [entry for entry, number in zip(entries, result["dirty_words"], strict=True) if number == 0]
    assert missed == []


def test_a_language_without_a_list_finds_none_of_the_shipped_entries() -> None:
    texts = pa.array([entry for entries in SHIPPED.values() for entry in entries])
    lists = number_lists(word_lists(BUNDLED))
    assert measure_signals(texts, None, ["is"] * len(texts), lists)["dirty_words"].sum() == 0


WORDS = st.lists(
    st.sampled_from(["pig", "swill", "lorem", "www", "-", ".", "\n", "水", "privacy policy", "#"]), max_size=20
)


@given(st.lists(st.tuples(WORDS, st.sampled_from(["en", "de", None])), max_size=4))
def test_dirty_words_alone_are_those_of_all_signals(cases: list[tuple[list[str], str | None]]) -> None:
    texts = pa.array([" ".join(some) for some, _ in cases], pa.string())
    spans = pa.array(
        [[{"start": 1, "end": 3}]] * len(cases), pa.list_(pa.struct({"start": pa.int32(), "end": pa.int32()}))
    )
    languages, lists = [language for _, language in cases], number_phrases({"en": ["pig swill", "swill"], "de": ["水"]})
    alone, every = (measure(texts, spans, languages, lists) for measure in (measure_dirty_words, measure_signals))
    assert {name: column.tolist() for name, column in alone.items()} == {
        name: every[name].tolist() for name in DIRTY_SIGNALS
    }
