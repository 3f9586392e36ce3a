"""How good networks are when they are used: on what they learned, and on what was held out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from nnlab.analysis.passage import first_row, updates_until, worst_error
from nnlab.engine.records import CONVERGED
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.run import Run
from nnlab.sweep import Sweep
from nnlab.sweeps.cells import Batch, run_chunk

__all__ = [
    "Scores",
    "learned_in_use",
    "needed_in_use",
    "runs",
    "scores",
    "typical",
    "until",
    "updates_needed",
]


@dataclass(frozen=True)
class Scores:
    """Mean loss and accuracy of a network in use; NaN where there is no such thing.

    Args:
        loss: on the patterns that were learned.
        accuracy: likewise, from 0 to 1; only of classes.
        held_out_loss: on the patterns held out.
        held_out_accuracy: likewise.
    """

    loss: float
    accuracy: float
    held_out_loss: float
    held_out_accuracy: float


def runs(experiment: Experiment, seeds: Iterable[int]) -> list[Run]:
    """Train once for each seed, of start, order and dropout at once, on all cores.

    Args:
        experiment: all its other fields hold.
        seeds: what ``init_seed`` and ``order_seed`` become.
    """
    each = [experiment.replace(init_seed=seed, order_seed=seed) for seed in seeds]
    stopped = threading.Event()
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(one.run, stop=stopped.is_set) for one in each]
        try:
            left = set(futures)
            while left:  # with a timeout, as an interrupt alone may not wake the main thread
                ended, left = wait(left, 0.05, FIRST_EXCEPTION)
                for future in ended:
                    future.result()
            return [future.result() for future in futures]
        finally:  # an interrupt or an error: nobody waits for the others
            stopped.set()
            for future in futures:
                future.cancel()


def updates_needed(
    experiment: Experiment, seeds: Iterable[int], in_use: float = 0.25
) -> np.ndarray:
    """Return the updates until learned for each seed, of start, order and dropout at once.

    Infinity where a run has not learned, or some pattern's squared error is larger than ``in_use``
    when the final network is used; 0.25 is the right side of ½. Of many short runs that is much
    quicker than ``runs``, as they train in lock step and keep no history.
    """
    each = list(seeds)
    batch = Batch(experiment, np.arange(len(each)), each, each, None)
    records = run_chunk([batch], lambda: False)
    records = records[np.argsort(records["place"])]
    right = (records["outcome"] == CONVERGED) & (records["worst_error"] <= in_use)
    return np.where(right, records["updates"], np.inf)


def needed_in_use(sweep: Sweep, in_use: float = 0.25) -> np.ndarray:
    """Return a sweep's updates until learned, infinity where a network is wrong when it is used.

    Args:
        sweep: any.
        in_use: no pattern's squared error may be larger in use; 0.25 is the right side of ½.
    """
    return np.where(sweep.worst_error <= in_use, sweep.updates_needed, np.inf)


def until(
    experiment: Experiment, seeds: Iterable[int], goal: float, rows: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the updates until the mean loss is below a goal for each seed, and what it is worth.

    Args:
        experiment: all its other fields hold; its tolerance should be 0, lest it end before.
        seeds: of start, order and dropout at once.
        goal: of the loss on all patterns.
        rows: of how many rows of each history, evenly spread, the loss is asked; None means all.

    Returns:
        The updates, straight between rows, infinity where the budget was too small; and the
        held-out accuracy at the first row below the goal, NaN where there is none. Both (seeds,).
    """
    updates, accuracies = [], []
    for run in runs(experiment, seeds):
        kept = run.history
        if rows is not None:
            kept = kept.at(np.unique(np.linspace(0, len(kept) - 1, rows).astype(int)))
        updates.append(updates_until(kept.updates, kept.loss, goal))
        row = first_row(kept.loss, goal)
        accuracy = None if row is None else kept.at([row]).validation_accuracy
        accuracies.append(np.nan if accuracy is None else float(accuracy[0]))
    return np.array(updates), np.array(accuracies)


def typical(experiment: Experiment, seeds: Iterable[int]) -> tuple[Run, float]:
    """Return the run that is the middle one by held-out accuracy, and that accuracy.

    Of runs that score alike the earlier seed comes first, of an even number of runs the better of
    the middle two is taken.
    """
    trained = runs(experiment, seeds)
    ranked = sorted((scores(run).held_out_accuracy, place) for place, run in enumerate(trained))
    accuracy, place = ranked[len(ranked) // 2]
    return trained[place], accuracy


def scores(run: Run) -> Scores:
    """Return what a run's network scores at the end, as when it is used: without dropout."""
    last = _last(run)
    columns = (last.loss, last.accuracy, last.validation_loss, last.validation_accuracy)
    return Scores(*(np.nan if column is None else float(column[-1]) for column in columns))


def learned_in_use(run: Run) -> bool:
    """Whether every pattern is within tolerance when the final network is used.

    A run may converge and yet not be: as presented, its patterns were answered at different moments
    of an epoch or, with batch norm, by the statistics of their batches.
    """
    return bool(worst_error(_last(run))[-1] < run.experiment.tolerance)


def _last(run: Run) -> History:
    """The last row only: what comes before need not be computed."""
    kept = run.history
    return History(run.experiment, kept.updates[-1:], kept.flat_weights[-1:], kept.errors[-1:])
