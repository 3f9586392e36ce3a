"""The training loop compiled: what ``reference`` does, a hundred times as fast, in one lane or more.

All arrays live in three named tuples: a ``Plan`` that training only reads, a ``Memory`` that it
changes, and ``Jobs``, the runs to be done. Each lane trains one run; when that has ended, the lane
takes the next one. All lanes are at the same place of an epoch, so a run waits for its beginning.
The compiled loop does so many steps, an update in every lane, and returns, so that it can be watched
and stopped in between; it holds no lock on the interpreter meanwhile.

Weights are one flat vector, layer after layer, each layer row by row with the bias last; gammas,
betas and running statistics of batch or layer norm stand behind them. How numbers of several lanes
lie is told in ``nnlab.engine.kernels``.

``advance`` (one lane), ``advance_usual`` (the same for ``USUAL`` networks) and ``advance_lanes`` are
the entry points. They take plain numbers and
arrays, raise nothing and allocate nothing, so that they can be compiled for a web page too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import carray

from nnlab.engine import kernels, updates
from nnlab.engine.compiler import compiled, kept_on_disk, pasted, source_fingerprint
from nnlab.engine.lanes import abreast, at, lanes_of, view, view_with
from nnlab.rules.order import shuffle as shuffle_order

OUTCOMES = ("running", "converged", "diverged", "out of updates")
RUNNING, CONVERGED, DIVERGED, OUT_OF_UPDATES = range(len(OUTCOMES))
MOST_PATTERNS = 64  # up to so many errors are kept one by one; updates an epoch likewise
IDLE = -1
NEVER = 2**62

CLOCK = np.dtype(
    [
        ("steps", "i8"),  # done since the first run began
        ("position", "i8"),  # of the next batch's first pattern within the epoch's order
        ("next_run", "i8"),  # the first one that no lane has taken yet
        ("busy", "i8"),  # lanes
        ("end_due", "i8"),  # the step before which a run's budget is spent
        ("row_due", "i8"),  # the step after which a row of history is due
    ]
)
LANE = np.dtype(
    [
        ("run", "i8"),  # or IDLE
        ("began", "i8"),  # at which step
        ("learned", "?"),  # all patterns so far in this epoch
        ("random", "u8"),  # state of its generator of orders and dropout
        ("rows", "i8"),  # of the history in use
        ("stride", "i8"),  # updates between two rows
        ("next_row", "i8"),  # the update at which the next row is due
    ]
)
END = np.dtype([("outcome", "i8"), ("updates", "i8"), ("rows", "i8")])


class Plan(NamedTuple):
    """What all runs are given. Places count single numbers, lanes included."""

    units: Any  # (layers,)
    units_at: Any  # (layers,) place of a layer's first unit
    weights_at: Any  # (layers,) place of the weights into layer l + 1, and the end
    layers: int  # of weights
    activation: Any  # (layers - 1,) codes
    slope: Any  # (layers - 1,) codes of slopes, the last one as the loss needs it
    way: int  # numbers of a sample
    gammas: int  # plus the place of a unit's number it is that of its gamma,
    betas: int  # of its beta
    trainable: int  # numbers that an optimizer moves
    parameters: int  # of one run
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
    patterns: int
    batch_size: int
    shuffle: bool
    tolerance: float
    max_updates: int
    beat: int  # updates between two rows at the start
    dense_rows: int


class Memory(NamedTuple):
    """What training changes, all lanes side by side."""

    clock: Any  # (1,) record of CLOCK
    state: Any  # (lanes,) records of LANE
    times: Any  # (lanes,) the number of the update, as a float
    weights: Any  # (parameters,)
    gradient: Any  # (trainable parameters,)
    moments: Any  # (3 times trainable parameters,) the optimizer's memory
    rates: Any  # (trainable parameters,) learning rate of each
    order: Any  # (lanes, patterns)
    sums: Any  # (batch times all units,) what an activation receives
    activations: Any  # (batch times all units,)
    passed: Any  # (batch times all units,) the same array, but for dropout
    keep: Any  # (batch times all units,) dropout's factors
    normal: Any  # (batch times all units,) normalized sums
    variances: Any  # (batch times all units,) before that, where a line of sums begins
    means: Any  # (batch times all units,)
    deltas: Any  # (batch times all units,) slope of the batch's mean loss in each sum
    wanted: Any  # (batch times outputs,) the targets
    errors: Any  # (patterns,) squared error of each as it was last presented


class Jobs(NamedTuple):
    """The runs, and what becomes of them."""

    runs: int
    weights: Any  # (runs, parameters) at the start; of runs that have ended, at the end
    rates: Any  # (runs, columns)
    columns: int
    rate_of: Any  # (trainable parameters of a run,) the column of each
    random: Any  # (runs,) first state of the generator
    ends: Any  # (runs,) records of END
    rows: int  # of history there is room for, the last moment of a run included; or 0
    row_updates: Any  # (runs, rows)
    row_weights: Any  # (runs, rows, parameters)
    row_errors: Any  # (runs, rows, errors)
    row_patterns: int  # errors in a row: none for large data


_shuffle = compiled(shuffle_order)


# --- a run's beginning and end, and its bounded history ------------------------------------------


@compiled
def _write_row(like, plan, memory, jobs, lane, updates):
    own, lanes = memory.state[lane], lanes_of(like)
    row = own.run * jobs.rows + own.rows
    jobs.row_updates[row] = updates
    for k in range(plan.parameters):
        jobs.row_weights[row * plan.parameters + k] = memory.weights[k * lanes + lane]
    for pattern in range(jobs.row_patterns):
        error = memory.errors[pattern * lanes + lane]
        jobs.row_errors[row * jobs.row_patterns + pattern] = error


@compiled
def _thin(plan, own, jobs):
    """Keep every other row behind the dense start."""
    own.stride *= 2
    first, kept = own.run * jobs.rows, plan.dense_rows
    for row in range(first + kept, first + own.rows):
        if jobs.row_updates[row] % own.stride == 0:
            jobs.row_updates[first + kept] = jobs.row_updates[row]
            _copy_row(jobs.row_weights, row, first + kept, plan.parameters)
            _copy_row(jobs.row_errors, row, first + kept, jobs.row_patterns)
            kept += 1
    own.rows = kept


@compiled
def _copy_row(rows, old, new, length):
    for k in range(length):
        rows[new * length + k] = rows[old * length + k]


@compiled
def _record(like, plan, memory, jobs):
    """Keep this moment of every run whose row is due; when rows are full, thin them."""
    for lane in range(lanes_of(like)):
        own = memory.state[lane]
        updates = memory.clock[0].steps - own.began
        if own.run != IDLE and updates == own.next_row:
            if own.rows == jobs.rows - 1:
                _thin(plan, own, jobs)
            if updates % own.stride == 0:
                _write_row(like, plan, memory, jobs, lane, updates)
                own.rows += 1
            own.next_row = (updates // own.stride + 1) * own.stride
    _look_ahead(like, plan, memory, jobs)


@compiled
def _look_ahead(like, plan, memory, jobs):
    """Find the next steps at which a budget is spent or a row is due."""
    clock = memory.clock[0]
    clock.end_due = clock.row_due = NEVER
    for lane in range(lanes_of(like)):
        own = memory.state[lane]
        if own.run != IDLE:
            clock.end_due = min(clock.end_due, own.began + plan.max_updates)
            if jobs.rows > 0:
                clock.row_due = min(clock.row_due, own.began + own.next_row)


@compiled
def _finish(like, plan, memory, jobs, lane, outcome):
    """Write down what became of a lane's run and let the lane idle, all its weights 0."""
    own, lanes, clock = memory.state[lane], lanes_of(like), memory.clock[0]
    end, updates = jobs.ends[own.run], clock.steps - own.began
    end.outcome, end.updates = outcome, updates
    if jobs.rows > 0:
        if jobs.row_updates[own.run * jobs.rows + own.rows - 1] == updates:
            own.rows -= 1  # it may miss what was seen since: a diverging batch, for one
        _write_row(like, plan, memory, jobs, lane, updates)
        end.rows = own.rows + 1
    for k in range(plan.parameters):
        jobs.weights[own.run * plan.parameters + k] = memory.weights[k * lanes + lane]
        memory.weights[k * lanes + lane] = 0.0
    for k in range(lane, plan.trainable, lanes):
        memory.rates[k] = 0.0
    own.run = IDLE
    clock.busy -= 1


