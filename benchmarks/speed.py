"""How fast the engine is, as ratios measured within one run: `make bench`.

Machines are noisy, so every ratio compares medians of alternating repetitions in one process.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

import nnlab
from nnlab.reference import train as reference_train

REPETITIONS = 5
PREFIX = 6_000  # updates of the run at 0.05 that the slow loops are timed on


def main() -> None:
    """Print the table."""
    article = nnlab.Experiment()
    run = article.run()  # loads the compiled engine; the timed runs below come after it
    prefix = article.replace(max_updates=PREFIX)
    seconds = medians(
        engine=lambda: article.run(),
        reference=lambda: reference_train(prefix),
        loop=lambda: plain_loop(article, PREFIX),
    )
    each = {
        "engine": seconds["engine"] / run.updates,
        "reference": seconds["reference"] / PREFIX,
        "loop": seconds["loop"] / PREFIX,
    }
    row("the article's run at 0.05, history included", "")
    row("  engine, per update", f"{1e6 * each['engine']:.3f} µs")
    row("  nnlab.reference ÷ engine", f"{each['reference'] / each['engine']:.0f} ×")
    row("  notebook 1's plain NumPy loop ÷ engine", f"{each['loop'] / each['engine']:.0f} ×")
    row("  rows of history kept", f"{len(run.history):,} of {run.updates:,}")
    imported, first = fresh_process()
    row("import nnlab, fresh process (limit 1.5 s)", f"{imported:.2f} s")
    row("first run, fresh process, cache warm (limit 0.5 s)", f"{first:.2f} s")


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:<54}{value:>16}", flush=True)


def medians(**jobs: Callable[[], object]) -> dict[str, float]:
    """Return each job's median time in seconds, the jobs taking turns."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(REPETITIONS):
        for name, job in jobs.items():
            begin = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(taken) for name, taken in times.items()}


def plain_loop(article: nnlab.Experiment, updates: int) -> None:
    """Notebook 1's training loop for exactly this network, for so many updates."""
    hidden_weights, output_weights = article.initial_weights()
    done = 0
    while done < updates:
        for inputs, target in zip(article.data.inputs, article.data.targets, strict=True):
            x = np.append(inputs, 1.0)
            h = np.append(1 / (1 + np.exp(-(x @ hidden_weights))), 1.0)
            y = 1 / (1 + np.exp(-(h @ output_weights)))
            output_delta = (y - target) * y * (1 - y)
            hidden_delta = (output_weights[:-1] @ output_delta) * h[:-1] * (1 - h[:-1])
            output_weights -= article.learning_rate * np.outer(h, output_delta)
            hidden_weights -= article.learning_rate * np.outer(x, hidden_delta)
            done += 1


def fresh_process() -> tuple[float, float]:
    """Return the median times of ``import nnlab`` and of the first run, each in a new process."""
    code = (
        "import time; a = time.perf_counter(); import nnlab; b = time.perf_counter();"
        "nnlab.Experiment(learning_rate=5.0).run(); print(b - a, time.perf_counter() - b)"
    )
    command = [sys.executable, "-c", code]
    taken = [
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(REPETITIONS)
    ]
    imported, first = zip(*taken, strict=True)
    return statistics.median(map(float, imported)), statistics.median(map(float, first))


if __name__ == "__main__":
    main()
