"""Pages in Debian's chromium, without a head; what needs it asks `lacking` first."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
"""Where tests leave pictures of pages, for people to look at."""


def lacking() -> str:
    """Return what the machine lacks for a browser; "" for nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "a browser is driven by playwright: pip install playwright"
    if CHROMIUM is None:
        return "there is no chromium: apt-get install chromium, or CHROMIUM=/where/it/is"
    return ""


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser for the time of a block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, file: Path, width: int = 1280, height: int = 900, scheme: str = "light") -> Iterator[Any]:
    """Open a file; at the end nothing must have been asked for but it, and nothing must have failed.

    `page.heard` has the errors, `page.asked` the addresses.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.heard, page.asked = [], []
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.on("console", lambda said: page.heard.append(said.text) if said.type == "error" else None)
    page.on("dialog", lambda dialog: (page.heard.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()


def draw_all(page: Any) -> list[str]:
    """Draw all charts, and return the names of those that could not be."""
    page.evaluate("gristmill.drawAll()")
    failed: list[str] = page.evaluate(
        "[...document.querySelectorAll('[data-chart]')]"
        ".filter((chart) => !chart.querySelector('svg')).map((chart) => chart.dataset.chart)"
    )
    return failed


def harmed(page: Any, file: Path) -> list[str]:
    """Return what went wrong on a page: scripts of pages that ran, requests, errors."""
    pwned = page.evaluate("window.pwned")
    asked = [url for url in page.asked if url != file.as_uri() and not url.startswith("blob:")]
    return [*([f"pwned: {pwned}"] if pwned is not None else []), *asked, *page.heard]
