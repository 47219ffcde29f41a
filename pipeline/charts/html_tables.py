"""Tables and pages as HTML for notebooks: all that comes of pages is escaped, so that it is read and never run."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from pipeline.errors import CurationError
from pipeline.summaries.page_view import PageView, page_view
from pipeline.terminal import safe_text

MOST: Final = 50
_CHARS: Final = 400
_CELL: Final = "text-align:left;vertical-align:top;max-width:36em;overflow-wrap:anywhere;white-space:pre-wrap"
_NUMBER: Final = "text-align:right;vertical-align:top"


class Html:
    """What a notebook shows as HTML."""

    def __init__(self, content: str) -> None:
        """Take HTML that is safe to show."""
        self.content = content

    def _repr_html_(self) -> str:
        return self.content


def table_html(rows: pa.Table | Sequence[Mapping[str, Any]], most: int = MOST) -> Html:
    """Return rows as a table whose cells are text, whatever they say.

    Args:
        rows: A table, or rows with the same names.
        most: Rows to show; how many more there are is said below.

    >>> "<script>" in table_html([{"title": "<script>alert(1)</script>"}]).content
    False
    """
    lines = rows.to_pylist() if isinstance(rows, pa.Table) else list(rows)
    if not lines:
        return Html("<p>Nothing to show.</p>")
    names = list(lines[0])
    head = "".join(f'<th style="{_CELL}">{_escaped(name)}</th>' for name in names)
    body = "".join(f"<tr>{''.join(_cell(line[name]) for name in names)}</tr>" for line in lines[:most])
    more = f"<p>{len(lines) - most:,} more rows.</p>" if len(lines) > most else ""
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}")


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = "" if value is None else str(value)
        return f'<td style="{_CELL}">{_escaped(text if len(text) <= _CHARS else f"{text[: _CHARS - 1]}…")}</td>'
    return f'<td style="{_NUMBER}">{f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"}</td>'


def _escaped(text: str) -> str:
    return html.escape(safe_text(text))


def page_html(run: str, page: str | None) -> Html:
    """Return a page beside its text, with what was left out of it; or a sentence that says why not.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id; None where there is none to show.
    """
    if page is None:
        return Html("<p>No page of this run may be shown: none has passed a stage that takes personal data out.</p>")
    try:
        view = page_view(run, page)
    except CurationError as error:
        return Html(f"<p>{_escaped(str(error))}</p>")
    return Html(_beside(view))


def _beside(view: PageView) -> str:
    parts = [f"<p><b>{_escaped(view.url)}</b><br>{_escaped(view.sentence)}</p>"]
    if view.title is not None:
        parts.append(f"<p>Title: {_escaped(view.title)}</p>")
    columns = [view.frame] if view.frame else []
    if view.text is not None:
        columns.append(
            '<pre style="white-space:pre-wrap;overflow:auto;max-height:480px;margin:0;text-align:left">'
            f"{_escaped(view.text)}</pre>"
        )
    cells = "".join(f'<div style="flex:1 1 320px;min-width:0">{column}</div>' for column in columns)
    parts.append(f'<div style="display:flex;flex-wrap:wrap;gap:12px">{cells}</div>' if columns else "")
    if view.blocks.num_rows:
        parts.append(f"<p>Left out, with what speaks against it:</p>{table_html(view.blocks).content}")
    return "".join(parts)
