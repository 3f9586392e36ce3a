"""What a panel shows of a setting: a run of it, or the runs of many seeds."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlab.engine.records import OUTCOMES, RUNNING
from nnlab.engine.training import Ensemble, Training
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.panel import words
from nnlab.panel.setting import Setting
from nnlab.run import Interrupted, Run, begin, snapshot, stopping
from nnlab.sweeps.cells import starts_of

SEEDS = 100  # that the button asks for
FEWER_SEEDS = 30  # for a point of the curve
FEW_ROWS = 64  # of the history of runs that nobody looks at one by one
MOST_UPDATES = 200_000  # of each of many runs: a hundred of millions would not be live
_GLANCE = 0.01  # seconds between two looks whether somebody wants something else
# What a picture may cost that shows every row of a history: products, and numbers in a layer.
_PRODUCTS, _NUMBERS, _FEWEST_ROWS, _MOST_ROWS = 1e9, 1.5e7, 16, 2048

AskedToStop = Callable[[], bool]


class Point(NamedTuple):
    """Where a subject stands on the curve: updates until learned, infinite where it was not.

    Args:
        low: 10th percentile over the runs, by nearest rank.
        middle: the median.
        high: 90th percentile.
        share: of the runs that learned.
    """

    low: float
    middle: float
    high: float
    share: float


class Subject:
    """A setting in training: ``advance`` while ``running``, look at it at any time.

    Many seeds are trained in lock step, but each counts only when all before it have ended, so that
    those that count are a fair sample of all. Of a setting in which nothing is random they would
    all be the same: one is trained.

    Args:
        setting: what to train.
        seeds: how many, 0, 1, 2, … of start, order and dropout, the budget cut to
            ``MOST_UPDATES``; None for the setting's own one.
        rows: of history at the most; by default as many as views can show at little cost.
        budget: of updates, if the experiment's own is larger.
    """

    def __init__(
        self,
        setting: Setting,
        seeds: int | None = None,
        rows: int | None = None,
        budget: float = math.inf,
    ) -> None:
        self.setting, self.asked, self.seeds = setting, seeds, 1
        if seeds is not None:
            budget = min(budget, MOST_UPDATES)
            self.seeds = seeds if is_random(setting.experiment) else 1
        self.budget = int(min(setting.experiment.max_updates, budget))
        self.stopped = False
        self._rows = FEW_ROWS if self.many else rows
        self._ended: list[Run] = []
        self._training: Training | None = None  # the run under way
        self._together: Ensemble | None = None  # or the runs
        self._first: Experiment | None = None  # what is trained, but for the seeds
        self._seen: Run | None = None  # as it was last looked at
        self._status = ""  # once it has ended: a diagnosis takes time

    @property
    def many(self) -> bool:
        """Whether many seeds were asked for."""
        return self.asked is not None

    @property
    def begun(self) -> bool:
        """Whether it has its start, which may be trained too."""
        return bool(self._ended or self._training or self._together)

    @property
    def running(self) -> bool:
        """Whether there is more to train."""
        return len(self._ended) < self.seeds and not self.stopped

    @property
    def ended(self) -> bool:
        """Whether it is over and there is something to see."""
        return bool(self._ended) and not self.running

    @property
    def runs(self) -> list[Run]:
        """What can be looked at: the run so far; of many seeds those that have ended."""
        if self.many or self._training is None:
            return self._ended
        if self._seen is None or self._seen.updates != self._training.updates:
            self._seen = snapshot(self._training, self._training.outcome)
        return [self._seen]

    @property
    def progress(self) -> float:
        """Share of the seeds, or of the one's budget, that is done."""
        if self.many or self._training is None:
            return len(self._ended) / self.seeds
        return self._training.updates / self.budget

    @property
    def point(self) -> Point:
        """Where the runs that have ended stand on the curve."""
        updates = [run.updates if run.converged else math.inf for run in self._ended]
        low, middle, high = np.percentile(updates, (10, 50, 90), method="nearest")
        return Point(float(low), float(middle), float(high), float(np.mean(np.isfinite(updates))))

    @property
    def height(self) -> float:
        """Where it is drawn on the curve at any time: at the budget if it was not learned."""
        if self.many:
            return min(self.point.middle, float(self.budget))
        run = self.runs[0]
        return float(self.budget if run.outcome == "diverged" else max(run.updates, 1))

    def advance(self, seconds: float, interrupted: AskedToStop) -> None:
        """Train for so long, or until it has ended, or until ``interrupted()``.

        A start that trains is trained to its end first, unless ``interrupted()``; then it is lost.
        """
        end = time.perf_counter() + seconds
        while self.running and time.perf_counter() < end and not interrupted():
            try:
                self._begin(interrupted)
            except Interrupted:
                if not interrupted():
                    raise  # not ours: nobody would know that nothing was trained
                return
            if self.seeds > 1:
                self._train_together(min(_GLANCE, seconds))
                continue
            assert self._training is not None
            self._training.advance(min(_GLANCE, seconds))
            if self._training.outcome != "running":
                self._end(self._training.outcome)

    def train(self, interrupted: AskedToStop) -> Point | None:
        """Train to the end and return the point; None if it was interrupted."""
        while self.running:
            self.advance(_GLANCE, interrupted)
            if interrupted():
                return None
        return self.point

    def stop(self) -> None:
        """End it here."""
        self.stopped = True
        if not self.many:
            self._end("stopped")

    def status(self, row: int = -1) -> str:
        """Say in one line of HTML what became of it, or at which row of a run one looks."""
        if row != -1:
            run = self.runs[0]
            return f"at update <b>{run.history.updates[row]:,}</b> of {run.updates:,}"
        if self.running:
            return self._said()
        self._status = self._status or self._said()
        return self._status

    def cells(self) -> tuple[str, str, str]:
        """Return outcome, updates and time, each in short, of what has ended."""
        seconds = words.duration(sum(run.seconds for run in self._ended))
        if self.seeds == 1:
            (run,) = self._ended
            return run.outcome, f"{run.updates:,}", seconds
        point, done = self.point, len(self._ended)
        learned = f"{round(point.share * done)} of {done} seeds learned"
        median = f"{point.middle:,.0f}" if math.isfinite(point.middle) else "never"
        return learned, f"median {median}", seconds

    def described(self, views: list[str]) -> str:
        """Return what the picture shows, for those who can't see it."""
        about = f"Charts of {', '.join(views)} at {words.setting(self.setting.values)}"
        said = f"{about}: {words.plain(self.status())}"
        if self.many:
            return said
        ends = self.runs[0].history.at([0, -1]).loss
        return f"{said}; mean loss from {ends[0]:.3g} to {ends[1]:.3g}"

    def _begin(self, asked_to_stop: AskedToStop) -> None:
        """Make what ``advance`` trains, unless it is there."""
        if self.seeds == 1:
            if self._training is None:
                member = self._member(0)
                self._training = begin(member, asked_to_stop, _affordable(member, self._rows))
        elif self._together is None:
            shared, seeds = self._member(0), range(self.seeds)
            rows = _affordable(shared, FEW_ROWS) or FEW_ROWS
            with stopping(asked_to_stop):
                starts = starts_of(shared, seeds)
            self._together = Ensemble(shared, starts, order_seeds=seeds, rows=rows)

    def _train_together(self, seconds: float) -> None:
        assert self._together is not None
        self._together.advance(seconds)
        still = np.flatnonzero(self._together.ends["outcome"] == RUNNING)
        ended = range(len(self._ended), still[0] if len(still) else self.seeds)
        spent = self._together.seconds - sum(run.seconds for run in self._ended)
        self._ended += [self._ended_run(self._together, seed, spent / len(ended)) for seed in ended]

    def _ended_run(self, together: Ensemble, seed: int, seconds: float) -> Run:
        end, member = together.ends[seed], self._member(seed)
        updates = int(end["updates"])
        return Run(
            experiment=member,
            outcome=OUTCOMES[end["outcome"]],
            updates=updates,
            epochs=updates // member.updates_per_epoch,
            samples_seen=member.samples_in(updates),
            seconds=seconds,
            history=History(member, *together.history(seed)),
        )

    def _member(self, seed: int) -> Experiment:
        if self._first is None:
            self._first = self.setting.experiment.replace(max_updates=self.budget)
        if not self.many:
            return self._first
        # ``replace`` would check all fields anew, which takes longer than a seed's training.
        member = copy.copy(self._first)
        vars(member).update(init_seed=seed, order_seed=seed)
        return member

    def _end(self, outcome: str) -> None:
        if self._training is not None:
            self._ended.append(snapshot(self._training, outcome))
            self._training = None

    def _said(self) -> str:
        if self.stopped and not self.begun:
            return "stopped before the first update"
        if self.seeds == 1:
            said = words.status(self.runs[0]) if self.runs else "training …"
            same = f"; nothing here is random: all {self.asked} seeds are this one run"
            return said + (same if self.many else "")
        under_way = f"training {self.seeds} seeds … " if self.running else ""
        if not self._ended:
            return under_way
        point = self.point
        said = f"<b>{self.cells()[0]}</b> within {self.budget:,} updates"
        if math.isfinite(point.middle):
            upper = f"{point.high:,.0f}" if math.isfinite(point.high) else "never"
            said += f"; median {point.middle:,.0f} updates (10–90 %: {point.low:,.0f} to {upper})"
        return f"{under_way}{said}"


def is_random(experiment: Experiment) -> bool:
    """Whether another seed makes another run."""
    return bool(experiment.start.uses_seed or experiment.shuffle or experiment.dropout)


def _affordable(experiment: Experiment, most: int | None) -> int | None:
    """Return how many rows of history views can show without costing more than the training.

    Args:
        experiment: to be trained.
        most: rows that are of use; None leaves it to ``Training``, as does this function then,
            for all but thousands of patterns or wide layers.
    """
    patterns = len(experiment.data)
    products = patterns * sum(math.prod(shape) for shape in experiment.parameter_shapes)
    rows = min(_PRODUCTS / products, _NUMBERS / (patterns * max(experiment.layers[1:])))
    return most if rows >= (most or _MOST_ROWS) else max(_FEWEST_ROWS, int(rows))
