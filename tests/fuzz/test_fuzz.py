"""No mutated file ends a run, hangs it, or loses a row uncounted.

`python -m tests.fuzz.test_fuzz SEED` reads the file of one seed, and leaves it where it can be looked at.
"""

import faulthandler
import sys
import tempfile
from pathlib import Path

import pytest

from tests.fuzz.mutations import file_of
from tests.fuzz.reading import read_file
from tests.timing import cpu_seconds

KEPT = (6418,)
"""Seeds whose files found a fault; they are read in every run of the tests."""
_SHORT, _LONG, _CHUNK = 200, 20_000, 500
_MOST_SECONDS = 5.0
_HANGS_AFTER = 120


def read_seed(seed: int, folder: Path) -> str:
    """Read the file of a seed; say what came of it.

    Raises:
        AssertionError: It took more than five seconds of CPU time, twice, or something else is wrong; with the seed.
    """
    file, told = file_of(seed), []
    faulthandler.dump_traceback_later(_HANGS_AFTER, exit=True)
    try:
        spent = cpu_seconds(lambda: told.append(read_file(file, folder)))
        if spent > _MOST_SECONDS:
            spent = min(spent, cpu_seconds(lambda: read_file(file, folder)))
    except BaseException as error:
        raise AssertionError(f"seed {seed}: {file.name}, {len(file.content):,} bytes: {error!r}") from error
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert spent <= _MOST_SECONDS, f"seed {seed}: {file.name}, {len(file.content):,} bytes: {spent:.1f} s"
    return told[0]


def test_files_that_found_a_fault_are_read(tmp_path: Path) -> None:
    for seed in KEPT:
        read_seed(seed, tmp_path)


def test_mutations_reach_every_kind_of_file(tmp_path: Path) -> None:
    assert {file_of(seed).name for seed in range(60)} == {"a.warc", "a.warc.gz", "a.warc.zst", "a.jsonl", "a.parquet"}
    assert file_of(17) == file_of(17) != file_of(18)


@pytest.mark.slow
def test_some_mutated_files_are_read(tmp_path: Path) -> None:
    told = [read_seed(seed, tmp_path) for seed in range(_SHORT)]
    assert sum("rows" in line and "0 texts" not in line for line in told) > _SHORT / 2


@pytest.mark.long
@pytest.mark.parametrize("first", range(_SHORT, _LONG, _CHUNK))
def test_mutated_files_are_read(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + _CHUNK):
        read_seed(seed, tmp_path)


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    print(place, read_seed(int(sys.argv[1]), place))
