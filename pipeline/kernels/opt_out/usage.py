"""Preferences on the use of content: IETF's Content-Usage, Cloudflare's Content-Signal, Microsoft's DisallowAITraining.

Sources: draft-ietf-aipref-vocab and draft-ietf-aipref-attach, contentsignals.org (draft-romm-aipref-contentsignals),
draft-canel-robots-ai-control.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from protego import Protego

_HEADERS: Final = ("Content-Usage", "Content-Signal")
_CATEGORIES: Final = ("train-genai", "ai-train", "train-ai", "genai", "ai", "tdm", "bots", "all")
"""Categories that hold the training of language models, the narrowest first: the narrowest that is stated decides."""
_REFUSES: Final = {"n": True, "no": True, "y": False, "yes": False}
_MOST_OF_VALUE: Final = 2000
_USAGE_LINE: Final = re.compile(
    r"[ \t]*(content-usage|content-signal|(?:dis)?allowaitraining)[ \t]*:[ \t]*([^#\n]*)", re.IGNORECASE
)
_AGENT_LINE: Final = re.compile(r"[ \t]*user[ -]?agent[ \t]*:?[ \t]*([^#\n]*)", re.IGNORECASE)
_RULE_LINE: Final = re.compile(r"[ \t]*(?:dis)?allow[ \t]*:", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\*|[a-z0-9_-]+")
EVERYONE: Final = "*"


def refused_use(preferences: str) -> tuple[str, bool] | None:
    """Return the preference that decides on training, and whether it refuses; None where none is stated.

    Args:
        preferences: `key=value` pairs, separated by commas, as either header and either line of robots.txt has them.
            Parameters behind `;` and keys and values that are not known are passed over. Of a key that is given
            twice, the refusal counts.

    >>> refused_use("search=yes, ai-train=no"), refused_use("bots=n, train-ai=y;x=1"), refused_use("search=n")
    (('ai-train=no', True), ('train-ai=y', False), None)
    """
    stated: dict[str, tuple[str, bool]] = {}
    for pair in preferences[:_MOST_OF_VALUE].lower().split(","):
        key, equals, value = (piece.strip() for piece in pair.partition(";")[0].partition("="))
        refuses = _REFUSES.get(value) if equals else None
        if refuses is not None and not (key in stated and stated[key][1]):
            stated[key] = f"{key}={value}", refuses
    return next((stated[category] for category in _CATEGORIES if category in stated), None)


def usage_headers(headers: dict[str, str]) -> str | None:
    r"""Return the headers that state preferences, `name: value`, one a line; None where there is none.

    >>> usage_headers({"content-usage": "train-ai=n", "content-signal": "ai-train=no", "server": "x"})
    'Content-Usage: train-ai=n\nContent-Signal: ai-train=no'
    """
    lines = [f"{name}: {headers[name.lower()][:_MOST_OF_VALUE]}" for name in _HEADERS if headers.get(name.lower())]
    return "\n".join(lines) or None


def refused_by_headers(lines: str) -> str | None:
    r"""Return the preference by which a header refuses training, None where no header does.

    Args:
        lines: As `usage_headers` gives them.

    >>> refused_by_headers("Content-Usage: train-ai=y\nContent-Signal: search=yes, ai-train=no")
    'Content-Signal ai-train=no'
    """
    for line in lines.split("\n"):
        name, _, value = line.partition(": ")
        preference = refused_use(value)
        if preference is not None and preference[1]:
            return f"{name} {preference[0]}"
    return None


class UsageRules:
    r"""The preferences of one robots.txt, by agent.

    Like allowing and forbidding lines they stand in groups; those ahead of all groups are meant for everyone. A value
    may begin with a path, and the longest path that matches counts, as in RFC 9309.

    >>> rules = UsageRules("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /open/ train-ai=y", ["CCBot"])
    >>> rules.refused("https://mill.example/rye"), rules.refused("https://mill.example/open/rye")
    ({'CCBot': 'Content-Usage train-ai=n'}, {})
    """

    def __init__(self, text: str, agents: Sequence[str]) -> None:
        """Read the preferences.

        Args:
            text: A robots.txt.
            agents: Whom to ask for.
        """
        self._groups: dict[str, list[tuple[str, str, str]]] = {}
        self._ahead: list[tuple[str, str, str]] = []
        self._agents = agents
        if _USAGE_LINE.search(text):
            self._read(text.splitlines())
        self._groups.setdefault(EVERYONE, [])
        self._rules = {name: _path_rules([*self._ahead, *lines]) for name, lines in self._groups.items()}

    def _read(self, lines: Sequence[str]) -> None:
        wanted = {EVERYONE, *(agent.lower() for agent in self._agents)}
        current: set[str] | None = None
        opening = False
        for line in lines:
            agent = _AGENT_LINE.match(line)
            if agent is not None:
                token = _TOKEN.match(agent[1].strip().lower())
                current = (current or set() if opening else set()) | ({token[0]} & wanted if token else set())
                opening = True
                for name in current:
                    self._groups.setdefault(name, [])
                continue
            usage = _USAGE_LINE.match(line)
            if usage is not None:
                stated = list(_stated(usage[1], usage[2].strip()))
                for lines_of in [self._ahead] if current is None else [self._groups[name] for name in current]:
                    lines_of.extend(stated)
            # What neither names an agent nor is a rule (a blank line, a sitemap) ends no list of agents.
            opening = opening and usage is None and _RULE_LINE.match(line) is None

    def refused(self, url: str) -> dict[str, str]:
        """Return the agents for which training on an address is refused, each with the line that says so.

        Raises:
            ValueError: The address cannot be taken apart.
        """
        refusals = {}
        for agent in self._agents:
            rules = self._rules.get(agent.lower(), self._rules.get(EVERYONE, ()))
            signal = next((signal for signal, rule in rules if not rule.can_fetch(url, EVERYONE)), None)
            if signal is not None:
                refusals[agent] = signal
        return refusals


def _stated(field: str, value: str) -> Iterator[tuple[str, str, str]]:
    """Yield what a line of robots.txt states: field and preference, `Allow` or `Disallow`, and the path."""
    if field.lower().endswith("allowaitraining"):
        refuses = field.lower().startswith("dis")
        if value:
            yield "DisallowAITraining", "Disallow" if refuses else "Allow", value
        return
    path, rest = "/", value
    if value.startswith("/"):
        path, *others = value.split(maxsplit=1)
        rest = others[0] if others else ""
    preference = refused_use(rest)
    if preference is not None:
        name = next(name for name in _HEADERS if name.lower() == field.lower())
        yield f"{name} {preference[0]}", "Disallow" if preference[1] else "Allow", path


def _path_rules(lines: Sequence[tuple[str, str, str]]) -> list[tuple[str, Protego]]:
    """Return a group's preferences, those of one field as one set of paths, with the first refusal of each."""
    rules = []
    for field in dict.fromkeys(signal.split()[0] for signal, _, _ in lines):
        own = [line for line in lines if line[0].split()[0] == field]
        signal = next((signal for signal, verb, _ in own if verb == "Disallow"), None)
        if signal is not None:
            text = "\n".join(f"{verb}: {path}" for _, verb, path in own)
            rules.append((signal, Protego.parse(f"User-agent: *\n{text}")))
    return rules
