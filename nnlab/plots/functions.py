"""Activation functions and where units stand on them: on the steep part, or where it is flat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from nnlab.analysis import saturation as at_work
from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.view import MAX_PATTERNS, Look, of_all, one_by_one, some, view
from nnlab.rules.activations import Activation, activation_of
from nnlab.run import Run

_END = 6.0  # of the axis of sums; what lies beyond is drawn at its edge
_EDGE = 1.04 * _END
_Z = np.linspace(-_END, _END, 241)
_BOUNDED = ("sigmoid", "tanh")
_ROWS = 0.4  # share of the axes' height that the units' rows take
_MOST_UNITS = 30  # rows that can still be told apart


def curve(axes: Axes, name: str | Activation, colour: str = style.INK) -> list[Line2D]:
    """Draw an activation and, dashed, its slope.

    Args:
        axes: where to draw.
        name: a key of ``nnlab.ACTIVATIONS``, or a reader's own activation.
        colour: of the function; its slope is grey.
    """
    lines = [
        *axes.plot([], [], color=style.BIAS, lw=1.4, ls="--", label="slope"),
        *axes.plot([], [], color=colour, lw=2.2, label="f(z)"),
    ]
    _move_curve(lines, name)
    axes.set(xlim=(-_EDGE, _EDGE), ylim=_span(name))
    return lines


def _draw(axes: Axes, experiment: Experiment) -> list[Any]:
    layers = experiment.layers[1:-1]
    rows = min(sum(layers), _MOST_UNITS)
    part = of_all(rows, sum(layers), "units")
    title = f"the activation and where its units stand{part}"
    style.label(axes, title, x="sum z that a unit receives")
    axes.set_xlim(-_EDGE, _EDGE)
    lines = curve(axes, experiment.activation)
    axes.legend(handles=lines, fontsize=8, frameon=False, loc="upper left")
    band = blended_transform_factory(axes.transData, axes.transAxes)
    shade = PolyCollection([], facecolor=style.MISSING, lw=0, zorder=0.5, transform=band)
    axes.add_collection(shade, autolim=False)
    patterns = min(len(experiment.data), MAX_PATTERNS)
    each_its_own = one_by_one(experiment)
    colours = [style.pattern_colour(k) if each_its_own else style.BIAS for k in range(patterns)]
    size = min(9.0, 80.0 / max(rows, 1)) ** 2
    look: dict[str, Any] = {"s": size, "marker": "|", "linewidths": 2.0, "clip_on": False}
    ticks = axes.scatter([], [], transform=band, **look)
    ticks.set_color(list(np.repeat(colours, rows)))
    if rows <= 8:
        _name_units(axes, layers)
    return [*lines, shade, ticks]


@view(_draw)
def function(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Draw the hidden activation, its slope and where every unit stands for every pattern.

    Each hidden unit has a row, layer after layer, with a tick at each pattern's sum, in the
    pattern's colour. Of more than 16 patterns 16 are shown, in grey, of more than 30 units 30.
    Shaded is where the activation is flat: its slope is below 4 % of the steepest. Sums beyond
    ±6 stand at the edge.
    """
    name = run.experiment.activation
    slope_line, line, shade, ticks = artists
    _move_curve([slope_line, line], name)
    shade.set_verts(_flat_boxes(name))
    low, high = _span(name)
    low -= _ROWS / (1.0 - _ROWS) * (high - low)  # room for the rows
    if axes.get_ylim() != (low, high):
        axes.set_ylim(low, high)
        axes.set_yticks([-1, 0, 1] if name in _BOUNDED else [0, 2, 4, 6])
    received = at_work.sums(run.history, look.row, some(len(run.experiment.data), MAX_PATTERNS))
    shown = np.concatenate(received, axis=1) if received else np.empty((0, 0))
    shown = np.clip(shown[:, some(shown.shape[1], _MOST_UNITS)], -_EDGE, _EDGE)
    heights = np.broadcast_to(_row_heights(shown.shape[1]), shown.shape)
    ticks.set_offsets(np.column_stack([shown.ravel(), heights.ravel()]))


def _name_units(axes: Axes, layers: Sequence[int]) -> None:
    numbers = [(layer, unit) for layer, count in enumerate(layers) for unit in range(count)]
    look: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": 8}
    for (layer, unit), height in zip(numbers, _row_heights(len(numbers)), strict=True):
        name = axes.text(-0.025, height, f"h{unit + 1}", transform=axes.transAxes, **look)
        name.set_color(style.readable(style.unit_colour(unit)))
        name.set_gid(f"unit:{layer + 1}.{unit}")


def _move_curve(lines: Sequence[Line2D], name: str | Activation) -> None:
    activation = activation_of(name)
    height = activation.function(_Z)
    lines[0].set_data(_Z, activation.slope(_Z, height))
    lines[1].set_data(_Z, np.where(height < _span(name)[0], np.nan, height))


def _span(name: str | Activation) -> tuple[float, float]:
    return (-1.15, 1.15) if name in _BOUNDED else (-1.15, 6.3)


def _flat_boxes(name: str | Activation) -> list[np.ndarray]:
    """Corners of the boxes over the ranges of sums where an activation is flat."""
    activation = activation_of(name)
    z = np.linspace(-_EDGE, _EDGE, 500)
    marked = at_work.is_flat(name, activation.slope(z, activation.function(z)))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
    boxes = []
    for first, end in edges.reshape(-1, 2):
        left, right = z[first], z[end - 1]
        boxes.append(np.array([(left, 0.0), (left, _ROWS), (right, _ROWS), (right, 0.0)]))
    return boxes


def _row_heights(count: int) -> np.ndarray:
    return _ROWS * (1.0 - (np.arange(count) + 0.75) / (count + 0.5))
