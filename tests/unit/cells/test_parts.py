"""Names of parts are safe and their own, and hashes of values tell them apart."""

from typing import Any

import pyarrow as pa
import pytest

from pipeline.cells.parts import digest, page_key, page_keys, part_name


@pytest.mark.parametrize(
    "source", ["a/b.warc.gz", "s3://bucket/ü b?.warc.gz", "x" * 300, "a/", "_hidden.jsonl.gz", "..."]
)
def test_part_names_are_safe_in_file_names(source: str) -> None:
    name = part_name(source)
    assert len(name) < 100
    assert all(character.isascii() and (character.isalnum() or character in ".-") for character in name)
    assert not name.startswith(".")


def test_part_names_tell_files_of_one_name_apart() -> None:
    assert part_name("a/x.warc.gz") != part_name("b/x.warc.gz")
    assert part_name("a/x.warc.gz").startswith("x-")


@pytest.mark.parametrize(
    ("left", "right"),
    [((1,), ("1",)), (("a", "b"), ("ab",)), (([],), ()), (({"a": 1},), ({"a": 2},)), ((None,), ("",))],
)
def test_digests_tell_values_apart(left: tuple[Any, ...], right: tuple[Any, ...]) -> None:
    assert digest(*left) != digest(*right)
    assert digest(*left) == digest(*left)


def test_a_page_is_known_by_its_place_and_its_id() -> None:
    rows = pa.record_batch({"warc_offset": [7, 7], "doc_id": ["0f", "1e"]})
    assert page_keys(rows) == [page_key(7, "0f"), page_key(7, "1e")] == ["7-0f", "7-1e"]
