"""A live panel's picture: views of a subject, what is pinned behind it, curves over a slider."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from nnlab import plots
from nnlab.experiment import Experiment
from nnlab.panel import views
from nnlab.panel.controls import Control
from nnlab.panel.curve import Curve
from nnlab.panel.layers import Canvas, Frame
from nnlab.panel.setting import Paper, Pinned
from nnlab.panel.subjects import Point, Subject
from nnlab.plots import Look, style
from nnlab.run import Run

# CSS pixels. A computed layout would take longer than all the rest, and would jump.
_LEFT, _RIGHT, _TOP, _BOTTOM, _BETWEEN, _BELOW = 62, 46, 26, 46, 106, 70
_NARROWEST, _WIDEST = 340, 620  # of a view with its margins
_HEIGHTS = {1: 270, 2: 404, 3: 600}  # by rows of views: two leave room for all else on a laptop


class Picture:
    """The picture for subjects of one shape: its artists are made once and then moved.

    Args:
        subject: one of those to come; all have its layers and data, all or none of them are
            many seeds.
        names: of the views of one run that are asked for.
        slider: whose range curves span; without one there are none.
        pinned: what stays behind, faded; many seeds behind many, a run behind a run.
        paper: what to draw on.
    """

    def __init__(
        self,
        subject: Subject,
        names: Sequence[str],
        slider: Control | None,
        pinned: Sequence[Pinned],
        paper: Paper,
    ) -> None:
        self._many, self._experiment = subject.many, subject.setting.experiment
        self._pinned, self._paper = tuple(pinned), paper
        names = views.shown(names, self._many, curve=slider is not None)
        self.figure, axes = grid(len(names), paper)
        self._axes: dict[str, Axes] = dict(zip(names, axes, strict=True))
        self._dashes = {
            each: dashes
            for each, dashes in zip(pinned, style.DASHES, strict=False)
            if each.subject.many == self._many
        }
        self._drawn = [name for name in names if name not in (views.CURVE, views.SOLVE_RATE)]
        self._faded: dict[tuple[Pinned, str], list[Any] | None] = {
            (each, name): None
            for each in self._dashes
            if each.subject.setting.experiment.data == self._experiment.data
            for name in self._drawn
        }
        self._curves = [
            Curve(
                self._axes[name],
                slider,
                subject.budget,
                list(self._dashes),
                share=name == views.SOLVE_RATE,
                band=self._many,
            )
            for name in (views.CURVE, views.SOLVE_RATE)
            if slider is not None and name in self._axes
        ]
        self._over_time = [
            axes
            for name, axes in self._axes.items()
            if name in views.OVER_TIME or name in views.OF_SEEDS
        ]
        self._cursors: list[Line2D] = []  # one in each of them, at the moment looked at
        self._spans: tuple[Look, float] | None = None  # what the axes of time are set to
        self._artists: dict[str, list[Any]] = {}
        self._canvas: Canvas | None = None

    def fits(self, subject: Subject, pinned: Sequence[Pinned], paper: Paper) -> bool:
        """Whether this picture can show that subject among what is pinned."""
        ours, theirs = self._experiment, subject.setting.experiment
        same_shape = theirs.layers == ours.layers and theirs.data is ours.data
        same_paper = (self._pinned, self._paper) == (tuple(pinned), paper)
        return same_shape and same_paper and subject.many == self._many

    def show(self, subject: Subject, look: Look, points: Mapping[Any, Point]) -> None:
        """Move every artist to this subject, of which there is something to see.

        Args:
            subject: what to show.
            look: moment and axis of time.
            points: of the curves, by the slider's value.
        """
        end = end_of_time(subject.runs, look)
        span = dataclasses.replace(look, row=-1), end
        if span != self._spans:
            for axes in self._over_time:
                plots.time_axis(axes, *span)
            if self._spans is None or self._spans[0] != span[0]:
                self._move_pinned(span[0])
            self._spans = span
        for name in self._drawn:
            self._artists[name] = views.draw(
                name, self._axes[name], subject, look, self._artists.get(name)
            )
        now = plots.clock(subject.runs[-1], look)[look.row]
        self._move_cursors(now, visible=look.row != -1)
        self.show_curves(subject, points)

    def show_curves(self, subject: Subject, points: Mapping[Any, Point]) -> None:
        """Move only the curves; as ``show``."""
        for curve in self._curves:
            curve.show(subject, points)

    def frame(self) -> Frame:
        """Return the picture as it stands."""
        if self._canvas is None:
            self._add_legend()
            moving = [artist for artists in self._artists.values() for artist in artists]
            moving += [*self._cursors, *(each for curve in self._curves for each in curve.artists)]
            style.paint(self.figure, self._paper.theme)
            self._canvas = Canvas(self.figure, moving)
        return self._canvas.frame(self._paper.ratio)

    def _move_cursors(self, now: float, visible: bool) -> None:
        if not self._cursors:
            self._cursors = [axes.axvline(color=style.ACCENT, lw=1.2) for axes in self._over_time]
        for cursor in self._cursors:
            cursor.set_xdata([now, now])
            cursor.set_visible(visible)

    def _move_pinned(self, look: Look) -> None:
        for (each, name), artists in self._faded.items():
            moved = views.draw(name, self._axes[name], each.subject, look, artists)
            self._faded[each, name] = moved
            for artist in moved:
                _fade(artist, self._dashes[each])
        if self._canvas is not None:
            self._canvas.forget()

    def _add_legend(self) -> None:
        """Name the patterns: above the axes, where no line can be, if there is room."""
        lines = self._artists.get("errors", ())
        if not 1 < len(lines) <= len(style.PATTERNS):
            return
        axes = self._axes["errors"]
        if len(self._axes) > 4 or axes.bbox.width < 400 * self._paper.scale:
            if "outputs" in self._axes:  # names the patterns too, in the same colours
                return
            axes.legend(handles=lines, fontsize=7, frameon=False, loc="center left", ncols=2)
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


def grid(count: int, paper: Paper) -> tuple[style.Picture, list[Axes]]:
    """Return a figure with room for so many views, as wide as the paper at most, and their axes."""
    room = paper.width / paper.scale  # in pixels before scaling
    columns = max(1, min(count, int(room // _NARROWEST)))
    rows = -(-count // columns)
    columns = -(-count // rows)  # no row has one view while another has three
    width = min(room, columns * _WIDEST)
    height = _HEIGHTS.get(rows, 210 * rows)
    across = (width - _LEFT - _RIGHT - (columns - 1) * _BETWEEN) / columns
    down = (height - _TOP - _BOTTOM - (rows - 1) * _BELOW) / rows
    places = {
        "left": _LEFT / width,
        "right": 1.0 - _RIGHT / width,
        "top": 1.0 - _TOP / height,
        "bottom": _BOTTOM / height,
        "wspace": _BETWEEN / across,
        "hspace": _BELOW / down,
    }
    figure, axes = style.picture(
        rows,
        columns,
        width=width / style.DPI,
        height=height / style.DPI,
        squeeze=False,
        gridspec_kw=places,
    )
    figure.set_layout_engine("none")
    figure.set_dpi(style.DPI * paper.scale)
    for unused in axes.flat[count:]:
        unused.axis("off")
    return figure, list(axes.flat)[:count]


def end_of_time(runs: Sequence[Run], look: Look) -> float:
    """Return where the axis of time ends: seldom elsewhere than for the runs before."""
    experiment: Experiment = runs[0].experiment
    if look.unit == "seconds":
        return style.round_up(max(run.seconds for run in runs))
    patterns = experiment.patterns_per_update if look.unit == "samples" else 1
    if look.scale == "log":
        return experiment.max_updates * patterns
    return style.round_up(max(run.updates for run in runs) * patterns)


def look_at(subject: Subject, unit: str, scale: str, moment: float) -> Look:
    """Return the look at a share of a run's way.

    The end if the moment is 1 or the run is under way; of many seeds always the end.
    """
    look = Look(unit=unit, scale=scale)
    if moment == 1.0 or subject.running or subject.many:
        return look
    rows = plots.rows_to_draw(subject.runs[0].history, look)
    return dataclasses.replace(look, row=int(rows[round(moment * (len(rows) - 1))]))


def _fade(artist: Artist, dashes: str) -> None:
    artist.set_label("_")
    artist.set_zorder(0.9)
    if isinstance(artist, AxesImage | Patch | Text):
        artist.set_visible(False)  # an area or words would only veil those before them
    elif isinstance(artist, Line2D):
        artist.set_color(style.GHOST)
        if artist.get_linestyle() != "None":  # dots stay dots
            artist.set(lw=1.0, ls=dashes)
    else:
        artist.set_alpha(0.25)
