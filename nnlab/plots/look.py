"""How a run is looked at: at which moment, and against which axis of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from nnlab import checks
from nnlab.history import History
from nnlab.plots import style
from nnlab.run import Run

UNITS = ("updates", "samples", "seconds")
SCALES = ("log", "linear")
_POINTS = 300  # a line's points on the screen: more would not be seen, and cost time
_LINEAR_UP_TO = {"updates": 10.0, "samples": 10.0, "seconds": 1e-5}  # of a logarithmic axis


@dataclass(frozen=True)
class Look:
    """A moment of a run and an axis of time.

    Args:
        row: of the history, as an index; -1 is the last.
        unit: "updates", "samples" (patterns shown, repetitions counted) or "seconds" of training.
        scale: "linear" or "log" (which still begins at 0: its first stretch is linear).
    """

    row: int = -1
    unit: str = "updates"
    scale: str = "linear"

    def __post_init__(self) -> None:
        checks.choice("unit", self.unit, UNITS)
        checks.choice("scale", self.scale, SCALES)


def clock(run: Run, look: Look) -> np.ndarray:
    """Return the time of each row of a run's history in the look's unit, shape (rows,).

    Seconds are the run's own, shared out evenly: every update costs the same.
    """
    updates = run.history.updates
    if look.unit == "updates":
        return updates
    if look.unit == "seconds":
        return updates * (run.seconds / max(run.updates, 1))
    patterns, batch = len(run.experiment.data), run.experiment.patterns_per_update
    epochs, rest = np.divmod(updates, -(-patterns // batch))
    return epochs * patterns + rest * batch


def time_axis(axes: Axes, look: Look, last: float) -> None:
    """Label the axis of time and let it span 0 to ``last``, in the look's unit and scale."""
    style.label(axes, x="samples seen" if look.unit == "samples" else look.unit)
    axes.set_xlim(0, last if last > 0 else 1)
    if look.scale == "log":
        axes.set_xscale("symlog", linthresh=_LINEAR_UP_TO[look.unit], linscale=0.5)
    else:
        axes.set_xscale("linear")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.9g}")
        axes.locator_params(axis="x", nbins=4)


def rows_to_draw(history: History, look: Look) -> np.ndarray:
    """Return the rows that make a difference on the screen: evenly spaced in the axis' scale."""
    updates = history.updates
    if len(updates) <= _POINTS:
        return np.arange(len(updates))
    place = np.log1p(updates) if look.scale == "log" else updates.astype(float)
    grid = np.linspace(place[0], place[-1], _POINTS)
    return np.unique(np.searchsorted(place, grid))


def only(history: History, rows: np.ndarray) -> History:
    """Return a history of some of the rows: what isn't shown need not be computed."""
    return History(
        history.experiment,
        history.updates[rows],
        history.flat_weights[rows],
        history.errors[rows],
    )


def some(count: int, at_most: int) -> np.ndarray:
    """Return at most so many of ``count`` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, at_most)).astype(int))


def largest(values: np.ndarray) -> float:
    """Return the largest finite size among the values, 1 if there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 1.0


def reach(values: np.ndarray, run: Run) -> float:
    """Return the largest value that an axis must show; of a diverged run only the take-off.

    Args:
        values: (rows, ...), a row a moment.
        run: what they are of.
    """
    whole = largest(values)
    return min(whole, 10 * largest(values[0])) if run.outcome == "diverged" else whole
