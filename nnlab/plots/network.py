"""The network as a diagram: units in columns, a line a weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.view import Look, largest, some, view
from nnlab.run import Run

_WIDEST = 4.0  # points, of the line for the largest weight
_LARGEST = 15.0  # points, of a unit
_FILLED = 0.85  # of a column's height, where its units are as large as they can be
_SMALLEST_NAMED = 11.0  # points, of a unit that has room for its name
_MOST_UNITS = 16  # of a layer


def _draw(axes: Axes, experiment: Experiment) -> list[Any]:
    layers = experiment.layers
    columns = [some(count, _MOST_UNITS) for count in layers]
    cut = [f"{_MOST_UNITS} of {count}" for count in layers if count > _MOST_UNITS]
    if cut:
        style.label(axes, f"the network ({', '.join(cut)} units)")
    units = [
        artist
        for layer, numbers in enumerate(columns)
        for place in range(len(numbers) + (layer < len(layers) - 1))
        for artist in _draw_unit(axes, columns, layer, place)
    ]
    axes.set(xlim=(-0.35, len(layers) - 0.65), ylim=(-0.02, 1.02))
    axes.axis("off")
    bundles = []
    for layer in range(len(layers) - 1):
        for number, places in _bundles(columns, layer):
            lines = [
                (_position(columns, layer, source), _position(columns, layer + 1, target))
                for source, target in places
            ]
            bundles.append(LineCollection(lines, alpha=0.7, zorder=1))
            bundles[-1].set_gid(f"unit:{number}" if number else None)
            axes.add_collection(bundles[-1], autolim=False)
    return [*bundles, *units]


@view(_draw)
def network(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Draw the network at a moment: a line a weight, its width the weight's size.

    Positive and negative weights differ in colour; biases start at the square unit marked 1. The
    artists are the lines, a collection for each hidden unit (those into the first hidden layer it
    receives, all others it sends) and the units, which belong on top of them. Of a wide layer 16
    units are drawn.
    """
    columns = [some(count, _MOST_UNITS) for count in run.experiment.layers]
    matrices = [path[look.row] for path in run.history.weights]
    most = max(largest(matrix) for matrix in matrices) or 1.0
    signs = [style.themed(axes, colour) for colour in (style.NEGATIVE, style.POSITIVE)]
    edges = iter(artists)
    for layer, matrix in enumerate(matrices):
        sources, targets = np.r_[columns[layer], len(matrix) - 1], columns[layer + 1]
        shown = np.nan_to_num(matrix[np.ix_(sources, targets)], posinf=most, neginf=-most)
        for _, places in _bundles(columns, layer):
            values = np.array([shown[place] for place in places])
            lines = next(edges)
            lines.set_linewidth(0.3 + (_WIDEST - 0.3) * np.abs(values) / most)
            lines.set_color([signs[int(value > 0)] for value in values])


def _bundles(columns: Sequence[np.ndarray], layer: int) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return, for a layer of weights, each unit's tag and its weights as (source, target) places.

    Into the first hidden layer weights go by target, elsewhere by source: each hidden unit has
    one bundle of the article's network on either side of it. Of biases the tag is empty.
    """
    sources, targets = len(columns[layer]) + 1, len(columns[layer + 1])
    if layer == 0 and len(columns) > 2:
        return [
            (f"1.{columns[1][target]}", [(source, target) for source in range(sources)])
            for target in range(targets)
        ]
    tags = [f"{layer}.{number}" if layer else "" for number in columns[layer]]
    return [
        (tag, [(source, target) for target in range(targets)])
        for source, tag in enumerate([*tags, ""])
    ]


def _position(columns: Sequence[np.ndarray], layer: int, place: int) -> tuple[float, float]:
    count = len(columns[layer]) + (layer < len(columns) - 1)
    return float(layer), 1.0 - (place + 0.5) / count


def _draw_unit(axes: Axes, columns: Sequence[np.ndarray], layer: int, place: int) -> list[Any]:
    x, y = _position(columns, layer, place)
    is_bias, hidden = place == len(columns[layer]), 0 < layer < len(columns) - 1
    number = 0 if is_bias else int(columns[layer][place])
    colour = style.unit_colour(number) if hidden and not is_bias else style.PAPER
    height = 72.0 * axes.bbox.height / axes.figure.dpi
    size = min(_LARGEST, _FILLED * height / (max(map(len, columns)) + 1))
    marker = "s" if is_bias else "o"
    units: list[Any] = axes.plot(x, y, marker, ms=size, mfc=colour, mec=style.INK, zorder=2)
    if size >= _SMALLEST_NAMED:
        name = "1" if is_bias else f"{'h' if hidden else 'y' if layer else 'x'}{number + 1}"
        ink = style.INK if colour == style.PAPER else style.text_on(colour)
        look: dict[str, Any] = {"ha": "center", "va": "center", "size": 8, "zorder": 3}
        units.append(axes.text(x, y, name, color=ink, **look))
    for artist in units:
        artist.set_gid(f"unit:{layer}.{number}" if hidden and not is_bias else None)
    return units
