"""A live panel's picture: views of one run, ghosts of pinned ones, the curve over a slider."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.text import Text

from nnlab import plots
from nnlab.experiment import Experiment
from nnlab.panel.canvas import Canvas
from nnlab.panel.controls import Control
from nnlab.panel.setting import Ghost, Pinned
from nnlab.panel.views import CURVE, OVER_TIME, VIEWS
from nnlab.plots import Look, style
from nnlab.run import Run

# In shares of the picture. A computed layout would take longer than all the rest, and would jump.
_MARGINS = {
    1: {"left": 0.08, "right": 0.985, "top": 0.9, "bottom": 0.17},
    2: {"left": 0.08, "right": 0.985, "top": 0.95, "bottom": 0.095, "hspace": 0.42},
}
_SIZES = {1: (8.8, 3.0), 2: (8.8, 5.0)}  # inches, by rows of views


class Screen:
    """The picture for experiments of one shape: its artists are made once and then moved.

    Args:
        experiment: one of the experiments to come; all have its layers and its data.
        views: names of what to show.
        slider: whose range the curve of updates spans; without one there is no curve.
        ghosts: what is pinned; runs stay behind, faded, those of many starts have no place here.
        size: of the picture; 1 is 880 pixels wide.
    """

    def __init__(
        self,
        experiment: Experiment,
        views: Sequence[str],
        slider: Control | None,
        ghosts: Sequence[Pinned] = (),
        size: float = 1.0,
    ) -> None:
        self._experiment = experiment
        self._pinned = tuple(ghosts)
        self._dashes = {
            ghost: dashes
            for ghost, dashes in zip(ghosts, style.DASHES, strict=False)
            if isinstance(ghost, Ghost)
        }
        names = [name for name in views if slider is not None or name != CURVE]
        self.figure, axes = grid(len(names), size)
        self._axes: dict[str, Axes] = dict(zip(names, axes, strict=False))
        self._ghostly: dict[tuple[Ghost, str], list[Any] | None] = {
            (ghost, name): None
            for ghost in self._dashes
            if ghost.run.experiment.data == experiment.data
            for name in self._axes
            if name in VIEWS
        }
        self._over_time = [axes for name, axes in self._axes.items() if name in OVER_TIME]
        self._cursors: list[Line2D] = []  # one in each of them, at the moment looked at
        self._curve = None
        if slider is not None and CURVE in self._axes:
            self._curve = Curve(self._axes[CURVE], slider, experiment, list(self._dashes))
        self._spans: tuple[Look, float] | None = None  # what the axes of time are set to
        self._artists: dict[str, list[Any]] = {}
        self._canvas: Canvas | None = None

    def fits(self, experiment: Experiment, ghosts: Sequence[Pinned] = ()) -> bool:
        """Whether this picture can show that experiment among those ghosts."""
        ours = self._experiment
        same_shape = experiment.layers == ours.layers and experiment.data is ours.data
        return same_shape and self._pinned == tuple(ghosts)

    def show(self, run: Run, look: Look, points: dict[Any, int], value: Any) -> None:
        """Move every artist to this run.

        Args:
            run: what to show.
            look: moment and axis of time.
            points: updates until learned by the slider's value; 0 where it was not learned.
            value: the slider's.
        """
        end = end_of_time(run.experiment, look, run.updates, run.seconds)
        span = dataclasses.replace(look, row=-1), end
        if span != self._spans:
            for axes in self._over_time:
                plots.time_axis(axes, *span)
            if self._spans is None or self._spans[0] != span[0]:
                self._move_ghosts(span[0])
            self._spans = span
        for name, axes in self._axes.items():
            if name in VIEWS:
                self._artists[name] = VIEWS[name](axes, run, look, self._artists.get(name))
        self._move_cursors(plots.clock(run, look)[look.row], visible=look.row != -1)
        if self._curve is not None:
            self._curve.show(run, points, value)

    def frame(self) -> bytes:
        """Return the picture as it stands, as PNG."""
        if self._canvas is None:
            self._add_legend()
            moving = [artist for artists in self._artists.values() for artist in artists]
            moving += [*self._cursors, *(self._curve.artists if self._curve else [])]
            self._canvas = Canvas(self.figure, moving)
        return self._canvas.frame()

    def _move_cursors(self, now: float, visible: bool) -> None:
        if not self._cursors:
            self._cursors = [axes.axvline(color=style.ACCENT, lw=1.2) for axes in self._over_time]
        for cursor in self._cursors:
            cursor.set_xdata([now, now])
            cursor.set_visible(visible)

    def _move_ghosts(self, look: Look) -> None:
        for (ghost, name), artists in self._ghostly.items():
            moved = VIEWS[name](self._axes[name], ghost.run, look, artists)
            self._ghostly[ghost, name] = moved
            for artist in moved:
                _fade(artist, self._dashes[ghost])
        if self._canvas is not None:
            self._canvas.forget()

    def _add_legend(self) -> None:
        """Name the patterns: above the axes, where no line can be, if there is room."""
        lines = self._artists.get("errors", ())
        if not 1 < len(lines) <= len(style.PATTERNS):
            return
        axes = self._axes["errors"]
        if len(self._axes) > 4:
            axes.legend(handles=lines, fontsize=7, frameon=False, loc="upper right", ncols=2)
            return
        axes.legend(
            handles=lines,
            labels=[re.sub(r"^(tr:\d+) .*", r"\1", str(line.get_label())) for line in lines],
            loc="lower right",
            bbox_to_anchor=(1.02, 0.97),
            ncols=len(lines),
            fontsize=7,
            frameon=False,
            handlelength=0.7,
            handletextpad=0.3,
            columnspacing=0.5,
        )


class Curve:
    """Updates until learned over a slider's range, with the run on screen as a big dot."""

    def __init__(
        self, axes: Axes, slider: Control, experiment: Experiment, ghosts: Sequence[Ghost] = ()
    ) -> None:
        self._axes = axes
        (self._learned,) = plots.rates(axes, [], [], ms=3.5, lw=1, label="learned")
        (self._missed,) = plots.rates(
            axes, [], [], marker="x", ms=6, color=style.GHOST, label="not learned"
        )
        (self._here,) = plots.rates(axes, [], [], ms=11, color=style.ACCENT, label="this run")
        span_slider(axes, slider, experiment.max_updates)
        axes.legend(fontsize=8, frameon=False, loc="lower left")
        for ghost in ghosts:
            mark_ghost(axes, ghost, ghost.setting.values[slider.name], _height(ghost.run))

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
        self._here.set_data([value], [_height(run)])


