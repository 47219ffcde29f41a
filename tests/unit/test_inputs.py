"""What the user's words for input files mean."""

import gzip
import json
from itertools import permutations
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from pipeline.errors import InputError
from pipeline.inputs.files import kind_of, resolve


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "crawl"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.warc.gz", "a.warc.gz", "deep/c.warc", "deep/d.arc", "notes.txt"):
        (folder / name).write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return folder


def sources(*specs: str) -> list[str]:
    return [part.source for part in resolve(specs).parts]


@pytest.mark.parametrize(
    ("specs", "found"),
    [
        (["crawl/*.warc.gz"], ["crawl/a.warc.gz", "crawl/b.warc.gz"]),
        (["crawl/[b-z].warc.gz"], ["crawl/b.warc.gz"]),
        (["crawl/**/*.warc*"], ["crawl/a.warc.gz", "crawl/b.warc.gz", "crawl/deep/c.warc"]),
        (["crawl"], ["crawl/a.warc.gz", "crawl/b.warc.gz", "crawl/deep/c.warc", "crawl/deep/d.arc"]),
        (["./crawl/deep/../a.warc.gz"], ["crawl/a.warc.gz"]),
        (["crawl/notes.txt"], ["crawl/notes.txt"]),
        (["crawl/b.warc.gz", "crawl/*"], ["crawl/a.warc.gz", "crawl/b.warc.gz", "crawl/notes.txt"]),
    ],
)
def test_globs_folders_and_paths_name_files(crawl: Path, specs: list[str], found: list[str]) -> None:
    assert sources(*specs) == found


def test_hidden_files_of_a_folder_are_read_only_where_they_are_named(crawl: Path) -> None:
    (crawl / ".cache").mkdir()
    for name in ("._a.warc.gz", ".cache/e.warc.gz", "a.warc.wet.gz"):
        (crawl / name).write_bytes(b"x")
    read = ["crawl/a.warc.gz", "crawl/a.warc.wet.gz", "crawl/b.warc.gz", "crawl/deep/c.warc", "crawl/deep/d.arc"]
    assert sources("crawl") == read
    assert sources("crawl/._a.warc.gz") == ["crawl/._a.warc.gz"]
    memory = fsspec.filesystem("memory")
    for name in ("a.warc.gz", ".b.warc.gz", ".d/c.warc.gz"):
        memory.pipe(f"/hidden-files/{name}", b"x")
    assert sources("memory://hidden-files") == ["memory:///hidden-files/a.warc.gz"]


def test_a_file_named_twice_is_read_once_and_the_order_of_names_does_not_matter(crawl: Path) -> None:
    specs = ("crawl/b.warc.gz", "crawl/*.warc.gz", str(crawl / "b.warc.gz"), "./crawl/a.warc.gz")
    (result,) = {resolve(order).parts for order in permutations(specs)}
    assert len(result) == 2


def test_parts_have_unique_names_and_absolute_paths(crawl: Path) -> None:
    (crawl / "deep" / "a.warc.gz").write_bytes(b"x")
    parts = resolve(["crawl"]).parts
    assert len({part.name for part in parts}) == len(parts) == 5
    assert all(Path(part.uri).is_absolute() and Path(part.uri).exists() for part in parts)


def test_a_file_that_changed_is_known_by_another_digest(crawl: Path) -> None:
    before = resolve(["crawl"]).parts
    assert resolve(["crawl"]).parts == before
    (crawl / "a.warc.gz").write_bytes(b"longer than it was")
    changed = [
        new.source for old, new in zip(before, resolve(["crawl"]).parts, strict=True) if old.digest != new.digest
    ]
    assert changed == ["crawl/a.warc.gz"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_listing_names_paths_neighbours_and_urls(crawl: Path, packed: bool) -> None:
    content = b"crawl/a.warc.gz\n\n  b.warc.gz \nhttps://x.example/c.warc.gz\r\ncrawl-data/CC-MAIN/d.warc.gz\n"
    listing = crawl / ("warc.paths" + ".gz" * packed)
    listing.write_bytes(gzip.compress(content) if packed else content)
    assert sources(f"@{listing}") == [
        str(crawl / "b.warc.gz"),
        "crawl/a.warc.gz",
        "https://data.commoncrawl.org/crawl-data/CC-MAIN/d.warc.gz",
        "https://x.example/c.warc.gz",
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("crawl/c.warc.gz", r"no such input: crawl/c\.warc\.gz; did you mean 'crawl/[ab]\.warc\.gz'\?"),
        ("crwl/a.warc.gz", r"no such input: crwl/a\.warc\.gz \(there is no directory crwl\)"),
        ("crawl/*.zip", r"no such input: crawl/\*\.zip"),
        ("@nothing.paths", "no such listing: @nothing.paths"),
        ("@listing", r"@listing lists gone\.warc\.gz, which is not there"),
        ("empty", "no input: no WARC, Parquet or JSON lines file in empty"),
    ],
)
def test_a_name_for_nothing_is_an_error_with_the_near_miss(crawl: Path, spec: str, message: str) -> None:
    Path("empty").mkdir()
    Path("listing").write_text("gone.warc.gz\n")
    with pytest.raises(InputError, match=message):
        resolve([spec])


