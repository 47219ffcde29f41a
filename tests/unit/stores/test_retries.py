"""What may pass is tried again, what will not is not."""

import errno

import pytest

from pipeline.errors import ConfigError
from pipeline.stores import retries
from pipeline.stores.retries import StoreError, is_transient, retried


class ClientConnectionError(Exception):
    """Named like that of a store's client."""

    __module__ = "aiohttp.client"


class HttpError(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OSError(errno.EBUSY, "slow down"), True),
        (OSError(errno.ENOSPC, "full"), False),
        (FileNotFoundError(), False),
        (PermissionError(), False),
        (ConfigError("x"), False),
        (HttpError(503), True),
        (HttpError(429), True),
        (HttpError(403), False),
        (HttpError(501), False),
        (ClientConnectionError(), True),
        (ValueError(), False),
    ],
)
def test_an_error_is_transient_or_not(error: Exception, transient: bool) -> None:
    assert is_transient(error) is transient


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (2, 3), (3, 4)])
def test_an_action_is_tried_until_it_goes_well(failures: int, tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSES", (0.0, 0.0, 0.0))
    tried = 0

    def act() -> str:
        nonlocal tried
        tried += 1
        if tried <= failures:
            raise ConnectionResetError
        return "done"

    assert retried("s3://b/x", act) == "done"
    assert tried == tries


def test_a_client_s_own_error_becomes_an_oserror_that_names_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSES", (0.0,))

    def act() -> None:
        raise ClientConnectionError("cut")

    with pytest.raises(StoreError, match=r"s3://b/x.*cut"):
        retried("s3://b/x", act)


def test_an_error_of_ours_is_raised_as_it_is_and_at_once() -> None:
    def act() -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        retried("s3://b/x", act)
