"""A URL names a kind of store: ours, Hadoop's names of it, the web; one that is missing is said in a sentence."""

import http.server
import os
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest

from pipeline.errors import ConfigError
from pipeline.stores import storage


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        ("s3://b/x", "s3://b/x"),
        ("s3a://b/x", "s3://b/x"),
        ("s3n://b/x", "s3://b/x"),
        ("/a/b", "/a/b"),
        ("file:///a/b", "/a/b"),
        ("https://a/../b", "https://a/../b"),
    ],
)
def test_absolute_paths_mean_the_same_everywhere(path: str, absolute: str) -> None:
    assert storage.absolute(path) == absolute
    assert Path(storage.absolute("x")).is_absolute()


def test_hadoops_names_of_s3_are_taken_as_s3(s3: SimpleNamespace) -> None:
    storage.write("s3a://bucket/test/run/x", b"x")
    assert storage.read("s3n://bucket/test/run/x") == b"x"
    assert storage.names("s3a://bucket/test/run") == ["x"]
    assert storage.filesystem("s3a://bucket/x") == storage.filesystem("s3://bucket/x")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gs://b/x", "pip install gcsfs"),
        ("hf://b/x", "pip install huggingface_hub"),
        ("s3://b/x", r"pip install 'gristmill\[s3\]'"),
        ("s3x://b/x", "no kind of store is named s3x://; did you mean 's3'"),
    ],
)
def test_a_store_that_is_not_installed_or_not_known_is_said_in_a_sentence(
    path: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(protocol: str) -> Any:
        raise ValueError if protocol == "s3x" else ImportError("no such module")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(ConfigError, match=words) as refusal:
        storage.read(path)
    assert "\n" not in str(refusal.value)


def test_hdfs_without_its_native_client_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.fs as pf

    def missing(**_: Any) -> Any:
        raise OSError("Unable to load libhdfs\ndlopen(...) failed")

    monkeypatch.setattr(pf, "HadoopFileSystem", missing)
    with pytest.raises(ConfigError, match=r"libhdfs.*HADOOP_HOME.*CLASSPATH") as refusal:
        storage.exists("hdfs://node:8020/run")
    assert "\n" not in str(refusal.value)


def test_the_web_is_read_and_not_written_to() -> None:
    pytest.importorskip("aiohttp", reason="needs aiohttp")
    with pytest.raises(ConfigError, match="not written to"):
        storage.write("https://127.0.0.1:1/x", b"x")


def test_a_web_server_that_cannot_give_ranges_is_read_from_the_start(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp", reason="needs aiohttp")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_: Any) -> None:
            pass

    content = os.urandom(3 << 20)
    storage.write(str(tmp_path / "x"), content)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with storage.open_for_reading(f"http://127.0.0.1:{server.server_port}/x") as stream:
            assert b"".join(iter(lambda: stream.read(1 << 16), b"")) == content
        assert storage.read_json(f"http://127.0.0.1:{server.server_port}/absent.json") is None
        server.shutdown()
