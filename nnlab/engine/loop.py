"""The training loop compiled: what ``reference`` does, a hundred times as fast, in some lanes.

All arrays live in three named tuples: a ``Plan`` that training only reads, a ``Memory`` that it
changes, and ``Jobs``, the runs to be done. Each lane trains one run; when that has ended, the lane
takes the next one. All lanes are at the same place of an epoch, so a run waits for its beginning.
The compiled loop does so many steps, an update in every lane, and returns, so that it can be
watched and stopped in between; it holds no lock on the interpreter meanwhile.

Weights are one flat vector, layer after layer, each layer row by row with the bias last; gammas,
betas and running statistics of a norm stand behind them. How numbers of several lanes
lie is told in ``nnlab.engine.kernels``.

The entry points are ``advance`` (one lane) and ``advance_lanes``, both once more for ``USUAL``
networks, and ``answer``. They take plain numbers and arrays, raise nothing and allocate
nothing, so that they can be compiled for a web page too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.engine import bookkeeping, kernels, norms, updates
from nnlab.engine.compiler import compiled, kept_on_disk, pasted, source_fingerprint
from nnlab.engine.lanes import LANES, abreast, lanes_of, load, spread, store, view, view_with

# --- one step ------------------------------------------------------------------------------------


@compiled
def _pick(like, plan, memory, size):
    """Copy a batch's inputs and targets to where the layers expect them."""
    n_in, n_out, lanes = plan.units[0], plan.units[plan.layers], lanes_of(like)
    passed, wanted, inputs, targets = memory.passed, memory.wanted, plan.inputs, plan.targets
    for sample in range(size):
        if plan.shuffle:
            for lane in range(lanes):
                pattern = bookkeeping.pattern_of(plan, memory, lane, sample)
                first, far = sample * plan.way + lane, sample * n_out * lanes + lane
                for i in range(n_in):
                    passed[first + i * lanes] = inputs[pattern * n_in + i]
                for j in range(n_out):
                    wanted[far + j * lanes] = targets[pattern * n_out + j]
        else:  # then all lanes present the same one
            pattern = memory.clock[0].position + sample
            first, far = sample * plan.way, sample * n_out * lanes
            for i in range(n_in):
                store(passed, first + i * lanes, spread(inputs, pattern * n_in + i, 0.0, like))
            for j in range(n_out):
                store(wanted, far + j * lanes, spread(targets, pattern * n_out + j, 0.0, like))


@compiled
def _compare(like, plan, memory, size):
    """Write down the errors as presented; return whether all are finite numbers."""
    lanes, n_out, position = lanes_of(like), plan.units[plan.layers], memory.clock[0].position
    activations, wanted, errors = memory.activations, memory.wanted, memory.errors
    scratch, first = memory.deltas, plan.units_at[plan.layers]  # which _move fills anew
    in_all = like
    for sample in range(size):
        above, far, error = sample * plan.way + first, sample * n_out * lanes, like
        for j in range(0, n_out * lanes, lanes):
            offset = load(activations, above + j, like) - load(wanted, far + j, like)
            error = error + offset * offset
        in_all = in_all + error
        if plan.shuffle:
            store(scratch, first, error)
            for lane in range(lanes):
                pattern = bookkeeping.pattern_of(plan, memory, lane, sample)
                errors[pattern * lanes + lane] = scratch[first + lane]
        else:
            store(errors, (position + sample) * lanes, error)
    store(scratch, first, in_all)
    total = 0.0
    for lane in range(lanes):
        total += scratch[first + lane]
    return total < np.inf


@compiled
def _move(like, plan, memory, size):
    """Do one update."""
    first, way = plan.units_at[plan.layers], plan.way
    deltas = memory.deltas
    kernels.loss_slope(plan, memory.activations, memory.wanted, deltas, size, way, first, way)
    kernels.backward(like, plan, memory, size)
    updates.update(plan, memory, lanes_of(like))
    if plan.normalization == norms.BATCH_NORM:
        norms.average(plan, memory, size)


