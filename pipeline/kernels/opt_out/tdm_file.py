"""`tdmrep.json`: for which addresses a site reserves text and data mining."""

import json
from typing import Any, Final

from protego import Protego

from pipeline.kernels.opt_out.robots_txt import MOST_BYTES
from pipeline.kernels.warc.charset import decode

_MOST_RULES: Final = 10_000
_RESERVES: Final = {"1": True, "0": False}


class TdmFile:
    """The rules of one `tdmrep.json`, of which the first that matches counts.

    Locations are matched as paths of robots.txt are: from the beginning, with `*` and `$`. A rule whose reservation is
    neither 1 nor 0 says nothing of the addresses that it matches.

    >>> rules = TdmFile(b'[{"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]')
    >>> rules.reserves("https://mill.example/rye"), rules.reserves("https://mill.example/open/rye")
    (True, False)
    """

    def __init__(self, content: bytes) -> None:
        """Read the rules; what is no list of rules, or is too long to be one, has none."""
        try:
            parsed = json.loads(decode(content, None)[0]) if len(content) <= MOST_BYTES else None
        except (ValueError, RecursionError):
            parsed = None
        rules = parsed if isinstance(parsed, list) else []
        read = (_rule(rule) for rule in rules[:_MOST_RULES])
        self._rules = [rule for rule in read if rule is not None]

    def reserves(self, url: str) -> bool:
        """Whether text and data mining of an address is reserved."""
        try:
            first = (reserves for location, reserves in self._rules if not location.can_fetch(url, "*"))
            return next(first, None) is True
        except ValueError:  # an address that cannot be taken apart is in no rule
            return False


def _rule(rule: Any) -> tuple[Protego, bool | None] | None:
    """Where a rule applies, as what a robots.txt would forbid there, and whether it reserves."""
    location = rule.get("location") if isinstance(rule, dict) else None
    if not isinstance(location, str) or not location.strip():
        return None
    path = "".join(location.split()).replace("#", "%23").encode("utf-8", "ignore").decode()
    value = rule.get("tdm-reservation")
    return Protego.parse(f"User-agent: *\nDisallow: {path}"), _RESERVES.get(str(value))
