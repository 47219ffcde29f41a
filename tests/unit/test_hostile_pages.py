"""Any page at all is read, in bounded time, and gives spans in order."""

import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.extraction import Extraction, extract

PROSE = "<p>The mill stands by the river, and its wheel has turned day and night for two hundred years.</p>"


@pytest.mark.parametrize("page", ["", "   ", "<html></html>", "\0", "<!-- -->", "<", "<plaintext>", "\ud800"])
def test_nothing_gives_an_empty_text(page: str) -> None:
    assert extract(page).text in ("", "<", "<plaintext>")


HOSTILE = {
    "deep": "<div>" * 50_000 + "x",
    "deep and closed": "<b>" * 50_000 + "x" + "</b>" * 50_000,
    "deep tables": "<table><tr><td>" * 20_000 + "x",
    "deep math": "<math>" + "<mrow>" * 50_000 + "<mi>x",
    "deep code": "<pre><code>" * 20_000 + "x",
    "inline code": "<p>" + "<code>a</code> " * 100_000,
    "broken inline code": "<p>" + "<code>a<br></code> " * 10_000,
    "inline code around much": "<code>" * 200 + "<b>x</b>" * 100_000,
    "siblings": "<p>a</p>" * 100_000,
    "one line": "<p>" + "word " * 840_000,
    "plaintext": PROSE + "<plaintext>" + "<b>" * 10_000,
    "entities": "<!DOCTYPE x [<!ENTITY a 'aa'>"
    + "".join(f"<!ENTITY a{i} '&a{i - 1};&a{i - 1};'>" for i in range(40))
    + "]>&a39;",
    "open delimiters": "mathjax <p>" + "\\( $$ \\[ " * 100_000,
    "open comments": "<!--" * 200_000,
    "angle brackets": "<" * 1_000_000,
    "attributes": "<p " + "a=1 " * 300_000 + ">x",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("engine", ["auto", "trafilatura"])
def test_a_hostile_page_is_a_page_like_any_other(name: str, engine: str) -> None:
    found = extract(HOSTILE[name], engine=engine)  # type: ignore[arg-type]
    assert found.text.encode() is not None


FRAGMENTS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<math>",
        "<mi>x</mi>",
        "</math>",
        "<table class=gutter><tr><td class=linenos>",
        "<br>",
        "<sup>2</sup>",
        "<sub>",
        "\\(",
        "\\)",
        "$$",
        "```\n",
        "<img alt='$x$'>",
        "<script type='math/tex'>",
        "</script>",
        "mathjax",
        "<noscript>",
        "\ud800",
        "\0",
        "<svg>",
        "<template>",
        "<title>",
        "&amp;",
        "**b**",
        "| a | b |",
        "<li>",
        "words of a mill ",
        "<frameset>",
        "<plaintext>",
        "<select><option>",
    ]
)


def check(found: Extraction) -> None:
    assert found.text.encode() is not None
    at = 0
    for start, end, kind in found.spans:
        assert at <= start < end <= len(found.text)
        assert kind in ("code", "math")
        at = end


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=30).map("".join))
def test_any_page_at_all_gives_spans_in_order_inside_its_text(page: str) -> None:
    check(extract(page, engine="resiliparse"))
    check(extract(page))
    assert extract(page, engine="resiliparse") == extract(page, engine="resiliparse")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=8)), max_size=20).map("".join))
def test_any_page_survives_the_thorough_reading(page: str) -> None:
    check(extract(PROSE + page, url="https://mill.test/", engine="trafilatura"))


def test_a_bounded_page_is_read_up_to_its_bound() -> None:
    assert extract("<p>one<p>two<p>three", engine="resiliparse", max_nodes=2).text == "one\ntwo"
    assert extract("<p>one<p>two", engine="resiliparse", max_chars=6).text == "one"


def test_inline_code_is_found_up_to_the_bound_and_costs_the_same_for_each_element() -> None:
    page = "<p>" + "<code>a</code> " * 100_000
    assert len(extract(page, engine="resiliparse", max_nodes=20_001).spans) == 10_000

    def calls(elements: int) -> int:
        counted = 0

        def count(_frame: FrameType, _event: str, _argument: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            extract("<p>" + "<code>a</code> " * elements, engine="resiliparse")
        finally:
            sys.setprofile(None)
        return counted

    calls(10)
    assert calls(5_000) < 200 * 5_000
