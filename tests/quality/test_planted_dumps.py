"""Floors on dumps planted in real pages that the net was not fitted on."""

from typing import Any

import pytest

from tests.benchmarks.dump_generators import IMPROVISED, KINDS
from tests.benchmarks.planted_dumps import count_clean, count_planted, plain_lines, read_hosts
from tests.quality.scoring import pinned

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def pages() -> list[Any]:
    files = [pinned("data/topics/web-documents.jsonl.gz"), pinned("data/crawl/gold.jsonl.gz").parent]
    return [host for host in read_hosts(files) if host.is_held_out]


def test_planted_dumps_go_and_the_pages_stay(pages: list[Any]) -> None:
    hosts = [host for host in pages if 3 <= len(plain_lines(host)) <= 1000]
    by_kind, _ = count_planted(hosts, (*KINDS, IMPROVISED), 30)
    dumps, gone, others, lost = (sum(counts[at] for counts in by_kind.values()) for at in range(4))
    assert dumps > 50_000
    assert gone / dumps >= 0.95
    assert lost / others <= 0.005


def test_pages_without_a_dump_lose_next_to_nothing(pages: list[Any]) -> None:
    lines, lost = (sum(counts[at] for counts in count_clean(pages).values()) for at in range(2))
    assert lines > 50_000
    assert lost / lines <= 0.005
