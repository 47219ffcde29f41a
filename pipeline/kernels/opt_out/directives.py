"""What headers and metas for robots forbid, and to whom; what they say of text and data mining."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipeline.kernels.opt_out.metas import FORBIDS

EVERYONE: Final = ("*", "robots")
"""By which names directives are meant for every robot."""

# Directives whose value follows a colon, as an agent's name would be followed by directives.
_WITH_VALUE: Final = frozenset(
    ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "crawl-delay", "revisit-after")
)
_PREFIX: Final = re.compile(r"\s*([a-z*][\w.*/ -]{0,80}?)\s*:(.*)", re.DOTALL)
_SEPARATORS: Final = re.compile(r"[,;]")


def header_directive(headers: str, agents: frozenset[str], directives: frozenset[str]) -> str | None:
    """The first directive of X-Robots-Tag headers that forbids to everyone or to one of some agents: `agent: word`.

    What stands before a colon is the agent for the rest of that header, or up to the next one, unless it is a
    directive with a value. Words that are no directive are passed over.

    Args:
        headers: One header a line.
        agents: Names in lower case.
        directives: Those that count, in lower case.

    >>> header_directive("unavailable_after: 25 Jun 2010 15:00:00 PST, NoAI", frozenset(), frozenset(["noai"]))
    '*: noai'
    >>> header_directive("GoogleBot: noindex, gptbot: noai", frozenset(["gptbot"]), frozenset(["noai", "noindex"]))
    'gptbot: noai'
    """
    for line in headers.lower().split("\n"):
        agent = "*"
        for piece in _SEPARATORS.split(line):
            rest = piece
            while (match := _PREFIX.fullmatch(rest)) and match[1] not in _WITH_VALUE | FORBIDS:
                agent, rest = match[1], match[2]
            if agent in agents or agent in EVERYONE:
                word = next((word for word in _words(rest) if word in directives), None)
                if word is not None:
                    return f"{'*' if agent in EVERYONE else agent}: {word}"
    return None


def meta_directive(metas: str, agents: frozenset[str], directives: frozenset[str]) -> str | None:
    r"""The first directive of metas that forbids to everyone or to one of some agents: `name: word`.

    Args:
        metas: `name: content`, one a line, as `declared_metas` gives them.
        agents: Names in lower case.
        directives: Those that count, in lower case.

    >>> meta_directive("googlebot: noai\nrobots: index, NOAI", frozenset(), frozenset(["noai"]))
    'robots: noai'
    """
    for line in metas.lower().split("\n"):
        name, _, content = line.partition(": ")
        if name in agents or name in EVERYONE:
            words = (word for piece in _SEPARATORS.split(content) for word in _words(piece))
            word = next((word for word in words if word in directives), None)
            if word is not None:
                return f"{name}: {word}"
    return None


def _words(piece: str) -> Iterator[str]:
    """The words of a directive without its value; several stand side by side where a comma was forgotten."""
    return iter(piece.partition(":")[0].split())


def reservation(value: str | None) -> bool | None:
    """What a TDM-Reservation header says: True for 1, False for 0, None for anything else, which is no statement.

    Of a header that is sent several times 1 counts, if nothing else than 0 stands beside it.

    >>> reservation(" 1 "), reservation("0"), reservation("true"), reservation("0, 1")
    (True, False, None, True)
    """
    words = {word.strip() for word in (value or "").split(",")}
    return "1" in words if words <= {"0", "1"} else None


def reserved_by(metas: str | None, header: str | None, *, site_file: bool) -> str | None:
    """By what text and data mining is reserved, None where it is not.

    As the TDM Reservation Protocol has it, a meta takes the place of a header, and a header that of the site's file.

    Args:
        metas: Metas as `declared_metas` gives them.
        header: The TDM-Reservation header.
        site_file: Whether `tdmrep.json` reserves the page's address.

    >>> reserved_by("tdm-reservation: 1", "0", site_file=False), reserved_by(None, "0", site_file=True)
    ('meta', None)
    """
    lines = (metas or "").split("\n")
    said = [reservation(line.partition(": ")[2]) for line in lines if line.startswith("tdm-reservation: ")]
    sources: Sequence[tuple[str, bool | None]] = (
        ("meta", True if True in said else False if False in said else None),
        ("header", reservation(header)),
        ("tdmrep.json", site_file),
    )
    name, reserves = next((name, value) for name, value in sources if value is not None)
    return name if reserves else None
