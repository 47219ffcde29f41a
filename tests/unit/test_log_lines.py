"""Lines of logs go, whatever they look like; what reads alike but is none stays."""

# ruff: noqa: E501  (texts of a case stand on one line)
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.tables import NO_TABLES
from pipeline.kernels.log_lines.find import find_log_lines
from pipeline.kernels.log_lines.runs import RunSettings
from pipeline.kernels.text.spans import Span
from pipeline.rows.line_removal import without_lines
from pipeline.stages.log_lines import LogLinesParams, remove_log_lines
from schemas.columns import LOG_LINES_REMOVED, SPAN_TYPE
from tests.benchmarks.dump_generators import HELD_OUT, IMPROVISED, KINDS, TUNED, dump
from tests.timing import assert_quick

PROSE = [
    "The mill stands on the river, and has done so since the days of the old king.",
    "In spring the water is high, so that both stones turn from morning to night.",
    "Whoever brings corn waits in the yard and hears what is new in the valley.",
    "Nobody remembers who built the weir; the miller says that it was his grandfather.",
    "When the frost comes the wheel is taken out and mended in the barn.",
    "A visitor may see the stones on Sundays, if the keeper is at home and in the mood.",
]
SPARED = {
    "a poem with a refrain": ["O turn, my wheel, turn round,", "and grind the golden grain,", "O turn, my wheel, turn round,", "till autumn comes again,"] * 4,
    "ingredients": ["200 g flour", "2 eggs", "100 ml milk", "1 tsp salt", "50 g butter", "3 tbsp sugar", "1/2 lemon"],
    "a timetable": ["07:15 Mill Lane", "07:22 Old Bridge", "07:31 Market Square", "07:40 Weir Road", "07:52 Station"],
    "results": ["Millers FC 3-1 Weavers United", "Bakers Town 0-0 Smiths Rovers", "Coopers 2-4 Millers FC", "Weavers United 1-0 Bakers Town"],
    "bylines": [line for day in range(3, 9) for line in (f"Posted by miller{day} on {day} May 2020", PROSE[day % 6])],
    "a bibliography": [f"{name}, J. ({year}). On the grinding of corn. Journal of Mills, {year - 1990}(2), 11–29." for name, year in (("Adler", 1994), ("Becker", 2001), ("Cook", 2007), ("Dahl", 2012), ("Ek", 2019))],
    "contents": ["1. The river", "1.1 The weir", "1.2 The wheel", "2. The stones", "2.1 Dressing", "2.2 Wear", "3. Flour"],
    "an event calendar": ["Mon 3 June – Open mill, 10 am", "Tue 4 June – Bread for beginners, 2 pm", "Sat 8 June – Market, 9 am to 1 pm", "Sun 9 June – Concert in the barn, 7 pm"],
    "release notes": ["- Fixed a crash when the gate was closed", "- Added a second stone", "- The wheel now turns faster", "- Removed the old hopper"],
    "a list in Chinese": ["水车在河边转动。", "磨坊主每天早上磨面。", "冬天河水结冰,水车停了。", "春天来了,水又流了。", "孩子们在院子里玩。"],
}  # fmt: skip


def arrow_spans(spans: list[list[Span]]) -> pa.Array:
    return pa.array([[span._asdict() for span in some] for some in spans], pa.list_(SPAN_TYPE))


def found(
    texts: list[str], spans: list[list[Span]] | None = None, chosen: RunSettings | None = None
) -> list[list[tuple[int, int]]]:
    lines = find_log_lines(pa.array(texts, pa.string()), arrow_spans(spans or [[] for _ in texts]), settings=chosen)
    each: list[list[tuple[int, int]]] = [[] for _ in texts]
    for text, start, end in zip(lines.text.tolist(), lines.start.tolist(), lines.end.tolist(), strict=True):
        each[text].append((start, end))
    return each


def kept(text: str) -> list[str]:
    gone = set(found([text])[0])
    lines, at = [], 0
    for line in text.split("\n"):
        if (at, at + len(line)) not in gone:
            lines.append(line)
        at += len(line) + 1
    return lines


def log_of(lines: int, seed: int = 0) -> list[str]:
    return dump("application log", random.Random(seed), lines)


def test_of_every_kind_of_dump_in_prose_most_lines_go_and_the_prose_stays() -> None:
    lost = dumps = 0
    prose_lost = 0
    for number, kind in enumerate((*TUNED, *HELD_OUT)):
        lines = dump(kind, random.Random(number), 30)
        left = kept("\n".join(PROSE + lines + PROSE))
        prose_lost += 12 - sum(line in PROSE for line in left)
        dumps += len(lines)
        lost += len(PROSE) * 2 + len(lines) - len(left)
    assert len(KINDS) > 60
    assert lost / dumps > 0.95
    assert prose_lost / (12 * len(KINDS)) < 0.01


def test_formats_that_nobody_wrote_down_go_as_well() -> None:
    shares = []
    for seed in range(60):
        lines = dump(IMPROVISED, random.Random(seed), 30)
        left = kept("\n".join(PROSE + lines + PROSE))
        shares.append(1 - (len(left) - 12) / len(lines))
    assert sum(shares) / len(shares) > 0.9


@pytest.mark.parametrize("sort", SPARED)
def test_what_reads_alike_but_is_no_log_stays(sort: str) -> None:
    assert found(["\n".join(PROSE + SPARED[sort] + PROSE)]) == [[]]


def test_prose_without_a_log_loses_nothing() -> None:
    assert found(["\n".join(PROSE * 5), "\n\n".join(PROSE), PROSE[0], ""]) == [[], [], [], []]


