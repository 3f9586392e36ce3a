"""The curve over a slider's range: updates until learned, or the share of the seeds that learn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from nnlab import plots
from nnlab.panel.controls import Control
from nnlab.panel.seeds_views import BAND, LINE, outline
from nnlab.panel.setting import Pinned
from nnlab.panel.subjects import Point, Subject
from nnlab.plots import style

_FEW_DECADES = 100.0  # ratio of a slider's ends


class Curve:
    """Points known so far, the subject on screen as a big dot, and where the pinned ones stand.

    Args:
        axes: to draw on.
        slider: whose range x spans.
        budget: of updates; not learned is drawn there.
        pinned: to mark.
        share: whether y is the share of the seeds that learn, in place of updates.
        band: whether points have a band around them, 10–90 % of the seeds.
    """

    def __init__(
        self,
        axes: Axes,
        slider: Control,
        budget: int,
        pinned: Sequence[Pinned] = (),
        *,
        share: bool = False,
        band: bool = False,
    ) -> None:
        self._axes, self._slider, self._budget, self._share = axes, slider, budget, share
        look: dict[str, Any] = LINE | {"ms": 3.5} if band else {"ms": 3.5, "lw": 1}
        (self._learned,) = plots.rates(axes, [], [], label="learned", **look)
        (self._missed,) = plots.rates(
            axes, [], [], marker="x", ms=6, color=style.GHOST, label="not learned"
        )
        (self._here,) = plots.rates(axes, [], [], ms=11, color=style.ACCENT, label="this run")
        (self._band,) = axes.fill([1, 1], [1, 1], **BAND)
        self._band.set_visible(band and not share)
        self._span()
        for each in pinned:
            self._mark(each)

    @property
    def artists(self) -> list[Artist]:
        """What moves."""
        return [self._band, self._learned, self._missed, self._here]

    def show(self, subject: Subject, points: Mapping[Any, Point]) -> None:
        """Move to this subject.

        Args:
            subject: on screen.
            points: by the slider's value.
        """
        places = sorted(points)
        known = np.array([points[place] for place in places], dtype=float).reshape(-1, 4)
        x, x_missed = np.array(places, dtype=float), []
        y = known[:, 3] if self._share else known[:, 1]
        if not self._share:
            self._rise(max([self._budget, subject.height, *y[np.isfinite(y)]]))
            x_missed = x[~np.isfinite(y)].tolist()
            shown = np.where(np.isfinite(known), known, self._budget)
            self._band.set_xy(outline(x, shown[:, 0], shown[:, 2]))
        self._learned.set_data(x[np.isfinite(y)], y[np.isfinite(y)])
        self._missed.set_data(x_missed, [self._budget] * len(x_missed))
        if subject.runs:
            self._here.set_data([self._place(subject)], [self._height(subject)])

    def _place(self, subject: Subject) -> Any:
        return subject.setting.values[self._slider.name]

    def _height(self, subject: Subject) -> float:
        return subject.point.share if self._share else subject.height

    def _span(self) -> None:
        """Let x span the slider's range, and y the updates up to the budget."""
        assert self._slider.range is not None
        logarithmic = self._slider.range.logarithmic
        margin = 1.15 if logarithmic else 1.0
        low, high = self._slider.ends
        style.label(self._axes, x=self._slider.words)
        self._axes.set_xscale("log" if logarithmic else "linear")
        self._axes.set(xlim=(low / margin, high * margin), ylim=(5, 1.6 * self._budget))
        if logarithmic and high < _FEW_DECADES * low:  # powers of ten would name a tick or two
            plots.plain_log_ticks(self._axes.xaxis)
        if self._share:
            style.label(self._axes, "share of seeds that learn", y="solve rate")
            self._axes.set(yscale="linear", ylim=(-0.03, 1.06))
        else:
            self._axes.legend(fontsize=8, frameon=False, loc="lower left")

    def _rise(self, top: float) -> None:
        if 1.6 * top > self._axes.get_ylim()[1] and math.isfinite(top):
            self._axes.set_ylim(top=1.6 * top)

    def _mark(self, pinned: Pinned) -> None:
        x, y = self._place(pinned.subject), self._height(pinned.subject)
        self._axes.plot(x, y, "o", ms=11, color=style.GHOST, zorder=1.5)
        name = self._axes.annotate(
            pinned.name, (x, y), xytext=(7, 5), textcoords="offset points", fontsize=9
        )
        name.set_parse_math(False)  # as it was typed, dollar signs and all
