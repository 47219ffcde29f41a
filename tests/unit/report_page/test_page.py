"""The page as text: one file, what it runs is ours and hashed, and what pages said is data."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from pipeline.report_page import scripts
from pipeline.report_page.escaping import escaped, json_text
from pipeline.report_page.page import page, summary
from pipeline.report_page.tables import table_html
from tests.report_content import HOSTILE, content

VOID = {"meta", "input", "link", "br", "img"}


class Elements(HTMLParser):
    """All elements of a page, as a parser that is not a browser's sees them."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self.open: list[str] = []
        self.inside = False
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = True
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.inside = False

    def handle_data(self, data: str) -> None:
        at = len(self.elements) - 1
        if self.inside:
            self.texts[at] = self.texts.get(at, "") + data

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(given, self.texts.get(at, "")) for at, (name, given) in enumerate(self.elements) if name == tag]


@pytest.fixture(scope="module")
def written() -> str:
    return page(content())


@pytest.fixture(scope="module")
def elements(written: str) -> Elements:
    return Elements(written)


def test_what_runs_is_what_the_policy_names(elements: Elements) -> None:
    (policy,) = [given["content"] or "" for given, _ in elements.of("meta") if "http-equiv" in given]
    run = [text for given, text in elements.of("script") if "type" not in given]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in run]
    assert re.search(r"script-src ([^;]*);", policy)[1].split() == hashes  # type: ignore[index]
    assert len(run) == 2
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")


def test_the_policy_comes_before_all_that_it_is_about(elements: Elements) -> None:
    names = [name for name, _ in elements.elements]
    assert names[:4] == ["html", "head", "meta", "meta"]
    assert "http-equiv" in elements.elements[3][1]


def test_nothing_is_loaded_and_no_element_is_a_page_s(elements: Elements) -> None:
    for name, given in elements.elements:
        assert name not in ("img", "link", "iframe", "object", "base", "svg")
        assert not any(key.startswith("on") or key in ("src", "action", "style") for key in given)
        assert (given.get("href") or "#").startswith("#")
    assert not elements.open


def test_data_is_json_and_holds_the_strings_as_they_are(elements: Elements) -> None:
    data = {given["id"]: json.loads(text) for given, text in elements.of("script") if given.get("type")}
    assert set(data) == {"looks", "charts", "about", "documents", "decisions"}
    assert data["documents"][0]["text"] == HOSTILE
    assert data["decisions"][0]["items"][0]["title"] == HOSTILE
    assert set(data["charts"]) == {
        "funnel_losses_by_language",
        "funnel_losses_by_category",
        "duplicates_biggest",
        "mix_hosts",
    }
    assert all("config" not in chart["spec"] for chart in data["charts"].values())


def test_every_chart_has_a_title_a_sentence_and_its_numbers(elements: Elements) -> None:
    charts = [given for given, _ in elements.of("div") if "data-chart" in given]
    assert len(charts) == 4
    assert all(given["role"] == "img" and given["aria-label"] for given in charts)
    assert len(elements.of("h3")) == 4 + 1
    assert len(elements.of("table")) == 4


def test_links_lead_somewhere_and_ids_are_unique(elements: Elements) -> None:
    ids = [given["id"] for _, given in elements.elements if "id" in given]
    assert len(ids) == len(set(ids))
    assert {(given["href"] or "")[1:] for given, _ in elements.of("a")} <= set(ids)


def test_the_page_says_the_licence_of_what_it_carries(written: str) -> None:
    assert "BSD 3-Clause" in written
    assert "University of Washington Interactive Data Lab" in written


def test_our_scripts_make_no_markup_of_strings() -> None:
    ours = scripts.our_script()
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch("):
        assert word not in ours


def test_a_page_without_findings_charts_and_decisions_says_so() -> None:
    from pipeline.report_page.facts import Facts
    from pipeline.report_page.page import Content

    written = page(Content("empty", Facts(), [], []))
    assert "Nothing does:" in written
    assert not Elements(written).open


def test_a_figure_of_no_rows_is_named_in_a_line_and_not_drawn() -> None:
    from pipeline.charts import duplicates
    from pipeline.charts.figures import Section
    from tests.report_content import groups_table

    empty = duplicates.biggest_figure(groups_table().slice(0, 0))
    written = page(replace(content(), findings=[], sections=[Section("copies", "Copies", [empty], "None.")]))
    assert "<figure" not in written
    assert "Not drawn, for want of anything to show: No page was kept in the place of copies." in written


def test_a_finding_has_its_level_its_commands_and_its_links_in_words(elements: Elements) -> None:
    levels = [text for given, text in elements.of("strong") if given.get("class") == "level"]
    assert levels[0] == "Probably wrong with the release"
    assert "Look upstream: the filter did its job" in levels
    assert any(text.startswith("gristmill explain runs/hostile ") for _, text in elements.of("code"))
    link = next(given for given, text in elements.of("a") if text == "Judge decisions of heuristics")
    assert (link["href"], link["data-stage"]) == ("#review", "heuristics")


def test_tokens_of_the_headline_say_what_they_are_of() -> None:
    assert (
        summary(content().facts)
        == "1,090 records → 500 documents; 10,000 tokens in the training split, repeats counted"
    )


def test_json_ends_no_element_and_knows_no_infinity() -> None:
    value = {"text": HOSTILE, "list": (1.5, float("inf"), {"nan": float("nan")}), "half": "\ud800"}
    said = json_text(value)
    assert not set("<>&\u2028") & set(said)
    assert json.loads(said) == {"text": HOSTILE, "list": [1.5, None, {"nan": None}], "half": "\ud800"}


def test_html_is_escaped_in_elements_and_attributes() -> None:
    assert not set("<>\"'") & set(escaped(HOSTILE))


def test_a_long_table_says_how_much_is_left_out() -> None:
    table = pa.table({"n": list(range(60)), "text": [HOSTILE] * 60})
    said = "".join(table_html(table, HOSTILE))
    assert "10 more rows" in said
    assert "<script" not in said
    assert "no rows" in "".join(table_html(table.slice(0, 0), ""))
