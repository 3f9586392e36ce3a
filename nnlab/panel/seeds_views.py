"""Views of the runs of many seeds: how the error falls, how many have learned by when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nnlab import plots
from nnlab.engine.records import MOST_PATTERNS
from nnlab.plots import Look, style
from nnlab.run import Run

_POINTS = 150  # over time
BAND: dict[str, Any] = {"color": style.CHOICES[0], "alpha": 0.25, "lw": 0}
LINE: dict[str, Any] = {"color": style.CHOICES[0], "lw": 2.0}


def errors(
    axes: Axes, runs: list[Run], look: Look, artists: Sequence[Any] | None = None
) -> list[Any]:
    """Median and 10–90 % band of the largest error of a pattern; of many patterns the mean loss."""
    if artists is None:
        experiment = runs[0].experiment
        one_by_one = len(experiment.data) <= MOST_PATTERNS
        title = "largest error of a pattern" if one_by_one else "mean loss"
        unit = "squared error (y − t)²" if one_by_one else experiment.loss.replace("_", " ")
        style.label(axes, f"{title}: median, 10–90 %", y=unit)
        axes.set_ylim(-0.03, 1.06)
        artists = [*axes.fill([0, 0], [0, 0], **BAND), *axes.plot([], [], **LINE)]
    times, (low, middle, high) = _worst_over_time(runs, look)
    plots.grow(axes, min(plots.largest(high), 10 * plots.largest(high[:1])))
    band, line = artists
    band.set_xy(outline(times, low, high))
    line.set_data(times, middle)
    return [band, line]


def learned(
    axes: Axes, runs: list[Run], look: Look, artists: Sequence[Any] | None = None
) -> list[Any]:
    """Share of the seeds that have learned by then, over time."""
    if artists is None:
        style.label(axes, "how many have learned by then", y="share of seeds")
        axes.set_ylim(-0.03, 1.06)
        artists = axes.plot([], [], drawstyle="steps-post", **LINE)
    ends = np.sort([plots.clock(run, look)[-1] for run in runs if run.converged])
    shares = np.arange(len(ends) + 1) / len(runs)
    last = max(plots.clock(run, look)[-1] for run in runs)
    artists[0].set_data(np.r_[0.0, ends, last], np.r_[shares, shares[-1]])
    return list(artists)


def outline(x: Sequence[float] | np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Corners of the area between two curves, shape (2 n, 2); of none a point."""
    if not len(x):
        return np.ones((1, 2))
    return np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]])


def _worst_over_time(runs: list[Run], look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Return moments, and at each the 10th, 50th and 90th percentile of the largest errors."""
    clocks = [plots.clock(run, look) for run in runs]
    end = max(times[-1] for times in clocks)
    first = min(times[1] if len(times) > 1 else end for times in clocks)
    spaced = np.geomspace if look.scale == "log" and 0 < first < end else np.linspace
    times = np.r_[0.0, spaced(first, end, _POINTS)]
    worst = [_worst(run)[_before(each, times)] for run, each in zip(runs, clocks, strict=True)]
    return times, np.percentile(np.nan_to_num(worst, nan=1e9), (10, 50, 90), axis=0)


def _worst(run: Run) -> np.ndarray:
    """Largest error of a pattern at each row of the history; of many patterns the mean loss."""
    history = run.history
    return history.errors.max(axis=1) if history.errors.shape[1] else history.loss


def _before(times: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Rows that hold at these moments: the last one that is not later."""
    return np.maximum(np.searchsorted(times, moments, side="right") - 1, 0)
