"""A server of a language model in a thread: it answers, refuses, garbles, drops, delays or is busy, as a test wants."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Event, Lock, Thread
from typing import Any

GOOD = '{"reason": "It explains.", "score": 4, "label": "yes"}'


class Chat:
    """What the server does, and what it was asked.

    Attributes:
        behave: From the words of a question and how often they were asked (from 1 on) to what to do.
        bodies: Of all requests, in order.
        headers: Of them.
        answered: Requests to which a completion was sent whole.
        at_once: The most requests that were open at one time.
        together: Requests wait for so many others, where it is set.
        release: Ends delays.
    """

    def __init__(self, behave: Callable[[str, int], str]) -> None:
        self.behave = behave
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answered = 0
        self.at_once = 0
        self.open = 0
        self.together: Barrier | None = None
        self.release = Event()
        self.lock = Lock()
        self.times: dict[str, int] = {}
        self.url = ""

    def asked(self, marker: str) -> int:
        """Return how often a question held a marker."""
        return sum(marker in json.dumps(body["messages"][0]["content"]) for body in self.bodies)


@contextmanager
def serve_chat(behave: Callable[[str, int], str] = lambda *_: GOOD) -> Iterator[Chat]:
    """Serve; what `behave` returns is one of the words that `_Handler._do` knows, or what the model says."""
    chat = Chat(behave)

    class Handler(_Handler):
        server_of_test = chat

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        chat.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield chat
        finally:
            chat.release.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_of_test: Chat

    def do_POST(self) -> None:
        chat = self.server_of_test
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = body["messages"][0]["content"]
        with chat.lock:
            chat.bodies.append(body)
            chat.headers.append(dict(self.headers))
            chat.times[words] = nth = chat.times.get(words, 0) + 1
            chat.open += 1
            chat.at_once = max(chat.at_once, chat.open)
        if chat.together is not None:
            chat.together.wait(timeout=30)
        what = chat.behave(words, nth)
        with chat.lock:  # before the reply: who has it may ask anew at once
            chat.open -= 1
        self._do(what)

    def log_message(self, *_: object) -> None:
        pass

    def _do(self, what: str) -> None:
        if what == "drop":
            self.close_connection = True
        elif what == "delay":
            self.server_of_test.release.wait(timeout=30)
        elif what == "half":
            whole = json.dumps(completion(GOOD)).encode()
            self._send(200, whole[: len(whole) // 2], {"Content-Length": str(len(whole))})
        elif what == "html":
            self._send(200, b"<html>Bad gateway</html>")
        elif what == "moved":
            self._send(302, b"", {"Location": self.server_of_test.url + "/elsewhere"})
        elif what == "declined":
            self._send(200, json.dumps(completion(None, refusal="I will not judge this.")).encode())
        elif what == "filtered":
            self._send(200, json.dumps(completion("", finish="content_filter")).encode())
        elif what == "cut":
            self._send(200, json.dumps(completion(GOOD[:20], finish="length")).encode())
        elif what.startswith("HTTP "):
            _, status, *headers = what.split(" ", 2)
            told = json.dumps({"error": {"message": f"status {status}", "code": headers[0] if headers else None}})
            self._send(int(status), told.encode(), {"Retry-After": headers[0]} if headers else {})
        else:
            with self.server_of_test.lock:
                self.server_of_test.answered += 1
            self._send(200, json.dumps(completion(what)).encode())

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def completion(said: str | None, *, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    message = {"role": "assistant", "content": said, "refusal": refusal}
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }
