"""A live panel's picture: views of one run, and the curve over a slider's range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nnlab import plots, style
from nnlab.canvas import Canvas
from nnlab.controls import Control
from nnlab.experiment import Experiment
from nnlab.plots import Look
from nnlab.run import Run
from nnlab.views import CURVE, OVER_TIME, VIEWS

# In shares of the picture. A computed layout would take longer than all the rest, and would jump.
_MARGINS = {
    1: {"left": 0.08, "right": 0.985, "top": 0.9, "bottom": 0.17, "wspace": 0.22},
    2: {"left": 0.08, "right": 0.985, "top": 0.95, "bottom": 0.095, "wspace": 0.22, "hspace": 0.42},
}
_SIZES = {1: (8.8, 3.0), 2: (8.8, 5.0)}  # inches, by rows of views


class Screen:
    """The picture for experiments of one shape: its artists are made once and then moved.

    Args:
        experiment: one of the experiments to come; all have its layers and its data.
        views: names of what to show.
        slider: whose range the curve of updates spans; without one there is no curve.
    """

    def __init__(
        self, experiment: Experiment, views: Sequence[str], slider: Control | None
    ) -> None:
        self._experiment = experiment
        self._views = [name for name in views if slider is not None or name != CURVE]
        self.figure, axes = _grid(len(self._views))
        self._axes: dict[str, Axes] = dict(zip(self._views, axes, strict=False))
        self._curve = None
        if slider is not None and CURVE in self._axes:
            self._curve = Curve(self._axes[CURVE], slider, experiment)
        self._spans: tuple[Look, float] | None = None  # what the axes of time are set to
        self._artists: dict[str, list[Any]] = {}
        self._canvas: Canvas | None = None

    def fits(self, experiment: Experiment) -> bool:
        """Whether this picture can show that experiment."""
        ours = self._experiment
        return experiment.layers == ours.layers and experiment.data is ours.data

    def show(self, run: Run, look: Look, points: dict[Any, int], value: Any) -> None:
        """Move every artist to this run.

        Args:
            run: what to show.
            look: moment and axis of time.
            points: updates until learned by the slider's value; 0 where it was not learned.
            value: the slider's.
        """
        span = Look(unit=look.unit, scale=look.scale), _end_of_time(run, look)
        for name, axes in self._axes.items():
            if name in OVER_TIME and span != self._spans:
                plots.time_axis(axes, *span)
            if name in VIEWS:
                self._artists[name] = VIEWS[name](axes, run, look, self._artists.get(name))
        self._spans = span
        if self._curve is not None:
            self._curve.show(run, points, value)

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            self._canvas = Canvas(self.figure, self._finished())
        return self._canvas.frame()

    def _finished(self) -> list[Any]:
        """Add what needs the artists' labels; return all that moves."""
        if "errors" in self._axes:
            lines = self._artists["errors"]
            if len(lines) <= len(style.PATTERNS) and (len(lines) > 1):
                axes = self._axes["errors"]
                axes.legend(fontsize=8, frameon=False, loc="upper right", ncols=2)
        moving = [artist for artists in self._artists.values() for artist in artists]
        return moving + (self._curve.artists if self._curve is not None else [])


class Curve:
    """Updates until learned over a slider's range, with the run on screen as a big dot."""

    def __init__(self, axes: Axes, slider: Control, experiment: Experiment) -> None:
        self._axes = axes
        (self._learned,) = plots.rates(axes, [], [], ms=3.5, lw=1, label="learned")
        (self._missed,) = plots.rates(
            axes, [], [], marker="x", ms=6, color=style.GHOST, label="not learned"
        )
        (self._here,) = plots.rates(axes, [], [], ms=11, color=style.ACCENT, label="this run")
        style.label(axes, x=slider.name.replace("_", " "))
        axes.set_xscale("log" if slider.is_logarithmic else "linear")
        low, high = slider.ends
        margin = 1.15 if slider.is_logarithmic else 1.0
        axes.set(xlim=(low / margin, high * margin), ylim=(5, 1.6 * experiment.max_updates))
        axes.legend(fontsize=8, frameon=False, loc="lower left")

    @property
    def artists(self) -> list[Line2D]:
        """What moves."""
        return [self._learned, self._missed, self._here]

    def show(self, run: Run, points: dict[Any, int], value: Any) -> None:
        """Move to this run; ``points`` and ``value`` as for ``Screen.show``."""
        budget = run.experiment.max_updates
        top = 1.6 * max([budget, *points.values()])
        if top > self._axes.get_ylim()[1]:
            self._axes.set_ylim(top=top)
        known = np.array(sorted(points.items()), dtype=float).reshape(-1, 2)
        reached = known[known[:, 1] > 0]
        self._learned.set_data(reached[:, 0], reached[:, 1])
        failed = known[known[:, 1] == 0, 0]
        self._missed.set_data(failed, np.full(len(failed), budget))
        # A run that diverged early was not learned fast: its point belongs among the crosses.
        updates = budget if run.outcome == "diverged" else max(run.updates, 1)
        self._here.set_data([value], [updates])


def _grid(count: int) -> tuple[style.Picture, list[Axes]]:
    """Return a figure with room for so many views, and their axes."""
    rows = 1 if count <= 2 else 2
    columns = -(-count // rows)
    width, height = _SIZES[rows]
    figure, axes = style.picture(
        rows, columns, width=width, height=height, squeeze=False, gridspec_kw=_MARGINS[rows]
    )
    figure.set_layout_engine("none")
    for unused in axes.flat[count:]:
        unused.axis("off")
    return figure, list(axes.flat)


def _end_of_time(run: Run, look: Look) -> float:
    """Return where the axis of time ends: seldom elsewhere than for the run before."""
    if look.unit == "seconds":
        return style.round_up(run.seconds)
    patterns = run.experiment.patterns_per_update if look.unit == "samples" else 1
    if look.scale == "log":
        return run.experiment.max_updates * patterns
    return style.round_up(run.updates * patterns)
