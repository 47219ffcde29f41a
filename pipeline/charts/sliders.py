"""Sliders for limits of `heuristics` in a notebook: moved, they decide all documents again from the stored signals."""

from typing import Any

from pipeline.charts.html_tables import table_html
from pipeline.charts.signals import flips_figure
from pipeline.errors import ConfigError
from pipeline.runs.run import Run
from pipeline.summaries.limits import Flips, flips, slider_limits
from pipeline.summaries.signals import STAGE


def show_flips(run: str, limits: dict[str, Any]) -> Flips:
    """Show what other limits would do: documents that pass by language, reasons, and documents that change side.

    Args:
        run: The run directory.
        limits: Parameter of `heuristics` → its new value.

    Raises:
        ManifestError: The run has no committed `heuristics`.
        ConfigError: A parameter is no limit, or out of its range.
    """
    from IPython.display import display

    answer = flips(run, limits)
    shown = (flips_figure(answer), table_html(answer.reasons, 15), table_html(answer.documents))
    display(*shown)  # type: ignore[no-untyped-call]  # it has no types
    return answer


def limit_sliders(run: str, most: int = 6) -> None:
    """Show a slider for each of the limits that dropped most, and below what they would do.

    Without `heuristics` in the run, or without ipywidgets, there is a sentence instead.

    Args:
        run: The run directory.
        most: Sliders.
    """
    if STAGE not in Run(run).stages:
        print("The run has no stage heuristics: there are no limits to move.")  # noqa: T201  (it is what a cell shows)
        return
    try:
        limits = slider_limits(run, most)
    except ConfigError as error:
        print(f"Limits cannot be moved: {error}")  # noqa: T201
        return
    if not limits:
        print("No limit has dropped a document.")  # noqa: T201
        return
    try:
        import ipywidgets as widgets
    except ImportError:
        print("Sliders need ipywidgets: pip install 'gristmill[notebooks]'. The limits as they are:")  # noqa: T201
        show_flips(run, {name: limit for name, (limit, _, _) in limits.items()})
        return
    sliders = {name: _slider(widgets, name, *bounds) for name, bounds in limits.items()}

    def decide(**asked: float) -> None:
        show_flips(run, asked)

    widgets.interact(decide, **sliders)


def _slider(widgets: Any, name: str, limit: float, low: float, high: float) -> Any:
    kind = widgets.IntSlider if isinstance(limit, int) else widgets.FloatSlider
    step = 1 if isinstance(limit, int) else (high - low) / 100
    look = {"description_width": "16em"}
    return kind(
        value=limit,
        min=low,
        max=high,
        step=step,
        description=name,
        continuous_update=False,
        style=look,
        layout=widgets.Layout(width="36em"),
    )
