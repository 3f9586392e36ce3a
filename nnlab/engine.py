"""The training loop compiled: what ``reference`` does, a hundred times as fast.

All arrays live in two named tuples: a ``Plan`` that training only reads and a ``Memory`` that it
changes. The compiled loop advances the memory to a given number of updates and returns, so
that it can be watched and stopped in between; it holds no lock on the interpreter meanwhile.
Weights are one flat vector, layer after layer, each layer row by row with the bias last.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from nnlab.activations import ACTIVATIONS
from nnlab.compiling import compiled, source_fingerprint, switch
from nnlab.experiment import Experiment
from nnlab.history import split
from nnlab.losses import LOSSES
from nnlab.optimizers import OPTIMIZERS
from nnlab.ordering import first_state, shuffle
from nnlab.reference import forward

OUTCOMES = ("running", "converged", "diverged", "out of updates")
RUNNING, CONVERGED, DIVERGED, OUT_OF_UPDATES = range(len(OUTCOMES))
_CHUNK_SECONDS = 0.002  # the time between two looks at the clock
_FIRST_PRODUCTS = 200_000  # weights times patterns: what any machine does in that time
_SMALL = 64  # up to so many patterns errors are kept one by one; updates an epoch likewise

_STATE = np.dtype(
    [
        ("updates", "i8"),
        ("epochs", "i8"),
        ("samples", "i8"),
        ("position", "i8"),  # of the next batch's first pattern within the epoch's order
        ("all_learned", "?"),  # so far in this epoch
        ("outcome", "i8"),
        ("random", "u8"),
        ("rows", "i8"),  # of the history in use
        ("stride", "i8"),  # updates between two rows
        ("next_row", "i8"),  # the update at which the next row is due
    ]
)


class Plan(NamedTuple):
    """What a run is given. Offsets point into the flat vectors of weights and of units."""

    units: Any  # (layers,)
    units_at: Any  # (layers,) offset of a layer's first unit
    weights_at: Any  # (layers,) offset of the weights into layer l + 1, and the end
    activation: Any  # (layers - 1,) codes
    loss: int
    optimizer: int
    knobs: Any  # the optimizer's constants
    inputs: Any  # (patterns, n_in)
    targets: Any  # (patterns, n_out)
    batch_size: int
    shuffle: bool
    tolerance: float
    max_updates: int
    dense_rows: int


class Memory(NamedTuple):
    """What a run changes, from its first update to its last."""

    state: Any  # (1,) record of _STATE
    weights: Any  # (parameters,)
    gradient: Any  # (parameters,)
    moments: Any  # (3, parameters) the optimizer's memory
    rates: Any  # (1,) the learning rate
    order: Any  # (patterns,)
    sums: Any  # (batch, all units) what an activation receives
    activations: Any  # (batch, all units)
    deltas: Any  # (batch, all units) slope of the batch's mean loss in each sum
    errors: Any  # (patterns,) squared error of each as it was last presented
    row_updates: Any  # (capacity,)
    row_weights: Any  # (capacity, parameters)
    row_errors: Any  # (capacity, patterns), or no columns for large data


# --- rules of plain numbers, compiled into loops over a layer ------------------------------------
#
# From here on arrays travel one by one: taking one out of a named tuple, or cutting a slice, costs
# Numba a reference count, and ten of those would cost as much as a whole update.


def _over_units(function):
    function = compiled(function)

    @compiled
    def loop(sums, activations, sample, start, stop):
        for unit in range(start, stop):
            activations[sample, unit] = function(sums[sample, unit])

    return loop


def _over_slopes(slope):
    slope = compiled(slope)

    @compiled
    def loop(sums, activations, deltas, sample, start, stop):
        for unit in range(start, stop):
            deltas[sample, unit] *= slope(sums[sample, unit], activations[sample, unit])

    return loop


def _over_outputs(slope):
    slope = compiled(slope)

    @compiled
    def loop(activations, targets, deltas, sample, pattern, first, n_out, scale):
        for j in range(n_out):
            y, t = activations[sample, first + j], targets[pattern, j]
            deltas[sample, first + j] = scale * slope(y, t)

    return loop


def _over_weights(step):
    step = compiled(step)

    @compiled
    def loop(weights, gradient, moments, learning_rate, t, knobs):
        for k in range(len(weights)):
            memory = (moments[0, k], moments[1, k], moments[2, k])
            change, memory = step(gradient[k], memory, learning_rate, t, knobs)
            weights[k] -= change
            moments[0, k], moments[1, k], moments[2, k] = memory

    return loop


_activate = switch([_over_units(rule.function) for rule in ACTIVATIONS.values()])
_times_slope = switch([_over_slopes(rule.slope) for rule in ACTIVATIONS.values()])
_loss_slope = switch([_over_outputs(rule.slope) for rule in LOSSES.values()])
_step = switch([_over_weights(rule.step) for rule in OPTIMIZERS.values()])
_shuffle = compiled(shuffle)


# --- one sample forward and backward, one batch -------------------------------------------------


@compiled
def _forward(network, weights, sums, activations, sample):
    """Fill one sample's sums and activations, layer by layer."""
    units, units_at, weights_at, codes = network
    for layer in range(len(codes)):
        n_in, n_out = units[layer], units[layer + 1]
        below, above = units_at[layer], units_at[layer + 1]
        row = weights_at[layer]
        bias = row + n_in * n_out
        for j in range(n_out):
            sums[sample, above + j] = weights[bias + j]
        for i in range(n_in):
            value = activations[sample, below + i]
            for j in range(n_out):
                sums[sample, above + j] += value * weights[row + j]
            row += n_out
        _activate(codes[layer], sums, activations, sample, above, above + n_out)


