"""Figures and sections of them: what a report and the notebooks show.

A figure is a chart with the small table that it draws, a title that says what is seen, and a sentence for those who do
not see it. A section without figures has a sentence that says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyarrow as pa

from pipeline.charts.theme import theme

_MIMETYPES: Final = ("application/vnd.vegalite.v6+json", "application/vnd.vegalite.v5+json")
"""What front ends show without a network: that of Altair's Vega-Lite, and that of JupyterLab 4."""
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/{}.json"


@dataclass(frozen=True)
class Figure:
    """A chart and all that a page needs to show it.

    Attributes:
        name: Of letters and underscores, unique within a run's figures: an element's id.
        title: What is seen, as a sentence; text, and not markup.
        description: What the chart shows, with its main figures, for those who do not see it.
        chart: Altair's chart; it holds its data, and nothing of a page but data.
        table: What is drawn.
    """

    name: str
    title: str
    description: str
    chart: Any
    table: pa.Table

    def spec(self, *, dark: bool = False, width: int | str | None = None) -> dict[str, Any]:
        """Return the chart as a Vega-Lite specification, with its look.

        Strings in it come from pages: who writes it into HTML escapes `<`, as in any JSON in a `<script>`.

        Args:
            dark: Whether the page is dark.
            width: In pixels, or "container"; None leaves it. Charts of several panels keep their own.
        """
        spec = dict(self._spec)
        has_panels = any(name in spec for name in ("facet", "hconcat", "vconcat", "concat", "repeat"))
        if width is not None and not has_panels and isinstance(spec.get("width"), int | str):
            spec["width"] = width
        return {**spec, "config": theme(dark=dark), "description": self.description}

    @cached_property
    def _spec(self) -> dict[str, Any]:
        """The chart without a look; not checked by Vega-Lite's schema, which takes long: tests check it."""
        spec: dict[str, Any] = self.chart.to_dict(validate=False)
        return spec

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:  # noqa: ARG002  (IPython's)
        """Return what a notebook's front end shows: data for its own Vega, else the sentences."""
        shown: dict[str, Any] = {"text/plain": f"{self.title}\n{self.description}"}
        spec = self.spec()
        for mimetype in _MIMETYPES:
            version = mimetype.split(".")[2].removesuffix("+json")
            shown[mimetype] = {**spec, "$schema": _SCHEMA.format(version)}
        return shown


@dataclass(frozen=True)
class Section:
    """What there is to see of one side of a run.

    Attributes:
        name: Of letters and underscores: an element's id.
        title: Of a few words.
        figures: The charts; none where the run lacks the stages that they are about.
        sentence: What the section is about, or why there is nothing to see.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    sentence: str
