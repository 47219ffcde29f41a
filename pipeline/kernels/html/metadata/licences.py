"""Licences that a page links: the one it names as its own, else the first open one; Creative Commons by short names."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from pipeline.kernels.array_types import Bool, Bytes, Int
from pipeline.kernels.compiled import compiled
from pipeline.kernels.html.tag_values import absolute_address, tag_attributes
from pipeline.kernels.html.tags import lower

_LICENCE: Final = np.frombuffer(b"license", np.uint8)
_COMMONS: Final = np.frombuffer(b"commons.org/public", np.uint8)
_TO_LOWER: Final = 32
_CREATIVE_COMMONS: Final = re.compile(
    r"https?://(?:[a-z]+\.)?creativecommons\.org/(?:"
    r"licen[cs]es/(?P<kind>by(?:-(?:nc|nd|sa))*|sa|nc|nd|nc-sa|nd-nc|publicdomain)"
    r"|publicdomain/(?P<public>zero|mark))(?:/(?P<version>\d\.\d)(?:/(?P<place>[a-z]{2,3}|scotland|igo))?)?(?![\w-])",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"https?://(?:www\.)?(?:gnu\.org/(?:licenses|copyleft)/|opensource\.org/licenses?/|apache\.org/licenses/)\w",
    re.IGNORECASE,
)
_PUBLIC: Final = {"zero": "cc0", "mark": "cc-pdm", "publicdomain": "cc-publicdomain"}


def short_licence(url: str) -> str:
    """The short name of a Creative Commons licence by its address, with version and place; any other address as it is.

    >>> short_licence("https://creativecommons.org/licenses/by-sa/3.0/de/deed.en")
    'cc-by-sa-3.0-de'
    >>> short_licence("http://creativecommons.org/publicdomain/zero/1.0/"), short_licence("https://mill.example/terms")
    ('cc0-1.0', 'https://mill.example/terms')
    """
    match = _CREATIVE_COMMONS.match(url)
    if match is None:
        return url
    kind = (match["kind"] or match["public"]).lower()
    parts = (_PUBLIC.get(kind, f"cc-{kind}"), match["version"], (match["place"] or "").lower())
    return "-".join(filter(None, parts))


def linked_licence(tags: Iterable[str], base: str | None) -> tuple[str | None, str | None]:
    """What a page links as its own licence (`rel` or `itemprop` say so), and the first open licence it links at all.

    Args:
        tags: The start tags of its links, in order; those for which `names_licence` is false say nothing.
        base: What relative addresses are resolved against.

    >>> tags = ["<a href=//creativecommons.org/licenses/by/4.0>", "<link rel=license href=/terms>"]
    >>> linked_licence(tags, "https://mill.example/rye")
    ('https://mill.example/terms', 'cc-by-4.0')
    """
    own = other = None
    for tag in tags:
        attributes = tag_attributes(tag)
        address = _address(attributes, base)
        if address is None:
            continue
        says = f"{attributes.get('rel', '')} {attributes.get('itemprop', '')}".lower().split()
        if "license" in says:
            own = own or short_licence(address)
        elif other is None and (_CREATIVE_COMMONS.match(address) or _OPEN.match(address)):
            other = short_licence(address)
    return own, other


@compiled
def names_licence(source: Bytes, start: Int, stop: Int) -> Bool:
    """Whether one of the words stands in a tag, in any case, without which none says that it has a licence."""
    for at in range(start, stop):
        sign = source[at] | _TO_LOWER
        if (sign == _LICENCE[0] and _stands(source, at, stop, _LICENCE)) or (
            sign == _COMMONS[0] and _stands(source, at, stop, _COMMONS)
        ):
            return True
    return False


@compiled
def _stands(source: Bytes, at: Int, stop: Int, word: Bytes) -> Bool:
    """Whether a word in lower case stands at a place, in any case."""
    if at + len(word) > stop:
        return False
    for k in range(len(word)):  # noqa: SIM110  (compiled)
        if lower(source[at + k]) != word[k]:
            return False
    return True


def _address(attributes: Mapping[str, str], base: str | None) -> str | None:
    reference = attributes.get("href", "").strip()
    return None if reference.startswith("#") else absolute_address(reference, base or "")
