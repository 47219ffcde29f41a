"""Addresses of the internet, public ones, told from versions and sections; addresses of network cards."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network
from itertools import pairwise
from typing import Any, Final

from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import IpRecognizer, MacAddressRecognizer

from pipeline.kernels.pii.cues import ADDRESS, cue_pattern
from pipeline.kernels.pii.patterns import results_of

_BEFORE: Final = 32
_CUE: Final = cue_pattern(ADDRESS)
_PAIR, _PAIR_BEFORE = re.compile(r"[:-][0-9A-Fa-f]{2}\b"), re.compile(r"\b[0-9A-Fa-f]{2}[:-]$")
_MAY_BE_IP: Final = re.compile(r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|:[0-9A-Fa-f]{0,4}:")
_MAY_BE_MAC: Final = re.compile(r"[:-][0-9A-Fa-f]{2}[:-]|\.[0-9A-Fa-f]{4}\.")
"""What no address is without: texts that lack it are not shown to presidio's patterns, which are many times slower."""
_COLON: Final = re.compile(r"(?<=[0-9A-Fa-f]):(?!\S)")
_PORT: Final = re.compile(r":\d{2,5}\b| port \d| - \S+ \[")
_GOES_ON: Final = re.compile(r"\.\w|[-+][A-Za-z]")
_VERSION: Final = re.compile(
    r"(?:(?<!\w)(?:versi\w*|ver\.?|v|rev\.?|release|build|firmware|EC|OID|wersj\w|верси\w)|バージョン|版本|버전)[\s:=\"']{0,3}$"
    r"|[A-Za-z]/$",
    re.IGNORECASE,
)
_MAY_BE_IPV6: Final = re.compile(r"::|(?:[0-9A-Fa-f]{1,4}:){6}")
"""What no address of six numbers and more is without."""
_ORDINARY: Final = frozenset(range(1, 224)) - {1, 8, 9, 10, 93, 100, 127, 149, 169, 172, 192, 198, 203, 208}
"""First numbers of IPv4 addresses that are public all, and stand in no list here."""
_IPV4: Final = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")
_KNOWN: Final = frozenset(
    map(
        ip_address,
        (
            *("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112", "208.67.222.222"),
            *("208.67.220.220", "2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111"),
            *("2606:4700:4700::1001", "2620:fe::fe", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"),
        ),
    )
)
"""Resolvers that anyone may use, and the host of example.com: in texts they stand for no person."""
_UNICAST: Final = ip_network("2000::/3")
_EXAMPLES: Final = tuple(map(ip_network, ("2001:db8::/32", "3fff::/20", "233.252.0.0/24", "64:ff9b::/96")))
"""For documentation, beside those that Python knows as not global (RFC 5737, 3849, 9637)."""


_SHORT: Final = [pattern for pattern in IpRecognizer.PATTERNS if pattern.name == "IPv4"]
"""presidio's pattern of four numbers, which is many times quicker than the others."""


class PublicAddresses(IpRecognizer):
    """Addresses of the internet that may be a person's: public ones, and no version numbers."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return public addresses; one that could be a version or a section needs a cue, or a port behind it."""
        if not _MAY_BE_IP.search(text):
            return []
        if _MAY_BE_IPV6.search(text):
            ended = _COLON.sub(" ", text)  # presidio takes the colon behind an address for part of one
            results = results_of(self, ended)
        else:
            results = results_of(self, text, _SHORT)
        return [result for result in results if _is_meant(text, result.start, result.end)]

    def validate_result(self, pattern_text: str) -> bool | None:
        """Tell whether it is an address that may be a person's."""
        return None if is_public(pattern_text) else False

    def invalidate_result(self, pattern_text: str) -> bool:  # noqa: ARG002
        """Tell that no address is invalid: those that are were not valid either."""
        return False


@lru_cache(maxsize=1024)
def is_public(address: str) -> bool:
    """Tell whether an address, with or without a prefix length, may be a person's.

    >>> [is_public(one) for one in ("192.168.0.1", "203.0.113.7", "8.8.8.8", "1.2.3.4", "81.2.69.142", "2001:db8::1")]
    [False, False, False, False, True, False]
    """
    four = _IPV4.fullmatch(address)
    if four and (ordinary := _is_ordinary(four.groups())) is not None:
        return ordinary
    try:
        parsed: IPv4Address | IPv6Address = ip_interface(address.partition("%")[0]).ip
    except ValueError:
        return False
    if parsed.version == 6 and "::" in address and parsed not in _UNICAST:  # `1::1`, `face::1`: times, words, code
        return False
    if parsed in _KNOWN or any(parsed.version == net.version and parsed in net for net in _EXAMPLES):
        return False
    width = 1 if parsed.version == 4 else 2
    numbers = [int.from_bytes(parsed.packed[at : at + width]) for at in range(0, len(parsed.packed), width)]
    steps = {second - first for first, second in pairwise(numbers)}  # 5.5.5.5 and 1.2.3.4 are made up
    return parsed.is_global and not parsed.is_multicast and steps not in ({0}, {1})


def _is_ordinary(written: Sequence[str]) -> bool | None:
    """Tell whether four numbers are a public address; None where that must be looked up in lists."""
    numbers = [int(number) for number in written]
    if numbers[0] not in _ORDINARY:
        return None
    if any(number > 255 for number in numbers) or [str(number) for number in numbers] != list(written):
        return False  # as Python has it, no number begins with a zero
    return {second - first for first, second in pairwise(numbers)} not in ({0}, {1})


def _is_meant(text: str, start: int, end: int) -> bool:
    """Tell whether an address is no version; four numbers of at most two digits must be called an address."""
    if _PORT.match(text, end):
        return True
    line = text[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    if _VERSION.search(line) or _GOES_ON.match(text, end):
        return False
    numbers = text[start:end].partition("/")[0].split(".")
    if len(numbers) != 4 or any(len(number) > 2 for number in numbers):
        return True
    return bool(_CUE.search(line) or line.endswith(("://", "@")))


class Macs(MacAddressRecognizer):
    """Addresses of network cards; six pairs of digits between colons are hours and the like, more are fingerprints."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: Any = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return addresses that are no piece of a longer row of pairs."""
        if not _MAY_BE_MAC.search(text):
            return []
        return [
            result
            for result in results_of(self, text)
            if not (_PAIR_BEFORE.search(text, max(0, result.start - 3), result.start) or _PAIR.match(text, result.end))
        ]

    def invalidate_result(self, pattern_text: str) -> bool:
        """Tell whether it is none."""
        return bool(super().invalidate_result(pattern_text)) or not any(map(str.isalpha, pattern_text))
