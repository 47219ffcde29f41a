"""Rules: predicates over stored signals, with what to compare them with, and of which documents they are asked."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from schemas.columns import CATEGORY, LANGUAGE, PAGE_TYPE

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn

PROSE = ("general", "multilingual")
"""Categories of prose; a document without category is, too."""
DOCUMENTATION = "documentation"
"""What prose of that page type counts as: manuals and references say the same things in the same words."""


class Rule(NamedTuple):
    """A predicate over one signal: a document fails it where `signal <fails> limit` holds; a null passes.

    Attributes:
        name: The drop reason, `source.what`.
        signal: Name of the stored signal.
        fails: How the signal of a document that fails compares with the limit.
        limit: What it is compared with.
        parameter: The parameter that the limit is; a language may have its own.
        categories: It is asked of these alone, and of documentation where that is named; of all where empty.
        languages: It is asked of these alone; of all where empty.
        also: A second rule that must fail too; the reason, value and limit are those of this one.
    """

    name: str
    signal: str
    fails: Literal["<", ">"]
    limit: float = 0.0
    parameter: str = ""
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    also: "Rule | None" = None


def limit_column(parameter: str) -> str:
    """Return the name of the scratch column that holds the languages' own limits.

    >>> limit_column("min_words")
    '__limit_min_words'
    """
    return f"__limit_{parameter}"


def _limit(rule: Rule, by_language: frozenset[str]) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    limit = F.lit(float(rule.limit))
    if rule.parameter in by_language:
        return F.coalesce(F.col(limit_column(rule.parameter)), limit)
    return limit


def counted_category() -> "SparkColumn":
    """Return the category that rules know a document by: prose of documentation counts as such."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    category = F.coalesce(CATEGORY.name, F.lit(PROSE[0]))
    is_documentation = category.isin(*PROSE) & (F.col(PAGE_TYPE.name) == DOCUMENTATION)
    return F.when(is_documentation, F.lit(DOCUMENTATION)).otherwise(category)


def _is_failed(rule: Rule, by_language: frozenset[str]) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    signal, limit = F.col(rule.signal).cast("double"), _limit(rule, by_language)
    fails = signal < limit if rule.fails == "<" else signal > limit
    if rule.categories:
        fails = fails & counted_category().isin(*rule.categories)
    if rule.languages:
        fails = fails & F.col(LANGUAGE.name).isin(*rule.languages)
    return fails & _is_failed(rule.also, by_language) if rule.also else fails


def failed(rules: Iterable[Rule], by_language: frozenset[str] = frozenset()) -> "SparkColumn":
    """Return of the first rule that a document fails: reason, signal, value and limit; null where it passes all.

    Args:
        rules: In order.
        by_language: Parameters for which there is a column of the languages' own limits.
    """
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    def tell(rule: Rule) -> "SparkColumn":
        told = F.struct(
            F.lit(rule.name).alias("reason"),
            F.lit(rule.signal).alias("signal"),
            F.col(rule.signal).cast("double").alias("value"),
            _limit(rule, by_language).alias("limit"),
        )
        return F.when(_is_failed(rule, by_language), told)

    return F.coalesce(*map(tell, rules))
