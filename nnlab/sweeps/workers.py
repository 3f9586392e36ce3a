"""Where chunks of cells are run: threads on all cores, or an executor from elsewhere."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np

from nnlab.sweeps.cells import Batch, ended, run_chunk

_LOOK_SECONDS = 0.05  # between two looks for an interrupt that does not wake the main thread


class Workers:
    """Runs chunks and hands back records as they come, to be used in a ``with`` block.

    Own threads report every 10 ms or so and can be stopped as soon. An executor from elsewhere
    reports whole chunks; when stopped, it drops those that have not begun.

    Args:
        executor: None means threads, one a core.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        self._executor = executor
        self._own = None if executor else ThreadPoolExecutor(_cores(), "nnlab")
        self._news: queue.SimpleQueue[np.ndarray | Future] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._futures: list[Future] = []

    def results(self, chunks: list[list[Batch]]) -> Iterator[np.ndarray]:
        """Run all chunks and yield the records of cells that have ended, in any order."""
        for chunk in chunks:
            self._futures.append(self._submit(chunk))
            self._futures[-1].add_done_callback(self._news.put)
        running = len(chunks)
        while running:
            try:
                news = self._news.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
            running -= isinstance(news, Future)
            yield news.result() if isinstance(news, Future) else news

    def stop(self) -> Iterator[np.ndarray]:
        """End what can be ended and yield the records that have come in meanwhile."""
        self._stopped.set()
        for future in self._futures:
            future.cancel()
        if self._own is not None:
            self._own.shutdown()
        while not self._news.empty():
            news = self._news.get()
            if not isinstance(news, Future):
                yield news
            elif not news.cancelled() and news.exception() is None:
                yield news.result()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for _ in self.stop():
            pass

    def _submit(self, chunk: list[Batch]) -> Future:
        if self._own is not None:
            return self._own.submit(self._reported, chunk)
        assert self._executor is not None
        return self._executor.submit(run_chunk, chunk)

    def _reported(self, chunk: list[Batch]) -> np.ndarray:
        """Run a chunk, reporting on the way; the rest, which is none, is the result."""
        for records in ended(chunk):
            self._news.put(records)
            if self._stopped.is_set():
                break
        return records[:0]


def _cores() -> int:
    """Number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
