"""Weights over time: the paths they take, and how far they step."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.marks import blank_labels, move_labels
from nnlab.plots.view import (
    Look,
    View,
    clock,
    follow,
    largest,
    reach,
    rows_to_draw,
    some,
    view,
)
from nnlab.run import Run

EVERY_WEIGHT = 64  # of up to so many weights each has a line of its steps
_MOST_SIDE = 16  # rows and columns of a matrix that are drawn: more lines can't be told apart
_MOST_NAMES = 10  # at the ends of lines
_ALIKE = 1e-6  # of the largest weight: lines no farther apart are one
_WIDTHS = (1.4, 0.8, 4.6)  # points: of a line, more for each further one of a bundle, at most
_STEP_LIMITS = (1e-8, 10.0)
_MOST_NAMED_LAYERS = 6
_MOST_STEPS = 600_000  # numbers, that is weights times rows


# --- paths --------------------------------------------------------------------------------------


def weights(
    axes: Axes,
    run: Run,
    layer: int,
    look: Look = Look(),
    artists: Sequence[Any] | None = None,
    **moment: Any,
) -> list[Any]:
    """Paths of one layer's weights over time, coloured by hidden unit, biases dashed.

    Weights that stay equal are one line, thicker the more they are, in the colour of the first
    unit; at its end stands what they come from (into a hidden layer) or the unit (out of the last
    one), and how many they are. Of a wide layer 16 units are drawn, and as many of what they get.

    Args:
        axes: where to draw.
        run: whose weights they are.
        layer: of weights, from 0; -1 is the last.
        look: axis of time.
        artists: as returned before: a line a weight, then the names at their ends.
        **moment: fields of ``look`` by name.
    """
    return _paths_of(layer)(axes, run, look, artists, **moment)


@functools.cache
def _paths_of(layer: int) -> View:
    """Return the view of one layer's weights."""

    @view(lambda axes, experiment: _weight_lines(axes, experiment, layer))
    def paths(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
        """Paths of the weights into the first hidden layer, or into the output layer."""
        sources, targets = _chosen(run.experiment, layer)
        rows = rows_to_draw(run.history, look)
        path = run.history.weights[layer][np.ix_(rows, sources, targets)]
        values = path.reshape(len(rows), -1)
        lines, texts = artists[: values.shape[1]], artists[values.shape[1] :]
        follow(lines, clock(run, look)[rows], list(values.T))
        top = 1.1 * reach(values, run)
        if top > axes.get_ylim()[1]:
            top = style.round_up(top)
            axes.set_ylim(-top, top)
        _bundle(axes, values, lines, texts)

    return paths


first_weights = _paths_of(0)
last_weights = _paths_of(-1)


def _chosen(experiment: Experiment, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows (the bias last) and columns of a layer's matrix whose weights are drawn."""
    rows, columns = experiment.weight_shapes[layer]
    return np.r_[some(rows - 1, _MOST_SIDE), rows - 1], some(columns, _MOST_SIDE)


def _weight_lines(axes: Axes, experiment: Experiment, layer: int) -> list[Any]:
    rows, columns = experiment.weight_shapes[layer]
    layer %= len(experiment.weight_shapes)
    sources, targets = _chosen(experiment, layer)
    shown, count = len(sources) * len(targets), rows * columns
    title = f"{count:,}" if shown == count else f"{shown:,} of {count:,}"
    style.label(axes, f"weights W[{layer}], {title}", y="weight")
    lines: list[Any] = []
    for source, target in itertools.product(sources, targets):
        name, colour, units = _about(experiment, layer, int(source), int(target))
        (line,) = axes.plot([], [], color=colour, label=name, ls="-")
        if source == rows - 1:
            line.set_linestyle("--")
        line.set_gid(" ".join(units))
        lines.append(line)
    return [*lines, *blank_labels(axes, min(len(lines), _MOST_NAMES))]


def _about(
    experiment: Experiment, layer: int, source: int, target: int
) -> tuple[str, str, list[str]]:
    """Return a weight's name and colour, and the tags of the hidden units that it belongs to."""
    last, bias = len(experiment.layers) - 2, experiment.layers[layer]
    units = [f"unit:{layer}.{source}"] if layer > 0 and source < bias else []
    units += [f"unit:{layer + 1}.{target}"] if layer < last else []
    name = "bias" if source == bias else f"{'h' if layer else 'x'}{source + 1}"
    if layer < last:
        return name, style.unit_colour(target), units
    if experiment.layers[-1] > 1:
        name += f"→{target + 1}"
    hidden = layer > 0 and source < bias
    return name, style.unit_colour(source) if hidden else style.BIAS, units


def _bundle(axes: Axes, values: np.ndarray, lines: Sequence[Any], texts: Sequence[Any]) -> None:
    """Show lines that lie on one another as one, and name what there is room for."""
    first, counts = _bundles(values)
    thin, more, most = _WIDTHS
    for line in lines:
        line.set_visible(False)
    for place, count in zip(first, counts, strict=True):
        lines[place].set(visible=True, lw=min(thin + more * (count - 1), most))
    if len(first) > len(texts):
        many = counts > 1
        first, counts = first[many][: len(texts)], counts[many][: len(texts)]
    shown = [lines[place] for place in first]
    names = [
        f"{line.get_label()} ×{count}" if count > 1 else str(line.get_label())
        for line, count in zip(shown, counts, strict=True)
    ]
    move_labels(axes, texts, shown, names)


def _bundles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first of each bundle of equal columns, in order, and how many it holds."""
    scale = min(largest(values), 1e150) or 1.0
    columns = np.clip(np.nan_to_num(values.T / scale), -1e3, 1e3)
    # Equal columns have equal shadows on any line: neighbours in that order need comparing only.
    order = np.argsort(columns @ np.cos(np.arange(columns.shape[1])), kind="stable")
    apart = np.abs(np.diff(columns[order], axis=0)).max(axis=1, initial=0.0) > _ALIKE
    bundle = np.empty(len(order), dtype=int)
    bundle[order] = np.r_[0, np.cumsum(apart)]
    _, first, counts = np.unique(bundle, return_index=True, return_counts=True)
    in_order = np.argsort(first)
    return first[in_order], counts[in_order]


# --- steps --------------------------------------------------------------------------------------


def _step_lines(axes: Axes, experiment: Experiment) -> list[LineCollection]:
    every = _each_weight(experiment)
    style.label(
        axes,
        "step of each weight" if every else "steps of the weights: 10, 50, 90 %",
        y="|Δw| an update",
    )
    axes.set_yscale("log")
    axes.set_ylim(_STEP_LIMITS)
    layers, named = [], []
    for layer in range(len(experiment.weight_shapes)):
        colours = [style.choice_colour(layer)]
        names = [f"W[{layer}]"]
        if experiment.layers == (1, 1):  # on a plane of the two, each is a direction of its own
            colours, names = [*colours, style.BIAS], ["weight", "bias"]
        layers.append(LineCollection([], colors=colours, linewidths=1.1))
        axes.add_collection(layers[-1], autolim=False)
        named += [
            Line2D([], [], color=colour, lw=1.1, label=name)
            for colour, name in zip(colours, names, strict=True)
        ]
    if len(layers) <= _MOST_NAMED_LAYERS:
        few = len(named) <= 4
        place: dict[str, Any] = {"loc": "lower left" if few else "upper right"}
        place["ncols"] = 1 if few else 3
        axes.legend(handles=named, fontsize=8, frameon=False, **place)
    return layers


@view(_step_lines)
def steps(axes: Axes, run: Run, look: Look, layers: list[LineCollection]) -> None:
    """How far the weights move an update, over time, one colour a layer of weights.

    It is |w(later) - w(earlier)| over the updates between two rows of the history: to and fro
    within a row cancels. Each weight has its line, up to ``EVERY_WEIGHT`` of them; a larger
    network has three lines a layer, the 10th, 50th and 90th percentile of its weights (of some
    thousands of them, evenly spread, where there are more).
    """
    rows, every = rows_to_draw(run.history, look), _each_weight(run.experiment)
    times, first = clock(run, look)[rows[1:]], 0
    most = _STEP_LIMITS[0]
    for lines, (sources, targets) in zip(layers, run.experiment.weight_shapes, strict=True):
        count = sources * targets
        chosen = first + some(count, max(_MOST_STEPS // len(rows), 100))
        own, first = _step_sizes(run, rows, chosen), first + count
        most = max(most, largest(own) if own.size else 0.0)
        if not every and len(own):
            own = np.percentile(own, (10, 50, 90), axis=1).T
        lines.set_segments([np.column_stack([times, column]) for column in own.T])
    if most > axes.get_ylim()[1]:
        axes.set_ylim(top=10.0 ** np.ceil(np.log10(min(most, 1e6))))


def _step_sizes(run: Run, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Net movement an update from row to row, (rows - 1, weights), within a plot's bounds."""
    flat, updates = run.history.flat_weights[np.ix_(rows, chosen)], run.history.updates[rows]
    with np.errstate(all="ignore"):
        moved = np.abs(np.diff(flat, axis=0)) / np.diff(updates)[:, np.newaxis]
    return np.clip(np.nan_to_num(moved, nan=1e30), 0.01 * _STEP_LIMITS[0], 1e30)


def _each_weight(experiment: Experiment) -> bool:
    return sum(rows * columns for rows, columns in experiment.weight_shapes) <= EVERY_WEIGHT
