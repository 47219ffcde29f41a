"""WARC files behind a URL: read like local ones, and a server that fails on the way is not taken for damage."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.curation import Request, curate
from tests.e2e.reading import decisions, rows


@contextmanager
def serving(directory: Path, cuts: int) -> Iterator[tuple[str, list[int]]]:
    """Serve a directory with byte ranges on a free port of this machine; the first answers are cut in the middle."""
    left = [cuts]

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._head(200, (directory / self.path.lstrip("/")).stat().st_size)

        def do_GET(self) -> None:
            content = (directory / self.path.lstrip("/")).read_bytes()
            asked = self.headers.get("Range", "").removeprefix("bytes=")
            first, _, last = asked.partition("-")
            piece = content[int(first or 0) : int(last) + 1 if last else None]
            self._head(206 if asked else 200, len(piece), f"bytes {first or 0}-{last or ''}/{len(content)}")
            if left[0] > 0 and len(piece) > 2000:
                left[0] -= 1
                piece = piece[: len(piece) // 2]
            self.wfile.write(piece)

        def _head(self, status: int, length: int, content_range: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            self.send_header("Accept-Ranges", "bytes")
            if content_range:
                self.send_header("Content-Range", content_range)
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", left
    finally:
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("cuts", [0, 2])
def test_a_url_is_read_like_a_file_even_if_the_connection_is_cut(
    spark: object, sample: Path, finished: Path, tmp_path: Path, cuts: int
) -> None:
    with serving(sample, cuts) as (address, left):
        listing = tmp_path / "warc.paths"
        listing.write_text("".join(f"{address}/{file.name}\n" for file in sorted(sample.iterdir())))
        curate(Request(output=str(tmp_path / "run"), inputs=(f"@{listing}",), last="ingest"))
        assert left == [0]  # every cut was made, and outlived
    by_file = {row["warc_file"].rsplit("/", 1)[-1]: row["responses"] for row in rows(tmp_path / "run", "inputs")}
    assert by_file == {row["warc_file"].rsplit("/", 1)[-1]: row["responses"] for row in rows(finished, "inputs")}
    assert set(decisions(tmp_path / "run")) == set(decisions(finished))
