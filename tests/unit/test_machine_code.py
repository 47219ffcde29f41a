"""Machine code is kept apart for each state of the kernels, and each file holds what its index says."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.caching import IndexDataCacheFile

from pipeline.kernels.machine_code import keep_by_sources, mark_compiled
from pipeline.spark.kernels import compile_kernels


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


def test_kernels_are_compiled_until_once_all_of_them_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    commands: list[list[str]] = []
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "code"))
    monkeypatch.setattr("subprocess.run", lambda command, **_: commands.append(command))
    compile_kernels(said.append)
    (tmp_path / "code" / "kernel.1.nbi").touch()  # and then it was interrupted
    compile_kernels(said.append)
    assert len(said) == len(commands) == 2
    assert commands[0][1:] == ["-m", "pipeline.kernels"]
    mark_compiled()
    compile_kernels(said.append)
    assert len(said) == len(commands) == 2


def test_where_nothing_can_be_kept_nothing_is_compiled_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("compiles what it cannot keep"))
    for folder in ("", str(tmp_path / "file" / "code")):
        monkeypatch.setattr(numba.config, "CACHE_DIR", folder)
        compile_kernels(pytest.fail)
        mark_compiled()
    assert not list(tmp_path.glob("*/*"))
    assert not Path("complete").exists()
