"""Activation functions and where units stand on them: on the steep part, or where it is flat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory
from numpy.typing import ArrayLike

from nnlab.analysis import saturation as at_work
from nnlab.history import History
from nnlab.plots import style
from nnlab.plots.look import Look, clock, rows_to_draw, some
from nnlab.plots.training import MAX_PATTERNS, one_by_one
from nnlab.rules.activations import ACTIVATIONS
from nnlab.run import Run

_END = 6.0  # of the axis of sums; what lies beyond is drawn at its edge
_EDGE = 1.04 * _END
_Z = np.linspace(-_END, _END, 241)
_BOUNDED = ("sigmoid", "tanh")
_ROWS = 0.4  # share of the axes' height that the units' rows take
_MOST_UNITS = 30  # rows that can still be told apart
_MOST_PATTERNS = 64  # more, at each moment, would take too long
_ROOM = 40_000  # sums computed for a line over time


def curve(axes: Axes, name: str, colour: str = style.INK) -> list[Line2D]:
    """Draw an activation and, dashed, its slope.

    Args:
        axes: where to draw.
        name: a key of ``nnlab.ACTIVATIONS``.
        colour: of the function; its slope is grey.
    """
    lines = [
        *axes.plot([], [], color=style.BIAS, lw=1.4, ls="--", label="slope"),
        *axes.plot([], [], color=colour, lw=2.2, label="f(z)"),
    ]
    _move_curve(lines, name)
    axes.set(xlim=(-_EDGE, _EDGE), ylim=_span(name))
    return lines


def function(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Any] | None = None
) -> list[Artist]:
    """Draw the hidden activation, its slope and where every unit stands for every pattern.

    Each hidden unit has a row, layer after layer, with a tick at each pattern's sum, in the
    pattern's colour. Of more than 16 patterns 16 are shown, in grey, of more than 30 units 30.
    Shaded is where the activation is flat: its slope is below 4 % of the steepest. Sums beyond
    ±6 stand at the edge.
    """
    name = run.experiment.activation
    if artists is None:
        artists = _draw_function(axes, run)
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
    return list(artists)


def saturation(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Share of (unit, pattern) pairs where the activation is flat, over time, a line a layer.

    One more line is the share of hidden units that are flat for every pattern: nothing, or next
    to nothing, can teach them any more.
    """
    hidden = len(run.experiment.layers) - 2
    if artists is None:
        artists = _draw_saturation(axes, hidden)
    rows = rows_to_draw(run.history, look)
    patterns = some(len(run.experiment.data), _MOST_PATTERNS)
    numbers = len(patterns) * sum(run.experiment.layers[1:-1])
    rows = rows[some(len(rows), max(20, _ROOM // max(numbers, 1)))]
    pairs, whole = flat_shares(run.history, rows, patterns)
    for line, share in zip(artists, [*pairs, whole], strict=True):
        line.set_data(clock(run, look)[rows], share)
    return list(artists)


def flat_shares(
    history: History, rows: np.ndarray | slice = slice(None), patterns: np.ndarray | None = None
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return shares of what is flat at some rows of a history.

    Returns:
        For each hidden layer the share of its (unit, pattern) pairs, shape (rows,); and the share
        of all hidden units that are flat for every pattern, shape (rows,).
    """
    chosen = slice(None) if patterns is None else patterns
    flat = at_work.flat(history, rows, chosen)
    count = len(history.updates[rows])
    everywhere = np.concatenate([each.all(axis=1) for each in flat] or [np.zeros((count, 1))], 1)
    return [each.mean(axis=(1, 2)) for each in flat], everywhere.mean(axis=1)


def outcome_rows(axes: Axes, x: ArrayLike, names: Sequence[str], updates: np.ndarray) -> Artist:
    """Updates until learned as colour, a row a name; grey where it was not learned.

    Args:
        axes: where to draw.
        x: (columns,) positive values along the logarithmic axis.
        names: (rows,) from the top.
        updates: (rows, columns), infinity where a run did not converge.
    """
    learned = np.ma.masked_invalid(updates)
    mesh = axes.pcolormesh(
        x, range(len(names)), learned, cmap="viridis_r", norm=LogNorm(), shading="nearest"
    )
    axes.set(xscale="log", facecolor="#DDDDDD", yticks=range(len(names)), yticklabels=names)
    axes.invert_yaxis()
    axes.grid(False)
    return mesh


def spread(axes: Axes, names: Sequence[str], samples: np.ndarray, colour: str) -> None:
    """Updates of many seeds, a row a name: median as a dot, 10th to 90th percentile as a bar.

    Args:
        axes: where to draw, its x axis becomes logarithmic.
        names: (rows,) from the top; the share of seeds that learned is written beside each.
        samples: (rows, seeds), infinity where a seed did not converge. A bar without an end
            on the right means that more than a tenth of the seeds didn't.
        colour: of dots and bars.
    """
    low, middle, high = (
        np.percentile(samples, percent, axis=1, method="nearest") for percent in (10, 50, 90)
    )
    rows = np.arange(len(names))
    edge = 2.0 * np.max(samples, where=np.isfinite(samples), initial=1.0)
    axes.hlines(rows, low, np.where(np.isfinite(high), high, edge), color=colour, lw=5, alpha=0.3)
    axes.plot(middle, rows, "o", color=colour, ms=8)
    solved = np.isfinite(samples).mean(axis=1)
    labels = [f"{name}  {100 * share:.0f} %" for name, share in zip(names, solved, strict=True)]
    axes.set(xscale="log", yticks=rows, yticklabels=labels, xlim=(None, edge))
    axes.set_ylim(len(names) - 0.5, -0.5)


def _draw_function(axes: Axes, run: Run) -> list[Any]:
    style.label(axes, "the activation and where its units stand", x="sum z that a unit receives")
    axes.set_xlim(-_EDGE, _EDGE)
    lines = curve(axes, run.experiment.activation)
    axes.legend(handles=lines, fontsize=8, frameon=False, loc="upper left")
    band = blended_transform_factory(axes.transData, axes.transAxes)
    shade = PolyCollection([], facecolor="#DDDDDD", lw=0, zorder=0.5, transform=band)
    axes.add_collection(shade, autolim=False)
    layers = run.experiment.layers[1:-1]
    rows = min(sum(layers), _MOST_UNITS)
    patterns = min(len(run.experiment.data), MAX_PATTERNS)
    each_its_own = one_by_one(run.experiment)
    colours = [style.pattern_colour(k) if each_its_own else style.BIAS for k in range(patterns)]
    ticks = axes.scatter(
        [],
        [],
        s=min(9.0, 80.0 / max(rows, 1)) ** 2,
        marker="|",
        linewidths=2.0,
        transform=band,
        clip_on=False,
    )
    ticks.set_color(list(np.repeat(colours, rows)))
    if rows <= 8:
        _name_units(axes, layers)
    return [*lines, shade, ticks]


def _name_units(axes: Axes, layers: Sequence[int]) -> None:
    numbers = [unit for count in layers for unit in range(count)]
    for unit, height in zip(numbers, _row_heights(len(numbers)), strict=True):
        axes.text(
            -0.025,
            height,
            f"h{unit + 1}",
            transform=axes.transAxes,
            ha="right",
            va="center",
            fontsize=8,
            color=style.unit_colour(unit),
        )


def _draw_saturation(axes: Axes, hidden: int) -> list[Line2D]:
    style.label(axes, "share that is flat", y="share")
    axes.set(ylim=(-0.03, 1.4), yticks=np.linspace(0, 1, 6))  # the legend stands above 1
    dashes = ("-", "--", ":", "-.")
    lines = []
    for layer in range(hidden):
        name = "pairs of unit and pattern" + (f", layer {layer + 1}" if hidden > 1 else "")
        lines += axes.plot([], [], color=style.INK, lw=1.6, ls=dashes[layer % 4], label=name)
    lines += axes.plot([], [], color=style.ACCENT, lw=1.6, label="units flat for all patterns")
    columns = 1 if hidden < 2 else 2
    axes.legend(handles=lines, fontsize=8, frameon=False, loc="upper left", ncols=columns)
    return lines


def _move_curve(lines: Sequence[Line2D], name: str) -> None:
    activation = ACTIVATIONS[name]
    height = activation.function(_Z)
    lines[0].set_data(_Z, activation.slope(_Z, height))
    lines[1].set_data(_Z, np.where(height < _span(name)[0], np.nan, height))


def _span(name: str) -> tuple[float, float]:
    return (-1.15, 1.15) if name in _BOUNDED else (-1.15, 6.3)


def _flat_boxes(name: str) -> list[np.ndarray]:
    """Corners of the boxes over the ranges of sums where an activation is flat."""
    activation = ACTIVATIONS[name]
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
