"""robots.txt files, as crawls hold them, asked for addresses of pages on behalf of crawlers for training."""

import re
from collections.abc import Sequence
from typing import Final

from protego import Protego

from pipeline.kernels.opt_out.usage import UsageRules
from pipeline.kernels.warc.charset import decode
from pipeline.kernels.warc.sniffing import is_html

MOST_BYTES: Final = 500 << 10
"""So much of a robots.txt is read; RFC 9309 asks for no more."""

_AGENT_LINE: Final = re.compile(r"(?im)^([ \t]*user[ -]?agent[ \t]*:?[ \t]*)([^\n#]*)")
_OTHER_LINE: Final = re.compile(
    r"(?im)^[ \t]*(?:crawl-delay|request-rate|visit-time|sitemap|host|clean-param|noindex|license"
    r"|content-(?:usage|signal)|(?:dis)?allowaitraining)[ \t]*:"
    r".*(?:\n(?![ \t]*\n)|\Z)"
)
"""Lines that neither name nor allow nor forbid: within a group they are no end of it, unless a blank line follows."""
_TOKEN: Final = re.compile(r"[a-z0-9_-]+")
_NOBODY: Final = "="
"""Stands in for agents that nobody asks about; no agent is called so."""
_UNNAMED: Final = "?"
"""Asks for the agents that no group is named after: those of `*` decide."""


def robots_text(content: bytes) -> str:
    r"""The rules of a robots.txt as text; none where it is a web page or nothing.

    At most `MOST_BYTES` are read, to the end of the last whole line of them: half a path would forbid too much.

    >>> robots_text(b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\0private"), robots_text(b"<!doctype html><p>Not found")
    ('User-agent: *\nDisallow: /private', '')
    """
    if is_html(content, None):
        return ""
    if len(content) > MOST_BYTES:
        cut = content[:MOST_BYTES]
        content = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r"), 0)]
    return "\n".join(decode(content, None)[0].splitlines())


class Robots:
    r"""The rules of one robots.txt for some agents.

    A group is meant for an agent if it has the agent's name, whatever the case, and a bare `*` for all that have no
    group (RFC 9309, 2.2.1). A version behind a name (`GPTBot/1.0`) is passed over, and so is what neither names an
    agent nor allows nor forbids: it ends no group, unless a blank line follows it.

    >>> rules = Robots("User-agent: *\nDisallow: /a\n\nUser-agent: GPTBot/1.0\nDisallow: /", ["GPTBot", "CCBot"])
    >>> rules.forbidden("https://mill.example/b"), rules.forbidden("https://mill.example/a/b")
    (['GPTBot'], ['GPTBot', 'CCBot'])
    """

    def __init__(self, text: str, agents: Sequence[str]) -> None:
        """Read the rules.

        Args:
            text: As `robots_text` gives it.
            agents: Whom to ask for.
        """
        self._agents = agents
        small = [agent.lower() for agent in agents]
        named: set[str] = set()

        # Groups of other crawlers become one: some files name thousands, and each would hold a copy of its rules.
        def known(line: re.Match[str]) -> str:
            name = line[2].strip().lower()
            if name == "*":
                return f"{line[1]}*"
            match = _TOKEN.match(name)
            if match is None or match[0] not in small:
                return line[1] + _NOBODY
            named.add(match[0])
            return line[1] + match[0]

        self._rules = Protego.parse(_AGENT_LINE.sub(known, _OTHER_LINE.sub("", text)))
        self._named = [agent in named for agent in small]
        self._usage = UsageRules(text, agents)

    def refused(self, url: str) -> dict[str, str]:
        """The agents for which training on an address is refused, each with the line that says so."""
        try:
            return self._usage.refused(url)
        except ValueError:  # an address that cannot be taken apart is in no rule
            return {}

    def forbidden(self, url: str) -> list[str]:
        """The agents to whom an address is forbidden, in the order in which they were given."""
        try:
            everyone = all(self._named) or self._rules.can_fetch(url, _UNNAMED)
            return [
                agent
                for agent, named in zip(self._agents, self._named, strict=True)
                if not (self._rules.can_fetch(url, agent) if named else everyone)
            ]
        except ValueError:  # an address that cannot be taken apart is in no rule
            return []
