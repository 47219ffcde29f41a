"""What headers and metas forbid, to whom, and what they say of text and data mining."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.opt_out.directives import header_directive, meta_directive, reservation, reserved_by

AGENTS = frozenset(("gptbot", "ccbot", "claudebot"))
WORDS = frozenset(("noai", "noimageai", "noindex", "none"))


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ("noai", "*: noai"),
        ("NOAI, NOIMAGEAI", "*: noai"),
        ("noarchive, noindex", "*: noindex"),
        ("none", "*: none"),
        (" noindex ,", "*: noindex"),
        ("noindex nofollow", "*: noindex"),
        ("nofollow; noai", "*: noai"),
        ("*: noai", "*: noai"),
        ("robots: noai", "*: noai"),
        ("index, follow", None),
        ("all", None),
        ("nofollow, noarchive, nosnippet", None),
        ("noairport, indexing", None),
        ("", None),
        ("gptbot: noindex", "gptbot: noindex"),
        ("GPTBot:noindex", "gptbot: noindex"),
        ("GPTBot : nofollow, noai", "gptbot: noai"),
        ("googlebot: noindex", None),
        ("googlebot: nofollow, noindex", None),
        ("googlebot: noindex, ccbot: noai", "ccbot: noai"),
        ("ccbot: nofollow, googlebot: noindex", None),
        ("googlebot: nofollow\nnoai", "*: noai"),
        ("noai\ngooglebot: nofollow", "*: noai"),
        ("googlebot: noindex\nclaudebot: none", "claudebot: none"),
        ("Other Bot/2.0: noindex, noai", None),
        ("noindex, googlebot: noai", "*: noindex"),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST", None),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST, noai", "*: noai"),
        ("unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, noindex", "*: noindex"),
        ("max-snippet:-1, max-image-preview:large, max-video-preview:-1, noai", "*: noai"),
        ("max-image-preview: none", None),
        ("googlebot: max-snippet:-1, noindex", None),
        ("gptbot: unavailable_after: 25 Jun 2010 15:00:00 PST, noindex", "gptbot: noindex"),
        (":", None),
        (":::, noai", "*: noai"),
        (",,,", None),
    ],
)
def test_a_header_forbids_to_everyone_or_to_the_agent_before_its_colon(headers: str, found: str | None) -> None:
    assert header_directive(headers, AGENTS, WORDS) == found


@pytest.mark.parametrize(
    ("metas", "found"),
    [
        ("robots: noai, noimageai", "robots: noai"),
        ("robots: index, NOINDEX", "robots: noindex"),
        ("gptbot: noindex", "gptbot: noindex"),
        ("googlebot: noindex", None),
        ("googlebot: noindex\nccbot: none", "ccbot: none"),
        ("robots: nofollow", None),
        ("robots: noindex nofollow", "robots: noindex"),
        ("robots: noindex;nofollow", "robots: noindex"),
        ("robots: max-image-preview:none, nofollow", None),
        ("description: noai", None),
        ("", None),
    ],
)
def test_a_meta_forbids_to_whom_it_is_named_after(metas: str, found: str | None) -> None:
    assert meta_directive(metas, AGENTS, WORDS) == found


@pytest.mark.parametrize(
    ("value", "says"),
    [
        *(("1", True), (" 1", True), ("0", False), ("2", None), ("", None), (None, None), ("true", None)),
        *(("1, 1", True), ("0, 1", True), ("0, 0", False), ("1, yes", None), ("01", None), ("-1", None), ("1.0", None)),
    ],
)
def test_one_reserves_nought_does_not_and_anything_else_says_nothing(value: str | None, says: bool | None) -> None:
    assert reservation(value) is says


@pytest.mark.parametrize(
    ("metas", "header", "file", "by"),
    [
        (None, None, False, None),
        (None, None, True, "tdmrep.json"),
        (None, "1", False, "header"),
        (None, "0", True, None),
        (None, "x", True, "tdmrep.json"),
        ("tdm-reservation: 1", "0", False, "meta"),
        ("tdm-reservation: 0", "1", True, None),
        ("tdm-reservation: perhaps", "1", False, "header"),
        ("tdm-policy: https://m.example/1", None, False, None),
        ("tdm-reservation: 0\ntdm-reservation: 1", None, False, "meta"),
        ("tdm-reservation: 1\ntdm-policy: https://m.example/1", None, False, "meta"),
    ],
)
def test_a_meta_stands_over_a_header_and_that_over_the_file(
    metas: str | None, header: str | None, file: bool, by: str | None
) -> None:
    assert reserved_by(metas, header, site_file=file) == by


LINES = st.lists(st.sampled_from(["noai", "googlebot: noindex", "ccbot: none", "index", "max-snippet:-1, nofollow"]))


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_headers_does_not_decide_whether_they_forbid(lines: list[str], draw: Random) -> None:
    shuffled = list(lines)
    draw.shuffle(shuffled)
    one, other = (header_directive("\n".join(some), AGENTS, WORDS) for some in (lines, shuffled))
    assert (one is None) == (other is None) == (not {"noai", "ccbot: none"} & set(lines))


@given(st.text(), st.text())
def test_any_text_is_a_header_and_a_meta(first: str, second: str) -> None:
    for text in (first, f"{first}: {second}", f"{first},{second}\n{first}"):
        for result in (header_directive(text, AGENTS, WORDS), meta_directive(text, AGENTS, WORDS)):
            assert result is None or result.split(": ")[1] in WORDS
        reserved_by(text, text, site_file=False)
