"""How good networks are when they are used: on what they learned, and on what was held out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from nnlab.analysis.passage import worst_error
from nnlab.engine.records import CONVERGED
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.run import Run
from nnlab.sweeps.cells import Batch, run_chunk

__all__ = ["Scores", "learned_in_use", "runs", "scores", "updates_needed"]


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
