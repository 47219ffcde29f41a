"""How large a mix can be, and how many tokens of it each category gives."""

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.errors import ConfigError


class Size(NamedTuple):
    """The size of a mix.

    Attributes:
        tokens: In all.
        limited_by: What keeps it from being larger: a category, or the parameter that asks for so many.
    """

    tokens: float
    limited_by: str


def mix_size(
    natural: Mapping[str, int],
    most: Mapping[str, int],
    weights: Mapping[str, float],
    asked: tuple[str, int | None],
) -> Size:
    """Return the size of a mix that meets the weights.

    Unless tokens are asked for, documents are repeated to balance categories and not for more tokens: the category that
    has most for its weight stands in the mix once.

    Args:
        natural: category → tokens of its documents, each once; a category without any cannot take part.
        most: category → tokens under the caps.
        weights: category → share of tokens.
        asked: Name of the parameter that asks for tokens, and how many it asks for; None for as many as there are.

    Raises:
        ConfigError: More is asked for than there is.

    >>> mix_size({"general": 1000, "code": 100}, {"general": 4000, "code": 400}, {"general": 1, "code": 1}, ("", None))
    Size(tokens=800.0, limited_by='code')
    """
    weighed = taking_part(natural, weights)
    if not weighed:
        return Size(0.0, "")
    largest = {name: most[name] / weight for name, weight in weighed.items()}
    once = {name: min(natural[name], most[name]) / weight for name, weight in weighed.items()}
    scarce, ample = min(sorted(largest), key=largest.__getitem__), max(sorted(once), key=once.__getitem__)
    parameter, tokens = asked
    if tokens is None:
        wanted, binding = once[ample], ample
        return Size(largest[scarce], scarce) if largest[scarce] <= wanted else Size(wanted, binding)
    if tokens > largest[scarce] and int(largest[scarce]) < tokens:
        raise ConfigError(
            f"{parameter}={tokens}: there are {int(largest[scarce]):,} tokens for these shares; what limits them is "
            f"'{scarce}', of which the mix asks for {weighed[scarce]:.1%} and whose documents give {most[scarce]:,} "
            "tokens under the caps"
        )
    return Size(float(tokens), parameter)


def taking_part(natural: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    """Return category → share of tokens of the categories that have any: those of the others go to these.

    >>> taking_part({"general": 10}, {"general": 0.5, "code": 0.5})
    {'general': 1.0}
    """
    chosen = {name: weight for name, weight in weights.items() if weight > 0 and natural.get(name, 0) > 0}
    total = sum(chosen.values())
    return {name: weight / total for name, weight in chosen.items()}


def budgets(natural: Mapping[str, int], weights: Mapping[str, float], tokens: float) -> dict[str, int]:
    """Return the tokens that each category gives to a mix of a size.

    >>> budgets({"general": 1000, "code": 100}, {"general": 0.5, "code": 0.5}, 800)
    {'general': 400, 'code': 400}
    """
    return {name: round(tokens * share) for name, share in taking_part(natural, weights).items()}
