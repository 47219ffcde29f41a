"""What is shown to the recognisers is all that they could find something in."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.pii import windows
from pipeline.kernels.pii.engine import Settings, engine_for
from pipeline.kernels.pii.find import Found, find_pii, without_overlaps
from pipeline.kernels.pii.locales import Locale
from pipeline.kernels.pii.windows import may_hold_any, whole, windows_of
from tests.timing import assert_quick
from tests.unit.pii.finding import ALL, values_in
from tests.unit.pii.test_locales import NATIONAL
from tests.unit.pii.test_values import FOUND, LET_BE

PLACES = [("", "en"), ("", "und"), ("", "zh"), ("", "xx"), ("us", "de"), ("fr", "fr"), ("in", "en"), ("de", "de")]
PIECES = [text for text, _, _ in FOUND] + LET_BE + [text for _, _, text, _ in NATIONAL]
FILLER = ["corn and rye", "water", "the wheel turns slowly", "\n", "a heap of sacks\n", "— so they said —", "水车", "7"]
FILLER += ["Phone:\n", "phone", "SSN\n", "ssn", "电话", "请发到"]


KEYS = st.text("把水a1 \n", max_size=80).map(
    lambda inner: f"见-----BEGIN RSA PRIVATE KEY-----{inner}-----END RSA PRIVATE KEY-----尾"
)


def found_in_whole(text: str, place: Any) -> list[Found]:
    """The oracle: every recogniser reads the whole text."""
    shown = whole(text)
    entities = list(place.entities(ALL.entities))
    results = engine_for(ALL).analyze(shown.text, place, entities, score_threshold=ALL.min_score)
    result = [(shown.origin(one.start, one.end), one) for one in results]
    return without_overlaps([Found(*stretch, one.entity_type, float(one.score)) for stretch, one in result])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(FILLER)), max_size=30),
    st.sampled_from([" ", "\n", "。", "水车"]),
    st.sampled_from(PLACES),
)
def test_windows_find_what_reading_the_whole_text_finds(
    pieces: list[str], between: str, place: tuple[str, str]
) -> None:
    text = between.join(pieces)
    country, language = place
    (result,) = find_pii(pa.array([text]), [[]], [language], [f"mill.{country}" if country else None], ALL)
    assert result == found_in_whole(text, Locale(country, language))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.text("把1a -(+.@：ー\n", max_size=200), KEYS))
def test_any_text_at_all_can_be_read(text: str) -> None:
    (result,) = find_pii(pa.array([text]), [[]], ["und"], [None], ALL)
    at = 0
    assert result is not None
    for one in result:
        assert at <= one.start < one.end <= len(text)
        at = one.end


@given(st.text("0123456789@.:-abcdefAKIAgh_ x\n", max_size=200))
def test_a_text_that_is_passed_over_has_no_window(text: str) -> None:
    if not may_hold_any(pa.array([text]))[0].as_py():
        assert not list(windows_of(text))


@given(st.lists(st.sampled_from([*PIECES, *FILLER]), max_size=60))
def test_places_in_windows_are_places_in_the_text(pieces: list[str]) -> None:
    text = "  ".join(pieces)
    begun = -1
    for shown in windows_of(text):
        at = until = 0
        for window in shown.text.split(windows._SEAM)[:-1]:
            first = shown.origin(at, at + 1)[0]
            assert begun < first  # windows may overlap, but begin one after the other
            begun = until = first
            for number, sign in enumerate(window, at):
                start, end = shown.origin(number, number + 1)
                assert text[start:end] in {"", sign}  # nothing where pieces are parted
                assert end >= until
                until = end
            at += len(window) + len(windows._SEAM)
        assert until == shown.until
        assert shown.size == at


@pytest.mark.parametrize("text", [text for text, _, _ in FOUND])
def test_a_value_deep_in_a_text_is_found_as_on_its_own(text: str) -> None:
    filler = "The wheel turns and the stones grind. " * 60
    assert values_in(f"{filler}\n{text}\n{filler}") == values_in(text)


@pytest.mark.parametrize("language", ["und", "en"])
def test_texts_and_their_order_do_not_matter_to_each_other(language: str) -> None:
    texts = [text for text, _, _ in FOUND] + LET_BE
    together = find_pii(pa.array(texts), [[]] * len(texts), [language] * len(texts), [None] * len(texts), ALL)
    backwards = find_pii(pa.array(texts[::-1]), [[]] * len(texts), [language] * len(texts), [None] * len(texts), ALL)
    assert together == backwards[::-1]


def test_nothing_is_found_where_nothing_is_looked_for() -> None:
    assert values_in("jane@watermill.org, call 202-555-0143", settings=Settings(())) == []


HOSTILE = [
    "1" * 200_000,
    "1 " * 100_000,
    "a@" * 100_000,
    "a." * 100_000 + "@b.org",
    "@" * 200_000,
    ":" * 200_000,
    "1:" * 100_000,
    "1.1." * 50_000,
    "+1(" * 60_000,
    "-----BEGIN PRIVATE KEY-----" * 7_000,
    "eyJ" * 60_000,
    "A1" * 100_000,
    "1-" * 100_000,
    "ab-" * 60_000,
    "1\n" * 100_000,
    "٣" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:6].encode("unicode_escape").decode())
def test_no_text_takes_long(text: str) -> None:
    values_in("jane@watermill.org")
    assert_quick(lambda: values_in(text, "und"), 20)
