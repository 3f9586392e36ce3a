"""How fast the engine is, as ratios measured within one run: `make bench`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

import nnlab
from benchmarks import peers
from benchmarks.table import REPETITIONS, heading, medians, ratio, row, taken
from nnlab.engine.lanes import LANES
from nnlab.engine.training import Ensemble, start
from nnlab.reference import train as reference_train

PREFIX = 6_000  # updates of the run at 0.05 that the slow loops are timed on


def main() -> None:
    """Print the tables."""
    article = nnlab.Experiment()
    article.run()  # loads the compiled engine; what is timed comes after it
    against_c(article)
    against_numpy(article)
    in_lanes(article)
    on_two_cores(article)
    peers.scikit_learn()
    if importlib.util.find_spec("torch"):
        peers.pytorch()
    else:
        heading("PyTorch is not installed: `make peers` adds it, and its rows to this table")
    heading("this machine")
    row("cores", f"{os.cpu_count()}")
    if hasattr(os, "getloadavg"):
        row("load over the last 1, 5 and 15 minutes", " ".join(f"{x:.1f}" for x in os.getloadavg()))


def against_c(article: nnlab.Experiment) -> None:
    """The article's run at 0.05 by the engine and by a C program for exactly this network."""
    heading("the article's run at 0.05, and a C program that can do nothing else")
    compiler = shutil.which("cc")
    if compiler is None:
        row("no C compiler here", "–")
        return
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "yardstick")
        source = str(Path(__file__).with_name("yardstick.c"))
        options = ["-O3", "-march=native", "-ffp-contract=off"]
        subprocess.run([compiler, *options, "-o", program, source, "-lm"], check=True)

        def c(rate: float) -> tuple[int, float]:
            out = subprocess.run([program, str(rate)], capture_output=True, text=True, check=True)
            updates, nanoseconds = out.stdout.split()
            return int(updates), float(nanoseconds)

        runs = [article.replace(learning_rate=rate).run() for rate in (5.0, 0.05)]
        assert [c(rate)[0] for rate in (5.0, 0.05)] == [run.updates for run in runs]
        pairs = [(article.run(), c(0.05)[1]) for _ in range(3 * REPETITIONS)]
    engine = min(1e9 * run.seconds / run.updates for run, _ in pairs)
    program_alone = min(nanoseconds for _, nanoseconds in pairs)
    row("C, per update", f"{program_alone:.0f} ns")
    row("engine, per update", f"{engine:.0f} ns")
    row("engine ÷ C (at most 1.4)", ratio(engine / program_alone))


def in_lanes(article: nnlab.Experiment) -> None:
    """Many runs one after the other and in lock step, on one thread."""
    heading("many runs on one thread, history not kept")
    seeds = article.replace(init="uniform", max_updates=200_000)
    for count, rate in ((1_000, 5.0), (100, 0.5), (100, 5.0)):
        experiment = seeds.replace(learning_rate=rate)
        starts = np.stack([start(experiment.replace(init_seed=k)) for k in range(count)])

        def trained(lanes: int, experiment=experiment, starts=starts) -> None:
            together = Ensemble(experiment, starts.copy(), lanes=lanes)
            while together.running:
                together.advance(0.05)

        times = taken(alone=partial(trained, 1), lanes=partial(trained, LANES))
        alone, lanes = min(times["alone"]), min(times["lanes"])
        name = f"{count:,} seeds at {rate}"
        row(f"{name}, in {LANES} lanes", f"{1e3 * lanes:.0f} ms")
        row(f"{name}, one by one ÷ in lanes", ratio(alone / lanes))


def against_numpy(article: nnlab.Experiment) -> None:
    """The article's run at 0.05 by the engine and by plain NumPy, and what a new process waits."""
    run = article.run()
    prefix = article.replace(max_updates=PREFIX)
    times = medians(
        engine=lambda: article.run(),
        reference=lambda: reference_train(prefix),
        loop=lambda: plain_loop(article, PREFIX),
    )
    update = times["engine"] / run.updates
    heading("the article's run at 0.05, history included")
    row("engine, per update", f"{1e6 * update:.3f} µs")
    row("nnlab.reference ÷ engine", ratio(times["reference"] / PREFIX / update))
    row("notebook 1's plain NumPy loop ÷ engine", ratio(times["loop"] / PREFIX / update))
    row("rows of history kept", f"{len(run.history):,} of {run.updates:,}")
    imported, first = fresh_process()
    heading("a fresh process, cache warm")
    row("import nnlab (limit 1 s)", f"{imported:.2f} s")
    row("first run, which imports Numba (limit 1 s)", f"{first:.2f} s")


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
    printed = [
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        for _ in range(REPETITIONS)
    ]
    imported, first = zip(*printed, strict=True)
    return statistics.median(map(float, imported)), statistics.median(map(float, first))


def on_two_cores(article: nnlab.Experiment) -> None:
    """One sweep on one thread and on two; what else the machine does can only make it worse."""
    endless = article.replace(learning_rate=5.0, init="uniform", tolerance=0.0, max_updates=20_000)

    def sweep(threads: int) -> None:
        with ThreadPoolExecutor(threads) as executor:
            nnlab.sweep(endless, init_seed=range(800), executor=executor, progress=False)

    times = taken(one=lambda: sweep(1), two=lambda: sweep(2))
    one, two = min(times["one"]), min(times["two"])
    heading(f"a sweep of 800 runs of 20,000 updates, best of {REPETITIONS}")
    row("one thread", f"{one:.2f} s")
    row("one thread ÷ two threads (at least 1.8)", f"{one / two:.2f} ×")


if __name__ == "__main__":
    main()
