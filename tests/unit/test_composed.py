"""Texts are composed and compared composed, and spans and code keep their places."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.near_duplicates.minhash import exact_jaccard, shingles, sketch
from pipeline.kernels.signals.measure import measure_dirty_words, measure_signals
from pipeline.kernels.signals.phrases import number_phrases
from pipeline.kernels.text.composed import compose, compose_columns, composed, decomposed_rows
from pipeline.kernels.text.lines import find_lines
from pipeline.kernels.text.spans import Span
from schemas.columns import SPAN_TYPE

TEXTS = {
    "vi": "Cối xay cũ bên bờ sông nghiền thóc của cả thung lũng, và người thợ xay dậy trước khi mặt trời mọc.",
    "de": "Die alte Mühle mahlt früh und spät; über dem Mühlbach hängt die Brücke für Fußgänger.",
    "ko": "강가의 오래된 방앗간은 골짜기 전체의 곡식을 빻고 방앗간 주인은 해가 뜨기 전에 일어난다.",
    "hi": "पुरानी चक्की नदी के किनारे अनाज पीसती है और ज़मीन के मालिक क़रीब रहते हैं।",
}
DECOMPOSED = {language: unicodedata.normalize("NFD", text) for language, text in TEXTS.items()}
NONE = pa.array([[]], pa.list_(SPAN_TYPE))
SIGNS = st.text("ae\u0301\u0323\u0302ộ가\u1100\u1161 x", max_size=20)


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_one_text_to_every_level(language: str) -> None:
    both = pa.array([TEXTS[language], DECOMPOSED[language]])
    result = sketch(both)
    assert (result.keys[0] == result.keys[1]).all()
    assert (result.signatures[0] == result.signatures[1]).all()
    assert exact_jaccard(shingles(TEXTS[language]), shingles(DECOMPOSED[language])) == 1.0
    keys = [find_lines(both.slice(at, 1), NONE).key.tolist() for at in (0, 1)]
    assert keys[0] == keys[1] != []


@pytest.mark.parametrize("language", TEXTS)
def test_words_of_lists_meet_them_however_they_are_written(language: str) -> None:
    word = TEXTS[language].split()[2].strip(",;")
    for listed in (word, unicodedata.normalize("NFD", word)):
        lists = number_phrases({language: [listed]})
        texts, _ = compose_columns(pa.array([DECOMPOSED[language], TEXTS[language]]), pa.array([[], []], NONE.type))
        counts = measure_dirty_words(texts, None, [language] * 2, lists)["dirty_words"]
        assert counts[0] == counts[1] >= 1


def test_signals_are_those_of_the_composed_text() -> None:
    texts = pa.array(list(DECOMPOSED.values()))
    ours, theirs = measure_signals(composed(texts)), measure_signals(pa.array(list(TEXTS.values())))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_code_and_spans_keep_their_places() -> None:
    text = unicodedata.normalize("NFD", "für é(x) – später")
    code = Span(text.index("("), text.index(")") + 1, "code")
    before = Span(code.start - 2, code.end, "code")
    result, spans = compose(text, [before, Span(0, 4, "heading")], keep=("code",))
    assert result == "für e\u0301(x) – später"
    assert [result[start:end] for start, end, _ in spans] == ["e\u0301(x)", "für"]
    assert compose(text, [Span(0, 4, "heading")])[0] == "für é(x) – später"


def test_a_composed_column_is_the_same_object() -> None:
    column = pa.array(["plain", "Mühle", None, "강가"])
    assert composed(column) is column
    assert decomposed_rows(pa.chunked_array([column, pa.array([DECOMPOSED["vi"]])])) == [4]
    assert compose_columns(column, pa.array([[]] * 4, NONE.type))[0] is column


@given(SIGNS, st.lists(st.tuples(st.integers(0, 22), st.integers(0, 22)), max_size=4))
def test_spans_hold_what_they_held(text: str, cuts: list[tuple[int, int]]) -> None:
    spans = [Span(min(pair), max(pair), "math") for pair in cuts]
    result, moved = compose(text, spans)
    assert unicodedata.normalize("NFC", result) == unicodedata.normalize("NFC", text)
    for before, after in zip(spans, moved, strict=True):
        held = result[after.start : after.end]
        assert unicodedata.normalize("NFD", held) == unicodedata.normalize("NFD", text[before.start : before.end])


@given(st.lists(st.one_of(st.none(), SIGNS), max_size=5))
def test_a_column_is_composed_as_its_texts_are(texts: list[str | None]) -> None:
    expected = [text if text is None else unicodedata.normalize("NFC", text) for text in texts]
    assert composed(pa.array(texts, pa.string())).to_pylist() == expected