def test_no_name_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="name one with --input"):
        resolve([])


def test_files_of_different_kinds_are_refused(crawl: Path) -> None:
    (crawl / "t.parquet").write_bytes(b"")
    (crawl / "t.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match="different kinds in one run: jsonl, parquet, warc; give each its own run"):
        resolve(["crawl"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.warc", "warc"),
        ("a.WARC.GZ", "warc"),
        ("a.warc.lz4", "warc"),
        ("unknown", "warc"),
        ("a.parquet", "parquet"),
        ("A.PARQUET", "parquet"),
        ("a.jsonl", "jsonl"),
        ("a.json", "jsonl"),
        ("a.ndjson.gz", "jsonl"),
        ("a.json.gz", "jsonl"),
        ("a.parquet.warc.gz", "warc"),
    ],
)
def test_the_kind_is_told_by_the_suffix(path: str, kind: str) -> None:
    assert kind_of(path) == kind


def test_a_remote_glob_and_a_remote_name_are_found() -> None:
    store = fsspec.filesystem("memory")
    for name in ("a.warc.gz", "b.warc.gz"):
        store.pipe(f"/inputs-test/{name}", b"12345")
    assert sources("memory://inputs-test/*.warc.gz") == [
        "memory:///inputs-test/a.warc.gz",
        "memory:///inputs-test/b.warc.gz",
    ]
    (part,) = resolve(["memory://inputs-test/a.warc.gz"]).parts
    assert (part.source, part.uri, part.bytes) == (*["memory://inputs-test/a.warc.gz"] * 2, 5)


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (b'{"url": "a", "n": 1, "x": null}\n', {"url": "string", "n": "int64", "x": "string"}),
        (b'broken\n[1]\n\n{"url": "a"}\n{"text": "b"}', {"url": "string", "text": "string"}),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_columns_of_json_lines_are_those_of_its_whole_lines(
    tmp_path: Path, lines: bytes, fields: dict[str, str], packed: bool
) -> None:
    path = tmp_path / ("t.jsonl" + ".gz" * packed)
    path.write_bytes(gzip.compress(lines) if packed else lines)
    assert {field.name: str(field.type) for field in resolve([str(path)]).fields} == fields


@pytest.mark.parametrize("before", ["", "no object\n", f"{'[' * 3_000_000}\n"])
def test_a_first_line_of_any_length_has_columns(tmp_path: Path, before: str) -> None:
    page = json.dumps({"url": "a", "html": "<p>" + "rye " * 300_000, "date": "2020-01-01T00:00:00Z"})
    (tmp_path / "t.jsonl").write_text(f'{before}{page}\n{{"url": "b", "html": "<p>oats"}}\n')
    fields = resolve([str(tmp_path / "t.jsonl")]).fields
    assert [(field.name, str(field.type)) for field in fields] == [
        ("url", "string"),
        ("html", "string"),
        ("date", "timestamp[us]"),
    ]


def test_what_holds_no_object_for_long_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("no object\n" * 600_000 + '{"url": "a"}\n')
    with pytest.raises(InputError, match="no line of it is a JSON object"):
        resolve([str(tmp_path / "t.jsonl")])


def test_a_column_whose_kind_changes_is_text(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b'{"url": "a"}\n{"url": ["b"]}\n')
    (field,) = resolve([str(tmp_path / "t.jsonl")]).fields
    assert (field.name, field.type) == ("url", pa.string())


def test_an_empty_file_takes_its_columns_from_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    (tmp_path / "b.jsonl").write_bytes(b'{"url": "a"}\n')
    assert [field.name for field in resolve([str(tmp_path)]).fields] == ["url"]
