"""What notebooks show of hostile pages, in a browser: no planted script runs, even without a policy that forbids it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.browsing import harmed, opened
from tests.e2e.hostile_crawl import HOSTILE, curated_hostile
from tests.e2e.test_notebooks import NOTEBOOKS, executed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def run(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return curated_hostile(tmp_path_factory.mktemp("hostile"))[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_no_planted_script_runs(
    browser: Any, run: Path, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = executed(path, monkeypatch, run, run, HOSTILE.format(0))
    markup = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><meta charset=utf-8>{'<hr>'.join(markup)}", encoding="utf-8")
    with opened(browser, file) as page:
        page.wait_for_timeout(300)
        asked = [address for address in harmed(page, file) if not address.startswith("about:srcdoc")]
        assert asked == []
        assert page.query_selector("body script") is None
