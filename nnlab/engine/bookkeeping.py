"""Runs in lanes: how one begins and ends, and the bounded history that is kept of it."""

from __future__ import annotations

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from nnlab.engine.compiler import compiled
from nnlab.engine.lanes import at, lanes_of
from nnlab.engine.records import CONVERGED, DIVERGED, IDLE, NEVER, OUT_OF_UPDATES
from nnlab.rules.order import shuffle as shuffle_order

_shuffle = compiled(shuffle_order)


@compiled
def pattern_of(plan, memory, lane, sample):
    """The number of the pattern that a lane presents in this batch; in order it is the same."""
    return memory.order[lane * plan.patterns + memory.clock[0].position + sample]


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
def record(like, plan, memory, jobs):
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
def begin_epoch(like, plan, memory, jobs):
    """Let idle lanes take runs that are left, and shuffle where that is wanted."""
    clock, lanes = memory.clock[0], lanes_of(like)
    if clock.busy < lanes and clock.next_run < jobs.runs:
        for lane in range(lanes):
            if memory.state[lane].run == IDLE and clock.next_run < jobs.runs:
                _begin(like, plan, memory, jobs, lane)
        _look_ahead(like, plan, memory, jobs)
    for lane in range(lanes):
        own = memory.state[lane]
        if plan.shuffle:
            order = carray(at(memory.order, lane * plan.patterns), (plan.patterns,))
            own.random = _shuffle(order, own.random)


@compiled
def _learned(plan, memory, lane, lanes):
    """Whether a lane presented every pattern of the epoch within tolerance."""
    for place in range(lane, plan.patterns * lanes, lanes):
        if not memory.errors[place] < plan.tolerance:
            return False
    return True


@compiled
def end_epoch(like, plan, memory, jobs):
    """End the runs that had every pattern of the epoch within tolerance."""
    ended, lanes = False, lanes_of(like)
    for lane in range(lanes):
        if memory.state[lane].run != IDLE and _learned(plan, memory, lane, lanes):
            _finish(like, plan, memory, jobs, lane, CONVERGED)
            ended = True
    if ended:
        _look_ahead(like, plan, memory, jobs)


@compiled
def end_within_epoch(like, plan, memory, jobs, size):
    """End runs whose errors in this batch are not all finite, or whose budget is spent."""
    clock = memory.clock[0]
    for lane in range(lanes_of(like)):
        own = memory.state[lane]
        if own.run != IDLE:
            finite = True
            for sample in range(size):
                place = pattern_of(plan, memory, lane, sample) * lanes_of(like) + lane
                finite &= memory.errors[place] < np.inf
            if not finite:
                _finish(like, plan, memory, jobs, lane, DIVERGED)
            elif clock.steps - own.began == plan.max_updates:
                _finish(like, plan, memory, jobs, lane, OUT_OF_UPDATES)
    _look_ahead(like, plan, memory, jobs)
    if clock.busy == 0:
        clock.position = 0
