"""Which parameter a limit is, and a looser value to try: so that a finding can say the whole command."""

from collections.abc import Iterable, Mapping
from math import isfinite

from pipeline.errors import ConfigError
from pipeline.inspection.verdicts import StoredRules
from pipeline.review.stored_rules import setting_of, stored_rules
from pipeline.runs.run import Run

Met = tuple[str, str, str | None]
"""Stage, reason, language."""
Setting = tuple[str, float]
"""Parameter as `--set` takes it, and a value to try."""
ASKED = "heuristics"
"""The stage whose limits `gristmill what-if` moves."""


def settings_of(run: str, limits: Mapping[Met, tuple[float, float]]) -> dict[Met, Setting]:
    """Return the parameter of each limit that what-if can move, and a looser value to try; others are left out.

    Of a stage of another version, which what-if refuses, none is returned.

    Args:
        run: The run directory.
        limits: What documents were dropped by, lowest and highest.

    Raises:
        ManifestError: The run holds nothing.
    """
    met = [key for key in limits if key[0] == ASKED]
    if not met:
        return {}
    try:
        stored = stored_rules(Run(run).table(ASKED))
    except ConfigError:
        return {}
    return settings_in(stored, met, limits)


def settings_in(
    stored: StoredRules, met: Iterable[Met], limits: Mapping[Met, tuple[float, float]]
) -> dict[Met, Setting]:
    """Return the same of rules that are read already."""
    made = {}
    for key in met:
        stage, reason, language = key
        limit = limits[key][0]
        setting = setting_of(stage, stored, reason, language, limit)
        rules = [rule for rule in stored.rules if rule.name == reason]
        if setting and rules:
            made[key] = (setting, looser(limit, rules[0].fails == "<", rules[0].limit))
    return made


def looser(limit: float, is_least: bool, of_others: float) -> float:  # noqa: FBT001
    """Return a limit that drops less: that of other languages where it is looser, else half or twice as much.

    Args:
        limit: As it is.
        is_least: Whether what is below it is dropped.
        of_others: The limit of languages without their own; infinite where it is off.

    >>> looser(2000, True, 50), looser(50, True, 50), looser(0.2, False, 0.2), looser(10, False, 10)
    (50, 25, 0.6, 20)
    >>> looser(0, False, 0), looser(-3.0, True, -3.0)
    (1, -4.5)
    """
    if isfinite(of_others) and (of_others < limit if is_least else of_others > limit):
        return of_others
    if is_least and limit <= 0:
        return limit - max(abs(limit) / 2, 1)
    if is_least:
        return limit // 2 if float(limit).is_integer() else limit / 2
    if not limit:
        return 1
    return round((limit + 1) / 2, 6) if limit < 1 else 2 * limit
