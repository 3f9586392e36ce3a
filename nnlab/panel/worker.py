"""A background thread in which only the latest request counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

Stale = Callable[[], bool]


class Superseded(threading.Event):
    """Set as soon as a newer request has come; to be called, as ``Stale``, or waited for."""

    def __call__(self) -> bool:
        """Return whether one has come."""
        return self.is_set()


class LatestWins:
    """Does one request at a time; a newer one makes the one under way stale.

    The thread lives only while there is work: nothing has to be shut down.

    Args:
        work: called as ``work(request, stale)``; it should return soon after ``stale()`` is True,
            and wait, if it has to, with ``stale.wait(seconds)``.
        failed: called with an exception that ``work`` raised.
    """

    def __init__(
        self, work: Callable[[Any, Superseded], None], failed: Callable[[Exception], None]
    ) -> None:
        self._work = work
        self._failed = failed
        self._changed = threading.Condition()
        self._request: Any = None  # None once it is taken or taken back
        self._stale = Superseded()  # of the latest request
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, request: Any) -> None:
        """Ask for this from now on."""
        with self._changed:
            if self._closed:
                return
            self._supersede(request)
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="nnlab", daemon=True)
                self._thread.start()

    def cancel(self) -> None:
        """Make the work under way stale, without asking for other work."""
        with self._changed:
            self._supersede(None)

    def close(self) -> None:
        """Make the work under way stale and accept no more."""
        self.cancel()
        self._closed = True

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all is done; False if it was not within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, timeout)

    def _supersede(self, request: Any) -> None:
        self._stale.set()
        self._request, self._stale = request, Superseded()

    def _loop(self) -> None:
        while True:
            with self._changed:
                stale, request, self._request = self._stale, self._request, None
                if request is None:
                    self._thread = None
                    self._changed.notify_all()
                    return
            try:
                self._work(request, stale)
            except Exception as error:  # shown in the panel; the thread must go on
                if not stale():  # what is no longer asked for says nothing
                    self._failed(error)
