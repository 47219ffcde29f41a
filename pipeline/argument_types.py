"""Numbers that a user types, as `type` of argparse's arguments: what is none says what was meant."""

import argparse
from collections.abc import Callable
from contextlib import suppress


def count(text: str) -> int:
    """Return a whole number of 1 or more.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return int(number(text, int, lambda value: value >= 1, "a whole number of 1 or more"))


def count_or_zero(text: str) -> int:
    """Return a whole number of 0 or more.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return int(number(text, int, lambda value: value >= 0, "a whole number of 0 or more"))


def share(text: str) -> float:
    """Return a share, 0 to 1, of a number or of a number with `%`.

    >>> share("0.5%"), share(".005")
    (0.005, 0.005)

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return number(text, _of_percent, lambda value: 0 <= value <= 1, "a share from 0 to 1 (or 0% to 100%)")


def pages(text: str) -> float:
    """Return a number of pages.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return number(text, float, lambda value: 1 <= value < float("inf"), "a number of pages, 1 or more (3e9, say)")


def number(text: str, kind: Callable[[str], float], is_such: Callable[[float], bool], what: str) -> float:
    """Return a number that the user typed.

    Args:
        text: As typed.
        kind: Makes a number of it, or raises ValueError.
        is_such: Whether a number is one of those that are meant; NaN is none.
        what: What is meant, in words.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    with suppress(ValueError):
        if is_such(value := kind(text)):
            return value
    raise argparse.ArgumentTypeError(f"'{text}' is not {what}")


def _of_percent(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
