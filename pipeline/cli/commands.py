"""The commands there are: in groups, each with a line on what it is for and where it is."""

from dataclasses import dataclass
from importlib import import_module
from typing import NamedTuple

from pipeline.cli.command import Command


class Entry(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        where: `module:NAME` of the command, below this package.
        summary: What it is for, in a line.
        job: Its module in `jobs`.
    """

    where: str
    summary: str
    job: str


@dataclass(frozen=True)
class Group:
    """Commands for one purpose, in the order in which they are shown."""

    title: str
    commands: dict[str, Entry]


GROUPS = (
    Group(
        "make a corpus",
        {
            "curate": Entry("curating:CURATE", "a crawl in, de-duplicated and filtered shards out", "curate"),
            "recipes": Entry("recipes:RECIPES", "parameters of published corpora, by name", "recipes"),
            "forecast": Entry("forecasting:FORECAST", "what more pages would take: hours, storage, money", "forecast"),
        },
    ),
    Group(
        "ask why",
        {
            "explain": Entry("looking:EXPLAIN", "a page's whole story: measurements, rule, value, limit", "explain"),
            "show": Entry("looking:SHOW", "how a page is read, and why its rest is left out", "show"),
            "report": Entry("seeing:REPORT", "a run as one page: what stands out, charts, documents, review", "report"),
            "review": Entry("judging:REVIEW", "borderline decisions to judge, and how right they are", "review"),
            "compare": Entry("judging:COMPARE", "what two runs keep, drop and change", "compare"),
        },
    ),
    Group(
        "choose limits and mixes",
        {
            "what-if": Entry("limits:WHAT_IF", "what other limits would do, without measuring anything", "whatif"),
            "fit-limits": Entry("limits:FIT_LIMITS", "limits by language, from a run's own signals", "fit_thresholds"),
            "compare-datatrove": Entry(
                "limits:COMPARE_DATATROVE", "where datatrove's rules say something else", "disagreements"
            ),
            "fit-mixture": Entry("experiments:FIT_MIXTURE", "which mix suits held-out texts", "fit_mixture"),
            "ablate": Entry("experiments:ABLATE", "whether a stage helps", "ablate"),
        },
    ),
    Group(
        "use and keep a release",
        {
            "verify": Entry("releases:VERIFY", "every byte and row of a release, checked", "verify"),
            "takedown": Entry("releases:TAKEDOWN", "pages out of a release, with a receipt", "takedown"),
            "export": Entry("looking:EXPORT", "a stage's table as plain Parquet", "export"),
            "locate": Entry("looking:LOCATE", "where decisions, release or a stage's table lie", "locate"),
        },
    ),
)
ENTRIES = {name: entry for group in GROUPS for name, entry in group.commands.items()}


def command_named(name: str) -> Command:
    """Return a command; its module is imported now.

    Args:
        name: One of `ENTRIES`.
    """
    module, _, attribute = ENTRIES[name].where.partition(":")
    command: Command = getattr(import_module(f"{__package__}.{module}"), attribute)
    return command
