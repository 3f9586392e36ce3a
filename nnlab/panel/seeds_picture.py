"""The picture of a crowd: how the error falls, how many learn by when, the curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist

from nnlab import plots
from nnlab.engine.loop import MOST_PATTERNS
from nnlab.experiment import Experiment
from nnlab.panel.canvas import Canvas
from nnlab.panel.controls import Control
from nnlab.panel.run_picture import end_of_time, grid, mark_ghost, span_slider
from nnlab.panel.seeds import Crowd
from nnlab.panel.setting import CrowdGhost, Pinned
from nnlab.plots import Look, style
from nnlab.run import Run

_POINTS = 150  # over time
_BAND: dict[str, Any] = {"color": style.CHOICES[0], "alpha": 0.25, "lw": 0}
_LINE: dict[str, Any] = {"color": style.CHOICES[0], "lw": 2.0}


class CrowdScreen:
    """Median and band over many starts in place of the lines of one run.

    Args:
        slider: whose range the curve spans; None leaves the curve out.
        experiment: what the crowds to come share: data and budget.
        size: as for ``Screen``.
    """

    def __init__(self, slider: Control | None, experiment: Experiment, size: float = 1.0) -> None:
        self._experiment, budget = experiment, experiment.max_updates
        self.figure, axes = grid(2 if slider is None else 4, size)
        self._errors, self._learned = axes[:2]
        one_by_one = len(experiment.data) <= MOST_PATTERNS
        title = "largest error of a pattern" if one_by_one else "mean loss"
        unit = "squared error (y − t)²" if one_by_one else experiment.loss.replace("_", " ")
        style.label(self._errors, f"{title}: median, 10–90 %", y=unit)
        self._errors.set_ylim(-0.03, 1.06)
        (self._middle,) = self._errors.plot([], [], **_LINE)
        (self._band,) = self._errors.fill([0, 0], [0, 0], **_BAND)
        style.label(self._learned, "how many have learned by then", y="share of starts")
        self._learned.set_ylim(-0.03, 1.06)
        (self._share,) = self._learned.plot([], [], drawstyle="steps-post", **_LINE)
        moving = [self._middle, self._band, self._share]
        self._slider, self._slider_axes = slider, None
        if slider is not None:
            self._slider_axes = axes[2:4]
            plots.rates(axes[2], [], [])
            span_slider(axes[2], slider, budget)
            (self._medians,) = axes[2].plot([], [], "o-", ms=3.5, **_LINE)
            (self._spread,) = axes[2].fill([1, 1], [1, 1], **_BAND)
            (self._here,) = axes[2].plot([], [], "o", ms=11, color=style.ACCENT)
            style.label(axes[3], "share of starts that learn", y="solve rate")
            span_slider(axes[3], slider, budget)
            axes[3].set(yscale="linear", ylim=(-0.03, 1.06))
            (self._rates,) = axes[3].plot([], [], "o-", ms=3.5, **_LINE)
            moving += [self._spread, self._medians, self._here, self._rates]
        self._moving = moving
        self._span: tuple[Look, float] | None = None  # what the axes of time are set to
        self._pinned: tuple[Pinned, ...] = ()
        self._ghostly: list[Artist] = []
        self._canvas: Canvas | None = None

    def fits(self, experiment: Experiment) -> bool:
        """Whether this picture can show crowds of that experiment."""
        ours = self._experiment
        return experiment.data is ours.data and experiment.max_updates == ours.max_updates

    def show(
        self,
        crowd: Crowd,
        look: Look,
        points: dict[Any, Any],
        value: Any,
        ghosts: Sequence[Pinned] = (),
    ) -> None:
        """Move to this crowd.

        Args:
            crowd: as far as it is trained.
            look: axis of time.
            points: by the slider's value, what ``Crowd.summary`` returns.
            value: the slider's.
            ghosts: what is pinned; crowds stay behind, faded.
        """
        if not crowd.runs:
            return
        updates = max(run.updates for run in crowd.runs)
        seconds = max(run.seconds for run in crowd.runs)
        last = end_of_time(crowd.experiment, look, updates, seconds)
        if self._span != (look, last):
            for axes in (self._errors, self._learned):
                plots.time_axis(axes, look, last)
        if (self._span, self._pinned) != ((look, last), tuple(ghosts)):
            self._span, self._pinned = (look, last), tuple(ghosts)
            self._move_ghosts(look, last)
        times, (low, middle, high) = _worst_over_time(crowd, look, last)
        plots.grow(self._errors, min(plots.largest(high), 10 * plots.largest(high[:1])))
        self._middle.set_data(times, middle)
        self._band.set_xy(_outline(times, low, high))
        self._share.set_data(*_learned_by(crowd, look, last))
        if self._slider_axes is not None:
            self._here.set_data([value], [_height(crowd)])
            self.show_curve(points)

    def _move_ghosts(self, look: Look, last: float) -> None:
        for artist in self._ghostly:
            artist.remove()
        self._ghostly = []
        for ghost, dashes in zip(self._pinned, style.DASHES, strict=False):
            if not isinstance(ghost, CrowdGhost):
                continue
            line: dict[str, Any] = {"color": style.GHOST, "lw": 1.5, "ls": dashes, "zorder": 0.9}
            times, percentiles = _worst_over_time(ghost.crowd, look, last)
            self._ghostly += self._errors.plot(times, percentiles[1], **line)
            steps = _learned_by(ghost.crowd, look, last)
            self._ghostly += self._learned.plot(*steps, drawstyle="steps-post", **line)
            if self._slider is not None and self._slider_axes is not None:
                place = ghost.setting.values[self._slider.name]
                share = ghost.crowd.summary()[3]
                for axes, y in zip(self._slider_axes, (_height(ghost.crowd), share), strict=True):
                    self._ghostly += mark_ghost(axes, ghost, place, y)
        if self._canvas is not None:
            self._canvas.forget()

    def show_curve(self, points: dict[Any, Any]) -> None:
        """Move only the curve; ``points`` as for ``show``."""
        if self._slider_axes is None:
            return
        places = sorted(points)
        spread = np.array([points[place] for place in places], dtype=float).reshape(-1, 4)
        shown = np.where(np.isfinite(spread), spread, self._experiment.max_updates)
        median = np.where(np.isfinite(spread[:, 1]), spread[:, 1], np.nan)
        self._medians.set_data(places, median)
        self._rates.set_data(places, spread[:, 3])
        self._spread.set_xy(_outline(np.array(places), shown[:, 0], shown[:, 2]))

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            self._canvas = Canvas(self.figure, self._moving)
        return self._canvas.frame()


def _worst_over_time(crowd: Crowd, look: Look, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Return moments, and at each the 10th, 50th and 90th percentile of the largest errors."""
    clocks = [plots.clock(run, look) for run in crowd.runs]
    end = max(times[-1] for times in clocks)
    first = min(times[1] if len(times) > 1 else last for times in clocks)
    spaced = np.geomspace if look.scale == "log" and 0 < first < end else np.linspace
    times = np.r_[0.0, spaced(first, end, _POINTS)]
    worst = [
        _worst(run)[_before(each, times)] for run, each in zip(crowd.runs, clocks, strict=True)
    ]
    return times, np.percentile(np.nan_to_num(worst, nan=1e9), (10, 50, 90), axis=0)


def _learned_by(crowd: Crowd, look: Look, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Return moments at which another start has learned, and the share that has by then."""
    ends = np.sort([plots.clock(run, look)[-1] for run in crowd.runs if run.converged])
    shares = np.arange(len(ends) + 1) / len(crowd.runs)
    return np.r_[0.0, ends, last], np.r_[shares, shares[-1]]


def _height(crowd: Crowd) -> float:
    """Return where a crowd stands on the curve: at its median, or at the budget without one."""
    middle = crowd.percentiles()[1]
    return middle if np.isfinite(middle) else float(crowd.budget)


def _worst(run: Run) -> np.ndarray:
    """Largest error of a pattern at each row of the history; of many patterns the mean loss."""
    history = run.history
    return history.errors.max(axis=1) if history.errors.shape[1] else history.loss


def _before(times: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Rows that hold at these moments: the last one that is not later."""
    return np.maximum(np.searchsorted(times, moments, side="right") - 1, 0)


def _outline(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Corners of the area between two curves, shape (2 n, 2); of none a point."""
    if not len(x):
        return np.ones((1, 2))
    return np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]])
