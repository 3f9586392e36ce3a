"""A map of outcomes over two controls of a panel, filled in from coarse to fine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nnlab.panel import words
from nnlab.panel.controls import Control
from nnlab.panel.layers import Canvas, Frame
from nnlab.panel.setting import Paper
from nnlab.panel.subjects import Point
from nnlab.plots import style

MOST_UPDATES = 100_000  # of each cell's run
_CELLS = 16  # along a slider
_MARGINS = {"left": 0.25, "right": 0.8, "top": 0.9, "bottom": 0.16}
Cell = tuple[int, int]  # column and row
_UNKNOWN, _MISSED = "#FFFFFF", "#C8C8C8"


class MapPicture:
    """Updates until learned as colour, a cell a pair of values; grey where it was not learned.

    Args:
        x: control along the columns.
        y: control along the rows.
        paper: what to draw on; its width is not used.
    """

    def __init__(self, x: Control, y: Control, paper: Paper) -> None:
        self.x, self.y, self.paper = x, y, paper
        self._columns, self._rows = x.places(_CELLS), y.places(_CELLS)
        self.figure, self._axes = style.picture(width=3.6, height=3.3, gridspec_kw=_MARGINS)
        self.figure.set_layout_engine("none")
        self.figure.set_dpi(style.DPI * paper.scale)
        self._axes.grid(False)
        style.label(self._axes, "updates until learned", x=x.words, y=y.words)
        for axis, values in (
            (self._axes.xaxis, self._columns),
            (self._axes.yaxis, self._rows),
        ):
            step = max(1, len(values) // 5)
            axis.set_ticks(range(0, len(values), step))
            axis.set_ticklabels([words.short(value)[:12] for value in values[::step]], fontsize=8)
            for label in axis.get_ticklabels():
                label.set_parse_math(False)
        self._mesh = self._axes.imshow(
            np.full((len(self._rows), len(self._columns), 3), 1.0),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
        )
        (self._pinned,) = self._axes.plot([], [], "o", ms=6, mfc="none", mec=style.INK, mew=1.5)
        (self._here,) = self._axes.plot([], [], "o", ms=9, mfc="none", mec=style.ACCENT, mew=2)
        self._add_scale()
        style.paint(self.figure, paper.theme)
        self._canvas = Canvas(self.figure, [self._mesh, self._pinned, self._here])

    def cells(self) -> Iterator[Cell]:
        """Yield the column and row of every cell, from coarse to fine."""
        yield from sorted(
            np.ndindex(len(self._columns), len(self._rows)),
            key=lambda place: (max(_fineness(place[0]), _fineness(place[1])), place),
        )

    def values(self, cell: Cell) -> dict[str, Any]:
        """Return what the two controls are set to in a cell, by their names."""
        return {self.x.name: self._columns[cell[0]], self.y.name: self._rows[cell[1]]}

    def show(
        self,
        points: Mapping[Cell, Point],
        here: Mapping[str, Any],
        pinned: Sequence[Mapping[str, Any]] = (),
    ) -> Frame:
        """Return the map.

        Args:
            points: what is known, by cell.
            here: the controls' values on screen, by name.
            pinned: such values to mark with a smaller ring.
        """
        colours = np.empty((len(self._rows), len(self._columns), 3))
        for column, row in np.ndindex(len(self._columns), len(self._rows)):
            known = points.get((column, row))
            colours[row, column] = style.rgb(_colour(known and known.middle))
        self._mesh.set_data(colours)
        for ring, marked in ((self._here, [here]), (self._pinned, pinned)):
            ring.set_data(
                [_nearest(self._columns, each[self.x.name]) for each in marked],
                [_nearest(self._rows, each[self.y.name]) for each in marked],
            )
        return self._canvas.frame(self.paper.ratio)

    def cell_at(self, axes: int, x: float, y: float) -> Cell | None:
        """Return the cell at a place in one of the figure's axes; None beside the map."""
        column, row = round(x), round(y)
        inside = 0 <= column < len(self._columns) and 0 <= row < len(self._rows)
        return (column, row) if axes == 0 and inside else None

    def _add_scale(self) -> None:
        """Draw what the colours mean, beside the map."""
        scale = self.figure.add_axes((0.83, 0.3, 0.04, 0.6))
        steps = np.logspace(1, 5, 40)
        scale.imshow(
            np.array([[style.rgb(_colour(step))] for step in steps]), origin="lower", aspect="auto"
        )
        scale.set_xticks([])
        scale.set_yticks([0, 10, 19.5, 29, 39], ["10", "100", "1,000", "10⁴", "10⁵"], fontsize=8)
        scale.yaxis.tick_right()
        self.figure.text(0.83, 0.2, "grey: not", fontsize=8)
        self.figure.text(0.83, 0.15, "learned", fontsize=8)


def _fineness(place: int) -> int:
    """0 for every eighth column or row, 1 for those half-way between, and so on."""
    return next(level for level, step in enumerate((8, 4, 2, 1)) if place % step == 0)


def _colour(updates: float | None) -> str:
    """Light for few updates, dark for many; tints of one colour, which the live palette holds."""
    if updates is None:
        return _UNKNOWN
    if math.isinf(updates):
        return _MISSED
    depth = np.clip((np.log10(updates) - 1.0) / 4.0, 0.0, 1.0)
    return style.tint(style.CHOICES[0], 0.12 + 0.88 * float(depth))


def _nearest(values: list[Any], value: Any) -> int:
    if value in values:
        return values.index(value)
    numbers = np.array(values, dtype=float)
    return int(
        np.argmin(np.abs(np.log(numbers / value)) if min(values) > 0 else abs(numbers - value))
    )
