"""The cells of a sweep, run chunk by chunk, here or wherever a chunk has travelled to.

A chunk is a list of batches. The cells of a batch differ in learning rate and seeds only, so they
run as one job; see ``nnlab.engine.training.Ensemble``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlab.engine.training import Ensemble, start
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.reference import squared_errors
from nnlab.rules.initializers import Start
from nnlab.run import Interrupted, stopping

RECORD = np.dtype(
    [
        ("place", "<i8"),  # of the cell in the sweep, its axes run through in their order
        ("outcome", "<i8"),  # code in nnlab.engine.records.OUTCOMES
        ("updates", "<i8"),
        ("epochs", "<i8"),
        ("loss", "<f8"),
        ("worst_error", "<f8"),  # largest squared error of any pattern, in use
    ]
)
_LOOK_SECONDS = 0.01  # between two looks whether runs have ended, or the sweep is to be stopped
_MOST_NUMBERS = 500_000  # of weights, or of outputs on the way to a loss, at a time


@dataclass(frozen=True)
class Batch:
    """Cells that share all but learning rate and seeds.

    Args:
        experiment: what they share.
        places: (cells,) as in ``RECORD``.
        seeds: of the initial weights, one a cell.
        order_seeds: of order and dropout, likewise.
        rates: learning rates, one row a cell, as ``Ensemble`` takes them; None if all have the
            experiment's.
    """

    experiment: Experiment
    places: np.ndarray
    seeds: Sequence[int]
    order_seeds: Sequence[int]
    rates: np.ndarray | None

    def pieces(self) -> Iterator[Batch]:
        """Cut into batches whose weights and outputs fit into little memory."""
        experiment = self.experiment
        parameters = sum(rows * columns for rows, columns in experiment.weight_shapes)
        outputs = len(experiment.data) * sum(experiment.layers)
        size = max(1, _MOST_NUMBERS // max(parameters, outputs))
        for first in range(0, len(self.places), size):
            cut = slice(first, first + size)
            seeds, order_seeds = self.seeds[cut], self.order_seeds[cut]
            rates = None if self.rates is None else self.rates[cut]
            yield Batch(experiment, self.places[cut], seeds, order_seeds, rates)


def run_chunk(chunk: list[Batch], stop: Callable[[], bool]) -> np.ndarray:
    """Run a chunk's cells and return the records of those that have ended, (cells,) of ``RECORD``.

    They are all, unless ``stop``, asked every 10 ms or so, returns True.
    """
    return np.concatenate([np.empty(0, RECORD), *ended(chunk, stop)])


def ended(chunk: list[Batch], stop: Callable[[], bool]) -> Iterator[np.ndarray]:
    """Run a chunk's cells; every 10 ms or so, yield the records of those that have ended."""
    for piece in (piece for batch in chunk for piece in batch.pieces()):
        try:
            with stopping(stop):
                starts = starts_of(piece.experiment, piece.seeds)
        except Interrupted:
            if stop():
                return
            raise  # the interrupt was not ours: a chunk must not end early without a word
        many = Ensemble(piece.experiment, starts, piece.rates, piece.order_seeds)
        while many.running:
            if stop():
                return
            yield _records(piece, many, many.advance(_LOOK_SECONDS))


def _records(batch: Batch, many: Ensemble, which: np.ndarray) -> np.ndarray:
    ends, weights = many.ends[which], many.weights[which]
    if not len(ends):
        return np.empty(0, RECORD)  # still a sign of life: a sweep can be stopped here
    records = np.empty(len(ends), RECORD)
    records["place"] = batch.places[which]
    records["outcome"], records["updates"] = ends["outcome"], ends["updates"]
    records["epochs"] = ends["updates"] // batch.experiment.updates_per_epoch
    errors = np.empty((len(ends), 0))
    last = History(batch.experiment, ends["updates"], weights, errors)
    records["loss"] = last.loss
    with np.errstate(all="ignore"):  # a diverged run's outputs are no numbers any more
        records["worst_error"] = squared_errors(last.outputs, batch.experiment.data.targets).max(-1)
    return records


def starts_of(experiment: Experiment, seeds: Sequence[int]) -> np.ndarray:
    """Initial weights for each seed, shape (seeds, parameters)."""
    origin, shapes = experiment.start, tuple(experiment.weight_shapes)
    starts = np.tile(start(experiment.replace(init="zeros")), (len(seeds), 1))
    making = origin, shapes, tuple(seeds) if origin.uses_seed else (0,)
    weights = _kept(*making) if _has_hash(origin) else _weights(*making)
    starts[:, : weights.shape[1]] = weights  # what a norm adds stands behind the weights
    return starts


def _has_hash(origin: Start) -> bool:
    try:
        hash(origin)
    except TypeError:  # of a reader's own
        return False
    return True


def _weights(
    origin: Start, shapes: tuple[tuple[int, int], ...], seeds: tuple[int, ...]
) -> np.ndarray:
    layers = origin.of_seeds(shapes, seeds)
    return np.concatenate([each.reshape(len(seeds), -1) for each in layers], axis=1)


# A start may be a long run of its own, and chunks are many; a panel's hundred seeds are the same
# at each place of a slider.
_kept = lru_cache(maxsize=4)(_weights)
