"""When a run has got there: the first time it passes a goal, and from when on it stays."""

from __future__ import annotations

import numpy as np

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.history import History

__all__ = [
    "first_row",
    "last_to_come_right",
    "passages",
    "settled_row",
    "updates_until",
    "worst_error",
]


def worst_error(history: History) -> np.ndarray:
    """Return the largest squared error Σ(y - t)² of any pattern at each row, shape (n,).

    As the network is used, all patterns at one moment: without dropout, batch norm by its running
    statistics. The stop rule instead looks at each pattern as it was presented, at different
    moments of an epoch.
    """
    errors = ((history.outputs - history.experiment.data.targets) ** 2).sum(axis=-1)
    return np.asarray(errors.max(axis=-1))


def last_to_come_right(history: History) -> int | None:
    """Return the pattern that a run got right last, for good; None if it got not all of them.

    Of targets that are classes: right is what comes out in the right class, near or not.
    """
    data = history.experiment.data
    if not data.is_classification:
        raise ValueError("last_to_come_right needs targets that are classes")
    right = data.class_of(history.outputs) == data.class_of(data.targets)
    rows = [settled_row(~each, 0.5) for each in right.T]  # from when on it is not wrong
    if any(row is None for row in rows):
        return None
    return max(range(len(rows)), key=lambda pattern: rows[pattern] or 0)


def first_row(values: np.ndarray, goal: float) -> int | None:
    """Return the first row of (n,) values that is below the goal; None if none is."""
    below = np.flatnonzero(np.asarray(values) < goal)
    return int(below[0]) if len(below) else None


def settled_row(values: np.ndarray, goal: float) -> int | None:
    """Return the first row from which on all of (n,) values are below the goal; None if none is.

    NaN is not below anything.
    """
    above = np.flatnonzero(~(np.asarray(values) < goal))
    row = int(above[-1]) + 1 if len(above) else 0
    return row if row < len(values) else None


def updates_until(
    updates: np.ndarray, values: np.ndarray, goal: float, stays: bool = False
) -> float:
    """Return the update at which values fall below a goal; infinity if they don't.

    Args:
        updates: (n,) of each row, rising, as ``History.updates``.
        values: (n,), for example a history's loss or ``worst_error``; taken as straight lines
            between rows.
        goal: what to get below.
        stays: whether values that rise above the goal again don't count; then the update is the
            last one at which they cross it.
    """
    updates, values = np.asarray(updates), np.asarray(values)
    if updates.shape != values.shape or updates.ndim != 1:
        raise ValueError(f"values must have shape {updates.shape}; got {values.shape}")
    row = settled_row(values, goal) if stays else first_row(values, goal)
    if row is None:
        return np.inf
    if row == 0 or not np.isfinite(values[row - 1]):
        return float(updates[row])
    return float(np.interp(-goal, -values[row - 1 : row + 1], updates[row - 1 : row + 1]))


def passages(experiment: Experiment, updates: int) -> tuple[float, float]:
    """Train on beyond the tolerance; return the updates of the first passage and of settling.

    A run that overshoots is caught by the stop rule on its way through. Here nothing stops it, and
    ``worst_error`` below the experiment's tolerance is what counts; of more than a few hundred
    updates a history keeps some only, so that a short excursion between its rows is not seen.

    Args:
        experiment: with a tolerance above 0.
        updates: how many to train, at least 1; none learned or settled within them is infinity.
    """
    tolerance = checks.number("tolerance", experiment.tolerance, above=0.0)
    history = experiment.replace(tolerance=0.0, max_updates=updates).run().history
    errors = worst_error(history)
    first = updates_until(history.updates, errors, tolerance)
    return first, updates_until(history.updates, errors, tolerance, stays=True)