@pasted
def _advance(plan, memory, jobs, steps, like):
    """Do so many steps, or fewer if all runs end."""
    clock = memory.clock[0]
    until = clock.steps + steps
    while clock.steps < until:
        if clock.position == 0:
            bookkeeping.begin_epoch(like, plan, memory, jobs)
            if clock.busy == 0:
                break
        left = plan.patterns - clock.position
        size = 1 if plan.batch_size == 1 else min(plan.batch_size, left)
        if plan.dropout > 0.0:
            kernels.draw(like, plan, memory, size)
        _pick(like, plan, memory, size)
        kernels.forward(like, plan, memory, size)
        sound = _compare(like, plan, memory, size)
        if not sound or clock.steps == clock.end_due:
            bookkeeping.end_within_epoch(like, plan, memory, jobs, size)
            if clock.busy == 0:
                continue
        _move(like, plan, memory, size)
        clock.steps += 1
        if clock.steps == clock.row_due:
            bookkeeping.record(like, plan, memory, jobs)
        clock.position += size
        if clock.position == plan.patterns:
            clock.position = 0
            bookkeeping.end_epoch(like, plan, memory, jobs)


@pasted
def _answer(plan, memory, questions):
    """Fill in the outputs of networks that are used, not trained."""
    n_in, n_out, first = plan.units[0], plan.units[plan.layers], plan.units_at[plan.layers]
    for network in range(questions.networks):
        for k in range(plan.parameters):
            memory.weights[k] = questions.weights[network * plan.parameters + k]
        for position in range(0, plan.patterns, plan.batch_size):
            size = min(plan.batch_size, plan.patterns - position)
            for sample in range(size):
                for i in range(n_in):
                    x = plan.inputs[(position + sample) * n_in + i]
                    memory.passed[sample * plan.way + i] = x
            kernels.forward(0.0, plan, memory, size)
            for sample in range(size):
                row = network * plan.patterns + position + sample
                for j in range(n_out):
                    y = memory.activations[sample * plan.way + first + j]
                    questions.outputs[row * n_out + j] = y


# The article's network and its like make up most of what is tried: for them the compiler may rely
# on numbers that it else has to look up. The source is the same, and so is every bit.
def usual(lanes: int) -> dict[str, Any]:
    """Fields of a plan with which the entry points for usual networks may be called."""
    return {
        "units": (3, 5, 1),
        "units_at": (0, 3 * lanes, 8 * lanes),
        "weights_at": (0, 20 * lanes, 26 * lanes),
        "layers": 2,
        "activation": (0, 0),
        "slope": (0, 0),
        "way": 9 * lanes,
        "trainable": 26 * lanes,
        "parameters": 26,
        "loss": 0,
        "optimizer": 0,
        "schedule": 0,
        "normalization": norms.NO_NORM,
        "weight_decay": 0.0,
        "dropout": 0.0,
        "batch_size": 1,
    }


def _scratch(lanes: int) -> dict[str, int]:
    """What of the memory the compiler may keep in registers then."""
    rooms = {"sums": 9, "activations passed": 9, "deltas": 9, "gradient": 26, "wanted": 1}
    return {names: room * lanes for names, room in rooms.items()}


_usual, _usual_lanes = view_with(**usual(1)), view_with(**usual(LANES))
_in_registers, _in_registers_lanes = view_with(_scratch(1)), view_with(_scratch(LANES))


def _cached_on_disk(fingerprint: str, name: str) -> Any:
    def advance(plan, memory, jobs, steps):
        fingerprint  # noqa: B018 - a closure variable, so that the cache is kept under its value
        _advance(view(plan), view(memory), view(jobs), steps, 0.0)

    def advance_usual(plan, memory, jobs, steps):
        fingerprint  # noqa: B018
        _advance(_usual(plan), _in_registers(memory), view(jobs), steps, 0.0)

    def advance_lanes(plan, memory, jobs, steps):
        fingerprint  # noqa: B018
        _advance(view(plan), view(memory), view(jobs), steps, abreast())

    def advance_usual_lanes(plan, memory, jobs, steps):
        fingerprint  # noqa: B018
        _advance(_usual_lanes(plan), _in_registers_lanes(memory), view(jobs), steps, abreast())

    def answer(plan, memory, questions):
        fingerprint  # noqa: B018
        _answer(view(plan), view(memory), view(questions))

    functions = (advance, advance_usual, advance_lanes, advance_usual_lanes, answer)
    return kept_on_disk({each.__name__: each for each in functions}[name])


_FINGERPRINT = source_fingerprint()
advance = _cached_on_disk(_FINGERPRINT, "advance")
advance_usual = _cached_on_disk(_FINGERPRINT, "advance_usual")
advance_lanes = _cached_on_disk(_FINGERPRINT, "advance_lanes")
advance_usual_lanes = _cached_on_disk(_FINGERPRINT, "advance_usual_lanes")
answer = _cached_on_disk(_FINGERPRINT, "answer")
ENTRIES = (advance, advance_lanes, advance_usual, advance_usual_lanes, answer)  # slow ones first
