"""A page that is shown holds structure and words, no personal data, nothing that runs and nothing that is fetched."""

import html
import re

import pytest

from pipeline.pii.params import FindParams
from pipeline.summaries.page_frame import POLICY, frame_of, redacted_lines

EMAILS = ("inhead", "intext", "intitle", "inalt", "inclass", "incomment", "inscript", "infooter", "instyle", "invalue")
TEXT = "The mill stands by the river. Write to <EMAIL_ADDRESS> for more."
PAGE = """<!DOCTYPE html><html><head><title>By {intitle}</title><meta name="author" content="{inhead}">
<style>p::after {{ content: "{instyle}" }}</style></head>
<body class="{inclass}" onload="alert(1)"><!-- ask {incomment} --><script>mail("{inscript}")</script>
<p>The mill stands by the river. Write to {intext} for more.</p>
<img src="https://tracker.example.net/a.png" alt="{inalt}"><input value="{invalue}">
<a href="javascript:alert(1)">All mills</a><p>5 &lt; 6 &amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;</p>
<svg><script>alert(2)</script></svg><iframe src="https://tracker.example.net/f"></iframe>
<footer>Contact: {infooter}</footer></body></html>"""


def addresses() -> dict[str, str]:
    return {name: f"{name}.miller@watermill-desk.org" for name in EMAILS}


def shown(source: str, found_in: list[str], text: str = TEXT) -> str:
    """Return the document in the frame."""
    frame = frame_of(source, text, found_in, FindParams(), ("en", "mill.example.org"))
    match = re.fullmatch(r'<iframe sandbox="" [^>]*srcdoc="([^"]*)"></iframe>', frame)
    assert match is not None
    return html.unescape(match[1])


def test_no_address_is_left_wherever_it_stood() -> None:
    document = shown(PAGE.format(**addresses()), ["Write to intext.miller@watermill-desk.org"])
    assert "watermill-desk" not in document
    assert not [name for name in EMAILS if f"{name}.miller" in document]
    assert "Write to &lt;EMAIL_ADDRESS&gt; for more." in document
    assert "Contact: &lt;EMAIL_ADDRESS&gt;" in document


def test_nothing_runs_and_nothing_is_fetched() -> None:
    document = shown(PAGE.format(**addresses()), [])
    assert f'content="{POLICY}"' in document
    assert document.lower().count("<script") == 0
    assert not re.search(r"<[a-z0-9]+ (?!http-equiv|charset|class=\"o\")", document)
    assert "tracker.example.net" not in document
    assert "javascript:" not in document


def test_what_the_page_writes_of_markup_stays_text() -> None:
    assert "5 &lt; 6 &amp;lt;script&amp;gt;alert(1)" in shown(PAGE.format(**addresses()), [])


def test_a_value_that_is_spread_over_inline_elements_is_one_value() -> None:
    source = "<body><p>Ask quillfeather<b>@</b>watermill<i>-desk.org</i> today.</p></body>"
    document = shown(source, [])
    assert "quillfeather" not in document
    assert "-desk.org" not in document
    assert "Ask &lt;EMAIL_ADDRESS&gt;" in document
    assert "today." in document


def test_a_value_that_is_known_of_the_text_is_hidden_where_the_finder_does_not_see_it_on_the_page() -> None:
    number = "536-22-8741"
    source = f"<body><p>Her social security number is {number}.</p><pre>x{number}x</pre></body>"
    document = shown(source, [f"Her social security number is {number}."])
    assert number not in document


def test_what_is_not_in_the_text_is_marked() -> None:
    document = shown(PAGE.format(**addresses()), [])
    assert '<span class="o">All mills</span>' in document
    assert '<span class="o">The mill' not in document


@pytest.mark.parametrize("source", ["", "   ", "\x00", "<", "<!-- ", "plain words", "<html></html>"])
def test_pages_of_nothing_are_frames_of_nothing(source: str) -> None:
    assert shown(source, []).endswith("</body></html>")


def test_a_page_that_is_nested_too_deeply_is_cut_and_not_refused() -> None:
    assert "deep" in shown("<div>" * 150 + "deep" + "</div>" * 150, [])
    assert shown("<div>" * 20_000 + "deep" + "</div>" * 20_000, []).endswith("</body></html>")


def test_lines_are_redacted_one_by_one() -> None:
    lines = redacted_lines(["Ask jane@watermill-desk.org", "nothing", ""], FindParams(), ("en", None))
    assert lines == ["Ask <EMAIL_ADDRESS>", "nothing", ""]
