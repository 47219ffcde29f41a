"""What is taken out of a release goes, all else stays byte for byte, and no moment is the wrong one to be killed at."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ConfigError, ManifestError
from pipeline.release.layout import MANIFEST
from pipeline.release.metadata_files import metadata_files_of
from pipeline.release.published import sha256_of
from pipeline.release.receipts import hash_of
from pipeline.release.shards import ShardFile
from pipeline.release.tokens import documents_in, write_tokens
from pipeline.release.verify import verify
from pipeline.stores import storage
from pipeline.takedown import Takedown, take_down
from schemas.tables import RELEASE
from tests.spark.mixes import DOCUMENTS, manifest, run_with_all_splits

Row = dict[str, Any]
PAGES = [doc["url"] for doc in DOCUMENTS]
HOSTS = sorted({url.split("/")[2] for url in PAGES})
WRITES = ("write", "link", "remove", "create")
"""Verbs by which a takedown changes what is stored."""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_with_all_splits(tmp_path_factory.mktemp("release"))


@pytest.fixture
def release(output: Path, tmp_path: Path) -> Path:
    return copied(output, tmp_path / "release")


def copied(output: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(output / "release", target)
    return target


def rows_of(release: Path) -> list[Row]:
    """Return the rows of a release, each with the folder of its split."""
    rows = []
    for folder in ("data", "validation", "anneal"):
        rows += [{**row, "_split": folder} for row in ds.dataset(release / folder).to_table().to_pylist()]
    return rows


def files(release: Path) -> dict[str, bytes]:
    """Return path → content of all files, but for what a lock or an interrupted takedown leaves beside them."""
    paths = (path.relative_to(release) for path in release.rglob("*") if path.is_file())
    return {str(path): (release / path).read_bytes() for path in paths if path.parts[0][0] not in "_."}


def listed(folder: Path, name: str, entries: Sequence[str]) -> str | None:
    if not entries:
        return None
    path = folder / f"{name}.txt"
    path.write_text("".join(f"{entry}\n" for entry in entries), encoding="utf-8")
    return str(path)


def taken(release: Path, lists: Path, **entries: Sequence[str]) -> list[str]:
    lists.mkdir(exist_ok=True)
    lines: list[str] = []
    paths: dict[str, Any] = {name: listed(lists, name, of_kind) for name, of_kind in entries.items()}
    asked = Takedown(str(release), **paths)
    take_down(asked, lines.append)
    return lines


def wrong(release: Path) -> list[str]:
    lines: list[str] = []
    verify(str(release), lines.append)
    return [line for line in lines if line.startswith("wrong: ")]


def is_meant(row: Row, urls: Sequence[str], hosts: Sequence[str], doc_ids: Sequence[str]) -> bool:
    host = row["url"].split("/")[2]
    below = any(host == name or host.endswith(f".{name}") for name in hosts)
    return below or row["url"] in urls or row["doc_id"] in doc_ids


def check(output: Path, release: Path, gone: Callable[[Row], bool]) -> None:
    """Compare a release with the one that it was, less some rows."""
    assert wrong(release) == []
    before, after = rows_of(output / "release"), rows_of(release)
    assert after == [row for row in before if not gone(row)]
    was, now = manifest(output), manifest(release.parent)
    held = {shard["path"] for shard in was["shards"] if _holds(output / "release" / shard["path"], gone)}
    may_change = {MANIFEST, "README.md", "LICENSE-NOTICE", "croissant.json", "mixture.json"}
    for path, content in files(output / "release").items():
        of_shard = path.removeprefix("tokens/").rpartition(".")[0] + ".parquet"
        if path not in may_change and of_shard not in held:
            assert (release / path).read_bytes() == content, path
    assert {shard["path"] for shard, old in zip(now["shards"], was["shards"], strict=True) if shard != old} == held
    _check_sums(now, after)


def _holds(shard: Path, gone: Callable[[Row], bool]) -> bool:
    return any(map(gone, ds.dataset(shard).to_table(columns=["doc_id", "url"]).to_pylist()))


def _check_sums(now: dict[str, Any], after: list[Row]) -> None:
    names = {"data": "train", "validation": "validation", "anneal": "anneal"}
    sums: dict[str, Counter[Any]] = {name: Counter() for name in ("totals", "languages", "licences", "cells")}
    seen: set[tuple[str, str]] = set()
    for row in after:
        split = names[row["_split"]]
        is_new = (split, row["doc_id"]) not in seen
        seen.add((split, row["doc_id"]))
        group = row["language"] if row["category"] == "multilingual" else row["topic"] or ""
        bucket = min(int(row["quality_percentile"] * 20), 19)
        keys: dict[str, tuple[Any, ...]] = {
            "totals": (split, row["category"]),
            "languages": (split, row["language"]),
            "licences": (split, row["declared_license"]),
        }
        if split == "train":
            keys["cells"] = (row["category"], group, bucket)
        for name, key in keys.items():
            size = (is_new, 1, row["tokens"], len(row["text"].encode()))
            sums[name].update({(key, n): value for n, value in enumerate(size)})
    for name, key_names in (
        ("totals", ("split", "category")),
        ("languages", ("split", "key")),
        ("licences", ("split", "key")),
        ("cells", ("category", "group", "bucket")),
    ):
        for entry in now[name]:
            key = tuple(entry[part] for part in key_names)
            said = [entry[part] for part in ("documents", "rows", "tokens", "bytes")]
            assert said == [sums[name][key, n] for n in range(4)], (name, key)
        assert sum(entry["rows"] for entry in now[name]) == sum(
            count for (_, n), count in sums[name].items() if n == 1
        ), name


LISTS = st.fixed_dictionaries(
    {
        "urls": st.lists(st.sampled_from([*PAGES, "https://nowhere.example/"]), max_size=8, unique=True),
        "hosts": st.lists(st.sampled_from([*HOSTS, HOSTS[3].removeprefix("www."), "w.org"]), max_size=3, unique=True),
        "doc_ids": st.lists(st.integers(0, 200), max_size=4, unique=True),
    }
)


@given(st.lists(LISTS, min_size=1, max_size=2))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_what_remains_is_what_should_after_any_lists(
    output: Path, tmp_path: Path, asked: list[dict[str, list[Any]]]
) -> None:
    release = copied(output, tmp_path / "release")
    there = [row["doc_id"] for row in rows_of(release)]
    gone: list[dict[str, list[str]]] = []
    for each in asked:
        lists = {**each, "doc_ids": [there[number % len(there)] for number in each["doc_ids"]]}
        if any(lists.values()):
            taken(release, tmp_path / "lists", **lists)
            gone.append(lists)
    check(output, release, lambda row: any(is_meant(row, **lists) for lists in gone))


def test_the_receipt_says_what_was_asked_found_and_removed_and_names_nothing(release: Path, tmp_path: Path) -> None:
    rows = rows_of(release)
    page, other = rows[0], rows[-1]
    host = other["url"].split("/")[2]
    lines = taken(release, tmp_path / "lists", urls=[page["url"], "https://nowhere.example/x"], hosts=[host])
    assert "  not in it: https://nowhere.example/x" in lines
    assert "URLs: 2 asked for, 1 of them in " in lines[0]
    entry = manifest(release.parent)["takedowns"][0]
    receipt = storage.read_json(str(release / entry["receipt"]))
    assert receipt is not None
    gone = [row for row in rows if is_meant(row, [page["url"]], [host], [])]
    assert receipt["asked"] == {"urls": 2, "hosts": 1, "doc_ids": 0}
    assert receipt["found"] == {"urls": 1, "hosts": 1, "doc_ids": 0}
    assert receipt["removed"] == {
        "documents": len({row["doc_id"] for row in gone}),
        "rows": len(gone),
        "tokens": sum(row["tokens"] for row in gone),
        "bytes": sum(len(row["text"].encode()) for row in gone),
    }
    assert set(receipt["entries"]["urls"]) == {hash_of(page["url"]), hash_of("https://nowhere.example/x")}
    text = (release / entry["receipt"]).read_text()
    assert host not in text
    assert page["url"] not in text
    assert sum(file.get("removed_rows", 0) for file in receipt["files"]) == len(gone)
    for file in receipt["files"]:
        assert file["after"]["sha256"] == sha256_of(str(release / file["path"]))
    assert [file for file in receipt["files"] if file["before"]["sha256"] == file["after"]["sha256"]] == []
    assert "## Taken down" in (release / "README.md").read_text()


@pytest.mark.parametrize("spoil", ["entries", "files", "gone"])
def test_verify_notices_a_receipt_that_does_not_fit(release: Path, tmp_path: Path, spoil: str) -> None:
    rows = rows_of(release)
    taken(release, tmp_path / "lists", urls=[rows[0]["url"]])
    taken(release, tmp_path / "lists", urls=[rows[-1]["url"]])
    path = str(release / manifest(release.parent)["takedowns"][0]["receipt"])
    receipt = storage.read_json(path)
    assert receipt is not None
    stays = rows_of(release)[0]
    if spoil == "entries":
        receipt["entries"]["doc_ids"] = [hash_of(stays["doc_id"])]
    elif spoil == "files":
        receipt["files"][0]["after"]["sha256"] = "0" * 64
    else:
        receipt["entries"]["hosts"] = [hash_of(stays["url"].split("/")[2].removeprefix("www."))]
    storage.write_json(path, receipt)
    reseal(release, path)
    said = wrong(release)
    assert said
    assert any(
        ("was taken down" if spoil != "files" else "is not what") in line or "was not what" in line for line in said
    )


def reseal(release: Path, path: str) -> None:
    """Write a receipt's present hash into the manifest."""
    made = manifest(release.parent)
    for file in made["files"]:
        if path.endswith(file["path"]):
            file["sha256"] = sha256_of(path)
    storage.write_json(str(release / MANIFEST), made)


