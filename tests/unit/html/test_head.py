"""A head is read from the elements that declare something, wherever they stand."""

import numpy as np
import pytest

from pipeline.kernels.html import columns as col
from pipeline.kernels.html.main_content.feature_names import HINTS
from pipeline.kernels.html.main_content.head_hints import head_hints
from pipeline.kernels.html.math.delimited import mark_delimited
from pipeline.kernels.html.metadata.head import read_head
from pipeline.kernels.html.metadata.head_tags import declaring_elements
from pipeline.kernels.html.metadata.page_metadata import Metadata
from pipeline.kernels.html.names import TAG
from pipeline.kernels.html.tree.nodes import read_nodes

URL = "https://mill.test/history"


def head(source: str) -> Metadata:
    marked, formulas = mark_delimited(source.encode())
    return read_head(read_nodes(marked), formulas, URL)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<title>The mill</title>", "The mill"),
        ("<TITLE> The\n mill &amp; wheel </TITLE>", "The mill & wheel"),
        ("<title></title><title>The mill</title>", "The mill"),
        ("<h1>The <b>mill</b></h1>", "The mill"),
        ("<title>The mill", "The mill"),
        ("<p>The mill", None),
        ("<title>The &lt;b&gt; of a mill</title>", "The <b> of a mill"),
        ("<script src=mathjax.js></script><title>a<math data-delimited=7></math></title><p>\\(x\\)", "a"),
        ("<svg><title>wheel</title></svg><title>The mill</title>", "The mill"),
        ("<script src=mathjax.js></script><title>On \\(x^2\\)</title>", "On $x^2$"),
    ],
)
def test_the_title_is_the_first_that_says_something(source: str, title: str | None) -> None:
    assert head(source).title == title


@pytest.mark.parametrize(
    ("source", "field", "expected"),
    [
        ("<html lang=en-GB>", "language", "en-GB"),
        ("<link rel=canonical href=/mill>", "canonical_url", "https://mill.test/mill"),
        ("<body><p>x<link rel=canonical href='https://mill.test/a'>", "canonical_url", "https://mill.test/a"),
        ("<meta property='article:published_time' content='2020-02-03'>", "published", "2020-02-03"),
        ('<script type=\'application/ld+json\'>{"datePublished": "2020-02-03"}</script>', "published", "2020-02-03"),
        ("<!-- <link rel=canonical href=/mill> -->", "canonical_url", None),
        ("<script>'<link rel=canonical href=/mill>'</script>", "canonical_url", None),
        ("<title>a</title>", "published", None),
    ],
)
def test_what_a_page_declares_is_read(source: str, field: str, expected: str | None) -> None:
    assert getattr(head(source), field) == expected


@pytest.mark.parametrize(
    ("source", "hints"),
    [
        ("<meta property='og:type' content='article'>", [0]),
        ('<script type=\'application/ld+json\'>{"@type": "Recipe"}</script>', [11]),
        ("<meta name=generator content='WordPress 6.5'>", [16]),
        ("<meta property='article:published_time' content='2020-02-03'>", [HINTS - 2]),
        ("<title>a</title>", []),
    ],
)
def test_what_kind_of_page_it_says_it_is_is_a_hint(source: str, hints: list[int]) -> None:
    assert np.flatnonzero(head_hints(head(source))).tolist() == hints


@pytest.mark.parametrize(
    ("tag", "tells"),
    [
        ('<meta name="author" content="generator">', False),
        ("<META Name = 'Generator' content=x>", True),
        ('<meta content="x" property="a og:TITLE"/>', True),
        ('<meta property="og:image">', False),
        ('<link rel="stylesheet" href="canonical">', False),
        ('<link href=x rel="alternate canonical">', True),
        ("<html lang=en>", True),
        ("<html class=lang>", False),
        ("<time datetime=2020-01-01>", False),
        ("<time pubdate>", True),
        ('<time itemprop="datePublished" datetime=2020-01-01>', True),
        ('<meta name="generator', True),
        ("<base href=x>", True),
        ("<meta", False),
    ],
)
def test_tags_that_declare_nothing_that_is_read_are_passed_over(tag: str, tells: bool) -> None:
    source = np.frombuffer(tag.encode() + bytes(16), np.uint8)
    nodes = np.zeros((2, col.NODE_COLUMNS), np.int32)
    nodes[1, col.TAG_OF], nodes[1, col.OPEN_END] = TAG[tag[1:].split(maxsplit=1)[0].lower()], len(tag)
    assert declaring_elements(source, nodes).tags.tolist() == [1] * tells


def test_so_many_elements_at_most_are_looked_at() -> None:
    most = {"tags": 400, "links": 500, "titles": 3, "headings": 3, "json_ld": 20}
    sources = {
        "tags": "<meta name=generator content=x>",
        "links": "<a rel=license href=/x>x</a>",
        "titles": "<title>x</title>",
        "headings": "<h1>x</h1>",
        "json_ld": "<script type='application/ld+json'>{}</script>",
    }
    page = read_nodes("".join(sources[kind] * (count + 1) for kind, count in most.items()).encode())
    assert {kind: len(nodes) for kind, nodes in declaring_elements(page.source, page.nodes)._asdict().items()} == most


def test_links_without_a_licence_and_scripts_of_other_kinds_are_passed_over() -> None:
    page = read_nodes(
        b"<a href=/license>a</a><a href=/x>b</a><script>{}</script><script type='application/ld+json'>{}</script>"
    )
    assert [nodes.tolist() for nodes in declaring_elements(page.source, page.nodes)[1:]] == [[1], [], [], [4]]
