"""What a model's labels, a script and sequences of letters together take a text for: its language and how sure."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.languages.codes import UNKNOWN, code_of, group_of
from classifiers.languages.model import LEAST
from classifiers.languages.ngrams import MORE_LANGUAGES, letters_of

SURE: Final = 0.7
"""Probability from which on a model is believed by itself, but for sisters."""
_SISTERS: Final = frozenset({"nor"})
"""Macrolanguages whose languages letters tell apart better than lid.176.

Of `hbs` and `msa` they mend one language at the cost of another.
"""
_PRIOR: Final = SURE
"""Probability of a language that lid.176 lacks, before letters are looked at; where they are, its own have no more."""
_SURPRISING: Final = -2.0
"""Surprise from which on letters are not those of a language. A language's own texts have -4 in the middle, for n-grams
of real words are alike; of texts in languages that the table lacks nineteen of twenty have more than -2."""
_SLOPE: Final = 1.5
"""Of the logistic curve around it."""


class Decision(NamedTuple):
    """What a text or a part of one is taken for.

    Attributes:
        code: Of the language.
        score: The probability, 0 … 1.
        label: The model's own likeliest label.
        values: Probability of each code that the model thinks of; empty where a script has decided.
    """

    code: str = UNKNOWN
    score: float = 0.0
    label: str | None = None
    values: Mapping[str, float] = {}


def decided(
    candidates: Sequence[str],
    values: Sequence[float] | np.ndarray[Any, np.dtype[np.float64]],
    owners: Sequence[str] = (),
    share: float = 0.0,
    *,
    macrolanguages: bool = True,
) -> Decision:
    """Return one language and its probability.

    Args:
        candidates: The model's labels, the likeliest first.
        values: Their probabilities.
        owners: Codes of the languages that the script decides for.
        share: Of the letters that this script has.
        macrolanguages: Whether probabilities of languages of one macrolanguage add up.
    """
    own = candidates[0] if len(candidates) else None
    by_code: dict[str, float] = {}
    for candidate, value in zip(candidates, values, strict=True):
        code = code_of(candidate)
        by_code[code] = by_code.get(code, 0.0) + float(value)
    if owners:
        chances = [by_code.get(code, 0.0) for code in owners]
        best = chances.index(max(chances))
        believed = chances[best] / sum(chances) if chances[best] else 1.0
        return Decision(owners[best], min(1.0, max(share * believed, chances[best])), own)
    if not by_code:
        return Decision()
    sums: dict[str, float] = {}
    for code, value in by_code.items():
        group = group_of(code) if macrolanguages else code
        sums[group] = sums.get(group, 0.0) + value
    first = max(sums, key=sums.__getitem__)
    code = max((code for code in by_code if first in (code, group_of(code))), key=by_code.__getitem__)
    return Decision(code, min(1.0, sums[first]), own, by_code)


def advised(text: str, decision: Decision) -> Decision:
    """Return what a text is taken for when its sequences of letters have been looked at.

    A language that letters speak for is believed where they are as likely as in its own texts: of 62 languages one is
    always the likeliest, whatever the text is in. Else the decision stays, and its score.

    Args:
        text: On one line.
        decision: lid.176's, in codes.
    """
    if decision.score >= SURE or not decision.values:
        return decision
    letters = letters_of(text)
    if not letters.log_likelihoods:
        return decision
    logs = {
        code: value + math.log(max(decision.values.get(code, 0.0), _PRIOR if code in MORE_LANGUAGES else LEAST))
        for code, value in letters.log_likelihoods.items()
    }
    logs.setdefault(decision.code, math.log(max(decision.score, LEAST)))  # letters know nothing of it: as likely
    best = max(logs, key=logs.__getitem__)
    sisters = [code for code in logs if group_of(code) == group_of(best)]
    surprise = min((letters.surprise[code] for code in sisters if code in letters.surprise), default=0.0)
    if surprise >= _SURPRISING:
        return decision
    powers = {code: math.exp(value - logs[best]) for code, value in logs.items()}
    score = sum(powers[code] for code in sisters) / sum(powers.values())
    score /= 1 + math.exp(_SLOPE * (surprise - _SURPRISING))
    if group_of(decision.code) == group_of(best):
        score = max(score, decision.score)
    return decision._replace(code=best, score=score)


def told_from_sisters(text: str, code: str) -> str:
    """Return which language of a macrolanguage a text is in by its sequences of letters; the code where none tells.

    >>> told_from_sisters("Den gamle kverna mel kornet for heile dalen, og ingen klagar over det", "no")
    'nn'
    """
    if group_of(code) not in _SISTERS:
        return code
    letters = letters_of(text).log_likelihoods
    likely = [sister for sister in letters if group_of(sister) == group_of(code)]
    return max(likely, key=letters.__getitem__) if code in letters else code
