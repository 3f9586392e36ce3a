"""Compile the engine and keep the result on disk, so that no reader waits for it.

Run as ``python -m nnlab.warm``; ``make lab`` does.
"""

import numpy as np

from nnlab.engine.lanes import LANES
from nnlab.engine.training import Ensemble, start
from nnlab.experiment import Experiment


def main() -> None:
    """Use each entry point of the engine once."""
    run = Experiment(learning_rate=5.0).run()
    print(f"compiled: {run!r}, mean loss {run.history.loss[-1]:.4f}")
    other = Experiment(optimizer="adam", max_updates=10).run()
    print(f"compiled: {other!r}")
    # Not by a sweep: how many cells it runs side by side depends on the machine's cores.
    many = Ensemble(run.experiment, np.tile(start(run.experiment), (LANES, 1)))
    while many.running:  # to compile may take longer than one call is given
        many.advance(seconds=1.0)
    print(f"compiled: {LANES} runs side by side, {many.ends['updates'].max()} updates each")


if __name__ == "__main__":
    main()
