"""What charts are made of: Altair itself, rows as data, fields, tooltips, and figures with their titles."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa

from pipeline.charts.figures import Figure
from pipeline.charts.words import counted, lines_of
from pipeline.errors import ConfigError
from pipeline.terminal import safe

MOST_ROWS: Final = 3_000
"""Rows that a chart may embed."""
WIDTH: Final = 560
COUNT, SHARE, PLAIN = ",d", ".0%", ".3~g"
"""Formats of numbers."""


def altair() -> Any:
    """Return Altair.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        import altair
    except ImportError:
        raise ConfigError("charts need Altair: pip install 'gristmill[report]'") from None
    return altair


class Field(NamedTuple):
    """A column of a chart's table, as an axis or a tooltip shows it.

    Attributes:
        name: Of the column.
        title: For people.
        format: Of its numbers; "" for text.
    """

    name: str
    title: str
    format: str = ""

    @property
    def kind(self) -> str:
        """Vega-Lite's type of the column."""
        return "quantitative" if self.format else "nominal"


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows that a chart embeds: no commands in strings, `(none)` for a text that is null.

    Rows beyond `MOST_ROWS` are left out; `figure` says so.
    """
    texts = {field.name for field in table.schema if pa.types.is_string(field.type)}
    return [
        {name: _shown(value) if name in texts else value for name, value in row.items()}
        for row in table.slice(0, MOST_ROWS).to_pylist()
    ]


def too_low(hosts: pa.Table, what: str) -> str:
    """Return by how much the numbers of hosts may be too low, where there were more hosts than are held; "" else.

    Args:
        hosts: With `error` in its metadata, as `summaries.funnel.hosts` and `summaries.mix.hosts` return it.
        what: What is counted, a noun.
    """
    error = int((hosts.schema.metadata or {}).get(b"error", 0))
    if not error:
        return ""
    return f"There are too many hosts to hold all: a number may be too low by up to {counted(error, what)}."


def _shown(value: str | None) -> str:
    return "(none)" if value is None or value == "" else safe(value)


def data_of(rows: Sequence[dict[str, Any]]) -> Any:
    """Return rows as the data of a chart."""
    return altair().Data(values=list(rows))


def tooltips(fields: Iterable[Field]) -> list[Any]:
    """Return what a chart tells of a mark under the pointer."""
    alt = altair()
    return [
        alt.Tooltip(
            field=field.name, type=field.kind, title=field.title, **({"format": field.format} if field.format else {})
        )
        for field in fields
    ]


def figure(name: str, title: str, description: str, chart: Any, table: pa.Table, note: str = "") -> Figure:
    """Return a figure whose chart carries its title.

    Args:
        name: Of the figure.
        title: What is seen.
        description: For those who do not see it.
        chart: Without a title.
        table: What is drawn.
        note: A line below the title.
    """
    if table.num_rows > MOST_ROWS:
        note = f"{note} The first {MOST_ROWS:,} of {table.num_rows:,} rows are drawn.".strip()
    heading = altair().TitleParams(text=lines_of(title), subtitle=lines_of(note, 96) if note else [])
    return Figure(name, title, description, chart.properties(title=heading), table)
