"""Each recipe on the sample crawl, and what of its funnel is compared: rows kept by stage, and reasons of drops."""

from pathlib import Path
from typing import Any

import yaml

from pipeline import curate
from tests.recipes.stand_ins import settings_for

EXPECTED = Path(__file__).with_name("expected.yaml")
Funnel = dict[str, dict[str, Any]]


def funnel_of(recipe: str, crawl: Path, folder: Path) -> Funnel:
    """Run a recipe with stand-ins; return stage → rows kept, and how many were dropped for what.

    Args:
        recipe: Its name.
        crawl: The folder of the sample.
        folder: Where stand-ins and run are written.
    """
    settings = settings_for(recipe, folder / "stand_ins")
    run = curate(str(crawl / "*"), str(folder / "run"), recipe=recipe, settings=settings, quiet=True)
    funnel = {
        row["stage"]: {"kept": row["kept"], "dropped": {reason["reason"]: reason["rows"] for reason in row["reasons"]}}
        for row in run.funnel().to_pylist()
    }
    released = run.release().count_rows()
    return funnel | {"release": {"kept": released, "dropped": {}}}


def expected() -> dict[str, Funnel]:
    """Return recipe → the funnel that is expected of it."""
    funnels: dict[str, Funnel] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    return funnels


def as_yaml(funnels: dict[str, Funnel]) -> str:
    """Return funnels as the file that `expected` reads: a line a stage."""
    lines = ["# Made by `python -m tests.recipes --write`: the sample crawl, stand-ins for models that cannot be had."]
    for recipe, funnel in sorted(funnels.items()):
        lines.append(f"{recipe}:")
        for stage, step in funnel.items():
            reasons = ", ".join(f'"{reason}": {rows}' for reason, rows in sorted(step["dropped"].items()))
            lines.append(f"  {stage}: {{kept: {step['kept']}, dropped: {{{reasons}}}}}")
    return "\n".join(lines) + "\n"
