"""One driver per run directory: a lock file that names its holder, renewed while the holder lives."""

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.errors import ManifestError
from pipeline.stores import storage
from pipeline.stores.processes import is_gone, named

RENEW_SECONDS = 60.0
STALE_SECONDS = 300.0
"""A lock that was not renewed for so long has no driver any more. How long it is, the clock of the disk or store tells
that the lock lies on: when the lock was written, and what time it is there. So the hosts' clocks may differ. Where a
store does not tell the time, it is assumed that the hosts' clocks differ by less than four minutes."""
_NAME = "_lock.json"
_TRIES = 5
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Nobody can set it, and it goes on while the machine sleeps."""


@contextmanager
def run_lock(run: str, say: Callable[[str], None] | None = None) -> Iterator["Lock"]:
    """Hold the run directory's lock for the length of the block.

    A lock whose holder was a process of this host that is gone is taken over at once; any lock, once it was not renewed
    for five minutes. Of several drivers that come at the same time one gets it. That is not guarded on stores without
    conditional puts (`storage.has_conditional_put`): two drivers that come within the same second may both believe
    that they have it, until one of them renews it and finds the other's name.

    Args:
        run: The run directory, local or of a store.
        say: Told that a lock was taken over for want of renewal, or that this one was lost (from another thread).

    Raises:
        ManifestError: Another driver holds it; names host, pid and age.
    """
    lock = Lock(run, say or (lambda _: None))
    lock.take()
    try:
        yield lock
    finally:
        lock.release()


class Lock:
    """A run's lock in the hands of this process."""

    def __init__(self, run: str, say: Callable[[str], None]) -> None:
        """Name the lock; nothing is taken yet.

        Args:
            run: The run directory.
            say: Told what the run's reader must know.
        """
        self._run, self._path, self._say = run, storage.join(run, _NAME), say
        self._pid = os.getpid()
        self._mine: dict[str, Any] = {
            **named(self._pid),
            "started": time.time(),
            "token": uuid.uuid4().hex,
        }
        self._content = b""
        self._renewed = 0.0
        self._lost = ""
        self._alone, self._done = threading.Lock(), threading.Event()

    def check(self) -> None:
        """Return if the run is still this driver's; call it before each commit.

        It asks the store only where a renewal is overdue: the machine has slept, or the store did not answer.

        Raises:
            ManifestError: Another driver has taken the lock over or may have, or somebody has removed it.
        """
        if self._overdue() > STALE_SECONDS / 2:
            try:
                self._renew()
            except Exception as error:
                if self._overdue() > STALE_SECONDS:
                    raise ManifestError(
                        f"{self._path} could not be renewed for {self._overdue():.0f} s ({error}); another driver may "
                        "have taken the run over, so this one stops"
                    ) from error
        if self._lost:
            raise ManifestError(self._lost)

    def take(self) -> None:
        """Take the lock and begin to renew it.

        Raises:
            ManifestError: Another driver holds it.
        """
        for _ in range(_TRIES):
            self._renewed, self._content = _now(), self._text()
            if storage.put_if_absent(self._path, self._content) or self._take_over():
                threading.Thread(target=self._keep, name="run-lock", daemon=True).start()
                return
        raise ManifestError(f"{self._run} is in use by drivers that come and go; {self._path} is theirs")

    def _take_over(self) -> bool:
        """Take a lock over whose driver is no more; False where it has changed meanwhile.

        Raises:
            ManifestError: There is no reason to.
        """
        content = _read(self._path)
        if content is None:
            return False
        holder = _parsed(content)
        silent = 0.0 if is_gone(holder) else _age(self._path, holder)
        if not is_gone(holder) and silent <= STALE_SECONDS:
            age = round(time.time() - float(holder.get("started", time.time())))
            raise ManifestError(
                f"{self._run} is in use by {_name(holder)}, for {age} s; if that driver is dead, remove {self._path} "
                f"or wait until it was not renewed for {STALE_SECONDS:.0f} s"
            )
        if not storage.replace_if_unchanged(self._path, self._content, content):
            return False
        if silent:
            self._say(f"took the run over from {_name(holder)}, which had not renewed its lock for {silent:.0f} s")
        return True

    def release(self) -> None:
        """Remove the lock if it is still ours; a process that was forked while it was held leaves it."""
        self._done.set()
        if os.getpid() != self._pid:
            return
        try:
            self._renew()  # nobody takes over what is just renewed, so what is removed then is ours
            if not self._lost:
                storage.remove(self._path)
        except Exception as error:
            self._say(f"{self._path} stays, for it could not be removed ({error}); it may be taken over later")

    def _keep(self) -> None:
        while not self._lost and not self._done.wait(RENEW_SECONDS):
            try:
                self._renew()
            except Exception:  # noqa: S112  (the next time may go well; check() counts how long none did)
                continue

    def _renew(self) -> None:
        """Write the lock anew, or note that it is lost."""
        with self._alone:
            while not self._lost:
                now, content = _now(), self._text()
                if storage.replace_if_unchanged(self._path, content, self._content):
                    self._renewed, self._content = now, content
                    return
                present = _read(self._path)
                holder = _parsed(present or b"")
                if present is not None and holder.get("token") == self._mine["token"]:
                    self._content = present  # an earlier renewal was done, though the store's answer was lost
                    continue
                who = "somebody has removed it" if present is None else f"{_name(holder)} has taken it over"
                self._lost = (
                    f"{self._path} is no longer this driver's: {who}; this driver stops, so that two do not write"
                )
                if not self._done.is_set():
                    self._say(self._lost)

    def _text(self) -> bytes:
        return json.dumps({**self._mine, "renewed": time.time()}, indent=1, sort_keys=True).encode()

    def _overdue(self) -> float:
        return _now() - self._renewed


def _now() -> float:
    return time.clock_gettime(_CLOCK)


def _read(path: str) -> bytes | None:
    try:
        return storage.read(path)
    except FileNotFoundError:
        return None


def _parsed(content: bytes) -> dict[str, Any]:
    """Return what a lock says, nothing where it is damaged: then its age alone decides."""
    try:
        holder = json.loads(content)
    except ValueError:
        return {}
    return holder if isinstance(holder, dict) else {}


def _age(path: str, holder: dict[str, Any]) -> float:
    """Return the seconds since a lock was written."""
    try:
        age = storage.age(path)
    except FileNotFoundError:
        return 0.0
    return time.time() - float(holder.get("renewed", time.time())) if age is None else age


def _name(holder: dict[str, Any]) -> str:
    return f"process {holder.get('pid', 'unknown')} on {holder.get('host', 'an unknown host')}"
