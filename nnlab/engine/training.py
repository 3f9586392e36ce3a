"""From an experiment to a run under way: the engine's arrays are laid out, advanced and read."""

from __future__ import annotations

import math
import time

import numpy as np

from nnlab.engine import kernels
from nnlab.engine.loop import MOST_PATTERNS, OUTCOMES, RUNNING, STATE, Memory, Plan, advance
from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.reference import forward
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.losses import LOSSES, loss_for
from nnlab.rules.optimizers import OPTIMIZERS
from nnlab.rules.order import first_state
from nnlab.rules.schedules import SCHEDULES, Constant, Schedule

_CHUNK_SECONDS = 0.002  # the time between two looks at the clock
_FIRST_PRODUCTS = 200_000  # weights times patterns: what any machine does in that time


class Training:
    """A run under way: ``advance`` it until ``outcome`` is no longer "running".

    Args:
        experiment: what to train.
        capacity: rows of history at the most; by default as many as fit 500,000 numbers, within
            64 and 2,048. A quarter of them is the dense start: one row an epoch where an epoch
            has at most 64 updates, else one an update.
    """

    def __init__(self, experiment: Experiment, capacity: int | None = None) -> None:
        self.experiment = experiment
        self.seconds = 0.0
        weights = start(experiment)
        capacity = capacity or int(np.clip(500_000 // len(weights), 64, 2048))
        self._plan = plan_for(experiment, dense_rows=capacity // 4)
        self._memory = memory_for(experiment, weights, capacity)
        products = len(weights) * experiment.patterns_per_update  # an update's work, about
        self._chunk = max(1, min(256, _FIRST_PRODUCTS // products))  # updates; grows from there

    @property
    def outcome(self) -> str:
        """One of ``OUTCOMES``."""
        return OUTCOMES[self._state["outcome"]]

    @property
    def updates(self) -> int:
        """Weight updates done."""
        return int(self._state["updates"])

    @property
    def epochs(self) -> int:
        """Complete passes through the data done."""
        return int(self._state["epochs"])

    @property
    def samples_seen(self) -> int:
        """Patterns that took part in an update, repetitions counted."""
        return int(self._state["samples"])

    @property
    def weights(self) -> np.ndarray:
        """Copy of the flat vector of weights and what stands behind them, shape (parameters,)."""
        return self._memory.weights.copy()

    def advance(self, seconds: float) -> None:
        """Train for about that long, or to the end of the run if it comes first."""
        begin = now = time.perf_counter()
        while self._state["outcome"] == RUNNING and now - begin < seconds:
            advance(self._plan, self._memory, self.updates + self._chunk)
            before, now = now, time.perf_counter()
            if now - before < _CHUNK_SECONDS:
                self._chunk *= 2
        self.seconds += now - begin

    def history(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Copies of the rows, the newest moment last.

        Returns:
            Their updates (n,), weights (n, parameters) and errors of the patterns as last
            presented (n, patterns); for more than 64 patterns the errors have no columns.
        """
        memory, rows = self._memory, int(self._state["rows"])
        kept = (memory.row_updates, memory.row_weights, memory.row_errors)
        now = (self.updates, memory.weights, memory.errors[: memory.row_errors.shape[1]])
        if memory.row_updates[rows - 1] == self.updates:
            rows -= 1  # the last row may miss what was seen since: a diverging batch, for one
        return tuple(  # type: ignore[return-value]
            np.concatenate([column[:rows], np.asarray(newest)[np.newaxis]])
            for column, newest in zip(kept, now, strict=True)
        )

    @property
    def _state(self) -> np.ndarray:
        return self._memory.state[0]


def start(experiment: Experiment) -> np.ndarray:
    """Return all that the network is made of at the start as one flat vector, (parameters,)."""
    return np.concatenate([part.ravel() for part in experiment.initial_parameters()])


def plan_for(experiment: Experiment, dense_rows: int) -> Plan:
    """Return what a run of that experiment is given."""
    units = np.array(experiment.layers, dtype=np.uintp)  # unsigned: no test for negative indices
    sizes = [rows * columns for rows, columns in experiment.weight_shapes]
    optimizer, schedule = experiment.update_rule, _schedule(experiment)
    return Plan(
        units=units,
        units_at=np.concatenate([[0], np.cumsum(units)[:-1]]).astype(np.uintp),
        weights_at=np.concatenate([[0], np.cumsum(sizes)]).astype(np.uintp),
        activation=np.array([OUTPUTS.index(name) for name in experiment.activations]),
        slope=np.array(_slopes(experiment)),
        loss=list(LOSSES).index(experiment.loss),
        optimizer=list(OPTIMIZERS).index(optimizer.name),
        knobs=optimizer.knobs,
        schedule=list(SCHEDULES.values()).index(type(schedule)),
        schedule_knobs=schedule.knobs,
        normalization=kernels.KINDS.get(experiment.normalization or "", kernels.NO_NORM),
        weight_decay=experiment.weight_decay,
        decoupled=optimizer.rule.decoupled,
        dropout=experiment.dropout,
        inputs=_inputs(experiment),
        targets=experiment.data.targets,
        batch_size=experiment.patterns_per_update,
        shuffle=experiment.shuffle,
        tolerance=experiment.tolerance,
        max_updates=experiment.max_updates,
        dense_rows=dense_rows,
    )


def _schedule(experiment: Experiment) -> Schedule:
    rate = experiment.learning_rate
    return rate if isinstance(rate, Schedule) else Constant(experiment.rates(1)[0])


def _slopes(experiment: Experiment) -> list[int]:
    """Codes of the layers' slopes; with cross-entropy the output's is in the loss's already."""
    codes = [OUTPUTS.index(name) for name in experiment.activations]
    if loss_for(experiment.loss, experiment.output).in_sum:
        codes[-1] = kernels.SLOPE_IN_SUM
    return codes


def _inputs(experiment: Experiment) -> np.ndarray:
    """The inputs as the first layer receives them; read-only, else Numba would compile anew."""
    data = experiment.data
    if not experiment.standardizes:
        return data.inputs
    inputs = np.ascontiguousarray(data.standardize(data.inputs))
    inputs.flags.writeable = False
    return inputs


def memory_for(experiment: Experiment, weights: np.ndarray, capacity: int) -> Memory:
    """Return what a run from these flat weights changes, with room for so many rows."""
    patterns = len(experiment.data)
    sizes = [math.prod(shape) for shape in experiment.parameter_shapes[: experiment.trainable]]
    trainable = sum(sizes)
    batch = (experiment.patterns_per_update, sum(experiment.layers))
    state = np.zeros(1, STATE)
    updates_per_epoch = -(-patterns // experiment.patterns_per_update)
    beat = updates_per_epoch if updates_per_epoch <= MOST_PATTERNS else 1
    state["random"], state["rows"] = first_state(experiment.order_seed), 1
    state["stride"] = state["next_row"] = beat
    activations = np.zeros(batch)
    normalized = batch if experiment.normalization in kernels.KINDS else (1, 1)
    memory = Memory(
        state=state,
        weights=weights,
        gradient=np.zeros(trainable),
        moments=np.zeros((3, trainable)),
        rates=np.repeat(experiment.rates(1), sizes),
        order=np.arange(patterns),
        sums=np.zeros(batch),
        activations=activations,
        passed=np.zeros(batch) if experiment.dropout else activations,
        keep=np.zeros(batch if experiment.dropout else (1, 1)),
        normal=np.zeros(normalized),
        variances=np.zeros(np.prod(normalized)),
        means=np.zeros(np.prod(normalized)),
        deltas=np.zeros(batch),
        errors=_first_errors(experiment, weights),
        row_updates=np.zeros(capacity, np.int64),
        row_weights=np.empty((capacity, len(weights))),
        row_errors=np.empty((capacity, patterns if patterns <= MOST_PATTERNS else 0)),
    )
    memory.row_weights[0] = weights
    memory.row_errors[0] = memory.errors[: memory.row_errors.shape[1]]
    return memory


def _first_errors(experiment: Experiment, weights: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        parameters = unflatten(experiment, weights)
        outputs = forward(experiment, parameters, experiment.data.inputs)[-1]
        return ((outputs - experiment.data.targets) ** 2).sum(axis=1)
