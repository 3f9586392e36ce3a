"""What a live panel's picture holds: errors, weights, and the curve over a slider's range."""

from __future__ import annotations

import numpy as np

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
        self._slider = slider
        self.figure, grid = style.picture(2, 2, width=9.6, height=5.4)
        self._error_axes, self._curve_axes = grid[0]
        self._over_updates = [self._error_axes, *grid[1]]
        self._layers = (0, len(experiment.layers) - 2)
        self._artists: dict[str, list] = {}
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
        for axes in self._over_updates:
            if (scale, last) != getattr(self, "_axis", None):
                plots.update_axis(axes, scale, last)
        self._axis = (scale, last)
        self._move("errors", plots.errors, self._error_axes, run)
        for axes, layer in zip(self._over_updates[1:], self._layers, strict=True):
            self._move(f"weights {layer}", plots.weights, axes, run, layer)
        self._show_curve(run, points)

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            moving = [artist for artists in self._artists.values() for artist in artists]
            self._canvas = Canvas(self.figure, moving)
        return self._canvas.frame()

    def _move(self, name: str, plot, axes, *arguments) -> None:
        self._artists[name] = plot(axes, *arguments, artists=self._artists.get(name))

    def _show_curve(self, run: Run, points: dict[float, int]) -> None:
        if self._slider is None:
            self._curve_axes.axis("off")
            return
        if "curve" not in self._artists:
            self._artists["curve"] = self._draw_curve(run.experiment)
        learned, missed, here = self._artists["curve"]
        known = np.array(sorted(points.items()), dtype=float).reshape(-1, 2)
        reached = known[known[:, 1] > 0]
        learned.set_data(reached[:, 0], reached[:, 1])
        failed = known[known[:, 1] == 0, 0]
        missed.set_data(failed, np.full(len(failed), run.experiment.max_updates))
        here.set_data([getattr(run.experiment, self._slider.field)], [max(run.updates, 1)])

    def _draw_curve(self, experiment: Experiment) -> list:
        axes, slider = self._curve_axes, self._slider
        learned = plots.rates(axes, [], [], ms=3.5, lw=1, color=style.INK, label="learned")
        missed = plots.rates(axes, [], [], marker="x", ms=6, color=style.GHOST, label="not learned")
        here = plots.rates(axes, [], [], ms=11, color=style.ACCENT, label="this run")
        axes.set_xlabel(slider.field.replace("_", " "), fontsize=9)
        axes.set_xscale("log" if slider.is_logarithmic else "linear")
        low, high = slider.ends
        margin = 1.15 if slider.is_logarithmic else 1.0
        axes.set(xlim=(low / margin, high * margin), ylim=(5, 1.6 * experiment.max_updates))
        axes.legend(fontsize=8, frameon=False, loc="lower left")
        self._error_axes.legend(fontsize=8, frameon=False, loc="upper right", ncols=2)
        return [*learned, *missed, *here]
