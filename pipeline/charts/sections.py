"""All figures of a run, section by section."""

from collections.abc import Iterator
from typing import Final

from pipeline.charts import classifiers, comparison, duplicates, extraction, funnel, mix, signals
from pipeline.charts.figures import Section

_DASHBOARDS: Final = (funnel, extraction, duplicates, signals, classifiers, mix)


def figures(run: str, against: str | None = None) -> Iterator[Section]:
    """Yield the sections of a run, one after the other as they are computed.

    Args:
        run: The run directory.
        against: Another run to compare it with, in a section of its own; None for none.

    Raises:
        ManifestError: One of them holds no committed run.
        ConfigError: Altair is not installed.
    """
    for dashboard in _DASHBOARDS:
        yield dashboard.section(run)
    if against is not None:
        yield comparison.section(run, against)
