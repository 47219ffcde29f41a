"""Which group of many fares worst, by how sure that is and how much it matters."""

from math import sqrt


def surprise(share: float, others: float, count: int) -> float:
    """Return by how many standard errors a group's share is above that of all others.

    Args:
        share: Of the group, 0 to 1.
        others: Of all other documents, 0 to 1.
        count: Documents of the group.

    >>> round(surprise(0.5, 0.1, 36), 1), surprise(0.1, 0.1, 36)
    (8.0, 0.0)
    """
    usual = min(max(others, 1 / (count + 2)), 0.99)
    return (share - others) / sqrt(usual * (1 - usual) / max(count, 1))


def weight(share: float, others: float, count: int) -> float:
    """Return how much a group's loss matters: how far above the others, and of how many documents.

    All of 9 documents weigh more than a hundredth of 2,000 that the others do not lose.

    >>> weight(1.0, 0.1, 9) > weight(0.013, 0.0, 2000)
    True
    """
    return (share - others) * sqrt(count)
