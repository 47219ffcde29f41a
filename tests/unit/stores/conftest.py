"""A disk, a `file://` URL, a store in memory, one that renames, and an S3 server on this machine."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest

_BUSY = b"<Error><Code>InternalError</Code><Message>try again</Message></Error>"


class S3Server:
    """A moto server that notes its requests, and fails when it is told to.

    It does one writing request at a time: moto looks at a put's condition first and puts then.
    """

    def __init__(self) -> None:
        moto = pytest.importorskip("moto.moto_server.werkzeug_app", reason="needs moto[server]")
        serving = pytest.importorskip("werkzeug.serving", reason="needs moto[server]")
        self.requests: list[str] = []
        self.refuse = self.lose_answers = 0
        self.ignore_conditions = False
        self._app = moto.DomainDispatcherApplication(moto.create_backend_app)
        self._alone = threading.RLock()
        self._server = serving.make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        with self._alone:
            self.requests.append(f"{environ['REQUEST_METHOD']} {environ.get('HTTP_RANGE', '')}".strip())
            if self.ignore_conditions:
                environ = {k: v for k, v in environ.items() if k not in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")}
            refused, lost = self.refuse > 0, self.lose_answers > 0 and environ["REQUEST_METHOD"] == "PUT"
            self.refuse -= refused
            self.lose_answers -= lost
            answer = [] if refused else list(self._app(environ, (lambda *_: None) if lost else start))
        if refused or lost:
            start("500 Internal Server Error", [("Content-Type", "application/xml"), ("Connection", "close")])
            return [_BUSY]
        return answer

    @property
    def _backend(self) -> Any:
        account = pytest.importorskip("moto.core").DEFAULT_ACCOUNT_ID
        return pytest.importorskip("moto.s3.models").s3_backends[account]["aws"]

    def age_object(self, bucket: str, key: str, seconds: float) -> None:
        self._backend.buckets[bucket].keys[key].last_modified -= timedelta(seconds=seconds)

    def put_many(self, bucket: str, keys: list[str]) -> None:
        for key in keys:
            self._backend.put_object(bucket, key, b"x")

    def stop(self) -> None:
        self._server.shutdown()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    s3fs = pytest.importorskip("s3fs", reason="needs s3fs")
    server = S3Server()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ENDPOINT_URL": server.url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",  # botocore's own tries would hide ours
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }.items():
            environment.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
            environment.delenv(name, raising=False)
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir("bucket")
        yield server
        server.stop()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """An empty prefix of a bucket, and its server without a past."""
    from pipeline.stores import retries
    from pipeline.stores import s3 as module

    monkeypatch.setattr(retries, "PAUSES", (0.01, 0.02, 0.03))
    monkeypatch.setattr(module, "_probed", {})
    s3_server.requests.clear()
    yield SimpleNamespace(root="s3://bucket/test/run", server=s3_server)
    s3_server.refuse = s3_server.lose_answers = 0
    s3_server.ignore_conditions = False
    from pipeline.stores import storage

    storage.remove("s3://bucket/test")


@pytest.fixture
def renaming(tmp_path: Path) -> str:
    """A store that shows files while they are written, as HDFS does, behind the same wrapper of fsspec's."""
    import pyarrow.fs as pf
    from fsspec.implementations.arrow import ArrowFSWrapper

    class Paper(ArrowFSWrapper):  # type: ignore[misc]
        protocol = "paper"

        def __init__(self, **options: Any) -> None:
            super().__init__(pf.LocalFileSystem(), **options)

    fsspec.register_implementation("paper", Paper, clobber=True)
    return f"paper://{tmp_path}/paper/run"


@pytest.fixture(params=["disk", "file://", "memory://", "paper://", "s3://"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "memory://":
        yield "memory://storage-test/run"
        fsspec.filesystem("memory").store.clear()
    elif request.param == "s3://":
        yield request.getfixturevalue("s3").root
    elif request.param == "paper://":
        yield request.getfixturevalue("renaming")
    else:
        yield ("file://" if request.param == "file://" else "") + str(tmp_path / "run")
