"""The engine's arrays: how an experiment's plan, memory and jobs are laid out for compiled code."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnlab.engine import kernels, norms, own
from nnlab.engine.loop import answer
from nnlab.engine.records import (
    CLOCK,
    END,
    IDLE,
    LANE,
    MOST_PATTERNS,
    Jobs,
    Memory,
    Plan,
    Questions,
)
from nnlab.experiment import Experiment
from nnlab.reference import squared_errors
from nnlab.rules.losses import LOSSES, loss_for
from nnlab.rules.order import first_state
from nnlab.rules.schedules import SCHEDULES, Constant, Schedule

_BATCH = 32  # patterns that are answered at a time


def answers(experiment: Experiment, weights: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return what networks in use answer, (networks, patterns, n_out): as ``reference.forward``.

    Args:
        experiment: whose networks they are.
        weights: flat, (networks, parameters), with all that stands behind the weights.
        inputs: (patterns, n_in), as the data has them.
    """
    size, outputs = min(_BATCH, len(inputs)), experiment.layers[-1]
    plan = plan_for(experiment, lanes=1, dense_rows=0)._replace(
        inputs=_inputs(experiment, inputs),
        patterns=len(inputs),
        batch_size=size,
        dropout=0.0,
        in_use=True,
    )
    memory = memory_for(experiment, lanes=1, parameters=weights.shape[1], batch=size)
    memory = memory._replace(passed=memory.activations)  # nothing is dropped on the way
    filled = np.empty((len(weights), len(inputs), outputs))
    answer(plan, memory, Questions(len(weights), _read_only(weights), filled))
    own.raise_failure()
    return filled


def plan_for(experiment: Experiment, lanes: int, dense_rows: int) -> Plan:
    """Return what runs of that experiment are given; places count the numbers of all lanes."""
    units = np.array(experiment.layers)
    sizes = [rows * columns for rows, columns in experiment.weight_shapes]
    optimizer, schedule = experiment.update_rule, _schedule(experiment)
    hidden = sum(experiment.layers[1:-1])
    gammas = sum(sizes) - experiment.layers[0]  # plus a unit's number it is the place of its gamma
    beat = experiment.updates_per_epoch
    return Plan(
        units=units,
        units_at=_offsets(units[:-1]) * lanes,
        weights_at=_offsets(sizes) * lanes,
        layers=len(sizes),
        activation=np.array([own.function_of(each) for each in experiment.activations]),
        slope=np.array(_slopes(experiment)),
        way=sum(experiment.layers) * lanes,
        gammas=gammas * lanes,
        betas=(gammas + hidden) * lanes,
        trainable=sum(_trainable_sizes(experiment)) * lanes,
        parameters=sum(math.prod(shape) for shape in experiment.parameter_shapes),
        loss=list(LOSSES).index(experiment.loss),
        optimizer=own.step_of(optimizer),
        knobs=optimizer.knobs,
        schedule=list(SCHEDULES.values()).index(type(schedule)),
        schedule_knobs=schedule.knobs,
        normalization=norms.KINDS.get(experiment.normalization or "", norms.NO_NORM),
        in_use=False,
        weight_decay=experiment.weight_decay,
        decoupled=optimizer.rule.decoupled,
        dropout=experiment.dropout,
        inputs=_inputs(experiment, experiment.data.inputs),
        targets=experiment.data.targets,
        patterns=len(experiment.data),
        batch_size=experiment.patterns_per_update,
        shuffle=experiment.shuffle,
        tolerance=experiment.tolerance,
        max_updates=experiment.max_updates,
        beat=beat if beat <= MOST_PATTERNS else 1,
        dense_rows=dense_rows,
    )


