"""Titles say what is wrong with a run, and nothing that a page wrote is more than data."""

import json
import re
from typing import Any

import pyarrow as pa
import pytest
import vl_convert

from pipeline.charts import classifiers, distributions, drawing, duplicates, funnel, mix, parts
from pipeline.charts.figures import Figure
from pipeline.charts.html_tables import table_html
from pipeline.charts.theme import theme
from pipeline.errors import ConfigError
from pipeline.summaries.distributions import Distributions

HOSTILE = '"}]}</script><script>alert(1)</script>\x1b[31m'


def shares(**dropped: tuple[int, int]) -> pa.Table:
    """Return what `shares_kept` returns of languages of which (handed in, dropped) are given."""
    all_in, all_gone = (sum(pair[n] for pair in dropped.values()) for n in (0, 1))
    rows = [
        {"language": name, "stage": "heuristics", "rows_in": count, "dropped": gone, "share": gone / count,
         "share_of_others": (all_gone - gone) / (all_in - count)}
        for name, (count, gone) in dropped.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def test_a_rule_that_drops_all_japanese_pages_is_called_out() -> None:
    title = funnel.losses_figure(shares(en=(2000, 220), de=(300, 30), ja=(9, 9), zh=(70, 6))).title
    assert title == "heuristics dropped 100 % of language ja: 9 of 9 documents; of all others 11 %"


def test_equal_losses_and_single_documents_are_not_called_out() -> None:
    assert funnel.losses_figure(shares(en=(2000, 200), de=(300, 30), ja=(1, 1))).title.startswith(
        "Copies and the mix's budget aside, no stage"
    )


def test_a_group_of_five_hundred_pages_is_called_out() -> None:
    group = {"source_url": "https://spam.example/a", "doc_id": "0", "language": "en", "stage": "kept",
             "older captures": 0, "exact copies": 20, "near duplicates": 479, "copies": 499, "hosts": 1}  # fmt: skip
    title = duplicates.biggest_figure(pa.Table.from_pylist([group])).title
    assert title == "The biggest group is 500 pages: 499 were dropped for https://spam.example/a, from 1 host"
    title = duplicates.biggest_figure(pa.Table.from_pylist([group | {"near duplicates": 0, "copies": 1}])).title
    assert title == "The biggest group is 2 pages: 1 was dropped for https://spam.example/a, from 1 host"
    title = duplicates.biggest_figure(pa.Table.from_pylist([group | {"hosts": 0}])).title
    assert title.endswith("499 were dropped for https://spam.example/a")  # a table that names no hosts


@pytest.mark.parametrize(
    ("languages", "title"),
    [
        ({"en": 0.58}, "The median quality_score in en is 0.58"),
        ({"en": 0.58, "de": 0.7}, "The median quality_score is highest in de (0.70) and lowest in en (0.58)"),
    ],
)
def test_languages_are_compared_only_where_there_are_several(languages: dict[str, float], title: str) -> None:
    rows = [
        {"language": name, "documents": 50, **{f"p{p}": median for p in (10, 25, 50, 75, 90)}}
        for name, median in languages.items()
    ]
    assert classifiers.percentiles_figure(pa.Table.from_pylist(rows), "quality_score").title == title


def test_a_host_that_fills_a_third_of_the_release_is_called_out() -> None:
    table = pa.Table.from_pylist([{"host": "big.example", "documents": 10, "rows": 20, "tokens": 5000, "share": 1 / 3}])
    title = mix.hosts_figure(table.replace_schema_metadata({"of_all": "40"})).title
    assert title == "big.example fills 33 % of the release: 5,000 tokens of 10 documents"


def reasons(*rows: tuple[str, str, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"stage": stage, "reason": reason, "records": count, "share": 0.1, "is_expected": True, "meaning": ""}
         for stage, reason, count in rows]
    )  # fmt: skip


