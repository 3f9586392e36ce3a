"""One setting from many starts: what is true of it, and what was luck."""

from __future__ import annotations

import numpy as np

from nnlab.engine.training import Training
from nnlab.experiment import Experiment
from nnlab.run import Run, snapshot

MOST_UPDATES = 200_000  # of each start: a hundred runs of millions would not be live
_ROWS = 64  # of each history


class Crowd:
    """Runs from seeds 0, 1, 2, … of start, order and dropout: ``advance`` while ``running``.

    They are trained one after the other, so that those done are a fair sample of all.

    Args:
        experiment: what to train; its budget is cut to ``MOST_UPDATES``.
        seeds: how many.
    """

    def __init__(self, experiment: Experiment, seeds: int = 100) -> None:
        self.budget = min(experiment.max_updates, MOST_UPDATES)
        self.experiment = experiment.replace(max_updates=self.budget)
        self.seeds = seeds
        self.runs: list[Run] = []
        self._training: Training | None = None

    @property
    def running(self) -> bool:
        """Whether a start is left."""
        return len(self.runs) < self.seeds

    def advance(self, done: int) -> None:
        """Train on, by 10 ms of the run under way, or until so many more runs are done."""
        for _ in range(min(done, self.seeds - len(self.runs))):
            if self._training is None:
                seed = len(self.runs)
                member = self.experiment.replace(init_seed=seed, order_seed=seed)
                self._training = Training(member, capacity=_ROWS)
            self._training.advance(0.01)
            if self._training.outcome == "running":
                return
            self.runs.append(snapshot(self._training, self._training.outcome))
            self._training = None

    @property
    def updates(self) -> np.ndarray:
        """Updates until learned, shape (runs done,); infinity where it was not."""
        return np.array([run.updates if run.converged else np.inf for run in self.runs])

    def percentiles(self) -> tuple[float, float, float]:
        """Return the 10th, 50th and 90th percentile of ``updates``, by nearest rank."""
        low, middle, high = np.percentile(self.updates, (10, 50, 90), method="nearest")
        return float(low), float(middle), float(high)

    def summary(self) -> tuple[float, float, float, float]:
        """Return the three percentiles and the solve rate: the share that learned."""
        return (*self.percentiles(), float(np.mean(np.isfinite(self.updates))))
