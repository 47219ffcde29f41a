"""Small operations of a store that outlive a throttled or restarted server.

botocore and s3fs try again by themselves, for some seconds. This is for what lasts longer, and for the other stores.
"""

import errno
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pipeline.errors import ConfigError, CurationError

Answer = TypeVar("Answer")
PAUSES = (0.3, 1.0, 3.0)
"""Seconds before each new try, give or take half of it, so that workers do not come back all at once."""
_FINAL = (CurationError, FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
_TEMPORARY = {
    *(errno.EAGAIN, errno.EBUSY, errno.EIO, errno.EPIPE, errno.ETIMEDOUT),
    *(errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH, getattr(errno, "EREMOTEIO", errno.EIO)),
}
# Errors of the stores' clients that are no OSError, by name: the clients need not be installed.
_CUT = {"ClientConnectionError", "ClientPayloadError", "HTTPClientError", "IncompleteRead", "ResponseParserError"}
_CUT |= {"ServiceRequestError", "ServiceResponseError"}
_STATUS = ("status", "status_code", "code")
_TRIED_ENOUGH = {"EndpointConnectionError"}
"""botocore has knocked for ten seconds by then, and most often the address is wrong."""


class StoreError(OSError):
    """A store's client failed in a way of its own."""


def retried(path: str, action: Callable[[], Answer]) -> Answer:
    """Return what an action on a path returns, tried again with growing pauses while the store's trouble may pass.

    Raises:
        OSError: The last try failed, or the trouble is not of the passing kind.
        ConfigError: The store wants credentials and there are none.
    """
    for pause in PAUSES:
        try:
            return action()
        except Exception as error:
            if not is_transient(error):
                raise _plain(path, error) from error
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  (no secret)
    try:
        return action()
    except Exception as error:
        raise _plain(path, error) from error


def is_transient(error: BaseException) -> bool:
    """Tell whether the same request may succeed a little later.

    >>> is_transient(ConnectionResetError()), is_transient(FileNotFoundError()), is_transient(ValueError())
    (True, False, False)
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, _FINAL) or names & _TRIED_ENOUGH:
        return False
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    status = http_status(error)
    if status is not None:
        return status in (408, 409, 425, 429) or (status >= 500 and status != 501)
    return bool(names & _CUT) or (isinstance(error, OSError) and error.errno in _TEMPORARY)


def http_status(error: BaseException) -> int | None:
    """Return the status of the HTTP answer behind an error, None where there is none."""
    for reason in _reasons(error):
        answer = getattr(reason, "response", None)
        metadata = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
        for status in (metadata.get("HTTPStatusCode"), *(getattr(reason, name, None) for name in _STATUS)):
            if str(status).isdigit():
                return int(str(status))
    return None


def error_code(error: BaseException) -> str:
    """Return S3's word for an error, empty where it is not of S3.

    >>> error_code(OSError("disk full"))
    ''
    """
    answers: list[Any] = [getattr(reason, "response", None) for reason in _reasons(error)]
    return next((str(answer.get("Error", {}).get("Code", "")) for answer in answers if isinstance(answer, dict)), "")


def _reasons(error: BaseException) -> Iterator[BaseException]:
    reason: BaseException | None = error
    while reason is not None:
        yield reason
        reason = reason.__cause__


def _plain(path: str, error: Exception) -> Exception:
    """Return the error as an OSError or an error of ours, which callers know how to take."""
    if isinstance(error, OSError | CurationError):
        return error
    if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
        return ConfigError(f"{path}: {error}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
    module = type(error).__module__.partition(".")[0]
    return StoreError(f"{path}: {error!r}") if module not in ("builtins", "pipeline") else error