def mark_ghost(axes: Axes, ghost: Pinned, x: Any, y: float) -> list[Artist]:
    """Draw where a ghost stands on a curve, with its name; return what was drawn."""
    name = axes.annotate(ghost.name, (x, y), xytext=(7, 5), textcoords="offset points", fontsize=9)
    return [*axes.plot(x, y, "o", ms=11, color=style.GHOST, zorder=1.5), name]


def span_slider(axes: Axes, slider: Control, budget: int) -> None:
    """Let x span a slider's range, and y the updates up to the budget."""
    style.label(axes, x=slider.name.replace("_", " "))
    axes.set_xscale("log" if slider.is_logarithmic else "linear")
    low, high = slider.ends
    margin = 1.15 if slider.is_logarithmic else 1.0
    axes.set(xlim=(low / margin, high * margin), ylim=(5, 1.6 * budget))


def grid(count: int, size: float = 1.0) -> tuple[style.Picture, list[Axes]]:
    """Return a figure with room for so many views, and their axes; the rest is left empty."""
    rows = 1 if count <= 2 else 2
    columns = -(-count // rows)
    width, height = _SIZES[rows]
    places = _MARGINS[rows] | {"wspace": 0.22 if columns < 3 else 0.36}
    figure, axes = style.picture(
        rows, columns, width=width, height=height, squeeze=False, gridspec_kw=places
    )
    figure.set_layout_engine("none")
    figure.set_dpi(style.DPI * size)
    for unused in axes.flat[count:]:
        unused.axis("off")
    return figure, list(axes.flat)


def _height(run: Run) -> int:
    """Return where a run stands on the curve.

    A run that diverged early was not learned fast: its point belongs among the crosses.
    """
    return run.experiment.max_updates if run.outcome == "diverged" else max(run.updates, 1)


def _fade(artist: Artist, dashes: str) -> None:
    artist.set_label("_")
    artist.set_zorder(0.9)
    if isinstance(artist, AxesImage | Text):
        artist.set_visible(False)  # an image or words would only veil those before them
    elif isinstance(artist, Line2D):
        artist.set_color(style.GHOST)
        if artist.get_linestyle() != "None":  # dots stay dots
            artist.set(lw=1.0, ls=dashes)
    else:
        artist.set_alpha(0.25)


def end_of_time(experiment: Experiment, look: Look, updates: int, seconds: float) -> float:
    """Return where the axis of time ends: seldom elsewhere than for the run before.

    Args:
        experiment: what was trained.
        look: axis of time.
        updates: that the run took, or the longest of many.
        seconds: likewise.
    """
    if look.unit == "seconds":
        return style.round_up(seconds)
    patterns = experiment.patterns_per_update if look.unit == "samples" else 1
    if look.scale == "log":
        return experiment.max_updates * patterns
    return style.round_up(updates * patterns)
