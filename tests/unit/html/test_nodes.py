"""Elements are those that a browser makes of a page, where it matters to text."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.kernels.html.columns import (
    CLOSE_START,
    DEPTH,
    END,
    FIRST,
    LAST,
    LINK_END,
    OPEN,
    OPEN_END,
    PARENT,
    START,
    TAG_OF,
    TEXT,
)
from pipeline.kernels.html.names import TAGS, VOID, names
from pipeline.kernels.html.tree.nodes import Page, read_nodes
from pipeline.kernels.html.tree.state import MAX_DEPTH

VOIDS = np.flatnonzero(names().flags & VOID).tolist()


def shape(page: Page) -> str:
    """The elements and texts of a page as brackets."""
    called = [TAGS[tag] or "?" for tag in page.nodes[:, TAG_OF].tolist()]
    out = []
    for kind, node, start, end in page.events.tolist():
        if kind == TEXT:
            out.append(bytes(page.source[start:end]).decode("utf-8", "replace"))
        else:
            void = kind == OPEN and page.nodes[node, TAG_OF] in VOIDS
            out.append(f"{called[node]}{'' if void else '('}" if kind == OPEN else "/a" if kind == LINK_END else ")")
    return "".join(out)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a<p>b", "p(a)p(b)"),
        ("<p>a<b>c<p>d", "p(ab(c))p(b(d))"),
        ("<p>a<div>b</div>", "p(a)div(b)"),
        ("<p>a<span>b<ul><li>c", "p(aspan(b))ul(li(c))"),
        ("<ul><li>a<li>b</ul>c", "ul(li(a)li(b))c"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "ul(li(aul(li(b)))li(c))"),
        ("<ul><li><div>a<li>b</ul>", "ul(li(div(a))li(b))"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "dl(dt(a)dd(b)dt(c))"),
        ("<table><tr><td>a<td>b<tr><th>c</table>", "table(tr(td(a)td(b))tr(th(c)))"),
        ("<table><thead><tr><td>a<tbody><tr><td>b</table>", "table(thead(tr(td(a)))tbody(tr(td(b))))"),
        ("<table><tr><td><table><tr><td>a</table>b<td>c</table>", "table(tr(td(table(tr(td(a)))b)td(c)))"),
        ("<tbody>a<tbody>b", "ab"),
        ("<h1>a<h2>b</h2>", "h1(a)h2(b)"),
        ("<select><option>a<option>b</select>", "select(option(a)option(b))"),
        ("<html><head><title>a</title><p>b", "html(head(title(a))p(b)"),
        ("<head> \n<meta>b", "head( \nmeta)b"),
    ],
)
def test_what_nobody_closes_ends_where_a_browser_ends_it(source: str, expected: str) -> None:
    result = shape(read_nodes(source.encode()))
    assert result.rstrip(")") == expected.rstrip(")")
    assert result.count("(") == result.count(")")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a</p>b", "ap()b"),
        ("a</div></span></a></wheel>b", "ab"),
        ("<div>a</span>b</div>", "div(ab)"),
        ("<div>a</p>b</div>c", "div(ap()b)c"),
        ("<p>a</div>b", "p(ab)"),
        ("<div><b>a</div>b", "div(b(a))b(b)"),
        ("<table><tr><td>a</div>b</table>", "table(tr(td(ab)))"),
        ("<div><table><tr><td>a</div>b</table>", "div(table(tr(td(ab))))"),
        ("<td>a</tr>b", "ab"),
        ("a</>b<//>c", "abc"),
        ("a</ p>b", "ab"),
    ],
)
def test_an_end_tag_that_ends_nothing_is_nothing_but_that_of_a_paragraph(source: str, expected: str) -> None:
    assert shape(read_nodes(source.encode())) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<a href=x>a</a>b", "a(a)b"),
        ("<a href=x><div>a</a>b</div>c", "a()div(a(a)b)c"),
        ("<a>a<table><tr><td>b</a>c</table>", "a(atable(tr(td(bc))))"),
        ("<b><p>a</b>c</p>d", "b()p(b(a)c)d"),
    ],
)
def test_a_link_that_ends_within_a_block_is_a_link_of_its_own_there(source: str, expected: str) -> None:
    assert shape(read_nodes(source.encode())) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<script>a<b></p></scripty></script>c", "script(a<b></p></scripty>)c"),
        ("<STYLE>a</style >b", "style(a)b"),
        ("<title>a<b></Title/>b", "title(a<b>)b"),
        ("<textarea>a</textarea", "textarea(a</textarea)"),
        ("<script>a</script", "script(a</script)"),
        ("<script>a", "script(a)"),
        ("<script></script>b", "script()b"),
        ("<plaintext>a</plaintext>b", "plaintext(a</plaintext>b)"),
        ("<xmp><p>a</xmp>b", "xmp(<p>a)b"),
        ("<svg><path/><text>a</text></svg>b", "svg(<path/><text>a</text>)b"),
        ("<math><mi>x</mi></math>b", "math(<mi>x</mi>)b"),
        ("<svg/>a", "a"),
        ("<svg><p>a", "svg()p(a)"),
        ("<math><p>a<math>b", "math()p(amath(b))"),
        ("<svg>a</svg><svg>b", "svg(a)svg(b)"),
        ("<br/>a<br>b<img src=x>c", "brabrbimgc"),
    ],
)
def test_raw_void_and_foreign_elements_hold_what_they_hold(source: str, expected: str) -> None:
    assert shape(read_nodes(source.encode())) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a<!-- <p> -->b", "ab"),
        ("a<!-->b", "ab"),
        ("a<!-- b", "a"),
        ("a<!DOCTYPE html>b", "ab"),
        ("a<![CDATA[x]]>b", "ab"),
        ("a<?xml version='1'?>b", "ab"),
        ("a < b <3 <= c <", "a < b <3 <= c <"),
        ("<p title='a>b'>c", "p(c)"),
        ("<p title=a>b'>c", "p(b'>c)"),
        ("<p a='", "p()"),
        ("<p", "p()"),
        ("", ""),
        ("\0<p>\0", "\0p(\0)"),
    ],
)
def test_comments_declarations_and_lone_signs_are_what_they_are(source: str, expected: str) -> None:
    assert shape(read_nodes(source.encode())) == expected


def test_what_nests_deeper_than_the_cap_stands_as_if_it_did_not_nest() -> None:
    page = read_nodes(b"<div>" * (MAX_DEPTH + 100) + b"x")
    assert len(page.nodes) == MAX_DEPTH + 101
    assert page.nodes[:, DEPTH].max() == MAX_DEPTH
    deepest = int(page.nodes[-1, PARENT])
    assert (page.nodes[MAX_DEPTH:, PARENT] == deepest).all()
    assert page.events[page.events[:, 0] == TEXT, 1].tolist() == [deepest]


def test_a_row_knows_where_its_element_stands() -> None:
    source = b"a<p class=x>b</p>c"
    row = read_nodes(source).nodes[1]
    assert [bytes(source[row[one] : row[other]]) for one, other in ((START, OPEN_END), (OPEN_END, CLOSE_START))] == [
        b"<p class=x>",
        b"b",
    ]
    assert source[row[CLOSE_START] : row[END]] == b"</p>"


PIECES = st.sampled_from(
    [f"<{name}>" for name in TAGS[1:]]
    + [f"</{name}>" for name in TAGS[1:]]
    + ["a ", "<", ">", "</", "<!--", "-->", "<svg", "'", '"', "=", "<a href=x>", "<wheel>", "é", "\0", " class='a"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_soup_of_tags_is_a_tree(soup: str) -> None:
    page = read_nodes(soup.encode())
    nodes, events = page.nodes.tolist(), page.events.tolist()
    open_nodes = [0]
    for place, (kind, node, start, end) in enumerate(events):
        assert 0 <= start <= end <= len(soup.encode())
        if kind == OPEN:
            assert nodes[node][PARENT] == open_nodes[-1]
            assert nodes[node][FIRST] == place
            if nodes[node][TAG_OF] not in VOIDS:
                open_nodes.append(node)
        elif kind == TEXT:
            assert node == open_nodes[-1]
        elif kind != LINK_END:
            assert node == open_nodes.pop()
            assert nodes[node][LAST] == place
    assert open_nodes == [0]
    texts = [(start, end) for kind, _, start, end in events if kind == TEXT]
    assert all(one[1] <= other[0] for one, other in pairwise(texts))


@settings(max_examples=100, deadline=None)
@given(st.text("ab <>/'\"=!-", max_size=40))
def test_text_without_a_tag_is_kept_to_the_letter(text: str) -> None:
    plain = re.sub(r"<+(?=[a-zA-Z/!?])", "", text)
    assert shape(read_nodes(plain.encode())) == plain