def test_one_error_message_again_and_again_goes() -> None:
    assert kept("\n".join([*PROSE, *["Connection refused"] * 20, *PROSE])) == PROSE * 2


def test_blank_lines_within_a_dump_go_with_it_and_those_around_it_stay() -> None:
    lines = "\n\n".join(log_of(12))
    assert kept("\n\n".join([PROSE[0], PROSE[1], lines, PROSE[2]])) == [PROSE[0], "", PROSE[1], "", "", PROSE[2]]


def test_fewer_lines_than_a_run_has_stay_and_a_huge_least_run_switches_it_off() -> None:
    text = "\n".join(PROSE + log_of(12) + PROSE)
    assert len(found([text])[0]) >= 11
    assert found(["\n".join(PROSE + log_of(3) + PROSE)]) == [[]]
    assert found([text], chosen=RunSettings(min_lines=1 << 30)) == [[]]


def test_lines_in_code_stay_and_those_in_a_table_need_more_evidence() -> None:
    text = "\n".join(PROSE + log_of(12) + PROSE)
    start = len("\n".join(PROSE)) + 1
    assert found([text], [[Span(start, len(text), "code")]]) == [[]]
    column = arrow_spans([[Span(start, len(text), "table")]])
    severe = find_log_lines(pa.array([text]), arrow_spans([[]]), column, RunSettings(table=20.0))
    assert len(severe.text) == 0


ANY_LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from([*PROSE, "", "   ", "\t"]),
        st.sampled_from(log_of(20) + dump("java stack", random.Random(1), 20) + dump("hex dump", random.Random(2), 20)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(ANY_LINES.map("\n".join), max_size=4), st.lists(st.integers(0, 400), max_size=6))
def test_ranges_are_whole_lines_in_order_outside_spared_spans_and_each_text_s_own(
    texts: list[str], cuts: list[int]
) -> None:
    spans = []
    for text in texts:
        places = sorted({min(cut, len(text)) for cut in cuts})
        spans.append([Span(a, b, "code") for a, b in zip(places[::2], places[1::2], strict=False)])
    together = found(texts, spans)
    assert together == [found([text], [own])[0] for text, own in zip(texts, spans, strict=True)]
    for text, own, ranges in zip(texts, spans, together, strict=True):
        assert ranges == sorted(set(ranges))
        for start, end in ranges:
            assert start == 0 or text[start - 1] == "\n"
            assert end == len(text) or text[end] == "\n"
            assert "\n" not in text[start:end]
            shown = text[start:end].strip()
            first = start + len(text[start:end]) - len(text[start:end].lstrip())
            assert not shown or not any(span.start <= first and first + len(shown) <= span.end for span in own)


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_any_text_survives(text: str) -> None:
    assert len(found([text])) == 1


def test_a_second_pass_over_texts_whose_dumps_went_finds_nothing_more() -> None:
    more = 0
    for number, kind in enumerate(sorted(KINDS)):
        left = kept("\n".join(PROSE + dump(kind, random.Random(number), 40) + PROSE))
        more += len(found(["\n".join(left)])[0])
    # a remainder of a dump may be a run of its own
    assert more <= 8


def test_null_texts_null_spans_and_slices_are_read() -> None:
    text = "\n".join(PROSE + log_of(12))
    texts = pa.array(["skipped", None, text, ""])[1:]
    spans = pa.array([[], None, [], None], pa.list_(SPAN_TYPE))[1:]
    assert set(find_log_lines(texts, spans).text.tolist()) == {1}
    assert len(find_log_lines(pa.array([], pa.string()), spans[:0]).text) == 0


@pytest.mark.parametrize(
    "text", ["a" * (1 << 22), "\n" * (1 << 22), "a\n" * (1 << 20), "[ " * (1 << 21), "1:" * (1 << 21), "x=1 y\n" * (1 << 18)]
)  # fmt: skip
def test_huge_and_odd_texts_take_seconds_at_most(text: str) -> None:
    found(["x\ny\nz\nw"])
    assert_quick(lambda: found([text]), 20)


def test_a_batch_loses_the_lines_and_tells_how_many() -> None:
    text = "\n".join(PROSE + log_of(12))
    spans = [Span(0, len(PROSE[0]), "heading")]
    batch = pa.RecordBatch.from_pydict({"text": pa.array([text, PROSE[0]]), "spans": arrow_spans([spans, []])})
    gone = find_log_lines(
        batch.column("text"), batch.column("spans").slice(0, 0).take(pa.array([None, None], pa.int32()))
    )
    after = without_lines(batch, gone.text, gone.start, gone.end, LOG_LINES_REMOVED)
    assert after.column("text").to_pylist() == ["\n".join(PROSE), PROSE[0]]
    assert after.column("log_lines_removed").to_pylist() == [12, 0]
    assert after.column("__chars_left").to_pylist() == [len("\n".join(PROSE)), len(PROSE[0])]
    assert after.column("spans").to_pylist()[0] == [spans[0]._asdict()]


def test_the_stage_takes_logs_out_and_least_lines_of_0_switch_it_off() -> None:
    text = "\n".join(PROSE + log_of(12))
    batch = pa.RecordBatch.from_pydict({"text": pa.array([text, None]), "spans": arrow_spans([[], []])})
    (after,) = remove_log_lines(iter([batch]), LogLinesParams(), NO_TABLES)
    assert after.column("text").to_pylist() == ["\n".join(PROSE), None]
    assert after.column("log_lines_removed").to_pylist() == [12, 0]
    (after,) = remove_log_lines(iter([batch]), LogLinesParams(min_lines=0), NO_TABLES)
    assert after.column("text").to_pylist() == [text, None]
