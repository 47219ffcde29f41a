"""What annotation costs: guessed before, from the sizes of texts; counted after, from what the server says."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from classifiers.annotation.answers import AnswerField

_BYTES_PER_TOKEN: Final = 4
_FRAME: Final = 10
"""Tokens around the words of a message: roles, and where it begins and ends."""


class Prices(NamedTuple):
    """What a server takes, in any currency.

    Attributes:
        question: For a million tokens of questions.
        answer: For a million tokens of answers.
    """

    question: float
    answer: float

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """Return the price of tokens.

        >>> Prices(0.5, 2.0).of(4_000_000, 1_000_000)
        4.0
        """
        return (tokens_in * self.question + tokens_out * self.answer) / 1e6

    def line(self, tokens_in: int, tokens_out: int) -> str:
        """Return tokens and their price in words; without prices, the tokens alone.

        >>> Prices(0.5, 2.0).line(4_000_000, 1_000_000)
        '4,000,000 tokens in, 1,000,000 out: 4.00'
        """
        tokens = f"{tokens_in:,} tokens in, {tokens_out:,} out"
        return f"{tokens}: {self.of(tokens_in, tokens_out):,.2f}" if any(self) else tokens


def guessed_question(words: str) -> int:
    """Return how many tokens a question may have: a token for every four bytes of UTF-8.

    >>> guessed_question("How good is this page?")
    16
    """
    return _FRAME + -(-len(words.encode()) // _BYTES_PER_TOKEN)


def guessed_answer(fields: Mapping[str, AnswerField]) -> int:
    """Return how many tokens an answer may have at most, by its form.

    >>> guessed_answer({"score": AnswerField(low=0, high=5)})
    20
    """
    longest = [field.text or max(map(len, field.labels or ("00",))) for field in fields.values()]
    names = sum(len(name) + 6 for name in fields)
    return _FRAME + -(-sum(longest, names) // _BYTES_PER_TOKEN) + 6
