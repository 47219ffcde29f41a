"""In a page that is XML a tag that closes itself opens nothing; in any other page only those of void elements do."""

import pytest

from pipeline.kernels.html.tree.nodes import read_nodes, says_xml
from pipeline.kernels.warc.http import is_xml
from tests.unit.html.test_nodes import shape

PROLOGUE = "<?xml version='1.0' encoding='utf-8'?>"
DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)
HTML = "<html xmlns='http://www.w3.org/1999/xhtml'>"


@pytest.mark.parametrize("name", ["script", "title", "style", "iframe", "textarea", "a", "div", "p", "td", "span"])
def test_an_element_that_closes_itself_is_empty(name: str) -> None:
    source = f"{PROLOGUE}{DOCTYPE}{HTML}<table><tr><{name} id='x'/><td>a</td></tr></table>b"
    assert shape(read_nodes(source.encode())).endswith("td(a)))b)")
    apart = f"<div>a</div><{name}/>b" if name != "td" else "<div>a</div>b"
    assert shape(read_nodes(apart.encode(), xml=True)) == f"div(a){name}()b".replace("td()", "")


def test_sections_of_character_data_are_text() -> None:
    assert shape(read_nodes(b"<p>a<![CDATA[b < c]]>d</p>", xml=True)) == "p(ab < cd)"
    assert shape(read_nodes(b"<p>a<![CDATA[b]]>d</p>")) == "p(ad)"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (PROLOGUE + HTML, True),
        (f"\ufeff\n{PROLOGUE}{DOCTYPE}<!-- c -->{HTML}", True),
        (PROLOGUE + "<html>", False),
        (DOCTYPE + HTML, False),
        (HTML + PROLOGUE, False),
        ("", False),
    ],
)
def test_a_page_is_xml_where_it_says_so_twice(source: str, expected: bool) -> None:
    assert says_xml(source.encode()) is expected


def test_a_page_that_says_so_once_is_html() -> None:
    assert shape(read_nodes(f"{DOCTYPE}{HTML}<div/>a</div>b".encode())) == "html(div(a)b)"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/xhtml+xml", True),
        ("Application/XHTML+xml; charset=utf-8", True),
        ("text/html", False),
        (None, False),
    ],
)
def test_a_page_is_xml_where_its_media_type_says_so(content_type: str | None, expected: bool) -> None:
    assert is_xml(content_type) is expected
