"""robots.txt and tdmrep.json as sites serve them, asked for crawlers whose pages train models."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.kernels.opt_out.robots_txt import MOST_BYTES, Robots, robots_text
from pipeline.kernels.opt_out.sites import site_named, site_of
from pipeline.kernels.opt_out.tdm_file import TdmFile
from tests.timing import assert_quick

AGENTS = ("GPTBot", "CCBot", "ClaudeBot")
ALL = list(AGENTS)
SITE = "https://mill.example"


def forbidden(content: bytes | str, path: str) -> list[str]:
    raw = content.encode() if isinstance(content, str) else content
    return Robots(robots_text(raw), AGENTS).forbidden(SITE + path)


@pytest.mark.parametrize(
    ("robots", "path", "to"),
    [
        ("", "/", []),
        ("User-agent: *\nDisallow: /", "/", ALL),
        ("User-agent: *\nDisallow:", "/", []),
        ("User-agent: GPTBot\nDisallow: /", "/rye", ["GPTBot"]),
        ("user-agent: gptbot\ndisallow: /", "/rye", ["GPTBot"]),
        ("USER-AGENT: CCBOT\nDISALLOW: /", "/rye", ["CCBot"]),
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /", "/", ["GPTBot", "CCBot"]),
        ("User-agent: GPTBot\nDisallow: /\n\nUser-agent: *\nDisallow:", "/", ["GPTBot"]),
        ("User-agent: GPTBot\nDisallow:\n\nUser-agent: *\nDisallow: /", "/", ["CCBot", "ClaudeBot"]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: ClaudeBot\nAllow: /", "/", ["GPTBot", "CCBot"]),
        ("User-agent: GPTBot\nDisallow: /a\n\nUser-agent: GPTBot\nDisallow: /b", "/b", ["GPTBot"]),
        ("User-agent: GPTBot\nDisallow: /a\n\nUser-agent: GPTBot\nDisallow: /b", "/a", ["GPTBot"]),
        ("User-agent: Googlebot\nDisallow: /", "/", []),
        ("User-agent: BadGPTBot\nDisallow: /", "/", []),
        ("User-agent: GPTBot/1.0\nDisallow: /", "/", ["GPTBot"]),
        ("User-agent: CCBot/2.0 (https://cc.example/)\nDisallow: /", "/", ["CCBot"]),
        ("User-agent: *\nDisallow: /flour\nAllow: /flour/rye", "/flour/rye/1", []),
        ("User-agent: *\nAllow: /flour/rye\nDisallow: /flour", "/flour/oat", ALL),
        ("User-agent: *\nAllow: /flour\nDisallow: /flour", "/flour", []),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", ALL),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", []),
        ("User-agent: *\nDisallow: /*/draft", "/a/b/draft/c", ALL),
        ("User-agent: *\nDisallow: /*?", "/a?b", ALL),
        ("User-agent: *\nDisallow: /*?", "/a", []),
        ("User-agent: *\nDisallow: /Rye", "/rye", []),
        ("User-agent: *\nDisallow: /m%C3%BChle", "/mühle", ALL),
        ("User-agent: *\nDisallow: /mühle", "/m%c3%bchle/1", ALL),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", []),
        ("User-agent: *\nDisallow: /~kim", "/%7Ekim", ALL),
        ("User-agent: *\nCrawl-delay: 10", "/", []),
        ("User-agent: CCBot\nCrawl-delay: 10\nDisallow: /a", "/a", ["CCBot"]),
        ("User-agent: CCBot\nCrawl-delay: 10\n\nUser-agent: GPTBot\nDisallow: /", "/", ["GPTBot"]),
        ("User-agent: GPTBot # theirs\nDisallow: / # all", "/", ["GPTBot"]),
        ("# User-agent: *\n# Disallow: /", "/", []),
        ("Disallow: /", "/", []),
        ("User-agent: GPTBot\nSitemap: https://mill.example/s.xml\nDisallow: /", "/", ["GPTBot"]),
        ("User-agent: GPTBot\r\nDisallow: /\r\n", "/", ["GPTBot"]),
        ("User-agent: GPTBot\rDisallow: /\r", "/", ["GPTBot"]),
        ("\n\n  User-agent:GPTBot\n\n  Disallow:/", "/", ["GPTBot"]),
        ("Useragent GPTBot\nDisalow: /", "/", ["GPTBot"]),
        (b"\xef\xbb\xbfUser-agent: GPTBot\nDisallow: /", "/", ["GPTBot"]),
        ("User-agent: GPTBot\nDisallow: /".encode("utf-16"), "/", ["GPTBot"]),
        (b"User-agent: GPTBot\0\nDisallow: /\0", "/", ["GPTBot"]),
        (b"User-agent: GPTBot\nDisallow: /\xff\xfe\n\nUser-agent: CCBot\nDisallow: /", "/", ["CCBot"]),
        ("<!doctype html><html><body>\nUser-agent: *\nDisallow: /\n</body>", "/", []),
        ("<html><head><title>404</title>User-agent: *\nDisallow: /", "/", []),
        (b"\x1f\x8b\x08\0\0\0\0", "/", []),
        ("User-agent: *\nDisallow: https://mill.example/rye", "/rye", []),
        ("User-agent: *\nDisallow: /", "/robots.txt", []),
        ("User-agent: *\nNoindex: /\nContent-Signal: ai-train=no", "/", []),
    ],
)
def test_a_robots_txt_forbids_an_address_to_these_agents(robots: bytes | str, path: str, to: list[str]) -> None:
    assert forbidden(robots, path) == to


@pytest.mark.parametrize("name", ["Applebot", "App", "A", "*bot", "*Applebot-Extended", "Google"])
def test_a_group_of_another_name_is_not_meant_for_an_agent(name: str) -> None:
    text = f"User-agent: {name}\nDisallow: /"
    assert Robots(text, ["Applebot-Extended", "Google-Extended"]).forbidden(SITE) == []
    both = f"{text}\n\nUser-agent: applebot-extended\nDisallow: /"
    assert Robots(both, ["Applebot-Extended", "Google-Extended"]).forbidden(SITE) == ["Applebot-Extended"]


@pytest.mark.parametrize("line", ["Crawl-delay: 1", "Sitemap: https://mill.example/s.xml", "Host: mill.example"])
def test_other_lines_end_no_group_of_agents(line: str) -> None:
    text = f"User-agent: GPTBot\n{line}\nUser-agent: CCBot\nDisallow: /"
    assert Robots(text, ["GPTBot", "CCBot"]).forbidden(SITE) == ["GPTBot", "CCBot"]


def test_no_more_than_500_kib_are_read_and_no_half_line_of_them() -> None:
    line = b"# a miller\n"
    first = b"User-agent: *\n"
    padding = line * ((MOST_BYTES - len(first)) // len(line))
    cut = first + padding + b"Disallow: /" + b"a" * 100
    assert MOST_BYTES - 100 < len(first + padding) <= MOST_BYTES
    assert forbidden(cut, "/b") == []
    assert forbidden(first + b"Disallow: /b\n" + padding + b"\n" * 200, "/b") == ALL
    assert forbidden(first + padding + b"\n" * 200 + b"Disallow: /b\n", "/b") == []


def test_a_file_that_names_thousands_of_crawlers_costs_no_more_than_its_size() -> None:
    names = "".join(f"User-agent: bot{number}\n" for number in range(12_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(12_000))

    def read() -> None:
        robots = Robots(f"{names}User-agent: GPTBot\n{rules}", AGENTS)
        assert robots.forbidden(f"{SITE}/11999") == ["GPTBot"]

    assert_quick(read, 5)


NAMES = st.sampled_from(["*", "GPTBot", "ccbot", "Googlebot", "ClaudeBot/1.0"])
PATHS = st.text("abc/", max_size=5).map(lambda path: f"/{path}")
RULES = st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), PATHS), max_size=5)
GROUPS = st.lists(st.tuples(NAMES, RULES), max_size=5)


@given(GROUPS, PATHS)
def test_the_longest_rule_of_an_agent_s_groups_decides(groups: list[tuple[str, Any]], path: str) -> None:
    text = "\n".join(
        f"User-agent: {name}\n" + "".join(f"{kind}: {rule}\n" for kind, rule in rules) for name, rules in groups
    )
    merged: dict[str, list[tuple[int, bool, str]]] = {}
    for name, rules in groups:
        own = merged.setdefault(name.split("/")[0].lower(), [])
        own += [(len(rule), kind == "Allow", rule) for kind, rule in rules]
    expected = []
    for agent in AGENTS:
        rules = merged.get(agent.lower(), merged.get("*", []))
        hits = [(size, allows) for size, allows, rule in rules if path.startswith(rule)]
        if hits and not max(hits)[1]:
            expected.append(agent)
    # a group without a rule, followed by another, is one with it
    if all(rules for _, rules in groups):
        assert forbidden(text, path) == expected


@given(st.binary(max_size=400), st.text(max_size=40))
@example(b"User-agent: *\nDisallow: /%", "http://[::1")
@example(b"User-agent: \xff\nDisallow: /\xed\xa0\x80", "https://mill.example/\ud800")
def test_any_bytes_are_a_robots_txt_and_a_tdm_file(content: bytes, url: str) -> None:
    for raw in (content, b"User-agent: *\nDisallow: /" + content):
        result = Robots(robots_text(raw), AGENTS).forbidden(url)
        assert [agent for agent in AGENTS if agent in result] == result
    assert TdmFile(content).reserves(url) in (True, False)


RULE = {"location": "/", "tdm-reservation": 1}


@pytest.mark.parametrize(
    ("rules", "path", "reserved"),
    [
        ([RULE], "/", True),
        ([RULE], "/a/b", True),
        ([{**RULE, "tdm-reservation": 0}], "/", False),
        ([{**RULE, "tdm-reservation": "1"}], "/", True),
        ([{**RULE, "tdm-reservation": True}], "/", False),
        ([{**RULE, "tdm-reservation": 2}], "/", False),
        ([{**RULE, "tdm-reservation": 2}, RULE], "/", False),
        ([{"location": "/"}], "/", False),
        ([{"tdm-reservation": 1}], "/", False),
        ([{**RULE, "tdm-policy": "https://m.example/p"}], "/", True),
        ([{**RULE, "location": "/a/"}], "/a/b", True),
        ([{**RULE, "location": "/a/"}], "/b/a/", False),
        ([{**RULE, "location": "/a/*.jpg"}], "/a/b/c.jpg", True),
        ([{**RULE, "location": "/a/*.jpg$"}], "/a/c.jpg?x", False),
        ([{**RULE, "location": "/a$"}], "/a", True),
        ([{**RULE, "location": "/a$"}], "/ab", False),
        ([{**RULE, "location": "/A"}], "/a", False),
        ([{"location": "/a/b", "tdm-reservation": 0}, {"location": "/a", "tdm-reservation": 1}], "/a/b", False),
        ([{"location": "/a", "tdm-reservation": 1}, {"location": "/a/b", "tdm-reservation": 0}], "/a/b", True),
        ([{"location": "/*", "tdm-reservation": 0}, RULE], "/a", False),
        ([7, None, "x", [], RULE], "/", True),
        (RULE, "/", False),
        ([], "/", False),
        ([{**RULE, "location": "/\nAllow: /"}], "/Allow:/", True),
        ([{**RULE, "location": 5}], "/", False),
    ],
)
def test_the_first_rule_of_a_tdm_file_that_matches_decides(rules: Any, path: str, reserved: bool) -> None:
    assert TdmFile(json.dumps(rules).encode()).reserves(SITE + path) is reserved


@pytest.mark.parametrize(
    "content", [b"", b"[", b"[" * 100_000, b"null", b"\xff\xfe", b"<html>", b" " * (MOST_BYTES + 1)]
)
def test_what_is_no_tdm_file_reserves_nothing(content: bytes) -> None:
    assert not TdmFile(content).reserves(SITE)


def test_a_tdm_file_may_begin_with_a_byte_order_mark() -> None:
    assert TdmFile(b"\xef\xbb\xbf" + json.dumps([RULE]).encode()).reserves(SITE)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://mill.example/a", "mill.example"),
        ("http://MILL.example:80", "mill.example"),
        ("https://mill.example:80/", "mill.example:80"),
        ("http://me:pw@mill.example:8080/", "mill.example:8080"),
        ("https://mill.example./", "mill.example"),
        ("https://mühle.example/", "xn--mhle-0ra.example"),
        ("http://[::1]:8080/a", "[::1]:8080"),
        ("ftp://mill.example/", None),
        ("http:///a", None),
        ("http://[::1", None),
        ("http://mill.example:99999/", None),
        ("book-7", None),
        ("", None),
    ],
)
def test_a_site_is_a_host_and_a_port_that_is_not_its_scheme_s(url: str, site: str | None) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("Mill.Example", "mill.example"),
        ("mill.example:8080", "mill.example:8080"),
        ("mill.example_8080", "mill.example:8080"),
        ("mill.example_80", "mill.example"),
        ("mill_8.example", "mill_8.example"),
        ("mühle.example", "xn--mhle-0ra.example"),
        ("two words", None),
        ("", None),
    ],
)
def test_a_file_is_named_after_its_site(name: str, site: str | None) -> None:
    assert site_named(name) == site


@given(st.text(max_size=30))
def test_any_text_has_a_site_or_none(text: str) -> None:
    for url in (text, f"https://{text}/a"):
        assert site_of(url) is None or site_of(url)
    site_named(text)
