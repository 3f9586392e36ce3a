"""From experiments to runs under way: the engine's arrays are laid out, advanced and read."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np

from nnlab.engine import kernels
from nnlab.engine.lanes import LANES
from nnlab.engine.loop import (
    CLOCK,
    END,
    IDLE,
    LANE,
    MOST_PATTERNS,
    OUTCOMES,
    RUNNING,
    Jobs,
    Memory,
    Plan,
    advance,
    advance_lanes,
)
from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.reference import forward, squared_errors
from nnlab.rules.activations import OUTPUTS
from nnlab.rules.losses import LOSSES, loss_for
from nnlab.rules.optimizers import OPTIMIZERS
from nnlab.rules.order import first_state
from nnlab.rules.schedules import SCHEDULES, Constant, Schedule

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
        self._advance = advance if lanes == 1 else advance_lanes
        self._plan = plan_for(experiment, lanes, dense_rows=rows // 4)
        self._memory = memory_for(experiment, lanes, weights.shape[1])
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
        return tuple(column[run, :rows].copy() for column in columns)  # type: ignore[return-value]


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
        begun = self.updates % self.experiment.updates_per_epoch
        whole = self.epochs * len(self.experiment.data)
        return whole + begun * self.experiment.patterns_per_update

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
        rows = int(memory.state["rows"][0])
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


# --- the engine's arrays -------------------------------------------------------------------------


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
        activation=np.array([OUTPUTS.index(name) for name in experiment.activations]),
        slope=np.array(_slopes(experiment)),
        way=sum(experiment.layers) * lanes,
        gammas=gammas * lanes,
        betas=(gammas + hidden) * lanes,
        trainable=sum(_trainable_sizes(experiment)) * lanes,
        parameters=sum(math.prod(shape) for shape in experiment.parameter_shapes),
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


def memory_for(experiment: Experiment, lanes: int, parameters: int) -> Memory:
    """Return what training changes; all lanes idle."""
    patterns, n_out = experiment.data.targets.shape
    trainable = lanes * sum(_trainable_sizes(experiment))
    samples = lanes * experiment.patterns_per_update
    batch = samples * sum(experiment.layers)
    clock, state, activations = np.zeros(1, CLOCK), np.zeros(lanes, LANE), np.zeros(batch)
    state["run"] = IDLE
    normalized = batch if experiment.normalization in kernels.KINDS else 0
    return Memory(
        clock=clock,
        state=state,
        times=np.zeros(lanes),
        weights=np.zeros(lanes * parameters),
        gradient=np.zeros(trainable),
        moments=np.zeros(3 * trainable),
        rates=np.zeros(trainable),
        order=np.zeros((lanes, patterns), np.int64),
        sums=np.zeros(batch),
        activations=activations,
        passed=np.zeros(batch) if experiment.dropout else activations,
        keep=np.zeros(batch if experiment.dropout else 0),
        normal=np.zeros(normalized),
        variances=np.zeros(normalized),
        means=np.zeros(normalized),
        deltas=np.zeros(batch),
        wanted=np.zeros(samples * n_out),
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
        jobs.row_errors[:, 0] = _first_errors(experiment, weights)[:, : jobs.row_errors.shape[2]]
    return jobs


def _trainable_sizes(experiment: Experiment) -> list[int]:
    shapes = experiment.parameter_shapes[: experiment.trainable]
    return [math.prod(shape) for shape in shapes]


def _first_errors(experiment: Experiment, weights: np.ndarray) -> np.ndarray:
    """Squared errors at the starts, shape (runs, patterns)."""
    with np.errstate(all="ignore"):
        parameters = unflatten(experiment, weights)
        outputs = forward(experiment, parameters, experiment.data.inputs)[-1]
        return squared_errors(outputs, experiment.data.targets)
