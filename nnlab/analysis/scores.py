"""How good networks are when they are used: on what they learned, and on what was held out."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from nnlab.analysis.passage import worst_error
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.run import Run

__all__ = ["Scores", "learned_in_use", "runs", "scores"]


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
            return [future.result() for future in futures]
        finally:  # an interrupt or an error: nobody waits for the others
            stopped.set()
            for future in futures:
                future.cancel()


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
    history = run.history
    return History(
        run.experiment, history.updates[-1:], history.flat_weights[-1:], history.errors[-1:]
    )