def test_tokens_are_those_that_the_shards_would_be_given(release: Path, tmp_path: Path) -> None:
    taken(release, tmp_path / "lists", hosts=HOSTS[::3])
    made = manifest(release.parent)
    for shard in made["shards"]:
        base = f"tokens/{shard['path'].removesuffix('.parquet')}"
        (tmp_path / "again" / shard["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(release / shard["path"], tmp_path / "again" / shard["path"])
        write_tokens(str(tmp_path / "again"), shard["path"], made["tokenizer"]["name"], made["tokenizer"]["digest"])
        for ending in (".bin", ".idx"):
            assert (tmp_path / "again" / (base + ending)).read_bytes() == (release / (base + ending)).read_bytes()
        assert len(documents_in(str(release), base)) == shard["rows"]


def test_all_may_go_and_the_files_stay_with_their_names(release: Path, tmp_path: Path) -> None:
    names = set(files(release))
    taken(release, tmp_path / "lists", hosts=HOSTS)
    assert rows_of(release) == []
    assert wrong(release) == []
    assert names < set(files(release))
    made = manifest(release.parent)
    assert all(total["rows"] == total["tokens"] == total["documents"] == 0 for total in made["totals"])
    assert json.loads((release / "mixture.json").read_text()) == json.loads(metadata_files_of(made)["mixture.json"])


def test_nothing_changes_where_nothing_is_meant_and_in_a_dry_run(release: Path, tmp_path: Path) -> None:
    before = files(release)
    said = taken(release, tmp_path / "lists", urls=["https://nowhere.example/"])
    assert any("nothing of it is in the release" in line for line in said)
    lines: list[str] = []
    page = rows_of(release)[0]["url"]
    lists = listed(tmp_path, "urls", [page])
    take_down(Takedown(str(release), urls=lists, dry_run=True), lines.append)
    assert any("1 documents" in line for line in lines)
    assert lines[-1] == "nothing is changed: --dry-run"
    assert files(release) == before


@pytest.mark.parametrize(
    ("kind", "entry", "says"),
    [
        ("hosts", "https://a.example/x", "no name of a host"),
        ("hosts", "org", "no name of a host"),
        ("doc_ids", "17", "32 hex digits"),
        ("urls", "# nothing", "holds no entry"),
    ],
)
def test_lists_that_say_nothing_or_too_much_are_refused(
    release: Path, tmp_path: Path, kind: str, entry: str, says: str
) -> None:
    before = files(release)
    with pytest.raises(ConfigError, match=says):
        taken(release, tmp_path / "lists", **{kind: [entry]})
    assert files(release) == before


def test_a_damaged_file_is_not_written_anew(release: Path, tmp_path: Path) -> None:
    page = next(row for row in rows_of(release) if row["_split"] == "data")
    for path in release.rglob("*.bin"):
        path.write_bytes(path.read_bytes()[:-2] + b"\0\0")
    with pytest.raises(ManifestError, match="is not what was written"):
        taken(release, tmp_path / "lists", urls=[page["url"]])
    assert rows_of(release)[0]["url"]
    assert not (release / "takedowns").exists()


class KilledError(BaseException):
    """What a test ends a takedown with."""


def ending_after(patch: pytest.MonkeyPatch, calls: int) -> Callable[[], int]:
    """Let the first calls of storage verbs that change something pass, and none after; return a count of them."""
    count = 0

    def limited(verb: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            if "_lock.json" in str(arguments[0]):
                return verb(*arguments, **named)
            count += 1
            if count > calls:
                raise KilledError
            return verb(*arguments, **named)

        return call

    for name in WRITES:
        patch.setattr(storage, name, limited(getattr(storage, name)))
    return lambda: count


def test_ended_at_any_call_it_is_as_before_or_done_by_the_next_one(output: Path, tmp_path: Path) -> None:
    asked = {"urls": PAGES[::40], "hosts": HOSTS[::30]}
    whole = copied(output, tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        calls = ending_after(patch, 1 << 30)
        taken(whole, tmp_path / "lists", **asked)
        total = calls()
    expected, original = files(whole), files(output / "release")
    assert expected != original
    assert total > 20
    done = Counter[str]()
    draw = random.Random(3)
    for limit in sorted({0, total - 1, *draw.sample(range(total), 10)}):
        release = copied(output, tmp_path / "release")
        with pytest.MonkeyPatch.context() as patch:
            ending_after(patch, limit)
            with pytest.raises(KilledError):
                taken(release, tmp_path / "lists", **asked)
        if (release / "_takedown" / "journal.json").exists():
            done["committed"] += 1
            assert any("a takedown was interrupted" in line for line in wrong(release))
            lines: list[str] = []
            take_down(Takedown(str(release)), lines.append)  # no list is needed
            assert any("finishing" in line for line in lines)
        else:
            is_over = files(release) == expected
            done["over" if is_over else "not begun"] += 1
            assert is_over or files(release) == original
            if not is_over:
                taken(release, tmp_path / "lists", **asked)
        assert files(release) == expected, limit
        assert wrong(release) == []
    assert done["committed"]
    assert done["not begun"]


@pytest.mark.long
def test_killed_at_random_moments_it_is_as_before_or_done_by_the_next_one(output: Path, tmp_path: Path) -> None:
    lists = [f"--urls={listed(tmp_path, 'urls', PAGES[::40])}", f"--hosts={listed(tmp_path, 'hosts', HOSTS[::30])}"]
    command = [sys.executable, "-m", "jobs.takedown", str(tmp_path / "release"), *lists]
    folder = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    release = copied(output, tmp_path / "release")
    started = time.monotonic()
    subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
    took = time.monotonic() - started
    expected, original = files(release), files(output / "release")
    draw = random.Random(7)
    for _ in range(12):
        release = copied(output, tmp_path / "release")
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(took * draw.uniform(0.3, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if not (release / "_takedown" / "journal.json").exists():
            assert files(release) in (expected, original)
        if files(release) != expected:
            subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
        assert files(release) == expected
        assert wrong(release) == []


def test_the_rows_of_a_file_do_not_depend_on_batches(release: Path, tmp_path: Path) -> None:
    """A shard without some rows is the file that a release of the others would have."""
    taken(release, tmp_path / "lists", hosts=HOSTS[::5])
    for shard in manifest(release.parent)["shards"]:
        rows: pa.Table = ds.dataset(release / shard["path"]).to_table().cast(RELEASE)
        file = ShardFile(str(tmp_path / "again"), shard["path"])
        file.write(rows)
        assert file.close().sha256 == shard["sha256"]
