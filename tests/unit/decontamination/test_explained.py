"""What `explain` says of a stored match."""

from pipeline.results.explain import _Cell, _value
from schemas.columns import CONTAMINATION

MATCH = {"suite": "sums", "item": "rye", "is_training": False, "coverage": 0.9, "words": 57, "answer_near": True}


def test_a_match_is_told_with_item_suite_and_place() -> None:
    match = MATCH | {"start": 1_200, "end": 1_450}
    lines = list(_value(_Cell(CONTAMINATION.name, [match, match | {"is_training": True}], True)))
    assert [line.strip() for line in lines[1:]] == [
        "matches item rye of suite sums at characters 1,200 to 1,450 (coverage 0.90)",
        "matches item rye of the training set of suite sums at characters 1,200 to 1,450 (coverage 0.90)",
    ]
