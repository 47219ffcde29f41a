"""Metas that speak to robots are read where a browser sees a tag, in any spelling, and nowhere else."""

from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from pipeline.kernels.opt_out.metas import FORBIDS, declared_metas
from tests.timing import assert_quick

META = '<meta name="robots" content="noai">'
SAID = "robots: noai"


@pytest.mark.parametrize(
    ("page", "robots", "mining"),
    [
        (META, SAID, None),
        ("<html><head><title>t</title>" + META + "</head><body>x", SAID, None),
        ("<META NAME='Robots' CONTENT='NoAI'>", "robots: NoAI", None),
        ("<meta content=noai name=robots>", SAID, None),
        ("<meta\nname = robots\n\tcontent\n=\n'noai'/>", SAID, None),
        ("<meta/name=robots/content=noai>", None, None),
        ('<meta name="robots"content="noai">', SAID, None),
        ('<meta name=robots content="no&#97;i">', SAID, None),
        ('<meta name=robots content="&#x6e;o&#x61;i&#44; follow">', "robots: noai, follow", None),
        ('<meta name=&#114;obots content="noai">', SAID, None),
        ('<meta name=robots content="noai">' * 3, SAID, None),
        ("<meta name=robots content='index, follow'>", None, None),
        ("<meta name=robots content='max-snippet:-1, noindex'>", "robots: max-snippet:-1, noindex", None),
        ("<meta name=GPTBot content=noindex><meta name=robots content=none>", "gptbot: noindex\nrobots: none", None),
        ("<meta name=' robots ' content=' noindex,\n nofollow '>", "robots: noindex, nofollow", None),
        ("<meta name=robots content='none' name=viewport>", "robots: none", None),
        ("<meta data-x='>' name=robots content=noai>", SAID, None),
        ('<meta name=robots data-x="a > b" content="noai">', SAID, None),
        ("<p>text</p><div><span>" + META, SAID, None),
        ("<body><p>" + META + "</p>", SAID, None),
        ("<noscript>" + META + "</noscript>", SAID, None),
        ("<!-- a --" + ">" + META, SAID, None),
        ("<!-- " + META + " -->", None, None),
        ("<!-- " + META, None, None),
        ("<script>var a = '" + META + "'</script>", None, None),
        ("<style>" + META + "</style>", None, None),
        ("<textarea>" + META + "</textarea>", None, None),
        ("<title>" + META + "</title>", None, None),
        ("<template>" + META + "</template>", None, None),
        ("<template><div><p>" + META + "</p></div></template>", None, None),
        ("<template></template>" + META, SAID, None),
        ("<iframe>" + META + "</iframe>", None, None),
        ("<xmp>" + META + "</xmp>", None, None),
        ("<plaintext>" + META, None, None),
        ('<a title="' + escape(META) + '">x</a>', None, None),
        ("<a title='<meta name=robots content=noai>'>x</a>", None, None),
        ("&lt;meta name=robots content=noai&gt;", None, None),
        ("<meta name=robots content=noai", None, None),
        ("<meta name=robots content='noai", None, None),
        ("<metadata name=robots content=noai>", None, None),
        ("<link name=robots content=noai>", None, None),
        ("<meta property=robots content=noai>", None, None),
        ("<meta http-equiv=robots content=noai>", None, None),
        ("<meta name=description content='noai'>", "description: noai", None),
        ("<meta name=description content='Why noaim is none of it'>", "description: Why noaim is none of it", None),
        ("<meta name=msapplication-config content=none>", None, None),
        ("<meta name=og:type content=none>", None, None),
        ("<meta name=robots>", None, None),
        ("<meta content=noai>", None, None),
        ("<meta name=tdm-reservation content=1>", None, "tdm-reservation: 1"),
        ("<META content='1' NAME='TDM-Reservation'>", None, "tdm-reservation: 1"),
        (
            "<meta name=tdm-reservation content=1><meta name=tdm-policy content='https://m.example/p?a=1&amp;b=2'>",
            None,
            "tdm-reservation: 1\ntdm-policy: https://m.example/p?a=1&b=2",
        ),
        ("<meta name=tdm-reservation content=''>", None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_page_asks_what_its_metas_say_and_no_more(page: str, robots: str | None, mining: str | None) -> None:
    assert declared_metas(page.encode(), None) == (robots, mining)


@pytest.mark.parametrize(
    ("encoding", "mark", "header"),
    [
        ("utf-16-le", b"\xff\xfe", None),
        ("utf-16-be", b"\xfe\xff", None),
        ("utf-16-le", b"", "utf-16"),
        ("utf-32-le", b"\xff\xfe\0\0", None),
        ("utf-8", b"\xef\xbb\xbf", None),
        ("shift_jis", b"", "shift_jis"),
        ("windows-1251", b"", None),
        ("iso2022_jp", b"", "iso-2022-jp"),
    ],
)
def test_the_charset_of_a_page_makes_no_difference(encoding: str, mark: bytes, header: str | None) -> None:
    page = "<html><head><title>Mill</title><meta name=robots content=noai></head><body>Mill"
    assert declared_metas(mark + page.encode(encoding), header) == (SAID, None)


def browser(page: str) -> list[str]:
    """Return what a tree of the page holds, by another parser."""
    tree = lxml_html.document_fromstring(page)
    return [
        f"{meta.get('name').lower()}: {meta.get('content')}"
        for meta in tree.iter("meta")
        if meta.get("name") and meta.get("content") in FORBIDS
    ]


PIECES = st.lists(
    st.sampled_from(
        [
            META,
            "<meta name='gptbot' content='noindex'>",
            "<META content=none NAME=ccbot>",
            "<meta charset=utf-8>",
            "<p>Rye</p>",
            "<!-- <meta name=a content=noai> -->",
            "<script>'<meta name=b content=noai>'</script>",
            "<style><meta name=c content=noai></style>",
            "<div title='a > b'>flour</div>",
            "<a href=/x>x</a>",
            "tom & jerry",
        ]
    ),
    max_size=12,
)


@given(PIECES)
def test_metas_are_those_that_another_parser_finds(pieces: list[str]) -> None:
    page = "<html><body>" + "".join(pieces)
    expected = "\n".join(dict.fromkeys(browser(page))) or None
    assert declared_metas(page.encode(), None) == (expected, None)


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "shift_jis", "no-such"]))
@example(b"<meta name=robots content=&#" + b"9" * 9000 + b";noai>", None)
@example(b"\0<meta", "utf-16")
def test_any_bytes_at_all_are_a_page(content: bytes, header: str | None) -> None:
    for body in (content, b"<meta name=robots content=noai " + content, META.encode() + content):
        robots, mining = declared_metas(body, header)
        for said in (robots, mining):
            assert said is None or all(": " in line for line in said.split("\n"))


@pytest.mark.parametrize(
    "piece",
    ["<meta name=robots content=noai>", "<meta a='", '<meta a="', "<meta ", "<meta =", "<template>", "<meta &#110;"],
)
def test_hostile_pages_cost_no_more_than_their_size(piece: str) -> None:
    assert_quick(lambda: declared_metas((piece * (1_000_000 // len(piece))).encode(), None), 5)
