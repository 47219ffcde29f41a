"""What the last lines of a run tell of its losses."""

import pytest

from pipeline.plan import STAGES
from pipeline.results.losses import loss_lines
from schemas.reasons import LOOK_AT


def told(stage: str, before: int, dropped: dict[str, int], share: float = 0.5) -> list[str]:
    return list(loss_lines("RUN", [(stage, before, before - sum(dropped.values()), dropped)], share))


@pytest.mark.parametrize(
    ("stage", "dropped", "share", "beginning"),
    [
        ("extract", {"no_text": 4}, 0.5, None),
        ("extract", {"no_text": 5}, 0.5, None),
        ("extract", {"no_text": 6, "unreadable": 1}, 0.5, "extract dropped 6 of 10 rows (60 %) for no_text: Nothing"),
        ("extract", {"no_text": 3}, 0.2, "extract dropped 3 of 10 rows (30 %) for no_text"),
        ("extract", {"no_text": 6, "unreadable": 4}, 0.5, "extract kept none of 10 rows; 6 went for no_text"),
        ("dedup_document", {"exact_duplicate": 9}, 0.5, None),
        ("dedup_document", {"near_duplicate": 10}, 0.5, "dedup_document kept none of 10 rows"),
        ("dedup_url", {"newer_capture": 9}, 0.5, None),
        ("mix", {"over_budget": 9}, 0.5, None),
        (
            "url_screen",
            {"listed.gambling": 8},
            0.5,
            "url_screen dropped 8 of 10 rows (80 %) for listed.gambling: Its URL",
        ),
        ("my_stage", {"too_blue": 8}, 0.5, "my_stage dropped 8 of 10 rows (80 %) for too_blue"),
    ],
)
def test_large_losses_are_told_with_stage_and_reason(
    stage: str, dropped: dict[str, int], share: float, beginning: str | None
) -> None:
    lines = told(stage, 10, dropped, share)
    assert len(lines) == (beginning is not None)
    assert all(line.startswith(str(beginning)) for line in lines)


def test_the_first_thing_to_look_at_is_named_with_the_run() -> None:
    (line,) = told("heuristics", 10, {"gopher.too_few_words": 9})
    assert line.endswith("Look at other limits, without a run: gristmill what-if RUN --set heuristics.KEY=VALUE")


def test_a_stage_without_rows_lost_none() -> None:
    assert told("extract", 0, {}) == []


def test_advice_is_of_stages_that_there_are() -> None:
    assert set(LOOK_AT) <= {stage.name for stage in STAGES}
