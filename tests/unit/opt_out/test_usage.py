"""Content-Usage, Content-Signal and DisallowAITraining, in headers and in robots.txt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kernels.opt_out.directives import header_directive, meta_directive
from pipeline.kernels.opt_out.metas import declared_metas
from pipeline.kernels.opt_out.robots_txt import Robots, robots_text
from pipeline.kernels.opt_out.usage import refused_by_headers, refused_use, usage_headers
from tests.timing import assert_quick

AGENTS = ("GPTBot", "CCBot")
SITE = "https://mill.example"


def refused(content: str, path: str) -> dict[str, str]:
    return Robots(robots_text(content.encode()), AGENTS).refused(SITE + path)


@pytest.mark.parametrize(
    ("value", "refuses"),
    [
        ("train-ai=n", True),
        ("Train-AI=N", True),
        ("train-ai=y", False),
        ("search=y, train-ai=n", True),
        ("train-ai=n;note=1", True),
        ("train-genai=n", True),
        ("bots=n", True),
        ("bots=n, train-ai=y", False),
        ("train-ai=y, train-genai=n", True),
        ("ai-train=no", True),
        ("search=yes,ai-train=no,use=reference", True),
        ("ai-train=yes, ai-input=no", False),
        ("ai-train=no, ai-train=yes", True),
        ("ai-train=yes, ai-train=no", True),
        ("search=no", None),
        ("ai-input=no", None),
        ("train-ai", None),
        ("train-ai=?0", None),
        ("train-ai=maybe", None),
        ("x-train-ai=n", None),
        ("", None),
    ],
)
def test_the_narrowest_preference_that_is_stated_decides(value: str, refuses: bool | None) -> None:
    preference = refused_use(value)
    assert (preference and preference[1]) == refuses


def test_headers_are_kept_only_where_they_are_sent() -> None:
    assert usage_headers({"content-type": "text/html"}) is None
    assert usage_headers({"content-signal": "ai-train=no"}) == "Content-Signal: ai-train=no"
    assert refused_by_headers("Content-Signal: ai-train=no") == "Content-Signal ai-train=no"
    assert refused_by_headers("Content-Usage: search=y\nContent-Signal: ai-train=yes") is None
    assert refused_by_headers("") is None


STAR = "User-agent: *\n"


@pytest.mark.parametrize(
    ("robots", "path", "agents"),
    [
        (f"{STAR}Content-Signal: ai-train=no\nAllow: /", "/", AGENTS),
        (f"{STAR}Content-Signal: search=yes, ai-train=yes", "/", ()),
        ("Content-Signal: ai-train=no\nUser-agent: *\nAllow: /", "/rye", ("GPTBot", "CCBot")),
        ("content-signal:ai-train = no # theirs", "/", AGENTS),
        (f"{STAR}Content-Usage: train-ai=n", "/", AGENTS),
        (f"{STAR}Content-Usage: /rye train-ai=n", "/rye/1", AGENTS),
        (f"{STAR}Content-Usage: /rye train-ai=n", "/oat", ()),
        (f"{STAR}Content-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y", "/open/1", ()),
        (f"{STAR}Content-Usage: /open/ train-ai=y\nContent-Usage: train-ai=n", "/shut", AGENTS),
        (f"{STAR}Content-Usage: /*.pdf$ train-ai=n", "/a.pdf", AGENTS),
        ("User-agent: CCBot\nContent-Signal: ai-train=no", "/", ("CCBot",)),
        ("User-agent: GPTBot\nUser-agent: CCBot\n# both\nContent-Signal: ai-train=no", "/", AGENTS),
        (f"{STAR}Content-Signal: ai-train=no\n\nUser-agent: CCBot\nAllow: /", "/", ("GPTBot",)),
        ("User-agent: Googlebot\nContent-Signal: ai-train=no", "/", ()),
        ("Content-Signal: ai-train=no\nUser-agent: GPTBot\nAllow: /", "/", AGENTS),
        ("User-agent: GPTBot\nSitemap: x\nUser-agent: FooBot\nContent-Usage: train-ai=n", "/", ("GPTBot",)),
        ("User-agent: GPTBot\nAllow: /\nUser-agent: FooBot\nContent-Usage: train-ai=n", "/", ()),
        (f"{STAR}Content-Usage: /rye\ttrain-ai=n", "/rye", AGENTS),
        (f"{STAR}DisallowAITraining: /", "/", AGENTS),
        (f"{STAR}DisallowAITraining: /\nAllowAITraining: /open", "/open/a", ()),
        (f"{STAR}DisallowAITraining:", "/", ()),
        (f"{STAR}Content-Signal: ai-train=yes\nContent-Usage: train-ai=n", "/", AGENTS),
        (f"{STAR}Disallow: /mill", "/mill", ()),
    ],
)
def test_preferences_of_robots_txt(robots: str, path: str, agents: tuple[str, ...]) -> None:
    assert tuple(refused(robots, path)) == agents


def test_a_refusal_names_its_line() -> None:
    assert refused(f"{STAR}Content-Signal: search=yes, ai-train=no", "/") == dict.fromkeys(
        AGENTS, "Content-Signal ai-train=no"
    )


def test_preferences_part_no_group() -> None:
    text = (
        "User-agent: CCBot\nContent-Signal: search=yes\nDisallow: /a\nLicense: https://mill.example/l.xml\nDisallow: /b"
    )
    robots = Robots(robots_text(text.encode()), AGENTS)
    assert [robots.forbidden(f"{SITE}{path}") for path in ("/a", "/b", "/c")] == [["CCBot"], ["CCBot"], []]


def test_an_address_that_cannot_be_taken_apart_is_in_no_rule() -> None:
    assert Robots(f"{STAR}Content-Signal: ai-train=no", AGENTS).refused("http://[::1") == {}


@pytest.mark.parametrize("word", ["noml", "disallowaitraining", "NoML", "DisallowAITraining"])
def test_words_that_forbid_learning_are_read_in_headers_and_metas(word: str) -> None:
    body = f'<meta name="robots" content="index, {word}">'.encode()
    robots, mining = declared_metas(body, None)
    assert (robots, mining) == (f"robots: index, {word}", None)
    words = frozenset([word.lower()])
    assert meta_directive(robots or "", frozenset(), words) == f"robots: {word.lower()}"
    assert header_directive(f"all, {word}", frozenset(), words) == f"*: {word.lower()}"


@given(st.text(st.sampled_from("Content-Usage:Signal /train-ai=n,y;*$\n#"), max_size=120))
def test_any_file_can_be_read(text: str) -> None:
    assert set(refused(text, "/rye")) <= set(AGENTS)


def test_long_files_take_no_longer_than_their_length() -> None:
    assert_quick(lambda: refused("Content-Usage: /a train-ai=n\n" * 20_000, "/b"), 2.0)
