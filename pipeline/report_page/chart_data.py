"""Charts as the page's script draws them: their data and marks, without titles and looks, which the page has itself."""

from typing import Any, Final

from pipeline.charts.figures import Figure
from pipeline.charts.theme import theme

_PANELS: Final = ("facet", "hconcat", "vconcat", "concat", "repeat")
_LABELS: Final = 220
"""Pixels that labels and legends of a chart of cells may take beside them."""
_WORDS: Final = 36
"""Pixels on the right of a chart whose bars have words: as Vega fits it into its width, the longest bar's stand out."""

_SLANTED: Final = 24
"""Likewise of a chart of cells, whose columns have slanted labels."""


def chart_data(figure: Figure) -> dict[str, Any]:
    """Return what draws a figure: `spec`, as wide as its container; `least`, pixels below which it scrolls.

    Args:
        figure: Of `pipeline.charts`.
    """
    spec = {name: part for name, part in figure.spec().items() if name not in ("config", "title", "$schema")}
    spec.pop("description", None)  # the page says it beside the chart
    least = 0
    if not any(name in spec for name in _PANELS):
        marks = _marks(spec)
        if "rect" in marks:
            least = int(spec.get("width") or 0) + _LABELS
            spec["padding"] = {"left": 2, "top": 2, "bottom": 2, "right": _SLANTED}
        elif "text" in marks:
            spec["padding"] = {"left": 2, "top": 2, "bottom": 2, "right": _WORDS}
        spec |= {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    return {"spec": spec, "least": least}


def note_of(figure: Figure) -> str:
    """Return the line that stands below a figure's title, "" for none."""
    title = figure.spec().get("title")
    lines = title.get("subtitle") or [] if isinstance(title, dict) else []
    return " ".join([lines] if isinstance(lines, str) else lines)


def looks() -> dict[str, Any]:
    """Return the looks of charts on a light and on a dark page."""
    return {name: theme(dark=name == "dark") for name in ("light", "dark")}


def _marks(spec: dict[str, Any]) -> set[str]:
    """Return the kinds of a chart's marks."""
    marks = [layer.get("mark") for layer in (spec, *spec.get("layer", ()))]
    return {mark["type"] if isinstance(mark, dict) else mark for mark in marks if mark}


def has_rows(figure: Figure) -> bool:
    """Tell whether a figure draws anything: of no rows, Vega draws an axis of infinite length."""
    return _holds_rows(figure.spec())


def _holds_rows(spec: dict[str, Any]) -> bool:
    parts = [spec, *(layer for name in ("layer", *_PANELS) for layer in spec.get(name, ()) if isinstance(layer, dict))]
    inner = spec.get("spec")
    data = [part.get("data") for part in parts]
    sets = spec.get("datasets", {}).values()
    return any(entry and entry.get("values") for entry in data) or any(sets) or bool(inner and _holds_rows(inner))
