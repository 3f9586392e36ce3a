"""Where chunks of cells are run: threads on all cores, or an executor from elsewhere."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.run import told_to_stop
from nnlab.sweeps.cells import RECORD, Batch, ended, run_chunk

_MANY = 64  # chunks, or more: enough to keep many workers busy to the end
_CHUNKS_A_CORE = 8  # likewise for threads, which wait for each other while a chunk begins
_LOOK_SECONDS = 0.05  # between two looks for an interrupt that does not wake the main thread
_PATIENCE_SECONDS = 0.5  # with an executor from elsewhere that has been told to stop


class Workers:
    """Runs chunks and hands back records as they come, to be used in a ``with`` block.

    Own threads report every 10 ms or so and can be stopped as soon. An executor from elsewhere
    reports whole chunks; when stopped, it drops those that have not begun, and those under way end
    as soon as own ones where they run on this machine.

    Args:
        executor: an ``Executor`` or a Dask client; None means threads, one a core.

    Raises:
        TypeError: if it is something else.
    """

    def __init__(self, executor: Any = None) -> None:
        self._executor = _checked(executor)
        self._own = ThreadPoolExecutor(_cores(), "nnlab") if self._executor is None else None
        self._news: list[Any] = []  # records, and futures that are done, as they came
        self._read = 0  # of them; none is let go before it is, or an interrupt could lose it
        self._bell = threading.Event()
        self._stopped = threading.Event()
        self._flag = _new_flag() if self._own is None else None
        self._futures: list[Future] = []

    @property
    def chunks(self) -> int:
        """Into how many chunks the work should be cut, or more."""
        return _MANY if self._own is None else _CHUNKS_A_CORE * _cores()

    def results(self, chunks: list[list[Batch]]) -> Iterator[np.ndarray]:
        """Run all chunks and yield the records of cells that have ended, in any order."""
        waiting, running = deque(chunks), len(chunks)
        while running:
            if told_to_stop():
                raise KeyboardInterrupt
            if waiting:
                self._submit(waiting.popleft())
            else:
                self._bell.wait(_LOOK_SECONDS)
                self._bell.clear()
            for news in self._unread():
                running -= isinstance(news, Future)
                yield news.result() if isinstance(news, Future) else news

    def stop(self) -> Iterator[np.ndarray]:
        """End what can be ended and yield the records that have come in meanwhile."""
        self._stopped.set()
        if self._flag is not None:
            self._flag.write_text("stop")
        for future in self._futures:
            future.cancel()
        if self._own is not None:
            self._own.shutdown()
        wait([each for each in self._futures if not each.done()], _PATIENCE_SECONDS)
        for news in self._unread():
            if not isinstance(news, Future):
                yield news
            elif not news.cancelled() and news.exception() is None:
                yield news.result()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for _ in self.stop():
            pass
        self._tidy()
        for future in self._futures:
            future.add_done_callback(self._tidy)

    def _submit(self, chunk: list[Batch]) -> None:
        if self._own is not None:
            future = self._own.submit(self._reported, chunk)
        else:
            assert self._executor is not None and self._flag is not None
            future = self._executor.submit(run_chunk, chunk, partial(_is_up, self._flag))
        self._futures.append(future)
        future.add_done_callback(self._put)

    def _reported(self, chunk: list[Batch]) -> np.ndarray:
        """Run a chunk, reporting on the way; the rest, which is none, is the result."""
        for records in ended(chunk, self._stopped.is_set):
            self._put(records)
        return np.empty(0, RECORD)

    def _put(self, news: np.ndarray | Future) -> None:
        self._news.append(news)
        self._bell.set()

    def _unread(self) -> Iterator[Any]:
        while self._read < len(self._news):
            yield self._news[self._read]
            self._news[self._read] = None
            self._read += 1

    def _tidy(self, *_: Future) -> None:
        """Remove the flag once nobody looks at it any more."""
        if self._flag is not None and all(each.done() for each in self._futures):
            self._flag.unlink(missing_ok=True)


def _new_flag() -> Path:
    """Return an empty file; with something in it, it tells every process of this machine to stop.

    It is all that reaches a chunk under way in whatever executor.
    """
    handle, path = tempfile.mkstemp(prefix="nnlab-sweep-")
    os.close(handle)
    return Path(path)


def _is_up(flag: Path) -> bool:
    try:
        return flag.stat().st_size > 0
    except OSError:  # not this machine: nobody can tell us
        return False


def _checked(executor: Any) -> Executor | None:
    """Return the executor that was given or that belongs to what was given."""
    of_client = getattr(executor, "get_executor", None)  # as Dask names it
    if callable(of_client) and not isinstance(executor, type):
        return of_client()
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(
            "executor must be a concurrent.futures.Executor, as in ProcessPoolExecutor(), a Dask "
            f"client or None; got {checks.shown(executor)}"
        )
    return executor


def _cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
