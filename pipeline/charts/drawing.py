"""The few kinds of charts that all dashboards are made of; strings of pages go in as data, never as anything else."""

from collections.abc import Sequence
from typing import Any, Final

from pipeline.charts.parts import SHARE, WIDTH, Field, altair, data_of, tooltips
from pipeline.charts.theme import HEAT, LABEL, LIMIT, MARK_LABEL, RING
from schemas.columns import CATEGORY

_ROW: Final = 19
_PANEL_WIDTH, _PANEL_HEIGHT = 250, 110


def bars(
    rows: Sequence[dict[str, Any]],
    label: Field,
    value: Field,
    *,
    tips: Sequence[Field] = (),
    colour: Field | None = None,
    words: Field | None = None,
    width: int = WIDTH,
) -> Any:
    """Return horizontal bars in the order of the rows, each with its value beside it.

    Args:
        rows: A bar each, or a part of one where there is a colour.
        label: What stands on the left.
        value: How long the bar is.
        tips: What the pointer tells besides.
        colour: By what bars are divided; categories stand in the order of their names, all else in that of the rows.
        words: Text beside the bar, instead of the value; "" for a column of no words. Two spaces stand before what has
            no room on a phone.
        width: In pixels.
    """
    alt = altair()
    colour = colour if rows else None  # Vega draws a stack of nothing infinitely wide
    if value.format == SHARE:
        value = value._replace(format=_finer(max((abs(row[value.name]) for row in rows), default=1.0)))
    if colour is not None:  # parts of a bar stand in the order of the rows
        by_name = colour.name == CATEGORY.name
        names = dict.fromkeys(row[colour.name] for row in rows)
        order = {name: number for number, name in enumerate(sorted(names) if by_name else names)}
        rows = [{**row, "__order": order[row[colour.name]]} for row in rows]
    base = alt.Chart(data_of(rows)).encode(y=alt.Y(field=label.name, type="nominal", sort=None, title=None))
    x = alt.X(field=value.name, type="quantitative", title=value.title, axis=alt.Axis(format=value.format, tickCount=6))
    shown = base.mark_bar(cornerRadiusEnd=2).encode(x=x, tooltip=tooltips([label, value, *tips]))
    if colour is not None:
        shown = shown.encode(
            color=alt.Color(
                field=colour.name,
                type="nominal",
                title=colour.title or None,
                sort="ascending" if by_name else None,
            ),
            order=alt.Order(field="__order", type="quantitative"),
            tooltip=tooltips([label, colour, value, *tips]),
        )
    layers = [shown]
    if words is not None or colour is None:
        beside = words or value
        text = alt.Text(field=beside.name, type=beside.kind, **({"format": beside.format} if beside.format else {}))
        layers.append(base.mark_text(align="left", dx=4, style=LABEL).encode(x=x, text=text))
    count = len({row[label.name] for row in rows})
    return alt.layer(*layers).properties(width=width, height=max(_ROW * count, 2 * _ROW))


def _finer(largest: float) -> str:
    """Return the format of an axis of shares: with decimals where whole per cent would repeat.

    >>> _finer(0.4), _finer(0.02), _finer(0.002)
    ('.0%', '.1~%', '.2~%')
    """
    return SHARE if largest >= 0.06 else ".1~%" if largest >= 0.006 else ".2~%"


def heat(
    rows: Sequence[dict[str, Any]],
    across: Field,
    down: Field,
    value: Field,
    *,
    tips: Sequence[Field] = (),
    ringed: dict[str, Any] | None = None,
) -> Any:
    """Return a heat map of shares, 0 to 1, with the share in every cell that has one to tell of.

    Args:
        rows: A cell each.
        across: Columns.
        down: Rows.
        value: The share.
        tips: What the pointer tells besides.
        ringed: The row of the cell to look at, where there is one.
    """
    alt = altair()
    x_axis = alt.Axis(orient="top", labelAngle=-40, labelPadding=4)
    marked = [{**row, "__ringed": 1} if row is ringed else row for row in rows]
    base = alt.Chart(data_of(marked)).encode(
        x=alt.X(field=across.name, type="nominal", sort=None, title=None, axis=x_axis),
        y=alt.Y(field=down.name, type="nominal", sort=None, title=None),
    )
    cells = base.mark_rect(style=HEAT, cornerRadius=2).encode(
        opacity=alt.Opacity(
            field=value.name, type="quantitative", scale=alt.Scale(domain=[0, 1], range=[0, 1], clamp=True), legend=None
        ),
        tooltip=tooltips([down, across, value, *tips]),
    )
    numbers = base.mark_text(style=MARK_LABEL).encode(
        text=alt.Text(field=value.name, type="quantitative", format=value.format)
    )
    shown = numbers.transform_filter(alt.FieldGTEPredicate(field=value.name, gte=0.005))
    columns, lines = (len({row[field.name] for row in rows}) for field in (across, down))
    width = min(max(44 * columns, 120), 760)
    layers = [cells, shown]
    if ringed is not None:
        ring = base.mark_rect(style=RING, filled=False)
        layers.append(ring.transform_filter(alt.FieldEqualPredicate(field="__ringed", equal=1)))
    return alt.layer(*layers).properties(width=width, height=max(_ROW * lines, 2 * _ROW))


