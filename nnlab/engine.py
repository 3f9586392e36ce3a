"""The training loop compiled: what ``reference`` does, a hundred times as fast.

All arrays live in two named tuples: a ``Plan`` that training only reads and a ``Memory`` that it
changes. The compiled loop advances the memory to a given number of updates and returns, so
that it can be watched and stopped in between; it holds no lock on the interpreter meanwhile.
Weights are one flat vector, layer after layer, each layer row by row with the bias last; gammas,
betas and running statistics of batch or layer norm stand behind them.
"""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple

import numpy as np

from nnlab import kernels
from nnlab.activations import OUTPUTS
from nnlab.compiling import compiled, kept_on_disk, pasted, source_fingerprint
from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.losses import LOSSES, loss_for
from nnlab.optimizers import OPTIMIZERS
from nnlab.ordering import first_state
from nnlab.reference import forward
from nnlab.schedules import SCHEDULES, Constant, Schedule

OUTCOMES = ("running", "converged", "diverged", "out of updates")
RUNNING, CONVERGED, DIVERGED, OUT_OF_UPDATES = range(len(OUTCOMES))
_CHUNK_SECONDS = 0.002  # the time between two looks at the clock
_FIRST_PRODUCTS = 200_000  # weights times patterns: what any machine does in that time
MOST_PATTERNS = 64  # up to so many errors are kept one by one; updates an epoch likewise

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
    slope: Any  # (layers - 1,) codes of slopes, the last one as the loss needs it
    loss: int
    optimizer: int
    knobs: tuple  # the optimizer's constants
    schedule: int
    schedule_knobs: tuple
    normalization: int  # of hidden layers
    weight_decay: float
    decoupled: bool
    dropout: float
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
    gradient: Any  # (trainable parameters,)
    moments: Any  # (3, trainable parameters) the optimizer's memory
    rates: Any  # (trainable parameters,) learning rate of each
    order: Any  # (patterns,)
    sums: Any  # (batch, all units) what an activation receives
    activations: Any  # (batch, all units)
    passed: Any  # (batch, all units) the same array, but for dropout
    keep: Any  # (batch, all units) dropout's factors
    normal: Any  # (batch, all units) normalized sums
    variances: Any  # (batch times all units,) before that, where a line of sums begins
    means: Any  # (batch times all units,)
    deltas: Any  # (batch, all units) slope of the batch's mean loss in each sum
    errors: Any  # (patterns,) squared error of each as it was last presented
    row_updates: Any  # (capacity,)
    row_weights: Any  # (capacity, parameters)
    row_errors: Any  # (capacity, patterns), or no columns for large data


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
                for k in range(len(weights)):  # assigning rows would take 2 s more to compile
                    row_weights[kept, k] = row_weights[row, k]
                for pattern in range(row_errors.shape[1]):
                    row_errors[kept, pattern] = row_errors[row, pattern]
                kept += 1
        state.rows = kept
    if state.updates % state.stride == 0:
        row_updates[state.rows] = state.updates
        for k in range(len(weights)):
            row_weights[state.rows, k] = weights[k]
        for pattern in range(row_errors.shape[1]):
            row_errors[state.rows, pattern] = errors[pattern]
        state.rows += 1
    state.next_row = (state.updates // state.stride + 1) * state.stride


@pasted
def _advance(plan, memory, until):
    """Train until so many updates are done or the run is over."""
    state, order, errors = memory.state[0], memory.order, memory.errors
    weights, gradient, moments = memory.weights, memory.gradient, memory.moments
    sums, activations, deltas = memory.sums, memory.activations, memory.deltas
    passed, keep, normal = memory.passed, memory.keep, memory.normal
    rates = memory.rates
    flat = (
        sums.reshape(-1),
        deltas.reshape(-1),
        normal.reshape(-1),
        memory.variances,
        memory.means,
    )
    inputs, targets = plan.inputs, plan.targets
    patterns, n_in = inputs.shape
    first_hidden, first_output, n_out = plan.units[0], plan.units_at[-1], plan.units[-1]
    hidden = first_output - first_hidden
    gammas = plan.weights_at[-1] - first_hidden  # plus a unit's number it is the place of its gamma
    network = (
        plan.units,
        plan.units_at,
        plan.weights_at,
        plan.activation,
        plan.slope,
        first_output + n_out,
        gammas,
        gammas + hidden,
    )
    kind, dropout = plan.normalization, plan.dropout > 0.0
    schedule, schedule_knobs = plan.schedule, plan.schedule_knobs
    optimizer, knobs = plan.optimizer, plan.knobs
    decay, decoupled = plan.weight_decay, plan.decoupled
    while state.outcome == RUNNING and state.updates < until:
        if state.position == 0:
            state.all_learned = True
            if plan.shuffle:
                state.random = kernels.shuffle(order, state.random)
        size = min(plan.batch_size, patterns - state.position)
        if dropout:
            state.random = kernels.draw(
                keep, state.random, plan.dropout, size, first_hidden, first_output
            )
        for sample in range(size):
            pattern = order[state.position + sample]
            for i in range(n_in):
                passed[sample, i] = inputs[pattern, i]
        kernels.forward(
            network,
            kind,
            dropout,
            weights,
            sums,
            activations,
            passed,
            keep,
            normal,
            flat,
            size,
        )
        for sample in range(size):
            pattern = order[state.position + sample]
            error = kernels.squared_error(
                activations, targets, sample, pattern, first_output, n_out
            )
            errors[pattern] = error
            state.all_learned &= error < plan.tolerance
            if not error < np.inf:
                state.outcome = DIVERGED
        if state.outcome == RUNNING and state.updates == plan.max_updates:
            state.outcome = OUT_OF_UPDATES
        if state.outcome != RUNNING:
            break
        gradient[:] = 0.0
        kernels.loss_slope(
            plan.loss,
            activations,
            targets,
            deltas,
            order,
            state.position,
            size,
            first_output,
            n_out,
        )
        kernels.backward(
            network,
            kind,
            dropout,
            weights,
            gradient,
            sums,
            activations,
            passed,
            keep,
            normal,
            flat,
            deltas,
            size,
        )
        state.updates += 1
        state.samples += size
        t = float(state.updates)
        if schedule > 0:
            rates[:] = kernels.scheduled_rate(schedule, t, schedule_knobs)
        if decay > 0.0:
            kernels.decay(weights, gradient, rates, decay, decoupled)
        kernels.step(optimizer, weights, gradient, moments, rates, t, knobs)
        if kind == kernels.BATCH_NORM:
            running = gammas + 2 * hidden
            kernels.average(
                weights,
                flat,
                size,
                first_hidden,
                first_output,
                running,
                running + hidden,
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

    return kept_on_disk(advance)


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
        """Copy of the flat vector of weights and what stands behind them, shape (parameters,)."""
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
    """Return all that the network is made of at the start as one flat vector, (parameters,)."""
    return np.concatenate([part.ravel() for part in experiment.initial_parameters()])


def _plan(experiment: Experiment, dense_rows: int) -> Plan:
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


def _memory(experiment: Experiment, weights: np.ndarray, capacity: int) -> Memory:
    patterns = len(experiment.data)
    sizes = [math.prod(shape) for shape in experiment.parameter_shapes[: experiment.trainable]]
    trainable = sum(sizes)
    batch = (experiment.patterns_per_update, sum(experiment.layers))
    state = np.zeros(1, _STATE)
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
