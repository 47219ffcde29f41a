"""The tables behind charts, as HTML: for those who read numbers, and for those who do not see charts."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from pipeline.report_page.escaping import escaped

_ROWS: Final = 50
_CHARS: Final = 200


def table_html(table: pa.Table, caption: str) -> Iterator[str]:
    """Yield a table's HTML; how many rows are left out is said below.

    Args:
        table: Of numbers and text.
        caption: What it is of.
    """
    if not table.num_rows:
        yield "<p>The table has no rows.</p>"
        return
    numeric = {field.name for field in table.schema if _is_number(field.type)}
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{escaped(caption)}">'
    yield f'<table><caption class="unseen">{escaped(caption)}</caption><thead><tr>'
    yield "".join(
        f'<th scope="col"{_class(name in numeric)}>{escaped(_title(name))}</th>' for name in table.schema.names
    )
    yield "</tr></thead><tbody>"
    for row in table.slice(0, _ROWS).to_pylist():
        cells = "".join(f"<td{_class(name in numeric)}>{escaped(_cell(value))}</td>" for name, value in row.items())
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table></div>"
    if table.num_rows > _ROWS:
        yield f"<p>{table.num_rows - _ROWS:,} more rows are not shown.</p>"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _class(is_number: bool) -> str:  # noqa: FBT001  (private)
    return ' class="number"' if is_number else ""


def _title(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: Any) -> str:
    """Return a value as a cell shows it.

    >>> _cell(1200), _cell(0.25), _cell(None), _cell(True), len(_cell("x" * 500))
    ('1,200', '0.25', '', 'yes', 200)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    text = str(value)
    return text if len(text) <= _CHARS else f"{text[: _CHARS - 1]}…"
