"""A crawl read from an S3 server, a run directory on it: no Hadoop, the same rows, resumed after a kill."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from tests.e2e.test_cluster import Driver

pytestmark = pytest.mark.long
BUCKET = "mill"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An S3 server on the loopback, by whose address all clients go."""
    moto = pytest.importorskip("moto.server", reason="needs moto, of the dev extra")
    boto3 = pytest.importorskip("boto3", reason="needs boto3, of the dev extra")
    served = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    served.start()
    host, port = served.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    yield
    served.stop()


def content(directory: Path) -> list[str]:
    """Return the rows of Parquet files as text, in a total order, without the names of the input files."""
    table = ds.dataset(directory, format="parquet", partitioning=None).to_table()
    return sorted(str(row) for row in table.drop_columns(["warc_file"]).to_pylist())


def test_a_run_on_an_object_store_is_resumed_after_a_kill_and_gives_the_rows_of_a_local_one(
    server: None, sample: Path, finished: Path, tmp_path: Path
) -> None:
    from pipeline.stores import storage

    for file in sample.iterdir():
        storage.write(f"s3://{BUCKET}/crawl/{file.name}", file.read_bytes())
    run = f"s3a://{BUCKET}/run"
    arguments = ["--input", f"s3://{BUCKET}/crawl/*", "--output", run]
    first = Driver("local[2,4]", arguments, tmp_path / "first.log")
    try:
        first.wait_for("pii …", 400)
    finally:
        first.close()
    second = Driver("local[2,4]", arguments, tmp_path / "second.log")
    try:
        said = second.finish()
    finally:
        second.close()
    assert "extract         done already" in said
    for results in ("release/data", "decisions"):
        store, inner = storage.filesystem(f"{run}/{results}")
        store.get(inner, str(tmp_path / results), recursive=True)
        rows = content(tmp_path / results)
        assert rows
        assert rows == content(finished / results)
