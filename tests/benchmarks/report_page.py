"""How large a run's report is, and how soon it is open: `python -m tests.benchmarks.report_page RUN [--times 5]`.

In headless chromium, 1280 × 900, from the start of the navigation, each time in a browser of its own; the median. A
chart of the first screen is one of which something is seen without scrolling.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from pipeline.report_page.report import Request, write_page
from tests.browser.browsing import chromium, lacking

_DRAWN = "performance.getEntriesByName('chart drawn').map((mark) => [mark.detail, mark.startTime])"
_FIRST = (
    "[...document.querySelectorAll('[data-chart]')]"
    ".filter((chart) => chart.getBoundingClientRect().top < innerHeight).map((chart) => chart.dataset.chart)"
)
_ALL = "document.querySelectorAll('[data-chart]').length"
_LOAD = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def drawn(page: Any, names: set[str], least: int = 0) -> dict[str, float]:
    """Wait until some charts are drawn, and return chart → milliseconds since the navigation began."""
    for _ in range(600):
        marks = dict(page.evaluate(_DRAWN))
        if names <= set(marks) and len(marks) >= least:
            return marks
        time.sleep(0.02)
    raise SystemExit(f"not drawn within 12 s: {', '.join(sorted(names - set(marks))) or least - len(marks)}")


def opening(file: Path) -> dict[str, float]:
    """Return milliseconds to the load event, to the first chart, to those of the first screen, and to all."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.as_uri())
        first = set(page.evaluate(_FIRST))
        marks = drawn(page, first, 1)
        load = page.evaluate(_LOAD)
        began = page.evaluate("performance.now()")
        page.evaluate("gristmill.drawAll()")
        every = drawn(page, first, page.evaluate(_ALL))
        return {
            "load event": load,
            "first chart": min(marks.values()),
            "first screen": max([load, *(marks[name] for name in first)]),
            "all charts, once asked for": max(every.values()) - began,
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.report_page", description=__doc__)
    parser.add_argument("run", help="a run directory")
    parser.add_argument("--times", type=int, default=5, metavar="N", help="how often to open it; default 5")
    asked = parser.parse_args()
    if reason := lacking():
        raise SystemExit(reason)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "report.html"
        began = time.monotonic()
        written = write_page(Request(asked.run, str(file)), lambda _: None)
        print(f"made in {time.monotonic() - began:.1f} s: {written:,} bytes")
        opened = [opening(file) for _ in range(asked.times)]
    print("| | median, s | slowest, s |\n|---|---:|---:|")
    for name in opened[0]:
        seconds = [one[name] / 1000 for one in opened]
        print(f"| {name} | {statistics.median(seconds):.2f} | {max(seconds):.2f} |")


if __name__ == "__main__":
    main()
