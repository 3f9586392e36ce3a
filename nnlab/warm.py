"""Compile the engine and keep the result on disk, so that no reader waits for it.

Run as ``python -m nnlab.warm``; ``make lab`` does.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context

import numpy as np

from nnlab.engine import loop
from nnlab.engine.lanes import LANES
from nnlab.engine.layout import answers
from nnlab.engine.training import Ensemble, start
from nnlab.experiment import Experiment

ARTICLE = Experiment(learning_rate=5.0)


def main() -> None:
    """Use each entry point of the engine once: in processes side by side, where that can be."""
    names = [entry.py_func.__name__ for entry in loop.ENTRIES]
    cores, came = os.cpu_count() or 1, {}
    if cores > 1:
        with (
            suppress(BrokenProcessPool, OSError),
            ProcessPoolExecutor(min(cores, len(names)), get_context("spawn")) as pool,
        ):
            came = dict(zip(names, pool.map(use, names), strict=True))
    for name in names:
        print(f"compiled: {name}, {came.get(name) or use(name)}")


def use(name: str) -> str:
    """Call an entry point, by name; return what came of it."""
    if name == "answer":
        outputs = answers(ARTICLE, start(ARTICLE)[np.newaxis], ARTICLE.data.inputs)
        return f"{outputs.size} outputs"
    experiment = ARTICLE if "usual" in name else ARTICLE.replace(optimizer="adam", max_updates=10)
    runs = LANES if "lanes" in name else 1
    # Not by a sweep: how many cells it runs side by side depends on the machine's cores.
    many = Ensemble(experiment, np.tile(start(experiment), (runs, 1)))
    while many.running:  # to compile may take longer than one call is given
        many.advance(seconds=1.0)
    return f"{many.ends['updates'].max()} updates"


if __name__ == "__main__":
    main()
