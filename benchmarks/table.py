"""What the tables of speed are made of: jobs that take turns, and their rows.

Machines are noisy, so every ratio compares repetitions that alternate in one process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

REPETITIONS = 5
_LEAST_SECONDS = 0.05  # a repetition; the clock and other programs disturb what is shorter


def heading(name: str) -> None:
    """Print a line that stands above others."""
    print(f"\n{name}", flush=True)


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"  {name:<70}{value:>12}", flush=True)


def ratio(number: float) -> str:
    """Say how many times as long something takes, to two digits."""
    return f"{number:.1f} ×" if number < 9.95 else f"{float(f'{number:.2g}'):,.0f} ×"


def seconds(job: Callable[[], Any]) -> float:
    """Return how long a call takes; a short job is called again and again."""
    begin, calls, passed = time.perf_counter(), 0, 0.0
    while passed < _LEAST_SECONDS:
        job()
        calls += 1
        passed = time.perf_counter() - begin
    return passed / calls


def taken(**jobs: Callable[[], Any]) -> dict[str, list[float]]:
    """Return the seconds of every repetition of each job, the jobs taking turns."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(REPETITIONS):
        for name, job in jobs.items():
            times[name].append(seconds(job))
    return times


def medians(**jobs: Callable[[], Any]) -> dict[str, float]:
    """Return each job's median time in seconds, the jobs taking turns."""
    return {name: statistics.median(times) for name, times in taken(**jobs).items()}
