"""One browser for all tests here, which are skipped where there is none."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.browsing import chromium, lacking


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if reason := lacking():
        pytest.skip(reason)
    with chromium() as started:
        yield started
