"""The network as a diagram: units in columns, a line a weight."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from nnlab.plots import style
from nnlab.plots.look import Look, largest
from nnlab.run import Run

_WIDEST = 4.0  # points, of the line for the largest weight
_ROOM = 125.0  # points, that a column of units shares
_SMALLEST_NAMED = 11.0  # points, of a unit that has room for its name


def network(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Any] | None = None
) -> list[Any]:
    """Draw the network at a moment: a line a weight, its width the weight's size.

    Positive weights are blue, negative ones orange; biases start at the square unit marked 1. The
    artists are the lines, as one collection, and the units, which belong on top of them.
    """
    if artists is None:
        artists = _draw_network(axes, run.experiment.layers)
    matrices = [path[look.row] for path in run.history.weights]
    most = max(largest(matrix) for matrix in matrices) or 1.0
    flat = np.concatenate([matrix.ravel() for matrix in matrices])
    flat = np.nan_to_num(flat, posinf=most, neginf=-most)
    edges = artists[0]
    edges.set_linewidth(0.3 + (_WIDEST - 0.3) * np.abs(flat) / most)
    edges.set_color([style.PATTERNS[0] if weight > 0 else style.PATTERNS[5] for weight in flat])
    return list(artists)


def _draw_network(axes: Axes, layers: tuple[int, ...]) -> list[Any]:
    lines = []
    for layer, (sources, targets) in enumerate(itertools.pairwise(layers)):
        for source, target in np.ndindex(sources + 1, targets):
            start = _position(layers, layer, source, bias=True)
            end = _position(layers, layer + 1, target, layer + 1 < len(layers) - 1)
            lines.append((start, end))
    units: list[Any] = []
    for layer, count in enumerate(layers):
        bias = layer < len(layers) - 1
        for unit in range(count + bias):
            units += _draw_unit(axes, layers, layer, unit, bias)
    axes.set(xlim=(-0.35, len(layers) - 0.65), ylim=(-0.12, 1.12))
    axes.axis("off")
    edges = LineCollection(lines, alpha=0.7, zorder=1)
    axes.add_collection(edges, autolim=False)
    return [edges, *units]


def _position(layers: tuple[int, ...], layer: int, unit: int, bias: bool) -> tuple[float, float]:
    count = layers[layer] + bias
    return float(layer), 1.0 - (unit + 0.5) / count


def _draw_unit(axes: Axes, layers: tuple[int, ...], layer: int, unit: int, bias: bool) -> list[Any]:
    x, y = _position(layers, layer, unit, bias)
    is_bias = bias and unit == layers[layer]
    hidden = 0 < layer < len(layers) - 1
    colour = style.unit_colour(unit) if hidden and not is_bias else "white"
    size = min(15.0, _ROOM / (max(layers) + 1))
    marker = "s" if is_bias else "o"
    units: list[Any] = axes.plot(x, y, marker, ms=size, mfc=colour, mec=style.INK, zorder=2)
    if size < _SMALLEST_NAMED:
        return units
    dark = hidden and not is_bias and unit % len(style.UNITS) in (0, 2, 4, 6)
    text = "1" if is_bias else f"{'xhy'[0 if layer == 0 else 1 if hidden else 2]}{unit + 1}"
    ink = "white" if dark else style.INK
    return [*units, axes.text(x, y, text, ha="center", va="center", size=8, color=ink, zorder=3)]
