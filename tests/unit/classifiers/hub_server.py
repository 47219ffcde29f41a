"""A model hub in a thread: what huggingface_hub asks for, in the hub's own layout, and what was asked for."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

COMMIT: Final = "c0ffee" + "0" * 34
_LISTED = re.compile(r"/api/models/([^/]+/[^/]+)/revision/([^/?]+)")
_RESOLVED = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_LARGE = (".safetensors", ".bin", ".ckpt", ".onnx")


class Hub:
    """Models and what of them is true.

    Attributes:
        models: Name → file → content.
        sent: Files whose content on the way is another one than the list says.
        asked: Methods and paths, in their order.
        headers: Of each of them.
    """

    def __init__(self, models: dict[str, dict[str, bytes]]) -> None:
        self.models = models
        self.sent: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def downloads(self) -> list[str]:
        """Return the files that were downloaded, in order."""
        return [path.split("/")[-1] for method, path in self.asked if method == "GET" and "/resolve/" in path]


@contextmanager
def serve_hub(models: dict[str, dict[str, bytes]]) -> Iterator[Hub]:
    hub = Hub(models)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            hub.asked.append((self.command, path))
            hub.headers.append(dict(self.headers))
            if (listed := _LISTED.fullmatch(path)) and listed[1] in hub.models and listed[2] in ("main", "v2", COMMIT):
                body = json.dumps(_listing(listed[1], hub.models[listed[1]])).encode()
                self._send(body, {"Content-Type": "application/json"}, with_body=with_body)
            elif (resolved := _RESOLVED.fullmatch(path)) and resolved[3] in hub.models.get(resolved[1], {}):
                content = hub.models[resolved[1]][resolved[3]]
                etag = hashlib.sha256(content).hexdigest() if resolved[3].endswith(_LARGE) else git_id(content)
                extra = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}
                self._send(hub.sent.get(resolved[3], content), extra, with_body=with_body)
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _send(self, body: bytes, extra: dict[str, str], *, with_body: bool) -> None:
            self.send_response(200)
            for name, value in {**extra, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _listing(name: str, files: dict[str, bytes]) -> dict[str, Any]:
    siblings = []
    for file, content in files.items():
        sibling: dict[str, Any] = {"rfilename": file, "size": len(content), "blobId": git_id(content)}
        if file.endswith(_LARGE):
            sibling["blobId"] = git_id(b"a pointer")
            sibling["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        siblings.append(sibling)
    return {
        "_id": "1",
        "id": name,
        "modelId": name,
        "sha": COMMIT,
        "tags": ["license:mit\x1b[2J"],
        "siblings": siblings,
    }
