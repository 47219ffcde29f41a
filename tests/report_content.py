"""A made-up page's content, in which every string that comes from pages is hostile: no Spark is needed for it."""

from typing import Any

import pyarrow as pa

from pipeline.charts import duplicates, funnel, mix
from pipeline.charts.figures import Section
from pipeline.report_page.facts import Facts
from pipeline.report_page.findings import findings
from pipeline.report_page.page import Content
from pipeline.report_page.reviewing import item_value
from pipeline.review.items import ReviewItem
from pipeline.review.verdicts import Verdict

HOSTILE = (
    "\"}]}</script><script>window.pwned = 1; fetch('https://evil.example/')</script>"
    "<img src=x onerror='window.pwned = 2'><!-- <svg onload=window.pwned=3> {{pwned}} ${window.pwned=4}\u2028&lt;b&gt;"
)
"""What must be read and never run, wherever it stands."""
RUN = "f" * 16


def losses_table(by: str) -> pa.Table:
    groups = ((HOSTILE, 90, 90, 1.0, 0.0), ("en", 500, 0, 0.0, 0.15))
    rows = [
        {by: name, "stage": stage, "rows_in": count, "dropped": gone, "share": share, "share_of_others": others}
        for stage in ("heuristics", HOSTILE)
        for name, count, gone, share, others in groups
    ]
    return pa.Table.from_pylist(rows)


def groups_table() -> pa.Table:
    row = {"source_url": f"https://a.example/{HOSTILE}", "doc_id": "0", "language": HOSTILE, "stage": HOSTILE}
    counts = {"older captures": 0, "exact copies": 20, "near duplicates": 480, "copies": 500, "hosts": 3}
    return pa.Table.from_pylist([row | counts])


def hosts_table() -> pa.Table:
    rows = [
        {"host": HOSTILE, "documents": 230, "rows": 400, "tokens": 3000, "share": 0.3},
        {"host": "b.example", "documents": 700, "rows": 700, "tokens": 7000, "share": 0.7},
    ]
    return pa.Table.from_pylist(rows).replace_schema_metadata({"of_all": "2"})


def sections() -> list[Section]:
    losses = [funnel.losses_figure(losses_table(by), by) for by in ("language", "category")]
    copies = duplicates.biggest_figure(groups_table())
    hosts = mix.hosts_figure(hosts_table())
    return [
        Section("funnel", "Funnel", losses, HOSTILE),
        Section("duplicates", "Duplicates", [copies], "Copies."),
        Section("signals", "Signals", [], f"The run has no {HOSTILE}."),
        Section("mix", "Mix", [hosts], "Shares."),
    ]


def facts() -> Facts:
    outcomes: list[dict[str, Any]] = [
        {
            "stage": "heuristics",
            "reason": HOSTILE,
            "language": HOSTILE,
            "category": HOSTILE,
            "records": 90,
            "tokens": 0,
        },
        {"stage": "kept", "reason": None, "language": "en", "category": "general", "records": 500, "tokens": 10_000},
    ]
    steps = [
        {"stage": "dedup_document", "rows_in": 1090, "kept": 590, "dropped": 500},
        {"stage": "heuristics", "rows_in": 590, "kept": 500, "dropped": 90},
    ]
    host_outcomes = [{**row, "host": HOSTILE if row["reason"] else None} for row in outcomes]
    return Facts(
        run="runs/hostile", steps=steps, outcomes=outcomes, host_outcomes=host_outcomes,
        groups=groups_table().to_pylist(), hosts=hosts_table().to_pylist(), damaged=[(f"/in/{HOSTILE}", HOSTILE)],
        limits={("heuristics", HOSTILE, HOSTILE): (50.0, 50.0)}, files=1,
    )  # fmt: skip


def document(number: int, **given: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "stage": "heuristics", "reason": "gopher.too_few_words", "value": 31.0, "limit": 50.0, "survivor_url": None,
        "doc_id": f"{number:032}", "source_url": f"https://mill{number}.example/", "language": "en",
        "category": "general", "title": f"Mill {number}", "text": f"The mill of number{number} grinds.",
    }  # fmt: skip
    return plain | given


def sample() -> list[dict[str, Any]]:
    hostile = dict.fromkeys(("source_url", "title", "text", "reason", "language", "category", "survivor_url"), HOSTILE)
    kept: dict[str, Any] = {"stage": "kept", "reason": None, "value": None, "limit": None}
    return [
        document(0, **hostile),
        document(1, **kept, language="ja", text="水車はよく回る"),
        document(2, stage="ingest", reason="http_status", title=None, text=None, language=None, category=None),
        *(document(number) for number in range(3, 40)),
    ]


def review_items() -> list[ReviewItem]:
    """Return twenty decisions by one limit: of values up to 49 dropped, of others kept; the first is a hostile pair."""
    items = [
        ReviewItem(
            f"heuristics/short/{number}", f"{number:032}", "heuristics", "short",
            "dropped" if value < 50 else "kept", float(value), 50.0, "below", False,
            "heuristics.min_words", f"https://r{number}.example/", title=f"Page {number}", text=f"Text {number}.",
        )
        for number, value in enumerate(range(40, 60))
    ]  # fmt: skip
    pair = ReviewItem(
        "heuristics/x/99", "9" * 32, "heuristics", "short", "dropped", 45.0, 50.0, "below", False,
        "heuristics.min_words", HOSTILE, title=HOSTILE, text=HOSTILE, other_url=HOSTILE, other_text=HOSTILE,
        similarity=0.9,
        differences=(("same", HOSTILE), ("removed", HOSTILE), ("added", "other"), ("left_out", HOSTILE)),
    )  # fmt: skip
    return [pair, *items]


def content() -> Content:
    reviewed = [
        {"stage": "heuristics", "run": RUN, "sample": "the 21 closest decisions", "notes": [HOSTILE],
         "items": [item_value(item) for item in review_items()]},
    ]  # fmt: skip
    made = facts()
    return Content(HOSTILE, made, findings(made), sections(), sample(), reviewed)


def verdict(number: int, said: str, **given: Any) -> Verdict:
    item = review_items()[number]
    plain: dict[str, Any] = {
        "run": RUN, "stage": item.stage, "reason": item.reason, "doc_id": item.doc_id, "value": item.value,
        "limit": item.limit, "decision": item.decision, "verdict": said, "reviewer": "", "setting": item.setting,
        "worse_if": item.worse_if, "drops_at_limit": item.drops_at_limit,
    }  # fmt: skip
    return Verdict(**(plain | given))
