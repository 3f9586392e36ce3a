"""What all views share: a protocol, a moment and an axis of time, and what is left out unseen.

A view costs no more than the training it shows: of long runs, large data and wide networks it
takes what can be told apart on a screen, and its title says so ("16 of 512 units").
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.plots import style
from nnlab.run import Run

UNITS = ("updates", "samples", "seconds")
SCALES = ("log", "linear")
MAX_PATTERNS = 16  # more lines than that in one plot can't be told apart
_POINTS = 300  # a line's points on the screen: more would not be seen, and cost time
_FEWEST = 40  # rows of a line, where each of them is dear
_NUMBERS = 1_500_000  # activations computed for one view: some 40 ms
_LINEAR_UP_TO = {"updates": 10.0, "samples": 10.0, "seconds": 1e-5}  # of a logarithmic axis


@dataclass(frozen=True)
class Look:
    """A moment of a run and an axis of time; a view takes its fields by name, too.

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


class View(Protocol):
    """Draw a run on axes and return the artists that move; given those, only move them.

    ``errors(axes, run)`` draws, ``errors(axes, other, artists=artists)`` moves. The moment and the
    axis of time come as a ``Look`` or by name: ``network(axes, run, row=0)``.
    """

    __name__: str

    def __call__(
        self,
        axes: Axes,
        run: Run,
        look: Look = Look(),
        artists: Sequence[Any] | None = None,
        **moment: Any,
    ) -> list[Any]:
        """Draw or move."""
        ...


def view(make: Callable[[Axes, Experiment], Sequence[Any]]) -> Callable[[Callable], View]:
    """Turn a function that moves artists to a run into a view.

    Args:
        make: draws what stands still and returns the artists that move, in nnlab's own settings.
    """

    def decorate(move: Callable[[Axes, Run, Look, Sequence[Any]], None]) -> View:
        @functools.wraps(move)
        def draw(
            axes: Axes,
            run: Run,
            look: Look = Look(),
            artists: Sequence[Any] | None = None,
            **moment: Any,
        ) -> list[Any]:
            if moment:
                look = Look(**{**vars(look), **moment})
            if artists is not None:
                move(axes, run, look, artists)
                return list(artists)
            with style.own_settings():
                artists = make(axes, run.experiment)
                move(axes, run, look, artists)
            return list(artists)

        return draw

    return decorate


# --- over time ----------------------------------------------------------------------------------


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
    with style.own_settings():
        style.label(axes, x="samples seen" if look.unit == "samples" else look.unit)
        axes.set_xlim(0, last if last > 0 else 1)
        if look.scale == "log":
            axes.set_xscale("symlog", linthresh=_LINEAR_UP_TO[look.unit], linscale=0.5)
        else:
            axes.set_xscale("linear")
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.9g}")
            axes.locator_params(axis="x", nbins=4)


def rows_to_draw(history: History, look: Look, at_most: int = _POINTS) -> np.ndarray:
    """Return the rows that make a difference on the screen: evenly spaced in the axis' scale."""
    updates, at_most = history.updates, min(at_most, _POINTS)
    if len(updates) <= at_most:
        return np.arange(len(updates))
    place = np.log1p(updates) if look.scale == "log" else updates.astype(float)
    grid = np.linspace(place[0], place[-1], at_most)
    return np.unique(np.searchsorted(place, grid))


def affordable(experiment: Experiment, patterns: int | None = None) -> tuple[int, int]:
    """Return how many rows of a history a view can present how many patterns to.

    Args:
        experiment: whose network answers.
        patterns: that there are; None means those learned from.
    """
    units = sum(experiment.layers[1:])
    count = len(experiment.data) if patterns is None else patterns
    count = min(count, max(_NUMBERS // (units * _FEWEST), 16))
    return max(_NUMBERS // (units * count), _FEWEST), count


def follow(lines: Sequence[Any], times: np.ndarray, columns: Sequence[np.ndarray]) -> None:
    """Move each line to its column of values over time."""
    for line, values in zip(lines, columns, strict=True):
        line.set_data(times, values)


# --- what is left out, how far axes reach -------------------------------------------------------


def some(count: int, at_most: int) -> np.ndarray:
    """Return at most so many of ``count`` places, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, at_most)).astype(int))


def of_all(shown: int, count: int, what: str) -> str:
    """Return, for a title, how much of what is shown: nothing where it is all."""
    return "" if shown >= count else f" ({shown:,} of {count:,} {what})"


def one_by_one(experiment: Experiment) -> bool:
    """Return whether there are few enough patterns to draw each by itself."""
    return len(experiment.data) <= MAX_PATTERNS


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


def grow(axes: Axes, needed: float) -> None:
    """Let y reach from 0 to what is needed, in round steps; it never shrinks."""
    if needed > axes.get_ylim()[1]:
        top = style.round_up(needed)
        axes.set_ylim(-0.03 * top, 1.06 * top)
