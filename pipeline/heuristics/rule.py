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
        categories: It applies to these alone, and to documentation where that is named; to all where empty.
        languages: It applies to these alone; to all where empty.
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


def _quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _limit(rule: Rule, by_language: frozenset[str]) -> str:
    limit = f"double('{float(rule.limit)!r}')"
    return f"coalesce({limit_column(rule.parameter)}, {limit})" if rule.parameter in by_language else limit


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


_ANY_CATEGORY = f"coalesce({CATEGORY.name}, {_quoted(PROSE[0])})"
_COUNTED_CATEGORY = (
    f"CASE WHEN {_ANY_CATEGORY} IN ({_listed(PROSE)}) AND {PAGE_TYPE.name} = {_quoted(DOCUMENTATION)}"
    f" THEN {_quoted(DOCUMENTATION)}"
    f" ELSE {_ANY_CATEGORY} END"
)


def counted_category() -> "SparkColumn":
    """Return the category that rules know a document by: prose of documentation counts as such."""
    from pyspark.sql import functions as F  # noqa: N812

    return F.expr(_COUNTED_CATEGORY)


def _is_failed(rule: Rule, by_language: frozenset[str]) -> str:
    asked = [f"double(`{rule.signal}`) {rule.fails} {_limit(rule, by_language)}"]
    if rule.categories:
        asked.append(f"{_COUNTED_CATEGORY} IN ({_listed(rule.categories)})")
    if rule.languages:
        asked.append(f"{LANGUAGE.name} IN ({_listed(rule.languages)})")
    if rule.also:
        asked.append(_is_failed(rule.also, by_language))
    return " AND ".join(asked)


_TOLD = "struct<reason: string, signal: string, value: double, limit: double>"


def failed(rules: Iterable[Rule], by_language: frozenset[str] = frozenset()) -> "SparkColumn":
    """Return of the first rule that a document fails: reason, signal, value and limit; null where it passes all.

    It is one expression of SQL: as Columns, some forty rules are thousands of calls of the JVM.

    Args:
        rules: In order.
        by_language: Parameters for which there is a column of the languages' own limits.
    """
    from pyspark.sql import functions as F  # noqa: N812

    def tell(rule: Rule) -> str:
        verdict = (
            f"{_quoted(rule.name)} AS reason, {_quoted(rule.signal)} AS signal, double(`{rule.signal}`) AS value,"
            f" {_limit(rule, by_language)} AS limit"
        )
        return f"CASE WHEN {_is_failed(rule, by_language)} THEN struct({verdict}) END"

    told = [*map(tell, rules)] or [f"CAST(NULL AS {_TOLD})"]  # all of them may be switched off
    return F.expr(f"coalesce({', '.join(told)})")
