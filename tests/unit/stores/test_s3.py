"""An object store costs as few requests as it can, fails as a disk fails, and works in forked processes."""

import gc
import multiprocessing
import os
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import ConfigError
from pipeline.stores import remote, storage


def test_a_small_object_costs_a_request_to_write_and_a_request_to_read(s3: SimpleNamespace) -> None:
    path = storage.join(s3.root, "x.json")
    storage.write_json(path, {"x": 1})
    with storage.create(storage.join(s3.root, "y")) as stream:
        stream.write(b"y")
    assert storage.read_json(path) == {"x": 1}
    assert storage.names(s3.root) == ["x.json", "y"]
    assert s3.server.requests == ["PUT", "PUT", "GET", "GET"]


def test_footer_and_column_chunks_of_a_parquet_file_cost_a_request_each(s3: SimpleNamespace) -> None:
    noise = {f"c{column}": os.urandom(400_000) for column in range(8)}
    table = pa.table({name: [noise[name][i : i + 100] for i in range(0, 400_000, 100)] for name in noise})
    path = storage.join(s3.root, "t.parquet")
    with storage.create(path) as stream:
        pq.write_table(table, stream, compression="none", use_dictionary=False)
    s3.server.requests.clear()
    with storage.open_for_reading(path) as stream:
        file = pq.ParquetFile(stream)
        for column in (1, 4, 6):
            assert file.read_row_group(0, columns=[f"c{column}"]).num_rows == 4000
    assert [request.split()[0] for request in s3.server.requests] == ["HEAD", *["GET"] * 4]
    spans = [[int(end) for end in request.split("=")[1].split("-")] for request in s3.server.requests[1:]]
    assert max(end - begin for begin, end in spans) < 600_000


def test_a_stream_is_read_in_few_requests(s3: SimpleNamespace) -> None:
    content = os.urandom(12 << 20)
    storage.write(storage.join(s3.root, "x"), content)
    s3.server.requests.clear()
    with storage.open_for_reading(storage.join(s3.root, "x")) as stream:
        assert b"".join(iter(lambda: stream.read(1 << 14), b"")) == content
    assert len(s3.server.requests) < 10


def test_a_listing_holds_more_than_a_thousand_names_and_all_of_them_are_removed(s3: SimpleNamespace) -> None:
    names = [f"{number:05}" for number in range(2050)]
    s3.server.put_many("bucket", ["test/run/", "test/run/sub/deeper/x", *(f"test/run/{name}" for name in names)])
    assert storage.names(s3.root) == [*names, "sub"]
    storage.remove(s3.root)
    assert storage.names(s3.root) == []
    assert not storage.exists(s3.root)


def test_many_megabytes_travel_in_parts_and_are_not_there_if_the_upload_fails(s3: SimpleNamespace) -> None:
    content, path = os.urandom(1 << 20) * 40, storage.join(s3.root, "big")
    with storage.create(path) as stream:
        stream.write(content)
    assert storage.read(path) == content
    s3.server.requests.clear()

    def fail() -> None:
        with storage.create(storage.join(s3.root, "other")) as stream:
            stream.write(content)
            s3.server.refuse = 1000

    with pytest.raises(OSError, match="try again"):
        fail()
    s3.server.refuse = 0
    assert storage.names(s3.root) == ["big"]


def test_uploads_that_nobody_finished_are_swept(s3: SimpleNamespace) -> None:
    store, _ = storage.filesystem(s3.root)
    store.call_s3("create_multipart_upload", Bucket="bucket", Key="test/run/x")
    storage.sweep(s3.root)
    assert not store.call_s3("list_multipart_uploads", Bucket="bucket").get("Uploads")


def test_a_store_that_fails_for_a_while_is_asked_again(s3: SimpleNamespace) -> None:
    path = storage.join(s3.root, "x.json")
    for step in (
        lambda: storage.write_json(path, {"x": 1}),
        lambda: storage.open_for_reading(path).close(),
        lambda: storage.read_json(path) == {"x": 1} or pytest.fail("it is not what was written"),
        lambda: storage.names(s3.root) == ["x.json"] or pytest.fail("it is not there"),
        lambda: storage.exists(path) or pytest.fail("it is not there"),
        lambda: storage.remove(path),
    ):
        s3.server.refuse = 2
        step()
        assert s3.server.refuse == 0
    s3.server.refuse = 1000
    with pytest.raises(OSError, match="try again"):
        storage.write_json(path, {"x": 1})


def test_a_bucket_that_is_not_there_is_no_empty_result_of_a_read(s3: SimpleNamespace) -> None:
    with pytest.raises(FileNotFoundError):
        storage.write("s3://no-such-bucket/x", b"x")


def test_missing_credentials_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, s3: SimpleNamespace) -> None:
    missing = pytest.importorskip("botocore.exceptions", reason="needs s3fs").NoCredentialsError

    def refuse(*_: object) -> None:
        raise missing

    monkeypatch.setattr(remote, "_put_whole", refuse)
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID"):
        storage.write("s3://bucket/x", b"x")


def _use(root: str, name: str) -> None:
    gc.collect()
    storage.write_json(storage.join(root, name), {"process": os.getpid()})
    assert storage.read_json(storage.join(root, "parent")) == {"process": os.getppid()}
    assert name in storage.names(root)
    gc.collect()


@pytest.mark.filterwarnings("ignore:.*multi-threaded")
def test_a_forked_process_reads_and_writes_with_a_client_of_its_own(s3: SimpleNamespace) -> None:
    storage.write_json(storage.join(s3.root, "parent"), {"process": os.getpid()})
    ours = storage.filesystem(s3.root)[0]
    forks = [multiprocessing.get_context("fork").Process(target=_use, args=(s3.root, f"{i}")) for i in range(2)]
    for fork in forks:
        fork.start()
    for fork in forks:
        fork.join(timeout=20)
    try:
        assert [fork.exitcode for fork in forks] == [0, 0]
    finally:
        for fork in forks:
            fork.kill()
    assert storage.filesystem(s3.root)[0] is ours
    assert storage.read_jsons([storage.join(s3.root, f"{i}") for i in range(2)]) == [
        {"process": fork.pid} for fork in forks
    ]