def test_only_what_happened_is_said_of_expected_losses() -> None:
    copies, budget = ("dedup_document", "near_duplicate", 500), ("mix", "over_budget", 19)
    titles = [funnel.reasons_figure(reasons(*rows)).title for rows in ((budget,), (copies,), (copies, budget))]
    assert titles == [
        "All 19 records that were dropped had no room in the mix",
        "All 500 records that were dropped are copies",
        "All 519 records that were dropped are copies or had no room in the mix",
    ]


def test_tokens_that_are_counted_late_are_no_share_of_all() -> None:
    rows = [("heuristics", 90, 900, 0), ("mix", 10, 100, 20), ("kept", 900, 9000, 980)]
    table = pa.Table.from_pylist(
        [dict(zip(("stage", "records", "body_bytes", "tokens"), row, strict=True)) for row in rows]
    )
    figure = funnel.sizes_figure(table)
    assert figure.title == "Kept to the end: 90 % of records, 90 % of bytes of bodies"
    assert "counted, from mix on" in " ".join(figure.spec()["title"]["subtitle"])


def test_kinds_of_copies_have_the_same_colours_in_both_charts() -> None:
    sizes = [{"kind": "near duplicates", "from": 10, "to": None, "groups": 1, "copies": 479}]
    group = {"source_url": "https://a.example/", "doc_id": "0", "language": "en", "stage": "kept",
             "older captures": 0, "exact copies": 0, "near duplicates": 479, "copies": 479, "hosts": 2}  # fmt: skip
    figures = (
        duplicates.biggest_figure(pa.Table.from_pylist([group])),
        duplicates.sizes_figure(pa.Table.from_pylist(sizes)),
    )
    orders = [list(dict.fromkeys(row["kind"] for row in _values(figure.spec()))) for figure in figures]
    assert orders[0] == orders[1]


def test_a_host_of_many_is_not_named() -> None:
    assert funnel.hosts_figure(hosts("h"), 1000).title == "No host has more than 0.5 % of all records"
    assert funnel.hosts_figure(hosts("h"), 50).title.startswith("h has 10 % of all records")


def test_hosts_with_equally_many_records_are_not_called_large() -> None:
    assert funnel.hosts_figure(hosts("h", 20), 200).title == "No host stands out: the first 20 have 5 records each"
    rows = [{"host": name, "documents": 1, "rows": 1, "tokens": 500, "share": 0.05} for name in "abcdefghij"]
    table = pa.Table.from_pylist(rows).replace_schema_metadata({"of_all": "20"})
    assert mix.hosts_figure(table).title == "No host stands out: the first 10 have 500 tokens each"


def test_numbers_of_hosts_that_may_be_too_low_are_said_to_be() -> None:
    table = hosts("h").replace_schema_metadata({"error": "3"})
    said = "There are too many hosts to hold all: a number may be too low by up to 3 records."
    assert said in " ".join(funnel.hosts_figure(table, 10).spec()["title"]["subtitle"])
    totals = (
        table.append_column("body_bytes", [[1]])
        .append_column("tokens", [[1]])
        .replace_schema_metadata(table.schema.metadata)
    )
    figure = funnel.amounts_figure(totals, "host", {"records": 10, "body_bytes": 10, "tokens": 10})
    assert said in " ".join(figure.spec()["title"]["subtitle"])
    assert funnel.hosts_figure(table, 1000).title == "No host has more than 0.8 % of all records"
    assert funnel.hosts_figure(hosts("h", 2), 10).title.startswith("h has 50 % of all records")


