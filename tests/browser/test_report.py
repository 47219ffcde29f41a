"""The report in a browser: nothing of a page runs, keys do all that a mouse does, numbers are Python's."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.report_page.page import page as report_page
from pipeline.review.agreement import agreement
from pipeline.review.estimate import estimate
from pipeline.review.verdicts import Verdict, read_verdicts, write_verdicts
from tests.browser.browsing import SCREENSHOTS, draw_all, harmed, opened
from tests.report_content import HOSTILE, content, review_items, verdict

pytestmark = pytest.mark.slow
CONTRAST = """
(() => {
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => [r, g, b].map((c) => linear(c / 255))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *:not(svg *):not(script):not(style)")) {
    const said = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!said || !element.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  return low;
})()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report_page(content()), encoding="utf-8")
    return file


def test_what_pages_say_is_read_and_never_run(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        assert draw_all(page) == []
        page.fill("#query", "<script>")
        assert page.text_content("#matches").startswith("1 of ")
        assert HOSTILE.split("\u2028")[0] in page.text_content("#matching .text")
        for control in ("#reason", "#language"):
            page.select_option(control, index=1)
            page.select_option(control, value="")
        assert "window.pwned" in page.text_content("#card")
        page.click("#right")
        page.click("#back")
        for summary in page.query_selector_all("summary"):
            summary.click()
        for bar in page.query_selector_all("#duplicates_biggest svg path")[:30]:
            bar.dispatch_event("mousemove")
        assert page.query_selector("main img, main svg svg, main script") is None
        assert harmed(page, report) == []


def test_a_hostile_file_of_verdicts_is_refused_in_words(browser: Any, report: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.jsonl"
    with opened(browser, report) as page:
        for written, said in (
            ("<img onerror=1>", ":1: no line of JSON"),
            (json.dumps({"run": 1}), ":1: run is not text"),
            (json.dumps(vars(verdict(1, "right")) | {"verdict": HOSTILE}), ":1: verdict is one of right, wrong, skip"),
            (json.dumps(vars(verdict(1, "right")) | {"value": "x"}), ":1: value is neither a number nor null"),
        ):
            file.write_text(written)
            page.set_input_files("#load", file)
            page.wait_for_selector(f"#review-said:has-text({json.dumps(said)})")
        assert harmed(page, report) == []


def press(page: Any, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def focused(page: Any) -> str:
    name: str = page.evaluate("document.activeElement.id || document.activeElement.tagName")
    return name


def test_all_is_done_without_a_mouse(browser: Any, report: Path, tmp_path: Path) -> None:
    with opened(browser, report) as page:
        press(page, "Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        press(page, "Enter")
        assert focused(page) == "main"
        press(page, "?")
        assert page.evaluate("document.getElementById('keys').open")
        press(page, "Enter")  # the dialog's own button has the focus
        assert not page.evaluate("document.getElementById('keys').open")
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        press(page, "l")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        press(page, "/")
        assert focused(page) == "query"
        page.keyboard.type("number7 grinds")
        assert page.text_content("#matches") == "1 of 40 documents"
        press(page, "Tab")
        assert focused(page) == "reason"
        press(page, "Tab", 2)
        assert page.evaluate("document.activeElement.className") == "text"
        press(page, "r")
        assert focused(page) == "card"
        press(page, "y")
        press(page, "n")
        press(page, "s")
        press(page, "b")
        assert page.text_content("#card").startswith("3 of 21; your verdict: skip")
        press(page, "y")
        assert "Rightly dropped among the 21 closest decisions (precision): 0.667 (2 of 3;" in page.text_content(
            "#estimate"
        )
        while focused(page) != "download":
            press(page, "Tab")
        with page.expect_download() as download:
            press(page, "Enter")
        download.value.save_as(tmp_path / "verdicts.jsonl")
        assert harmed(page, report) == []
    assert download.value.suggested_filename == "verdicts-heuristics.jsonl"
    assert read_verdicts(str(tmp_path / "verdicts.jsonl")) == [
        verdict(0, "right"),
        verdict(1, "wrong"),
        verdict(2, "right"),
    ]


def test_what_a_card_shows_is_found_and_what_is_not_there_is_explained(browser: Any, report: Path) -> None:
    with opened(browser, report, width=390, height=844) as page:
        page.fill("#query", "japanese kept")
        assert page.text_content("#matches") == "1 of 40 documents"
        page.fill("#query", "dropped by heuristics 31")
        assert page.text_content("#matches").startswith("38 of 40")
        page.fill("#query", "nothing like it")
        assert "40 of 1,090 records" in page.text_content("#beyond")
        assert page.text_content("#beyond code") == "gristmill explain runs/hostile URL"
        page.focus("#query")
        page.wait_for_function("document.getElementById('query').getBoundingClientRect().top < 100")
        page.keyboard.press("Escape")
        assert focused(page) != "query"
        link = "const link = document.querySelector('a.to[href=\"#sample\"]'); link.dataset.query = '';"
        for reason, count in (("ingest: http_status", 1), ("quality: low_score", 0)):
            page.evaluate(f"(() => {{ {link} link.dataset.reason = '{reason}'; link.click(); }})()")
            assert page.text_content("#matches").startswith(f"{count} of 40")
        assert harmed(page, report) == []


def test_on_a_phone_question_text_and_verdicts_are_in_sight(browser: Any, report: Path) -> None:
    with opened(browser, report, width=390, height=844) as page:
        press(page, "r")
        press(page, "s")
        for what in ("#card .fate >> nth=-1", "#right", "#review-said"):
            box = page.locator(what).bounding_box()
            assert box["y"] >= 0, what
            assert box["y"] + box["height"] <= 844, what
        assert "2 of 21" in page.text_content("#card")


def test_every_control_has_a_name_and_can_be_reached(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        reached = set()
        for _ in range(400):
            press(page, "Tab")
            where = page.evaluate(
                "(() => { const e = document.activeElement; if (e === document.body) return null;"
                " return [e.tagName, e.id, e.checkVisibility(), getComputedStyle(e).outlineStyle]; })()"
            )
            if where is None:
                break
            assert where[2:] == [True, "solid"] or where[1] in ("main", "card"), where
            reached.add(where[1])
        wanted = {"look", "help", "query", "reason", "language", "more", "review-stage", "reviewer", "interval",
                  "right",   "wrong", "skip", "download", "load", "second"}  # fmt: skip
        assert wanted <= reached
        for control in page.query_selector_all("button, input, select"):
            said = control.evaluate("e => (e.labels?.length ? e.labels[0].textContent : e.textContent).trim()")
            assert said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_is_read(browser: Any, report: Path, width: int, scheme: str) -> None:
    with opened(browser, report, width=width, scheme=scheme) as page:
        assert draw_all(page) == []
        page.screenshot(path=SCREENSHOTS / f"report-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        assert page.evaluate(CONTRAST) == []
        page.click("#look")
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_charts_below_are_drawn_when_they_are_about_to_be_seen(browser: Any, report: Path) -> None:
    with opened(browser, report, height=400) as page:
        last = "[data-chart=mix_hosts] svg"
        assert page.query_selector(last) is None
        page.locator("#mix_hosts").scroll_into_view_if_needed()
        page.wait_for_selector(last)


def made_up(seed: int, count: int = 100) -> list[Verdict]:
    """Return verdicts of a reviewer who would have the limit elsewhere, and errs."""
    drawn = random.Random(seed)
    reasons = [
        ("short", "heuristics.min_words", 50.0, "below", False),
        ("alike", "dedup_document.threshold", 0.8, "above", True),
    ]
    verdicts = []
    for number in range(count):
        reason, setting, limit, worse_if, at_limit = reasons[number % 2]
        value = round(limit * drawn.uniform(0.7, 1.3), drawn.randrange(4))
        goes = value < limit if worse_if == "below" else value >= limit
        should = (value < 0.9 * limit if worse_if == "below" else value > 1.07 * limit) != (drawn.random() < 0.1)
        said = "skip" if drawn.random() < 0.1 else "right" if goes == should else "wrong"
        verdicts.append(
            verdict(
                1,
                said,
                stage="made_up",
                reason=reason,
                doc_id=str(number),
                setting=setting,
                limit=limit,
                value=value,
                worse_if=worse_if,
                drops_at_limit=at_limit,
                decision="dropped" if goes else "kept",
            )
        )
    return verdicts


@pytest.mark.parametrize("method", ["exact", "wilson"])
@pytest.mark.parametrize("seed", range(4))
def test_estimates_are_python_s(browser: Any, report: Path, seed: int, method: Any) -> None:
    with opened(browser, report) as page:
        for verdicts in (made_up(seed), made_up(seed, 7), []):
            given = [vars(one) for one in verdicts]
            ours = page.evaluate("([given, method]) => gristmill.estimate(given, method)", [given, method])
            theirs = estimate(verdicts, method).as_value()
            assert nearly(ours["dropped"]) == nearly(theirs["dropped"])
            assert nearly(ours["kept"]) == nearly(theirs["kept"])
            assert nearly(ours["reasons"]) == nearly(theirs["reasons"])
            assert ours["skipped"] == theirs["skipped"]
            for mine, limit in zip(ours["limits"], theirs["limits"], strict=True):
                assert nearly(mine) == nearly({name: limit[name] for name in mine})


def test_agreement_is_python_s(browser: Any, report: Path) -> None:
    with opened(browser, report) as page:
        for seed in range(5):
            first, second = made_up(seed)[: 90 + seed], [
                verdict(1, made.verdict if (seed + int(made.doc_id)) % 4 else "right", **{
                    name: value for name, value in vars(made).items() if name != "verdict"})
                for made in made_up(seed)[3:]
            ]  # fmt: skip
            given = [[vars(one) for one in of] for of in (first, second)]
            ours = page.evaluate("([first, second]) => gristmill.agreement(first, second)", given)
            assert nearly(ours) == nearly(agreement(first, second).as_value())


def nearly(value: Any) -> Any:
    """Return a value with its numbers rounded."""
    if isinstance(value, dict):
        return {name: nearly(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [nearly(inner) for inner in value]
    return round(value, 9) if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_files_of_others_are_read_and_the_limit_is_argued_for(browser: Any, report: Path, tmp_path: Path) -> None:
    items = review_items()
    said = ["right" if (item.value or 0) < 47 or item.decision == "kept" else "wrong" for item in items]
    mine = [verdict(number, word, reviewer="Ada") for number, word in enumerate(said)]
    second = [verdict(number, "right", reviewer="Bo") for number in range(15)]
    write_verdicts(str(tmp_path / "mine.jsonl"), mine)
    write_verdicts(str(tmp_path / "second.jsonl"), second)
    with opened(browser, report) as page:
        page.set_input_files("#load", tmp_path / "mine.jsonl")
        page.wait_for_selector("#review-said:has-text('21 verdicts read from mine.jsonl')")
        assert page.input_value("#reviewer") == "Ada"
        shown = page.text_content("#estimate")
        made = estimate(mine)
        assert f"{made.dropped.low:.3f} to {made.dropped.high:.3f}" in shown
        assert "short, limit 50: the verdicts argue for 47" in shown
        assert "--set heuristics.min_words=47" in shown
        page.set_input_files("#second", tmp_path / "second.jsonl")
        page.wait_for_selector("#agreement p")
        kappa = agreement(mine, second).kappa
        assert f"Cohen's kappa: {kappa:.3f}" in page.text_content("#agreement")
        page.reload()
        assert "the verdicts argue for 47" in page.text_content("#estimate")  # the browser remembers
        assert harmed(page, report) == []
