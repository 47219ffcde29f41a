"""One look for all charts, light and dark: a configuration of Vega-Lite, and nothing in the charts themselves.

The colours are Okabe and Ito's, which people with any kind of colour vision tell apart, some of them lighter on dark
ground and darker on light ground.
"""

from typing import Any, Final

FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', 'DejaVu Sans', sans-serif"
_INK: Final = {
    "light": ("#1b1f24", "#57606a", "#dfe3e8", "#ffffff"),
    "dark": ("#e8eaed", "#a9b0b8", "#363b42", "#16191d"),
}
_COLOURS: Final = {
    "light": ("#0072b2", "#d55e00", "#009e73", "#b3649a", "#c98a00", "#56b4e9", "#7a6a00", "#6b7280"),
    "dark": ("#56b4e9", "#ff8a3d", "#2cc99b", "#e39bc8", "#f0b82e", "#9ad4f5", "#f0e442", "#9aa3ad"),
}
_HEAT: Final = {"light": "#e8792b", "dark": "#b8500f"}
"""Of heat maps: the words on the fullest cell are read on both."""
LIMIT, LABEL, HEAT, RING, MARK_LABEL = "limit", "label", "heat", "ring", "mark_label"
"""Styles of marks: limits of rules, words beside bars, cells of a heat map, the one to look at, words on cells."""


def theme(*, dark: bool = False) -> dict[str, Any]:
    """Return the look of all charts: the `config` of a Vega-Lite specification.

    Args:
        dark: Whether the page is dark.

    >>> theme()["background"], theme(dark=True)["background"]
    ('#ffffff', '#16191d')
    """
    mode = "dark" if dark else "light"
    ink, soft, line, ground = _INK[mode]
    colours, heat = list(_COLOURS[mode]), _HEAT[mode]
    words = {
        "labelColor": soft,
        "titleColor": soft,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }
    return {
        "background": ground,
        "font": FONT,
        "padding": 8,
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": ink,
            "fontSize": 14,
            "fontWeight": 600,
            "offset": 12,
            "subtitleColor": soft,
            "subtitleFontSize": 11.5,
            "subtitlePadding": 5,
            "lineHeight": 18,
        },
        "axis": {
            **words,
            "gridColor": line,
            "domainColor": line,
            "tickColor": line,
            "labelLimit": 300,
            "titlePadding": 8,
        },
        "header": {**words, "labelFontSize": 12, "labelColor": ink, "labelLimit": 320, "labelAnchor": "start"},
        "legend": {**words, "labelLimit": 300, "symbolType": "square", "orient": "top", "direction": "horizontal"},
        "view": {"stroke": None, "continuousWidth": 560, "discreteWidth": 560},
        "range": {"category": colours},
        "rect": {"color": colours[0]},
        "bar": {"color": colours[0]},
        "style": {
            LIMIT: {"color": colours[1], "stroke": colours[1], "strokeWidth": 2, "strokeDash": [5, 3]},
            RING: {"color": ink, "stroke": ink, "strokeWidth": 2.5},
            LABEL: {"color": soft, "fill": soft, "fontSize": 11},
            HEAT: {"color": heat, "fill": heat},
            MARK_LABEL: {"color": ink, "fill": ink, "fontSize": 10.5},
        },
    }
