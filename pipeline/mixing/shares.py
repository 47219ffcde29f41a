"""Target shares of the mix: of categories, of topics or languages within them, and of ranges of quality."""

import re
from collections.abc import Mapping
from typing import NamedTuple

BUCKETS = 20
"""Quality buckets: twentieths of the tokens."""
ANY = "*"
BY_LANGUAGE = "multilingual"
"""The category whose groups are languages; those of all others are topics."""
_NAME = re.compile(r"[\w-]+")
_RANGE = re.compile(r"(\d+)-(\d+)$")


class Share(NamedTuple):
    """A share of the mix's tokens, and the documents that it is for.

    Attributes:
        category: Of the documents.
        group: Their topic, or language in `multilingual`; `*` for all that no other share of the category names.
        low: Lowest quality bucket.
        high: Highest one.
        weight: Share of the tokens of the whole mix, before all shares are scaled to a sum of 1.
    """

    category: str
    group: str
    low: int
    high: int
    weight: float

    @property
    def is_whole(self) -> bool:
        """Whether it takes documents of any quality, those without a quality too."""
        return (self.low, self.high) == (0, BUCKETS - 1)


def parse_shares(weights: Mapping[str, float]) -> tuple[Share, ...]:
    """Return the shares that weights name, in their order.

    Args:
        weights: `category`, `category/group` or `category/group/low-high` → weight, not negative.

    Raises:
        ValueError: A weight is negative, all are 0, a path cannot be read, or two ranges of one group overlap.

    >>> parse_shares({"general/*": 0.5, "general/Science/15-19": 0.2, "code": 0.3})[1]
    Share(category='general', group='Science', low=15, high=19, weight=0.2)
    """
    if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
        raise ValueError("weights must not be negative, and one must be positive")
    shares = tuple(_share(path, weight) for path, weight in weights.items())
    for number, share in enumerate(shares):
        for other in shares[:number]:
            same = (share.category, share.group) == (other.category, other.group)
            if same and share.low <= other.high and other.low <= share.high:
                raise ValueError(f"two weights are for the same documents of {share.category}/{share.group}")
    return shares


def _share(path: str, weight: float) -> Share:
    category, _, rest = path.partition("/")
    group, _, buckets = rest.rpartition("/") if _RANGE.search(rest) else (rest, "", "")
    if not category or ("/" in path and not group):
        raise ValueError(f"weight '{path}': write category, category/topic or category/topic/low-high")
    if not _NAME.fullmatch(category) or category == "default":  # it names folders, and a configuration of `datasets`
        raise ValueError(f"weight '{path}': a category is written with letters, digits, _ and -, and is not 'default'")
    low, high = 0, BUCKETS - 1
    if buckets:
        low, high = map(int, buckets.split("-"))
        if not 0 <= low <= high < BUCKETS:
            raise ValueError(f"weight '{path}': quality buckets go from 0 to {BUCKETS - 1}")
    return Share(category, group or ANY, low, high, weight)


def share_of(shares: tuple[Share, ...], category: str, group: str, bucket: int | None) -> int | None:
    """Return the number of the share that a document belongs to: the one that names its group before `*`.

    Args:
        shares: All of them.
        category: Of the document.
        group: Its topic or language.
        bucket: Its quality bucket; None where its quality is not known.

    >>> shares = parse_shares({"general/*": 0.5, "general/Science/15-19": 0.2})
    >>> [share_of(shares, "general", "Science", bucket) for bucket in (3, 17)]
    [0, 1]
    """
    for wanted in (group, ANY):
        for number, share in enumerate(shares):
            if (share.category, share.group) != (category, wanted):
                continue
            if share.is_whole or (bucket is not None and share.low <= bucket <= share.high):
                return number
    return None
