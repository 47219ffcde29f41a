"""The lists of what is taken down that a run keeps, by which its later runs go."""

from collections.abc import Callable, Sequence
from typing import Final

from pipeline.engine.config import Settings
from pipeline.engine.recipes import Step
from pipeline.engine.stage import Stage
from pipeline.errors import ConfigError
from pipeline.release.purging import check_not_lifted
from pipeline.stages.url_screen import url_screen
from pipeline.stores import storage
from pipeline.url_screen.params import UrlScreenParams
from pipeline.url_screen.taken_down import Lists, all_lists, kept_lists

_NOT_PURGED: Final = (
    "{folder} lists pages that are taken down, and this run has no stage 'url_screen' that leaves them out:"
    " start it from that stage (--from url_screen)"
)


def taken_down_folder(run: str) -> str:
    """Return where a run keeps the lists of what is taken down."""
    return storage.join(run, "takedown")


def add_takedown_lists(run: str, stages: Sequence[Stage], settings: Settings) -> None:
    """Name the run's lists of what is taken down, where there are any, in the parameters of `url_screen`.

    Raises:
        ConfigError: There are, and no such stage.
    """
    folder = taken_down_folder(run)
    if not kept_lists(folder):
        return
    if url_screen.name not in [stage.name for stage in stages]:
        raise ConfigError(_NOT_PURGED.format(folder=folder))
    section = settings.setdefault(url_screen.name, {})
    section["takedown"] = [*section.get("takedown", ()), folder]


def check_takedown_lists(run: str, steps: Sequence[Step], takes_part: Callable[[Step], bool]) -> None:
    """Refuse to go on where a run's lists would not count, or an entry was taken off them.

    Args:
        run: The run directory.
        steps: The stages with their parameters.
        takes_part: Tells whether a stage takes part in the run, or may later.

    Raises:
        ConfigError: What is wrong with the lists.
    """
    folder = taken_down_folder(run)
    screens = [step for step in steps if step.name == url_screen.name]
    if kept_lists(folder) and not any(takes_part(step) for step in screens):
        raise ConfigError(_NOT_PURGED.format(folder=folder))
    check_not_lifted(run, folder, takedown_lists(steps))


def takedown_lists(steps: Sequence[Step]) -> Lists:
    """Return all that lists take down by which the stages go."""
    lists = Lists()
    for step in steps:
        if isinstance(step.params, UrlScreenParams):
            lists = lists.with_more(all_lists(step.params.takedown))
    return lists