def columns(
    rows: Sequence[dict[str, Any]],
    bins: tuple[Field, Field],
    value: Field,
    *,
    limits: Sequence[dict[str, Any]] = (),
    colour: Field | None = None,
    panel: Field | None = None,
    tips: Sequence[Field] = (),
) -> Any:
    """Return a histogram from bins that are counted already, with limits drawn in.

    Args:
        rows: A bin each, of a colour and a panel where there are such.
        bins: Columns of the lower and of the upper edge.
        value: What was counted.
        limits: Rows with `limit`, and the panel where there are such; with `says`, words at the top of the line, with
            `edge`, where they stand, and `is_left`, on which side of it. A row without `limit` has no line.
        colour: By what bins are divided.
        panel: Small charts of their own, each with axes of its own, heights by square roots.
        tips: What the pointer tells besides.
    """
    alt = altair()
    colour = colour if rows else None  # Vega draws a stack of nothing infinitely high
    low, high = bins
    width, tall = (WIDTH, 190) if panel is None else (_PANEL_WIDTH, _PANEL_HEIGHT)
    marked = [{**row, "limit": None} for row in rows] + [
        {**{field.name: None for field in bins}, **row} for row in limits
    ]
    if panel is not None:  # panels stand in the order of the rows
        order = {name: number for number, name in enumerate(dict.fromkeys(row[panel.name] for row in rows))}
        marked = [{**row, "__panel": order[row[panel.name]]} for row in marked]
    height = alt.Scale(type="linear" if panel is None else "sqrt")
    base = alt.Chart()
    shown = base.mark_bar().encode(
        x=alt.X(
            field=low.name,
            type="quantitative",
            bin="binned",
            title=low.title or None,
            axis=alt.Axis(format=low.format, tickCount=5, labelOverlap=True),
        ),
        x2=alt.X2(field=high.name),
        y=alt.Y(
            field=value.name,
            type="quantitative",
            title=value.title,
            scale=height,
            axis=alt.Axis(format=",d", tickCount=4),
        ),
        tooltip=tooltips([*((panel,) if panel else ()), *((colour,) if colour else ()), *bins, value, *tips]),
    )
    if colour is not None:
        shown = shown.encode(color=alt.Color(field=colour.name, type="nominal", title=colour.title or None, sort=None))
    line = base.mark_rule(style=LIMIT).encode(
        x=alt.X(field="limit", type="quantitative"), tooltip=tooltips([Field("limit", "limit", ",.4~g")])
    )
    layers = [shown.transform_filter(alt.FieldValidPredicate(field=low.name, valid=True))]
    if limits:
        layers.append(line.transform_filter(alt.FieldValidPredicate(field="limit", valid=True)))
    for is_left in sorted({row["is_left"] for row in limits if "says" in row}):
        words = base.mark_text(style=LABEL, align="right" if is_left else "left", dx=-4 if is_left else 4, dy=-7)
        words = words.encode(
            x=alt.X(field="edge", type="quantitative"), y=alt.value(0), text=alt.Text(field="says", type="nominal")
        )
        layers.append(words.transform_filter(alt.FieldEqualPredicate(field="is_left", equal=is_left)))
    together = alt.layer(*layers, data=data_of(marked)).properties(width=width, height=tall)
    if panel is None:
        return together
    return together.facet(
        facet=alt.Facet(
            field=panel.name, type="nominal", title=None, sort=alt.EncodingSortField(field="__panel", op="min")
        ),
        columns=2,
    ).resolve_scale(x="independent", y="independent")


def pairs(rows: list[dict[str, Any]], label: str, value: Field) -> Any:
    """Return two bars for each row, before and after.

    Args:
        rows: With `before` and `after`, null where there is none.
        label: Column that names a row.
        value: What the bars are of.
    """
    alt = altair()
    long = [
        {
            "label": row[label],
            "run": side,
            value.name: row[side],
            "difference": (row["after"] or 0) - (row["before"] or 0),
        }
        for row in rows
        for side in ("before", "after")
    ]
    base = alt.Chart(data_of(long)).encode(
        y=alt.Y(field="label", type="nominal", sort=None, title=None),
        yOffset=alt.YOffset(field="run", type="nominal", sort=["before", "after"]),
    )
    x = alt.X(field=value.name, type="quantitative", title=value.title, axis=alt.Axis(format=value.format, tickCount=6))
    difference = Field("difference", "difference", "+.1%" if value.format == SHARE else "+,d")
    bar = base.mark_bar(cornerRadiusEnd=2).encode(
        x=x, tooltip=tooltips([Field("label", label), Field("run", "run"), value, difference])
    )
    if rows:  # Vega draws a stack of nothing infinitely wide
        bar = bar.encode(color=alt.Color(field="run", type="nominal", title=None, sort=None))
    words = base.mark_text(align="left", dx=3, style="label").encode(
        x=x, text=alt.Text(field=value.name, type="quantitative", format=value.format)
    )
    return alt.layer(bar, words).properties(width=WIDTH - 130, height=max(30 * len(rows), 60))
