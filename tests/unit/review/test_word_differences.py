"""Differences of two texts: they hold both, word for word, and stay small whatever the texts are."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.inspection.word_differences import word_differences

TEXTS = st.lists(st.sampled_from(["mill ", "wheel ", "weir\n", "水", "車", "the "]), max_size=25).map("".join)


@given(before=TEXTS, after=TEXTS)
def test_what_is_the_same_removed_and_added_are_both_texts(before: str, after: str) -> None:
    segments = word_differences(before, after)
    if any(op == "left_out" for op, _ in segments):
        return
    assert "".join(text for op, text in segments if op != "added") == before
    assert "".join(text for op, text in segments if op != "removed") == after


def test_a_long_text_shows_what_differs_with_some_words_around() -> None:
    words = [f"w{number}" for number in range(2000)]
    other = [*words[:1000], "other", *words[1001:]]
    segments = word_differences(" ".join(words), " ".join(other))
    assert [op for op, _ in segments] == ["left_out", "same", "removed", "added", "same", "left_out"]
    assert ("removed", "w1000 ") in segments
    assert ("added", "other ") in segments
    assert segments[1][1].endswith("w999 ")
    assert segments[0][1] == "988 words"


def test_texts_with_nothing_in_common_and_of_any_length_give_little() -> None:
    for before, after in (("a " * 90_000, "b " * 90_000), ("x" * 500_000, "y"), ("水" * 200_000, "車" * 200_000)):
        segments = word_differences(before, after)
        assert sum(len(text) for _, text in segments) < 3000
        assert ("left_out", "what follows is not compared") in segments
    mixed = word_differences("".join(f"a{n} b " for n in range(600)), "".join(f"c{n} b " for n in range(600)))
    assert len(mixed) <= 82
