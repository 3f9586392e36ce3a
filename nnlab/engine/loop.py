"""The training loop compiled: what ``reference`` does, a hundred times as fast.

All arrays live in two named tuples: a ``Plan`` that training only reads and a ``Memory`` that it
changes. The compiled loop advances the memory to a given number of updates and returns, so
that it can be watched and stopped in between; it holds no lock on the interpreter meanwhile.
Weights are one flat vector, layer after layer, each layer row by row with the bias last; gammas,
betas and running statistics of batch or layer norm stand behind them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nnlab.engine import kernels
from nnlab.engine.compiler import compiled, kept_on_disk, pasted, source_fingerprint

OUTCOMES = ("running", "converged", "diverged", "out of updates")
RUNNING, CONVERGED, DIVERGED, OUT_OF_UPDATES = range(len(OUTCOMES))
MOST_PATTERNS = 64  # up to so many errors are kept one by one; updates an epoch likewise

STATE = np.dtype(
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

    state: Any  # (1,) record of STATE
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


advance = _cached_on_disk(source_fingerprint())
