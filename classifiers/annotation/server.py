"""One question to a server that speaks OpenAI's protocol: `/v1/chat/completions`, without a package for it."""

import json
import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from math import isfinite
from typing import Any, Final, NamedTuple

_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_HOPELESS: Final = frozenset({401, 402, 403, 404, 405})
_LARGEST: Final = 4 << 20


class AgainError(Exception):
    """The server did not answer, and may do so later.

    Args:
        why: In words.
        after: Seconds that the server wants to be left alone; None where it says nothing.
    """

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class QuestionError(Exception):
    """The server does not take this question, and will not later."""


class ServerError(Exception):
    """The server takes no question at all: a wrong key, address or model."""


class Reply(NamedTuple):
    """What a model said.

    Attributes:
        said: Its words.
        refused: Whether it, or a filter before it, declined to answer.
        cut: Whether its words end where it had no tokens left.
        tokens_in: Of the question, as the server counts them.
        tokens_out: Of the words.
    """

    said: str
    refused: bool
    cut: bool
    tokens_in: int
    tokens_out: int


class Server:
    """A server.

    Args:
        url: Where it is: up to its host, up to `/v1`, or the whole address, which ends in `/chat/completions`.
        key: That it wants; None where it wants none.
        timeout: Seconds without a byte after which a connection is taken for dropped.

    Raises:
        ServerError: It is no address.
    """

    def __init__(self, url: str, key: str | None, timeout: float) -> None:
        base = url.rstrip("/")
        if not base.startswith(("http://", "https://")):
            raise ServerError(f"{url} is no address of a server: it begins with neither http:// nor https://")
        if not base.endswith("/chat/completions"):
            base += "/chat/completions" if base.endswith("/v1") else "/v1/chat/completions"
        self.url = base
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._timeout = timeout
        self._opener = urllib.request.build_opener(
            _NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
        )

    def ask(self, body: dict[str, Any]) -> Reply:
        """Ask once.

        Args:
            body: Of the request, as the protocol has it.

        Raises:
            AgainError: It is busy, broken or silent.
            QuestionError: It does not take this question.
            ServerError: It takes none.
        """
        request = urllib.request.Request(self.url, json.dumps(body).encode(), self._headers)  # noqa: S310  (checked)
        try:
            with self._opener.open(request, timeout=self._timeout) as response:
                content = response.read(_LARGEST)
        except urllib.error.HTTPError as error:
            return _refusal_in(error)
        except (OSError, HTTPException) as error:
            raise AgainError(f"{type(error).__name__}: {error}") from error
        return _reply(content)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows none: a key goes to the server that it was given for."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _refusal_in(error: urllib.error.HTTPError) -> Reply:
    """Return the refusal that an error is on some servers; raise what it is otherwise."""
    try:
        content = error.read(_LARGEST)
    except (OSError, HTTPException):
        content = b""
    why = f"HTTP {error.code}: {_message(content) or error.reason}"
    if error.code in _AGAIN:
        raise AgainError(why, _seconds(error.headers.get("Retry-After")))
    if error.code in _HOPELESS or error.code < 400:
        raise ServerError(why)
    if b'"content_filter"' in content:
        return Reply(why, refused=True, cut=False, tokens_in=0, tokens_out=0)
    raise QuestionError(why)


def _reply(content: bytes) -> Reply:
    """Return what a completion says."""
    try:
        completion = json.loads(content)
        choice = completion["choices"][0]
        message = choice["message"]
        said, refusal = message.get("content") or "", message.get("refusal")
        if not isinstance(said, str):
            raise TypeError("its content is no text")
        used = completion.get("usage") or {}
        tokens = [int(used.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise AgainError(f"what came is no completion: {type(error).__name__}: {error}") from error
    reason = choice.get("finish_reason")
    refused = bool(refusal) or reason == "content_filter"
    return Reply(str(refusal or said), refused, reason == "length", *tokens)


def _message(content: bytes) -> str:
    """Return what a server says of an error."""
    try:
        told = json.loads(content)
        error = told.get("error", told) if isinstance(told, dict) else told
        return str(error.get("message", error) if isinstance(error, dict) else error)[:300]
    except ValueError:
        return content[:300].decode("utf-8", "replace").strip()


def _seconds(header: str | None) -> float | None:
    """Return a Retry-After in seconds: it is a number of them, or a date.

    >>> _seconds("1.5"), _seconds("soon"), _seconds(None)
    (1.5, None, None)
    """
    if header is None:
        return None
    try:
        seconds = float(header)
        return max(0.0, seconds) if isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
