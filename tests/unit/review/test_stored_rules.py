"""How near kept documents came to a limit: batch by batch as document by document."""

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.heuristics.rule import DOCUMENTATION, PROSE, Rule
from pipeline.inspection.verdicts import StoredRules
from pipeline.review.stored_rules import columns_of, narrowest, setting_of

RULES = (
    Rule("few", "n_words", "<", 50.0, "min_words", categories=(*PROSE, DOCUMENTATION)),
    Rule("stop", "stop_words", "<", 2.0, "min_stop_words", languages=("en",)),
    Rule("dup", "share", ">", 0.3, "max_share", categories=PROSE, also=Rule("dup", "n_words", ">", 10.0, "min_x")),
)
STORED = StoredRules(RULES, {"ja": {"min_words": None, "max_share": 0.5}, "de": {"min_words": 40.0}})
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "n_words": st.none() | st.integers(0, 80),
            "stop_words": st.none() | st.integers(0, 4),
            "share": st.none() | st.sampled_from([0.0, 0.1, 0.3, 0.4, 0.6]),
            "language": st.sampled_from([None, "en", "de", "ja", "und"]),
            "category": st.sampled_from([None, "general", "code", "multilingual"]),
            "page_type": st.sampled_from([None, "article", DOCUMENTATION]),
        }
    ),
    min_size=1,
    max_size=12,
)
TYPES = {"n_words": pa.int32(), "stop_words": pa.int32(), "share": pa.float64()}


def plainly(row: dict[str, Any]) -> tuple[str | None, float | None]:
    """Return the reason that a document escaped most narrowly, and how narrowly."""
    best: tuple[str | None, float | None] = (None, None)
    category = row["category"] or "general"
    if category in PROSE and row["page_type"] == DOCUMENTATION:
        category = DOCUMENTATION
    for rule in RULES:
        value, limit = row[rule.signal], STORED.by_language.get(row["language"], {}).get(rule.parameter, rule.limit)
        is_asked = category in rule.categories if rule.categories else True
        is_asked &= row["language"] in rule.languages if rule.languages else True
        if rule.also is not None:
            is_asked &= row[rule.also.signal] is not None and row[rule.also.signal] > rule.also.limit
        if value is None or limit is None or not is_asked or value == limit == 0:
            continue
        escaped = value >= limit if rule.fails == "<" else value <= limit
        distance = abs(value - limit) / (abs(limit) or 1)
        if escaped and (best[1] is None or distance < best[1]):
            best = rule.name, distance
    return best


@given(rows=ROWS)
def test_the_narrowest_escape_is_what_a_plain_look_at_each_rule_finds(rows: list[dict[str, Any]]) -> None:
    batch = pa.record_batch(
        {name: pa.array([row[name] for row in rows], TYPES.get(name, pa.string())) for name in columns_of(RULES)}
    )
    number, _, _, distance = narrowest(batch, STORED)
    made = [(RULES[at].name, float(far)) if at >= 0 else (None, None) for at, far in zip(number, distance, strict=True)]
    assert made == [plainly(row) for row in rows]


def test_a_limit_is_named_as_it_is_set() -> None:
    assert setting_of("heuristics", STORED, "few", "en", 50.0) == "heuristics.min_words"
    assert setting_of("heuristics", STORED, "few", "de", 40.0) == "heuristics.languages.de.min_words"
    assert setting_of("dedup_document", StoredRules(), "near_duplicate", None, 0.8) == "dedup_document.threshold"
    assert setting_of("dedup_document", StoredRules(), "exact_duplicate", None, 0.8) == ""
