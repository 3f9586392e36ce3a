"""Ensemble short runs as one job: what a tiny run costs in Python is paid once for thousands.

The runs share all of an experiment but the learning rate and the start. They follow each other in
one memory, so that each gives bit for bit what it would give alone.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from nnlab.engine.compiler import kept_on_disk, source_fingerprint
from nnlab.engine.loop import RUNNING, advance
from nnlab.engine.training import memory_for, plan_for
from nnlab.experiment import Experiment

_CALL_SECONDS = 0.01  # a call into compiled code takes that long or up to twice as long
_FIRST_PRODUCTS = 200_000  # weights times patterns: what any machine does in that time

END = np.dtype([("outcome", "i8"), ("updates", "i8"), ("epochs", "i8")])


def _cached_on_disk(fingerprint: str) -> Any:
    def advance_many(plan, memory, fresh, run, rates, rate_of, weights, ends, updates):
        """Train run after run until so many updates are done; return which run is under way."""
        fingerprint  # noqa: B018 - a closure variable, so that the cache is kept under its value
        while run < len(ends):
            state = memory.state[0]
            until = state.updates + updates
            advance(plan, memory, until)
            updates = until - state.updates
            if state.outcome == RUNNING:
                break
            ends[run].outcome = state.outcome
            ends[run].updates = state.updates
            ends[run].epochs = state.epochs
            for k in range(len(memory.weights)):
                weights[run, k] = memory.weights[k]
            run += 1
            if run < len(ends):
                memory.state[0] = fresh[0]
                memory.moments[:] = 0.0
                for pattern in range(len(memory.order)):
                    memory.order[pattern] = pattern
                for k in range(len(memory.weights)):
                    memory.weights[k] = weights[run, k]
                for k in range(len(memory.rates)):
                    memory.rates[k] = rates[run, rate_of[k]]
        return run

    return kept_on_disk(advance_many)


advance_many_cached = _cached_on_disk(source_fingerprint())


class Ensemble:
    """Runs of one experiment from many starts, under way: ``advance`` until ``running`` is False.

    Args:
        experiment: what they share.
        weights: the starts, shape (runs, parameters); runs that have ended leave their final
            weights here.
        rates: learning rates, shape (runs, 1), or one a layer of weights, shape (runs, layers);
            None leaves the experiment's own to all.
    """

    def __init__(
        self, experiment: Experiment, weights: np.ndarray, rates: np.ndarray | None = None
    ) -> None:
        self.ends = np.zeros(len(weights), END)
        self.weights = weights
        self._plan = plan_for(experiment, dense_rows=0)
        shared = experiment if rates is None else _numbered(experiment, rates.shape[1])
        self._memory = memory_for(shared, weights[0].copy(), capacity=1)
        self._memory.state["next_row"] = -1  # no history
        self._fresh = self._memory.state.copy()
        if rates is None:
            rates = np.tile(self._memory.rates, (len(weights), 1))
            self._rate_of = np.arange(rates.shape[1])
        else:
            self._rate_of = self._memory.rates.astype(np.int64) - 1
            self._memory.rates[:] = rates[0, self._rate_of]
        self._rates = rates
        self._run = 0
        products = weights.shape[1] * experiment.patterns_per_update  # an update's work, about
        self._updates = max(1, _FIRST_PRODUCTS // products)  # a call; grows from there

    @property
    def running(self) -> bool:
        """Whether a run is left."""
        return self._run < len(self.ends)

    def advance(self) -> slice:
        """Train for some 10 ms, or to the end of the last run; return which runs have ended."""
        first, begin = self._run, time.perf_counter()
        self._run = advance_many_cached(
            self._plan,
            self._memory,
            self._fresh,
            first,
            self._rates,
            self._rate_of,
            self.weights,
            self.ends,
            self._updates,
        )
        if time.perf_counter() - begin < _CALL_SECONDS:
            self._updates *= 2
        return slice(first, self._run)


def _numbered(experiment: Experiment, columns: int) -> Experiment:
    """Return it with learning rates that tell from which column the engine takes each of its own.

    An experiment's rates are above 0, so they count from 1.
    """
    return experiment.replace(learning_rate=1.0 if columns == 1 else tuple(range(1, columns + 1)))