@compiled
def _backward(network, weights, gradient, sums, activations, deltas, sample):
    """Add one sample's share to the gradient, from the last layer to the first."""
    units, units_at, weights_at, codes = network
    for layer in range(len(codes) - 1, -1, -1):
        n_in, n_out = units[layer], units[layer + 1]
        below, above = units_at[layer], units_at[layer + 1]
        _times_slope(codes[layer], sums, activations, deltas, sample, above, above + n_out)
        row = weights_at[layer]
        for i in range(n_in):
            value = activations[sample, below + i]
            for j in range(n_out):
                gradient[row + j] += value * deltas[sample, above + j]
            if layer > 0:
                upstream = 0.0
                for j in range(n_out):
                    upstream += weights[row + j] * deltas[sample, above + j]
                deltas[sample, below + i] = upstream
            row += n_out
        for j in range(n_out):
            gradient[row + j] += deltas[sample, above + j]


@compiled
def _squared_error(activations, targets, sample, pattern, first, n_out):
    """The squared error of one sample's outputs."""
    error = 0.0
    for j in range(n_out):
        error += (activations[sample, first + j] - targets[pattern, j]) ** 2
    return error


# --- the loop and its bounded history ------------------------------------------------------------


@compiled
def _record(state, weights, errors, row_updates, row_weights, row_errors, dense_rows):
    """Keep this moment as a row; when the rows are full, thin all but the dense start."""
    if state.rows == len(row_updates):
        state.stride *= 2
        kept = dense_rows
        for row in range(dense_rows, state.rows):
            if row_updates[row] % state.stride == 0:
                row_updates[kept] = row_updates[row]
                row_weights[kept] = row_weights[row]
                row_errors[kept] = row_errors[row]
                kept += 1
        state.rows = kept
    if state.updates % state.stride == 0:
        row_updates[state.rows] = state.updates
        row_weights[state.rows] = weights
        for pattern in range(row_errors.shape[1]):
            row_errors[state.rows, pattern] = errors[pattern]
        state.rows += 1
    state.next_row = (state.updates // state.stride + 1) * state.stride


@compiled
def _advance(plan, memory, until):
    """Train until so many updates are done or the run is over."""
    state, order = memory.state[0], memory.order
    weights, gradient, moments = memory.weights, memory.gradient, memory.moments
    sums, activations, deltas = memory.sums, memory.activations, memory.deltas
    errors = memory.errors
    network = (plan.units, plan.units_at, plan.weights_at, plan.activation)
    inputs, targets = plan.inputs, plan.targets
    patterns, n_in = inputs.shape
    first_output, n_out = plan.units_at[-1], plan.units[-1]
    while state.outcome == RUNNING and state.updates < until:
        if state.position == 0:
            state.all_learned = True
            if plan.shuffle:
                state.random = _shuffle(order, state.random)
        size = min(plan.batch_size, patterns - state.position)
        for sample in range(size):
            pattern = order[state.position + sample]
            for i in range(n_in):
                activations[sample, i] = inputs[pattern, i]
            _forward(network, weights, sums, activations, sample)
            error = _squared_error(activations, targets, sample, pattern, first_output, n_out)
            errors[pattern] = error
            state.all_learned &= error < plan.tolerance
            if not error < np.inf:
                state.outcome = DIVERGED
        if state.outcome == RUNNING and state.updates == plan.max_updates:
            state.outcome = OUT_OF_UPDATES
        if state.outcome != RUNNING:
            break
        gradient[:] = 0.0
        for sample in range(size):
            pattern = order[state.position + sample]
            _loss_slope(
                plan.loss,
                activations,
                targets,
                deltas,
                sample,
                pattern,
                first_output,
                n_out,
                1.0 / size,
            )
            _backward(network, weights, gradient, sums, activations, deltas, sample)
        state.updates += 1
        state.samples += size
        _step(
            plan.optimizer,
            weights,
            gradient,
            moments,
            memory.rates[0],
            state.updates,
            plan.knobs,
        )
        if state.updates == state.next_row:
            _record(
                state,
                weights,
                errors,
                memory.row_updates,
                memory.row_weights,
                memory.row_errors,
                plan.dense_rows,
            )
        state.position += size
        if state.position == patterns:
            state.position = 0
            state.epochs += 1
            if state.all_learned:
                state.outcome = CONVERGED


def _cached_on_disk(fingerprint: str) -> Any:
    def advance(plan, memory, until):
        fingerprint  # noqa: B018 - a closure variable, so that the cache is kept under its value
        _advance(plan, memory, until)

    return njit(advance, error_model="numpy", nogil=True, cache=True)


_advance_cached = _cached_on_disk(source_fingerprint())


# --- from an experiment to a run under way -------------------------------------------------------


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
        self._plan = _plan(experiment, dense_rows=capacity // 4)
        self._memory = _memory(experiment, weights, capacity)
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
        """Copy of the flat vector of weights, shape (parameters,)."""
        return self._memory.weights.copy()

    def advance(self, seconds: float) -> None:
        """Train for about that long, or to the end of the run if it comes first."""
        begin = now = time.perf_counter()
        while self._state["outcome"] == RUNNING and now - begin < seconds:
            _advance_cached(self._plan, self._memory, self.updates + self._chunk)
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
    """Return the initial weights as one flat vector, shape (parameters,)."""
    return np.concatenate([matrix.ravel() for matrix in experiment.initial_weights()])


def _plan(experiment: Experiment, dense_rows: int) -> Plan:
    units = np.array(experiment.layers, dtype=np.uintp)  # unsigned: no test for negative indices
    sizes = [rows * columns for rows, columns in experiment.weight_shapes]
    return Plan(
        units=units,
        units_at=np.concatenate([[0], np.cumsum(units)[:-1]]).astype(np.uintp),
        weights_at=np.concatenate([[0], np.cumsum(sizes)]).astype(np.uintp),
        activation=np.array([list(ACTIVATIONS).index(name) for name in experiment.activations]),
        loss=list(LOSSES).index(experiment.loss),
        optimizer=list(OPTIMIZERS).index(experiment.optimizer),
        knobs=np.array(list(OPTIMIZERS[experiment.optimizer].knobs.values())),
        inputs=experiment.data.inputs,
        targets=experiment.data.targets,
        batch_size=experiment.patterns_per_update,
        shuffle=experiment.shuffle,
        tolerance=experiment.tolerance,
        max_updates=experiment.max_updates,
        dense_rows=dense_rows,
    )


def _memory(experiment: Experiment, weights: np.ndarray, capacity: int) -> Memory:
    patterns = len(experiment.data)
    batch = (experiment.patterns_per_update, sum(experiment.layers))
    state = np.zeros(1, _STATE)
    updates_per_epoch = -(-patterns // experiment.patterns_per_update)
    beat = updates_per_epoch if updates_per_epoch <= _SMALL else 1
    state["random"], state["rows"] = first_state(experiment.order_seed), 1
    state["stride"] = state["next_row"] = beat
    memory = Memory(
        state=state,
        weights=weights,
        gradient=np.zeros_like(weights),
        moments=np.zeros((3, len(weights))),
        rates=np.array([experiment.learning_rate]),
        order=np.arange(patterns),
        sums=np.zeros(batch),
        activations=np.zeros(batch),
        deltas=np.zeros(batch),
        errors=_first_errors(experiment, weights),
        row_updates=np.zeros(capacity, np.int64),
        row_weights=np.empty((capacity, len(weights))),
        row_errors=np.empty((capacity, patterns if patterns <= _SMALL else 0)),
    )
    memory.row_weights[0] = weights
    memory.row_errors[0] = memory.errors[: memory.row_errors.shape[1]]
    return memory


def _first_errors(experiment: Experiment, weights: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        outputs = forward(experiment, split(experiment, weights), experiment.data.inputs)[-1]
        return ((outputs - experiment.data.targets) ** 2).sum(axis=1)