def _offsets(sizes: Sequence[int] | np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _schedule(experiment: Experiment) -> Schedule:
    rate = experiment.learning_rate
    return rate if isinstance(rate, Schedule) else Constant(experiment.rates(1)[0])


def _slopes(experiment: Experiment) -> list[int]:
    """Codes of the layers' slopes; with cross-entropy the output's is in the loss's already."""
    codes = [own.slope_of(each) for each in experiment.activations]
    if loss_for(experiment.loss, experiment.output).in_sum:
        codes[-1] = kernels.SLOPE_IN_SUM
    return codes


def _inputs(experiment: Experiment, inputs: np.ndarray) -> np.ndarray:
    """Inputs as the first layer receives them."""
    if experiment.standardizes:
        inputs = experiment.data.standardize(inputs)
    return _read_only(inputs)


def _read_only(array: np.ndarray) -> np.ndarray:
    """Return the array as compiled code is to see it: Numba compiles anew for one to be written."""
    seen = np.ascontiguousarray(array).view()
    seen.flags.writeable = False
    return seen


def memory_for(experiment: Experiment, lanes: int, parameters: int, batch: int) -> Memory:
    """Return what training changes, with room for so many patterns at a time; all lanes idle."""
    patterns, n_out = experiment.data.targets.shape
    trainable = lanes * sum(_trainable_sizes(experiment))
    room = lanes * batch * sum(experiment.layers)
    clock, state, activations = np.zeros(1, CLOCK), np.zeros(lanes, LANE), np.zeros(room)
    state["run"] = IDLE
    normalized = room if experiment.normalization in norms.KINDS else 0
    return Memory(
        clock=clock,
        state=state,
        times=np.zeros(lanes),
        weights=np.zeros(lanes * parameters),
        gradient=np.zeros(trainable),
        moments=np.zeros(3 * trainable),
        rates=np.zeros(trainable),
        order=np.zeros((lanes, patterns), np.int64),
        sums=np.zeros(room),
        activations=activations,
        passed=np.zeros(room) if experiment.dropout else activations,
        keep=np.zeros(room if experiment.dropout else 0),
        normal=np.zeros(normalized),
        variances=np.zeros(normalized),
        means=np.zeros(normalized),
        deltas=np.zeros(room),
        wanted=np.zeros(lanes * batch * n_out),
        errors=np.zeros(lanes * patterns),
    )


def jobs_for(
    experiment: Experiment,
    weights: np.ndarray,
    rates: np.ndarray | None,
    order_seeds: Sequence[int] | None,
    rows: int,
) -> Jobs:
    """Return the runs to be done, and room for what becomes of them."""
    runs, parameters = weights.shape
    sizes = _trainable_sizes(experiment)
    own = np.arange(len(sizes))
    if rates is None:
        rates, column = np.tile(experiment.rates(1), (runs, 1)), own
    else:
        numbered = 1.0 if rates.shape[1] == 1 else tuple(range(1, rates.shape[1] + 1))
        column = np.array(experiment.replace(learning_rate=numbered).rates(1), np.int64) - 1
    seeds = [experiment.order_seed] * runs if order_seeds is None else order_seeds
    patterns = len(experiment.data)
    room = rows + 1 if rows else 0  # the last moment of a run has a row of its own
    errors = patterns if rows and patterns <= MOST_PATTERNS else 0
    jobs = Jobs(
        runs=runs,
        weights=weights,
        rates=rates,
        columns=rates.shape[1],
        rate_of=np.repeat(column, sizes),
        random=np.array([first_state(seed) for seed in seeds], np.uint64),
        ends=np.zeros(runs, END),
        rows=room,
        row_updates=np.zeros((runs, room), np.int64),
        row_weights=np.empty((runs, room, parameters)),
        row_errors=np.empty((runs, room, errors)),
        row_patterns=errors,
    )
    if rows:
        jobs.row_weights[:, 0] = weights
        if errors:
            outputs = answers(experiment, weights, experiment.data.inputs)
            with np.errstate(all="ignore"):
                jobs.row_errors[:, 0] = squared_errors(outputs, experiment.data.targets)
    return jobs


def _trainable_sizes(experiment: Experiment) -> list[int]:
    shapes = experiment.parameter_shapes[: experiment.trainable]
    return [math.prod(shape) for shape in shapes]
