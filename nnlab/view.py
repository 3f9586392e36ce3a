"""What a live panel's picture holds: errors, weights, and the curve over a slider's range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nnlab import plots, style
from nnlab.canvas import Canvas
from nnlab.controls import Control
from nnlab.experiment import Experiment
from nnlab.run import Run

SCALES = ("log", "linear")


class View:
    """The picture for experiments of one shape: its artists are made once and then moved.

    Args:
        experiment: one of the experiments to come; all have its layers and its data.
        slider: whose range the curve of updates spans; None leaves the curve out.
    """

    def __init__(self, experiment: Experiment, slider: Control | None) -> None:
        self._experiment = experiment
        self.figure, ((errors, curve), weights) = style.picture(2, 2, width=8.8, height=5.0)
        self._layers = sorted({0, len(experiment.layers) - 2})  # the first and the last
        self._over_updates = [errors, *weights[: len(self._layers)]]
        self._curve = None if slider is None else Curve(curve, slider, experiment)
        for unused in [*weights[len(self._layers) :], *([curve] if slider is None else [])]:
            unused.axis("off")
        self._axis: tuple[str, float] | None = None  # scale and end of the axes of updates
        self._artists: dict[str, list[Line2D]] = {}
        self._canvas: Canvas | None = None

    def fits(self, experiment: Experiment) -> bool:
        """Whether this picture can show that experiment."""
        ours = self._experiment
        return experiment.layers == ours.layers and experiment.data is ours.data

    def show(self, run: Run, points: dict[float, int], scale: str) -> None:
        """Move every artist to this run.

        Args:
            run: what to show.
            points: updates until learned by the slider's value; 0 where it was not learned.
            scale: of the axes of updates, one of ``SCALES``.
        """
        last = run.experiment.max_updates if scale == "log" else style.round_up(run.updates)
        if (scale, last) != self._axis:
            for axes in self._over_updates:
                plots.update_axis(axes, scale, last)
        self._axis = (scale, last)
        self._move("errors", plots.errors, self._over_updates[0], run)
        for axes, layer in zip(self._over_updates[1:], self._layers, strict=True):
            self._move(f"weights {layer}", plots.weights, axes, run, layer)
        if self._curve is not None:
            self._curve.show(run, points)

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            self._over_updates[0].legend(fontsize=8, frameon=False, loc="upper right", ncols=2)
            moving = [artist for artists in self._artists.values() for artist in artists]
            moving += self._curve.artists if self._curve is not None else []
            self._canvas = Canvas(self.figure, moving)
        return self._canvas.frame()

    def _move(self, name: str, plot: Callable, axes: Axes, *arguments: Any) -> None:
        self._artists[name] = plot(axes, *arguments, artists=self._artists.get(name))


class Curve:
    """Updates until learned over a slider's range, with the run on screen as a big dot."""

    def __init__(self, axes: Axes, slider: Control, experiment: Experiment) -> None:
        self._axes = axes
        self._field = slider.field
        (self._learned,) = plots.rates(axes, [], [], ms=3.5, lw=1, label="learned")
        (self._missed,) = plots.rates(
            axes, [], [], marker="x", ms=6, color=style.GHOST, label="not learned"
        )
        (self._here,) = plots.rates(axes, [], [], ms=11, color=style.ACCENT, label="this run")
        style.label(axes, x=slider.field.replace("_", " "))
        axes.set_xscale("log" if slider.is_logarithmic else "linear")
        low, high = slider.ends
        margin = 1.15 if slider.is_logarithmic else 1.0
        axes.set(xlim=(low / margin, high * margin), ylim=(5, 1.6 * experiment.max_updates))
        axes.legend(fontsize=8, frameon=False, loc="lower left")

    @property
    def artists(self) -> list[Line2D]:
        """What moves."""
        return [self._learned, self._missed, self._here]

    def show(self, run: Run, points: dict[float, int]) -> None:
        """Move to this run; ``points`` as for ``View.show``."""
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
        self._here.set_data([getattr(run.experiment, self._field)], [updates])
