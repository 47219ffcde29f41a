"""What to do next about a finding: whole commands, and links to the documents and decisions it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Final

from pipeline.report_page.facts import Facts
from pipeline.report_page.losses import Loss
from pipeline.review.argued_limits import plain
from schemas.columns import HOST, LANGUAGE
from schemas.reasons import LOOK_AT

_SETTINGS: Final = 3
"""Parameters that one command moves."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Link:
    """A link to a part of the page, which the page's scripts set to what the finding is about.

    Attributes:
        said: Its words.
        target: `sample` or `review`.
        reason: Stage and reason of documents to show, as the page lists them; "" for all.
        language: Language to show; "" for all.
        query: Words to search for; "" for none.
        stage: Stage whose decisions to judge; "" for none.
    """

    said: str
    target: str
    reason: str = ""
    language: str = ""
    query: str = ""
    stage: str = ""


def advice(facts: Facts, stage: str) -> str:
    """Return what to look at where a stage dropped much and no command is known; "" for nothing."""
    return LOOK_AT.get(stage, "").replace("{run}", quote(facts.run))


def commands(facts: Facts, loss: Loss) -> tuple[str, ...]:
    """Return the command that tells what a looser limit would do about a loss; none where no limit can be moved."""
    return what_if(facts, loss.stage, loss.reason, _settings(facts, loss))


def what_if(facts: Facts, stage: str, reason: str, settings: dict[str, float] | None = None) -> tuple[str, ...]:
    """Return the command that moves some limits, or else all those that a reason has."""
    if settings is None:
        settings = dict(
            setting for (of_stage, why, _), setting in facts.settings.items() if (of_stage, why) == (stage, reason)
        )
    moved = " ".join(f"--set {quote(f'{name}={plain(value)}')}" for name, value in sorted(settings.items())[:_SETTINGS])
    return (f"gristmill what-if {quote(facts.run)} {moved}",) if moved else ()


def _settings(facts: Facts, loss: Loss) -> dict[str, float]:
    """Return the parameters that dropped a group, and a value to try for each; of a language, its own."""
    made = {}
    for language in _languages(facts, loss):
        setting, value = facts.settings.get((loss.stage, loss.reason, language), ("", 0.0))
        if not setting:
            continue
        if loss.by == LANGUAGE.name and ".languages." not in setting and _LANGUAGE.fullmatch(language or ""):
            stage, _, parameter = setting.partition(".")
            setting = f"{stage}.languages.{language}.{parameter}"
        made[setting] = value
    return made


def _languages(facts: Facts, loss: Loss) -> Iterator[str | None]:
    """Yield the languages of the group's documents that were dropped."""
    if loss.by == LANGUAGE.name:
        yield loss.group
        return
    rows = facts.host_outcomes if loss.by == HOST.name else facts.outcomes
    met = {
        row.get(LANGUAGE.name)
        for row in rows
        if (row["stage"], row["reason"], row[loss.by]) == (loss.stage, loss.reason, loss.group)
    }
    yield from sorted(met, key=str)


def links(loss: Loss) -> tuple[Link, ...]:
    """Return links to some of the documents of a loss, and to the closest decisions of its stage."""
    shown = Link(
        "See some of them",
        "sample",
        reason=f"{loss.stage}: {loss.reason}",
        language=loss.group if loss.by == LANGUAGE.name else "",
        query="" if loss.by == LANGUAGE.name else loss.group,
    )
    judged = (Link(f"Judge decisions of {loss.stage}", "review", stage=loss.stage),) if loss.is_judged else ()
    return (shown, *judged)


def to_explain(facts: Facts, url: str | None) -> tuple[str, ...]:
    """Return the command that tells what became of a page; none where its address is not known."""
    return (f"gristmill explain {quote(facts.run)} {quote(url)}",) if url else ()


def to_drop_host(facts: Facts, host: str) -> tuple[str, ...]:
    """Return what writes a host on a list, and what makes the run without it."""
    return (
        f"mkdir -p dropped && echo {quote(host)} >> dropped/hosts.txt",
        f"gristmill curate --output {quote(facts.run)} --set 'url_screen.takedown=[dropped]'",
    )
