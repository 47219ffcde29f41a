"""Spans move with the text, whatever is done to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.text.spans import Edit, Span, apply_edits, share, without_spans


@pytest.mark.parametrize(
    ("edits", "text", "spans"),
    [
        ([], "ab CODE yz", [(3, 7)]),
        ([Edit(0, 3, "")], "CODE yz", [(0, 4)]),
        ([Edit(0, 2, "longer")], "longer CODE yz", [(7, 11)]),
        ([Edit(8, 10, "")], "ab CODE ", [(3, 7)]),
        ([Edit(4, 6, "xxxx")], "ab CxxxxE yz", [(3, 9)]),
        ([Edit(3, 7, "")], "ab  yz", []),
        ([Edit(3, 7, "gone")], "ab gone yz", []),
        ([Edit(2, 8, "-")], "ab-yz", []),
        ([Edit(0, 5, "?")], "?DE yz", [(1, 3)]),
        ([Edit(5, 10, "?")], "ab CO?", [(3, 5)]),
        ([Edit(3, 3, "in ")], "ab in CODE yz", [(6, 10)]),
        ([Edit(7, 7, "out")], "ab CODEout yz", [(3, 7)]),
        ([Edit(5, 5, "--")], "ab CO--DE yz", [(3, 9)]),
        ([Edit(3, 5, ""), Edit(5, 7, "")], "ab  yz", []),
        ([Edit(0, 2, ""), Edit(4, 5, ""), Edit(8, 9, "")], " CDE z", [(1, 4)]),
    ],
)
def test_a_span_stays_on_what_is_left_of_it(edits: list[Edit], text: str, spans: list[tuple[int, int]]) -> None:
    assert apply_edits("ab CODE yz", [Span(3, 7, "code")], edits) == (text, [Span(*span, "code") for span in spans])


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Edit(0, 4, ""), Edit(3, 5, "")], "edit 1 starts at 3, before the end of edit 0 at 4"),
        ([Edit(4, 5, ""), Edit(0, 1, "")], "edit 1 starts at 0, before the end of edit 0 at 5"),
        ([Edit(2, 11, "")], r"edit 0 is \[2, 11\), outside a text of 10 code points"),
        ([Edit(-1, 2, "")], r"edit 0 is \[-1, 2\)"),
        ([Edit(3, 2, "")], r"edit 0 is \[3, 2\)"),
    ],
)
def test_edits_that_overlap_or_lie_outside_are_refused_with_their_place(edits: list[Edit], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        apply_edits("ab CODE yz", [], edits)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Span], list[Edit]]:
    text = draw(st.text(max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    marks = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    edits = [Edit(a, b, draw(st.text(max_size=4))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    spans = [Span(a, b, "code") for a, b in zip(marks[::2], marks[1::2], strict=False) if a < b]
    return text, spans, edits


@given(marked_texts())
def test_spans_stay_in_order_apart_and_inside_the_text(case: tuple[str, list[Span], list[Edit]]) -> None:
    text, spans = apply_edits(*case)
    at = 0
    for start, end, _ in spans:
        assert at <= start < end <= len(text)
        at = end


@given(marked_texts())
def test_an_edited_text_is_what_a_fold_from_the_right_gives(case: tuple[str, list[Span], list[Edit]]) -> None:
    text, spans, edits = case
    expected = text
    for start, end, replacement in reversed(edits):
        expected = expected[:start] + replacement + expected[end:]
    assert apply_edits(text, spans, edits)[0] == expected


@given(marked_texts())
def test_a_span_that_no_edit_touches_keeps_its_content(case: tuple[str, list[Span], list[Edit]]) -> None:
    text, spans, edits = case
    untouched = [s for s in spans if all(edit.end <= s.start or edit.start >= s.end for edit in edits)]
    edited, moved = apply_edits(text, untouched, edits)
    assert [edited[a:b] for a, b, _ in moved] == [text[a:b] for a, b, _ in untouched]


@given(marked_texts())
def test_putting_back_the_same_characters_changes_nothing(case: tuple[str, list[Span], list[Edit]]) -> None:
    text, spans, edits = case
    same = [Edit(a, b, text[a:b]) for a, b, _ in edits]
    inside = [s for s in spans if all(e.start > s.start or e.end < s.end for e in same)]
    clear = [
        s
        for s in inside
        if all(e.start >= s.end or e.end <= s.start or (s.start <= e.start and e.end <= s.end) for e in same)
    ]
    assert apply_edits(text, clear, same) == (text, clear)


def told_apart(text: str, edits: list[Edit]) -> list[tuple[int, int]]:
    """Return where each character of the edited text is from: (edit, -1), or (-1, place in the old text)."""
    made: list[tuple[int, int]] = []
    at = 0
    for number, (start, end, replacement) in enumerate(edits):
        made += [(-1, place) for place in range(at, start)] + [(number, -1)] * len(replacement)
        at = end
    return made + [(-1, place) for place in range(at, len(text))]


def expected_span(span: Span, edits: list[Edit], made: list[tuple[int, int]], *, stand_ins: bool) -> Span | None:
    """Where a span stands by the letter of the rules, character by character."""
    start, end, kind = span
    covering = [n for n, one in enumerate(edits) if one.start <= start and end <= one.end]
    if covering:
        exact = stand_ins and edits[covering[0]][:2] == (start, end)
        mine = [place for place, (number, _) in enumerate(made) if exact and number == covering[0]]
    else:
        inside = {
            number
            for number, one in enumerate(edits)
            if start <= one.start and one.end <= end and (one.start < one.end or start < one.start < end)
        }
        mine = [place for place, (number, old) in enumerate(made) if number in inside or start <= old < end]
    return Span(mine[0], mine[-1] + 1, kind) if mine else None


@st.composite
def texts_with_values(draw: st.DrawFn) -> tuple[str, list[Span], list[Edit]]:
    """Texts whose spans often are just what an edit replaces, overlap one another, or are empty."""
    text = draw(st.text(alphabet="ab \n\U0001d11e\u0301é", max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10)))
    edits = [
        Edit(a, b, draw(st.sampled_from(("", "<X>", "𝄞𝄞", "q")))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    anywhere = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(lambda two: (min(two), max(two)))
    known = st.sampled_from([(one.start, one.end) for one in edits]) if edits else anywhere
    places = draw(st.lists(st.one_of(known, anywhere), max_size=8))
    return text, [Span(start, end, str(number)) for number, (start, end) in enumerate(places)], edits


@settings(deadline=None)
@given(texts_with_values(), st.booleans())
def test_spans_move_as_if_every_character_were_followed(
    case: tuple[str, list[Span], list[Edit]], stand_ins: bool
) -> None:
    text, spans, edits = case
    made = told_apart(text, edits)
    edited, moved = apply_edits(text, spans, edits, stand_ins=stand_ins)
    assert len(edited) == len(made)
    if not edits:
        assert moved == spans
        return
    expected = [expected_span(span, edits, made, stand_ins=stand_ins) for span in spans if span.start < span.end]
    assert moved == [one for one in expected if one is not None]


@settings(deadline=None)
@given(texts_with_values())
def test_a_span_of_just_what_is_replaced_is_then_a_span_of_just_its_stand_in(
    case: tuple[str, list[Span], list[Edit]],
) -> None:
    text, _, edits = case
    real = [Edit(one.start, one.end, f"<{number}>") for number, one in enumerate(edits) if one.start < one.end]
    values = [Span(one.start, one.end, str(number)) for number, one in enumerate(real)]
    edited, moved = apply_edits(text, values, real, stand_ins=True)
    assert [edited[start:end] for start, end, _ in moved] == [one.replacement for one in real]
    assert apply_edits(text, values, real)[1] == []


def test_a_hundred_thousand_edits_take_no_time_to_speak_of() -> None:
    edits = [Edit(i, i + 1, "xy") for i in range(0, 400_000, 4)]
    spans = [Span(i, i + 3, "math") for i in range(1, 399_000, 4)]
    text, moved = apply_edits("a" * 400_000, spans, edits)
    assert len(text) == 500_000
    assert moved[-1] == Span(spans[-1].start + len(moved), spans[-1].end + len(moved), "math")


def test_prose_is_what_stands_outside_the_spans() -> None:
    spans = [Span(9, 12, "math"), Span(4, 5, "code")]
    assert without_spans("run x or $y$ now", spans, fill="_") == "run _ or _ now"
    assert without_spans("no spans", []) == "no spans"


def test_the_share_of_a_kind_is_zero_in_an_empty_text() -> None:
    assert share([], "code", 0) == 0.0
    assert share([Span(0, 5, "code"), Span(5, 10, "math")], "math", 20) == 0.25
