"""Machine code is kept apart for each state of the kernels, and each file holds what its index says."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.caching import IndexDataCacheFile

from pipeline.kernels.machine_code import keep_by_sources


def test_what_many_save_at_once_is_kept_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_by_sources()
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    file: Any = IndexDataCacheFile
    keys = [f"type {number}" for number in range(60)]

    def save(key: str) -> None:
        file(str(tmp_path), "kernel", "stamp").save(key, f"code of {key}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, keys))
    kept = file(str(tmp_path), "kernel", "stamp")
    assert [kept.load(key) for key in keys] == [f"code of {key}" for key in keys]
