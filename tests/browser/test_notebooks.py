"""What notebooks show of hostile pages, in a browser: no planted script runs, even without a policy that forbids it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.report_page.scripts import vega_script
from tests.browser.browsing import harmed, opened
from tests.e2e.hostile_crawl import EVERYWHERE, HOST, HOSTILE, curated_hostile, curated_hosts
from tests.e2e.test_notebooks import NOTEBOOKS, executed, said

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long
VEGA = "application/vnd.vegalite."
DRAW = """
async (specs) => {
  for (const spec of specs) {
    const holder = document.body.appendChild(document.createElement("div"));
    holder.className = "chart";
    await vegaEmbed(holder, spec, { renderer: "svg" });
  }
}
"""
"""What a viewer of notebooks does: Vega with its own tooltips and menus, each chart in an element of its own."""
POINT = """
() => {
  for (const mark of document.querySelectorAll(".chart svg .mark-rect path, .chart svg .mark-symbol path")) {
    const box = mark.getBoundingClientRect();
    const at = { bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
    for (const type of ["pointerover", "mouseover", "pointermove", "mousemove"]) {
      mark.dispatchEvent(new (type.startsWith("pointer") ? PointerEvent : MouseEvent)(type, at));
    }
  }
  return document.getElementById("vg-tooltip-element")?.textContent ?? "";
}
"""
"""Points at every mark, and returns what the last tooltip says."""
DRAWN = {"1_funnel": HOST, "3_duplicates": HOST, "5_classifiers": EVERYWHERE, "6_mix": HOST, "7_two_runs": EVERYWHERE}
"""What charts of the table's run show of hosts, categories and languages; it has no pages and no signals."""


@pytest.fixture(scope="module")
def run(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return curated_hostile(tmp_path_factory.mktemp("hostile"))[0]


@pytest.fixture(scope="module")
def run_of_hosts(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return curated_hosts(tmp_path_factory.mktemp("hosts"))


def charts_of(outputs: list[Any]) -> list[Any]:
    """Return the charts of a notebook, each once."""
    bundles = [output.get("data", {}) for output in outputs]
    return [next(data[kind] for kind in data if kind.startswith(VEGA)) for data in bundles if VEGA in "".join(data)]


def check(browser: Any, outputs: list[Any], file: Path, shown: str) -> None:
    """Open a notebook's outputs on a phone and a desk, draw its charts, and point at all there is in them."""
    markup, charts = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs], charts_of(outputs)
    assert charts or not shown
    head = f"<!DOCTYPE html><meta charset=utf-8><head><script>{vega_script()}</script></head>"
    file.write_text(f"{head}<body>{'<hr>'.join(markup)}</body>", encoding="utf-8")
    for width in (390, 1280):
        with opened(browser, file, width=width) as page:
            page.evaluate(DRAW, charts)
            assert len(page.query_selector_all(".chart svg.marks")) == len(charts)
            told = page.evaluate(POINT)
            assert told or not charts
            page.wait_for_timeout(300)
            drawn = " ".join(text.text_content() for text in page.query_selector_all(".chart svg text"))
            assert shown[:12] in drawn  # a long label ends in an ellipsis
            asked = [address for address in harmed(page, file) if not address.startswith("about:srcdoc")]
            assert asked == []
            assert page.query_selector("body script, .chart svg img, #vg-tooltip-element img") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_no_planted_script_runs(
    browser: Any, run: Path, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(browser, executed(path, monkeypatch, run, run, HOSTILE.format(0)), tmp_path / "notebook.html", "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_no_script_of_a_host_a_language_or_a_category_runs(
    browser: Any, run_of_hosts: Path, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = executed(path, monkeypatch, run_of_hosts, run_of_hosts)
    shown = DRAWN.get(path.stem, "")
    assert not shown or shown in " ".join(said(outputs))
    check(browser, outputs, tmp_path / "notebook.html", shown)