@compiled
def _begin(like, plan, memory, jobs, lane):
    """Let a lane take the next run."""
    own, clock, lanes = memory.state[lane], memory.clock[0], lanes_of(like)
    own.run, own.began, own.random = clock.next_run, clock.steps, jobs.random[clock.next_run]
    own.rows = 1
    own.stride = own.next_row = plan.beat
    clock.next_run += 1
    clock.busy += 1
    memory.times[lane] = 0.0
    for k in range(plan.parameters):
        memory.weights[k * lanes + lane] = jobs.weights[own.run * plan.parameters + k]
    for k in range(plan.trainable // lanes):
        rate = jobs.rates[own.run * jobs.columns + jobs.rate_of[k]]
        memory.rates[k * lanes + lane] = rate
    for k in range(lane, 3 * plan.trainable, lanes):
        memory.moments[k] = 0.0
    for pattern in range(plan.patterns):
        memory.order[lane * plan.patterns + pattern] = pattern
    for pattern in range(jobs.row_patterns):
        row = own.run * jobs.rows * jobs.row_patterns
        memory.errors[pattern * lanes + lane] = jobs.row_errors[row + pattern]


# --- an epoch's beginning and end, and what else may end a run -----------------------------------


@compiled
def _begin_epoch(like, plan, memory, jobs):
    clock, lanes = memory.clock[0], lanes_of(like)
    if clock.busy < lanes and clock.next_run < jobs.runs:
        for lane in range(lanes):
            if memory.state[lane].run == IDLE and clock.next_run < jobs.runs:
                _begin(like, plan, memory, jobs, lane)
        _look_ahead(like, plan, memory, jobs)
    for lane in range(lanes):
        own = memory.state[lane]
        own.learned = True
        if plan.shuffle:
            order = carray(at(memory.order, lane * plan.patterns), (plan.patterns,))
            own.random = _shuffle(order, own.random)


@compiled
def _end_epoch(like, plan, memory, jobs):
    ended = False
    for lane in range(lanes_of(like)):
        if memory.state[lane].learned and memory.state[lane].run != IDLE:
            _finish(like, plan, memory, jobs, lane, CONVERGED)
            ended = True
    if ended:
        _look_ahead(like, plan, memory, jobs)


@compiled
def _end_within_epoch(like, plan, memory, jobs, size):
    """End runs whose errors in this batch are not all finite, or whose budget is spent."""
    clock = memory.clock[0]
    for lane in range(lanes_of(like)):
        own = memory.state[lane]
        if own.run != IDLE:
            finite = True
            for sample in range(size):
                place = _pattern(plan, memory, lane, sample) * lanes_of(like) + lane
                finite &= memory.errors[place] < np.inf
            if not finite:
                _finish(like, plan, memory, jobs, lane, DIVERGED)
            elif clock.steps - own.began == plan.max_updates:
                _finish(like, plan, memory, jobs, lane, OUT_OF_UPDATES)
    _look_ahead(like, plan, memory, jobs)
    if clock.busy == 0:
        clock.position = 0


# --- one step ------------------------------------------------------------------------------------


@compiled
def _pattern(plan, memory, lane, sample):
    """The number of the pattern that a lane presents in this batch."""
    return memory.order[lane * plan.patterns + memory.clock[0].position + sample]


@compiled
def _pick(like, plan, memory, size):
    """Copy a batch's inputs and targets to where the layers expect them."""
    n_in, n_out, lanes = plan.units[0], plan.units[plan.layers], lanes_of(like)
    passed, wanted, inputs, targets = memory.passed, memory.wanted, plan.inputs, plan.targets
    for sample in range(size):
        for lane in range(lanes):
            pattern = _pattern(plan, memory, lane, sample)
            first, far = sample * plan.way + lane, sample * n_out * lanes + lane
            for i in range(n_in):
                passed[first + i * lanes] = inputs[pattern * n_in + i]
            for j in range(n_out):
                wanted[far + j * lanes] = targets[pattern * n_out + j]


@compiled
def _compare(like, plan, memory, size):
    """Write down the errors as presented; return whether all are finite numbers."""
    sound, lanes, n_out = True, lanes_of(like), plan.units[plan.layers]
    activations, wanted, errors = memory.activations, memory.wanted, memory.errors
    for sample in range(size):
        first, far = sample * plan.way + plan.units_at[plan.layers], sample * n_out * lanes
        for lane in range(lanes):
            error = 0.0
            for j in range(lane, n_out * lanes + lane, lanes):
                error += (activations[first + j] - wanted[far + j]) ** 2
            errors[_pattern(plan, memory, lane, sample) * lanes + lane] = error
            memory.state[lane].learned &= error < plan.tolerance
            sound &= error < np.inf
    return sound


@compiled
def _move(like, plan, memory, size):
    """Do one update."""
    first, way = plan.units_at[plan.layers], plan.way
    deltas = memory.deltas
    kernels.loss_slope(plan.loss, memory.activations, memory.wanted, deltas, size, way, first, way)
    kernels.backward(like, plan, memory, size)
    updates.update(plan, memory, lanes_of(like))
    if plan.normalization == kernels.BATCH_NORM:
        kernels.average(plan, memory, size)


@pasted
def _advance(plan, memory, jobs, steps, like):
    """Do so many steps, or fewer if all runs end."""
    clock = memory.clock[0]
    until = clock.steps + steps
    while clock.steps < until:
        if clock.position == 0:
            _begin_epoch(like, plan, memory, jobs)
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
            _end_within_epoch(like, plan, memory, jobs, size)
            if clock.busy == 0:
                continue
        _move(like, plan, memory, size)
        clock.steps += 1
        if clock.steps == clock.row_due:
            _record(like, plan, memory, jobs)
        clock.position += size
        if clock.position == plan.patterns:
            clock.position = 0
            _end_epoch(like, plan, memory, jobs)


# The article's network and its like make up most of what is tried: for them the compiler may rely
# on numbers that it else has to look up. The source is the same, and so is every bit.
USUAL: dict[str, Any] = {
    "units": (3, 5, 1),
    "units_at": (0, 3, 8),
    "weights_at": (0, 20, 26),
    "layers": 2,
    "activation": (0, 0),
    "slope": (0, 0),
    "way": 9,
    "trainable": 26,
    "parameters": 26,
    "loss": 0,
    "optimizer": 0,
    "schedule": 0,
    "normalization": kernels.NO_NORM,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "batch_size": 1,
}
_SCRATCH = {"sums": 9, "activations passed": 9, "deltas": 9, "gradient": 26, "wanted": 1}
_usual = view_with(**USUAL)
_in_registers = view_with(_SCRATCH)


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

    entries = {each.__name__: each for each in (advance, advance_usual, advance_lanes)}
    return kept_on_disk(entries[name])


_FINGERPRINT = source_fingerprint()
advance = _cached_on_disk(_FINGERPRINT, "advance")
advance_usual = _cached_on_disk(_FINGERPRINT, "advance_usual")
advance_lanes = _cached_on_disk(_FINGERPRINT, "advance_lanes")
