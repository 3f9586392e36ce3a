"""Experiments in training: a single run, or many runs in lock step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from nnlab.engine import loop
from nnlab.engine.lanes import LANES
from nnlab.engine.layout import jobs_for, memory_for, plan_for
from nnlab.engine.own import raise_failure
from nnlab.engine.records import IDLE, OUTCOMES, RUNNING, Plan
from nnlab.experiment import Experiment

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]

_CHUNK_SECONDS = 0.002  # the time between two looks at the clock
_FIRST_PRODUCTS = 200_000  # weights times patterns: what any machine does in that time


class Ensemble:
    """Runs of one experiment from many starts, under way: ``advance`` while ``running``.

    A few of them advance in lock step, so that the machine treats numbers of several runs by one
    instruction; each gives bit for bit what it would give alone.

    Args:
        experiment: what they share.
        weights: the starts, shape (runs, parameters); runs that have ended leave their final
            weights here.
        rates: learning rates, shape (runs, 1), or one a layer of weights, shape (runs, layers);
            None leaves the experiment's own to all.
        order_seeds: of order and dropout, one a run; None leaves the experiment's own to all.
        rows: of history to be kept of each run at the most, at least 8, the last moment not
            counted; 0 keeps none. A quarter of them is the dense start: one row an epoch where an
            epoch has at most 64 updates, else one an update.
        lanes: how many runs advance in lock step, 1 or ``LANES``; None chooses.

    Attributes:
        ends: one record of ``loop.END`` a run; the outcome of one that has not ended is RUNNING.
        seconds: spent in training.
    """

    def __init__(
        self,
        experiment: Experiment,
        weights: np.ndarray,
        rates: np.ndarray | None = None,
        order_seeds: Sequence[int] | None = None,
        rows: int = 0,
        lanes: int | None = None,
    ) -> None:
        self.experiment = experiment
        self.seconds = 0.0
        self.weights = weights
        lanes = lanes or (LANES if len(weights) > 1 else 1)
        self._plan = plan_for(experiment, lanes, dense_rows=rows // 4)
        self._advance = _entry(self._plan, lanes)
        self._memory = memory_for(
            experiment, lanes, weights.shape[1], experiment.patterns_per_update
        )
        self._jobs = jobs_for(experiment, weights, rates, order_seeds, rows)
        products = lanes * weights.shape[1] * experiment.patterns_per_update  # a step's, about
        self._chunk = max(1, min(256, _FIRST_PRODUCTS // products))  # steps; grows from there

    @property
    def ends(self) -> np.ndarray:
        """How each run ended, (runs,) records."""
        return self._jobs.ends

    @property
    def running(self) -> bool:
        """Whether a run is left."""
        clock = self._memory.clock[0]
        return bool(clock["busy"] > 0 or clock["next_run"] < len(self.ends))

    def advance(self, seconds: float) -> np.ndarray:
        """Train for about that long, or until all runs have ended; return those that ended now."""
        begin = now = time.perf_counter()
        before = self.ends["outcome"] != RUNNING
        while self.running and now - begin < seconds:
            self._advance(self._plan, self._memory, self._jobs, self._chunk)
            raise_failure()
            last, now = now, time.perf_counter()
            if now - last < _CHUNK_SECONDS:
                self._chunk *= 2
        self.seconds += now - begin
        return np.flatnonzero((self.ends["outcome"] != RUNNING) & ~before)

    def history(self, run: int) -> Rows:
        """Copies of an ended run's rows, the last moment last.

        Returns:
            Their updates (n,), weights (n, parameters) and errors of the patterns as last
            presented (n, patterns); for more than 64 patterns the errors have no columns.
        """
        rows, jobs = self.ends["rows"][run], self._jobs
        columns = (jobs.row_updates, jobs.row_weights, jobs.row_errors)
        return tuple(column[run, :rows].copy() for column in columns)


class Training:
    """A run under way: ``advance`` it until ``outcome`` is no longer "running".

    Args:
        experiment: what to train.
        capacity: rows of history at the most; by default as many as fit 500,000 numbers, within
            64 and 2,048.
    """

    def __init__(self, experiment: Experiment, capacity: int | None = None) -> None:
        self.experiment = experiment
        weights = start(experiment)
        capacity = capacity or int(np.clip(500_000 // len(weights), 64, 2048))
        self._alone = Ensemble(experiment, weights[np.newaxis], rows=capacity, lanes=1)

    @property
    def outcome(self) -> str:
        """One of ``OUTCOMES``."""
        return OUTCOMES[self._end["outcome"]]

    @property
    def seconds(self) -> float:
        """Time spent in training."""
        return self._alone.seconds

    @property
    def updates(self) -> int:
        """Weight updates done."""
        return int(self._end["updates"] if self._ended else self._alone._memory.clock["steps"][0])

    @property
    def epochs(self) -> int:
        """Complete passes through the data done."""
        return self.updates // self.experiment.updates_per_epoch

    @property
    def samples_seen(self) -> int:
        """Patterns that took part in an update, repetitions counted."""
        return self.experiment.samples_in(self.updates)

    @property
    def weights(self) -> np.ndarray:
        """Copy of the flat vector of weights and what stands behind them, shape (parameters,)."""
        begun = self._alone._memory.state["run"][0] != IDLE
        return (self._alone._memory.weights if begun else self._alone.weights[0]).copy()

    def advance(self, seconds: float) -> None:
        """Train for about that long, or to the end of the run if it comes first."""
        self._alone.advance(seconds)

    def history(self) -> Rows:
        """Copies of the rows, the newest moment last; see ``Ensemble.history``."""
        if self._ended:
            return self._alone.history(0)
        memory, jobs = self._alone._memory, self._alone._jobs
        rows = max(1, int(memory.state["rows"][0]))  # the start is there before the run begins
        if jobs.row_updates[0, rows - 1] == self.updates:
            rows -= 1
        columns = (jobs.row_updates[0], jobs.row_weights[0], jobs.row_errors[0])
        errors = memory.errors if self.updates else jobs.row_errors[0, 0]
        now = (self.updates, self.weights, errors[: columns[2].shape[1]])
        return tuple(  # type: ignore[return-value]
            np.concatenate([column[:rows], np.asarray(newest)[np.newaxis]])
            for column, newest in zip(columns, now, strict=True)
        )

    @property
    def _end(self) -> np.ndarray:
        return self._alone.ends[0]

    @property
    def _ended(self) -> bool:
        return bool(self._end["outcome"] != RUNNING)


def start(experiment: Experiment) -> np.ndarray:
    """Return all that the network is made of at the start as one flat vector, (parameters,)."""
    return np.concatenate([part.ravel() for part in experiment.initial_parameters()])


def _entry(plan: Plan, lanes: int) -> Callable:
    """Return the compiled loop for that plan."""
    known = loop.usual(lanes).items()
    usual = all(np.array_equal(getattr(plan, name), value) for name, value in known)
    if lanes > 1:
        return loop.advance_usual_lanes if usual else loop.advance_lanes
    return loop.advance_usual if usual else loop.advance
