"""Compile the engine and keep the result on disk, so that no reader waits for it.

Run as ``python -m nnlab.warm``; ``make lab`` does.
"""

from nnlab.experiment import Experiment
from nnlab.sweep import sweep

if __name__ == "__main__":
    run = Experiment(learning_rate=5.0).run()
    print(f"compiled: {run!r}, mean loss {run.history.loss[-1]:.4f}")
    other = Experiment(optimizer="adam", max_updates=10).run()
    print(f"compiled: {other!r}")
    runs = sweep(run.experiment, init_seed=range(2), progress=False)
    print(f"compiled: {runs!r}")