def test_a_language_of_which_nothing_is_left_is_drawn_with_0() -> None:
    shares = {"natural_share": 1.0, "target_share": 1.0, "reached_share": 1.0}
    cell = {"category": "general", "group": "(none)", "documents": 9, "rows": 9, "tokens": 900, "bound_by": ""}
    totals = {"en": (100, 9), "ja": (90, 0), "ko": (19, 0), "und": (500, 0)}
    rows = [{"language": name, "records": records, "kept": kept} for name, (records, kept) in totals.items()]
    drawn = mix.cells_figure(pa.Table.from_pylist([shares | cell]), pa.Table.from_pylist(rows))
    values = next(iter(drawn.spec()["datasets"].values())) if "datasets" in drawn.spec() else _values(drawn.spec())
    by_label = {(row["label"], row["kind"]): row["share"] for row in values}
    assert set(by_label) == {
        (label, kind) for label in ("general", "ja: no document is left") for kind in ("natural", "target", "reached")
    }
    assert {share for (label, _), share in by_label.items() if label != "general"} == {0.0}
    assert "No document is left of ja (90 records came in)." in " ".join(drawn.spec()["title"]["subtitle"])


def test_small_shares_have_ticks_that_differ() -> None:
    rows = [{"label": "a", "share": 0.01}]
    axis = drawing.bars(rows, parts.Field("label", ""), parts.Field("share", "", parts.SHARE)).to_dict()
    assert axis["layer"][0]["encoding"]["x"]["axis"]["format"] == ".1~%"


def signal_bins(*groups: str, counts: tuple[int, int] = (0, 90)) -> Distributions:
    """Return the histograms of a signal from 0 to 400 words, with the limits 50, of Japanese 2000, and one of code."""
    bins = [
        {"signal": "n_words", "group": group, "from": low, "to": low + 200.0, "documents": count}
        for group in groups
        for low, count in zip((0.0, 200.0), counts, strict=True)
    ]
    limit = {"signal": "n_words", "rule": "few", "language": None, "limit": 50.0, "fails": "<", "is_of_all": True}
    limits = [limit, limit | {"language": "ja", "limit": 2000.0}, limit | {"rule": "code", "is_of_all": False}]
    return Distributions(pa.Table.from_pylist(bins), pa.Table.from_pylist(limits))


def drawn_limits(figure: Figure) -> list[tuple[str, float | None, str]]:
    rows = next(iter(figure.spec()["datasets"].values())) if "datasets" in figure.spec() else _values(figure.spec())
    return [(row["group"], row.get("limit"), row["says"]) for row in rows if row.get("says")]


def _values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = (spec.get("data") or spec["spec"]["data"])["values"]
    return data


def test_an_arrow_and_no_line_stand_where_a_language_s_own_limit_lies_beyond_the_bins() -> None:
    figure = distributions.groups_figure(signal_bins("ja", "en"), "n_words", "language")
    assert drawn_limits(figure) == [("ja", None, "limit 2,000 →"), ("en", 50.0, "50")]
    assert not figure.title.startswith("n_words is lowest")  # both medians are the same


MOST = "n_words dropped most: 90 documents"


@pytest.mark.parametrize(
    ("first", "lowest", "highest", "title", "drawn"),
    [
        (90, 2000.0, 2000.0, f"{MOST} below 2,000, the limit of their language", ["limit 2,000 →"]),
        (90, 50.0, 2000.0, f"{MOST} below the limit of their language (50 to 2,000)", ["limit 2,000 →"]),
        (90, 50.0, 50.0, f"{MOST} below 50", []),
        (0, None, None, "No signal dropped a document", []),
    ],
)  # fmt: skip
def test_the_limit_that_dropped_is_the_one_that_is_told_and_drawn(
    first: int, lowest: float | None, highest: float | None, title: str, drawn: list[str]
) -> None:
    rule = {"rule": "few", "signal": "n_words", "fails": "<", "limit": 50.0, "first": first}
    rules = pa.Table.from_pylist([rule | {"lowest": lowest, "highest": highest}])
    figure = distributions.distributions_figure(signal_bins("all"), rules)
    assert figure.title == title
    assert [row["says"] for row in _values(figure.spec()) if row.get("says")] == ["50", *drawn]


def hosts(name: str, rows: int = 1) -> pa.Table:
    return pa.Table.from_pylist([{"host": f"{name}{n or ''}", "records": 5, "kept": 2} for n in range(rows)])


def test_a_hostile_name_is_data_and_never_an_expression() -> None:
    figure = funnel.hosts_figure(hosts(HOSTILE), 10)
    spec = figure.spec()
    strings = [text for text in _strings({name: value for name, value in spec.items() if name != "datasets"})
               if "alert" in text]  # fmt: skip
    assert strings
    assert "\x1b" not in json.dumps(spec, ensure_ascii=False)
    assert not [
        key for key in _keys(spec) if key in {"expr", "signal", "calculate", "labelExpr", "href", "url", "image"}
    ]
    assert not [where for where in _places(spec, "alert") if where not in {"host", "text", "description"}]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []


def _places(value: object, text: str, key: str = "") -> list[str]:
    """Return the names below which a text stands."""
    if isinstance(value, dict):
        return [place for name, inner in value.items() for place in _places(inner, text, name)]
    if isinstance(value, list):
        return [place for inner in value for place in _places(inner, text, key)]
    return [key] if isinstance(value, str) and text in value else []


def test_a_table_shows_markup_as_text() -> None:
    content = table_html([{"<b>host</b>": HOSTILE, "records": 12345, "share": 0.25, "none": None}]).content
    assert "<script" not in content
    assert "<b>" not in content
    assert "&lt;script&gt;alert(1)" in content
    assert "\x1b" not in content
    assert "12,345" in content


def test_a_chart_embeds_so_many_rows_and_says_so() -> None:
    table = hosts("h", parts.MOST_ROWS + 5)
    figure = funnel.hosts_figure(table, 10)
    note = figure.spec()["title"]["subtitle"]
    assert note == ["The first 3,000 of 3,005 rows are drawn."]
    assert len(parts.rows_of(table)) == parts.MOST_ROWS


def test_dark_and_light_differ_by_the_config_alone() -> None:
    figure = funnel.hosts_figure(hosts("h"), 10)
    dark, light = figure.spec(dark=True), figure.spec()
    assert (dark.pop("config"), light.pop("config")) == (theme(dark=True), theme())
    assert dark == light
    assert figure.spec(width="container")["width"] == "container"


@pytest.mark.parametrize("dark", [False, True])
def test_ink_is_read_on_its_ground(dark: bool) -> None:
    look = theme(dark=dark)
    ground = look["background"]
    for ink in (look["title"]["color"], look["title"]["subtitleColor"], look["axis"]["labelColor"]):
        assert contrast(ink, ground) >= 4.5
    assert all(contrast(colour, ground) >= 2.2 for colour in look["range"]["category"])
    assert contrast(look["style"]["mark_label"]["fill"], look["style"]["heat"]["fill"]) >= 4.0


def contrast(one: str, two: str) -> float:
    """Return the ratio of luminances of WCAG 2."""
    low, high = sorted(luminance(colour) for colour in (one, two))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts_of = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts_of]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_missing_altair_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(ConfigError, match=r"pip install 'gristmill\[report\]'"):
        parts.altair()


def test_charts_of_nothing_have_a_size() -> None:
    label, count, share, kind = (
        parts.Field("label", "label"), parts.Field("count", "count", parts.COUNT),
        parts.Field("share", "share", parts.SHARE), parts.Field("kind", ""),
    )  # fmt: skip
    charts = [
        drawing.bars([], label, count),
        drawing.bars([], label, count, colour=kind),
        drawing.bars([], label, share, words=parts.Field("words", "words")),
        drawing.heat([], label, kind, share),
        drawing.columns([], (count, count), count),
        drawing.columns([], (count, count), count, colour=kind),
        drawing.pairs([], "label", count),
    ]
    for chart in charts:
        svg = vl_convert.vegalite_to_svg(parts.figure("empty", "Nothing", "", chart, pa.table({})).spec())
        size = re.search(r'width="(\d+)" height="(\d+)"', svg)
        assert size, svg[:200]
        assert all(0 < int(side) < 1000 for side in size.groups())
