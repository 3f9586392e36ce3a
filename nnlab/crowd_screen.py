"""The picture of a crowd: how the error falls, how many learn by when, the curve."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab import plots, style
from nnlab.canvas import Canvas
from nnlab.controls import Control
from nnlab.crowd import Crowd
from nnlab.plots import Look
from nnlab.run import Run
from nnlab.screen import grid, span_slider

_POINTS = 150  # over time
_BAND: dict[str, Any] = {"color": style.UNITS[0], "alpha": 0.25, "lw": 0}
_LINE: dict[str, Any] = {"color": style.UNITS[0], "lw": 2.0}


class CrowdScreen:
    """Median and band over many starts in place of the lines of one run.

    Args:
        slider: whose range the curve spans; None leaves the curve out.
        budget: updates at the most, of each start.
        size: as for ``Screen``.
    """

    def __init__(self, slider: Control | None, budget: int, size: float = 1.0) -> None:
        self.figure, axes = grid(2 if slider is None else 4, size)
        self._errors, self._learned = axes[:2]
        style.label(
            self._errors, "largest error of a pattern: median, 10–90 %", y="squared error (y − t)²"
        )
        self._errors.set_ylim(-0.03, 1.06)
        (self._middle,) = self._errors.plot([], [], **_LINE)
        (self._band,) = self._errors.fill([0, 0], [0, 0], **_BAND)
        style.label(self._learned, "how many have learned by then", y="share of starts")
        self._learned.set_ylim(-0.03, 1.06)
        (self._share,) = self._learned.plot([], [], drawstyle="steps-post", **_LINE)
        moving = [self._middle, self._band, self._share]
        self._slider_axes = None
        if slider is not None:
            self._slider_axes = axes[2]
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
        self._budget = budget
        self._spans: tuple[Any, ...] | None = None
        self._canvas: Canvas | None = None

    def show(self, crowd: Crowd, look: Look, points: dict[Any, Any], value: Any) -> None:
        """Move to this crowd.

        Args:
            crowd: as far as it is trained.
            look: axis of time.
            points: by the slider's value, what ``Crowd.summary`` returns.
            value: the slider's.
        """
        if not crowd.runs:
            return
        clocks = [plots.clock(run, look) for run in crowd.runs]
        last = style.round_up(max(times[-1] for times in clocks))
        if self._spans != (look.unit, look.scale, last):
            for axes in (self._errors, self._learned):
                plots.time_axis(axes, look, last)
            self._spans = look.unit, look.scale, last
        first = min(times[1] if len(times) > 1 else last for times in clocks)
        spaced = np.geomspace if look.scale == "log" and 0 < first < last else np.linspace
        times = np.r_[0.0, spaced(first, last, _POINTS)]
        worst = [
            _worst(run)[_before(each, times)] for run, each in zip(crowd.runs, clocks, strict=True)
        ]
        low, middle, high = np.percentile(np.nan_to_num(worst, nan=1e9), (10, 50, 90), axis=0)
        self._middle.set_data(times, middle)
        self._band.set_xy(_outline(times, low, high))
        ends = np.sort(
            [each[-1] for run, each in zip(crowd.runs, clocks, strict=True) if run.converged]
        )
        shares = np.arange(len(ends) + 1) / len(crowd.runs)
        self._share.set_data(np.r_[0.0, ends, last], np.r_[shares, shares[-1]])
        if self._slider_axes is not None:
            middle = crowd.percentiles()[1]
            self._here.set_data([value], [middle if np.isfinite(middle) else crowd.budget])
            self.show_curve(points)

    def show_curve(self, points: dict[Any, Any]) -> None:
        """Move only the curve; ``points`` as for ``show``."""
        if self._slider_axes is None:
            return
        places = sorted(points)
        spread = np.array([points[place] for place in places], dtype=float).reshape(-1, 4)
        shown = np.where(np.isfinite(spread), spread, self._budget)
        median = np.where(np.isfinite(spread[:, 1]), spread[:, 1], np.nan)
        self._medians.set_data(places, median)
        self._rates.set_data(places, spread[:, 3])
        self._spread.set_xy(_outline(np.array(places), shown[:, 0], shown[:, 2]))

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            self._canvas = Canvas(self.figure, self._moving)
        return self._canvas.frame()


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
