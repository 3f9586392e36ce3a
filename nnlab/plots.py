"""Figures of runs. Each function draws on given axes and returns its artists.

Called again with those artists, a function moves them to the new run and draws nothing anew; that
is how a live panel shows thirteen frames a second. ``training`` puts the article's three
panels into a figure of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike

from nnlab import style
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.run import Run

MAX_PATTERNS = 16  # more lines than that in one plot can't be told apart
_POINTS = 300  # a line's points on the screen: more would not be seen, and cost time


def training(run: Run, *, scale: str = "linear", ghost: Run | None = None) -> style.Picture:
    """Draw the article's three panels: error of each pattern, paths of W[0], paths of W[1].

    Args:
        run: what to draw; deeper networks get one panel a layer of weights.
        scale: of the axis of updates, "linear" as in the article or "log".
        ghost: a baseline whose errors stay behind in grey.
    """
    layers = len(run.experiment.layers) - 1
    figure, axes = style.picture(1, layers + 1, height=3.4)
    for each in axes:
        update_axis(each, scale, run.updates)
    if ghost is not None:
        for line in errors(axes[0], ghost):
            line.set(color=style.GHOST, label="_", zorder=1)
    errors(axes[0], run)
    for layer in range(layers):
        weights(axes[layer + 1], run, layer)
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside lower left",
        ncols=8,
        fontsize=8,
        frameon=False,
    )
    return figure


def errors(axes: Axes, run: Run, artists: Sequence[Line2D] | None = None) -> list[Line2D]:
    """Squared error of each pattern over the updates, one line a pattern.

    More than ``MAX_PATTERNS`` are one line, the mean loss.
    """
    if artists is None:
        artists = _error_lines(axes, run.experiment)
    shown = _only(run.history, _rows(run.history, axes))
    values = shown.errors if _one_by_one(run.experiment) else shown.loss[:, np.newaxis]
    for line, column in zip(artists, values.T, strict=True):
        line.set_data(shown.updates, column)
    reach = _reach(values, run)
    if reach > axes.get_ylim()[1]:
        top = style.round_up(reach)
        axes.set_ylim(-0.03 * top, 1.06 * top)
    return list(artists)


def weights(
    axes: Axes, run: Run, layer: int, artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Paths of one layer's weights over the updates, coloured by hidden unit, biases in grey.

    Equal weights lie on one another. Lines get thinner from the first unit to the last, so that
    such a bundle shows as a striped line.
    """
    path = run.history.weights[layer]
    if artists is None:
        style.label(axes, f"weights W[{layer}], {path.shape[1] * path.shape[2]}", y="weight")
        artists = _weight_lines(axes, run.experiment, layer)
    rows = _rows(run.history, axes)
    updates = run.history.updates[rows]
    for line, values in zip(artists, path[rows].reshape(len(rows), -1).T, strict=True):
        line.set_data(updates, values)
    reach = 1.1 * _reach(path, run)
    if reach > axes.get_ylim()[1]:
        reach = style.round_up(reach)
        axes.set_ylim(-reach, reach)
    return list(artists)


def rates(axes: Axes, learning_rates: ArrayLike, updates: ArrayLike, **line: Any) -> list[Line2D]:
    """Updates until converged against the learning rate, log–log, as the article draws them."""
    style.label(axes, "updates until learned", x="learning rate", y="updates")
    line = {"marker": "o", "ms": 4, "lw": 0, "color": style.INK} | line
    return axes.loglog(learning_rates, updates, **line)


def band(axes: Axes, x: ArrayLike, samples: np.ndarray, colour: str, label: str) -> list[Artist]:
    """Median of many seeds as a line, their 10th to 90th percentile as a band around it.

    Args:
        axes: where to draw, both scales already set or left linear.
        x: (n,) positions.
        samples: (n, seeds), infinity where a seed did not converge: a median exists as long as
            half of the seeds converge, the band's edge as long as nine of ten do.
        colour: of line and band.
        label: in the legend.
    """
    low, middle, high = (_percentile(samples, percent) for percent in (10, 50, 90))
    (line,) = axes.plot(x, middle, "o-", color=colour, ms=4, lw=1.5, label=label)
    return [line, axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)]


def outcome_map(axes: Axes, x: ArrayLike, y: ArrayLike, updates: np.ndarray) -> Artist:
    """Updates until learned over two logarithmic axes, as colour; grey where it was not learned.

    Args:
        axes: where to draw.
        x: (columns,) values along x.
        y: (rows,) values along y.
        updates: (rows, columns), infinity where a run did not converge.
    """
    learned = np.ma.masked_invalid(updates)
    mesh = axes.pcolormesh(x, y, learned, cmap="viridis_r", shading="nearest", rasterized=True)
    axes.set(xscale="log", yscale="log", facecolor="#DDDDDD")
    axes.grid(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    return mesh


def network(axes: Axes, run: Run, row: int = -1) -> None:
    """Draw the network: units in columns, a line a weight, its width the weight's size.

    Positive weights are blue, negative ones orange; biases start at the square unit marked 1.
    """
    layers = run.experiment.layers
    largest = max(_largest(path[row]) for path in run.history.weights) or 1.0
    for layer, path in enumerate(run.history.weights):
        for source, target in np.ndindex(*path[row].shape):
            weight = np.nan_to_num(path[row][source, target], posinf=largest, neginf=-largest)
            start = _position(layers, layer, source, bias=True)
            end = _position(layers, layer + 1, target, layer + 1 < len(layers) - 1)
            width = 0.3 + 3.7 * abs(weight) / largest
            colour = style.PATTERNS[0] if weight > 0 else style.PATTERNS[5]
            axes.plot(*zip(start, end, strict=True), color=colour, lw=width, alpha=0.7, zorder=1)
    for layer, units in enumerate(layers):
        bias = layer < len(layers) - 1
        for unit in range(units + bias):
            _draw_unit(axes, layers, layer, unit, bias)
    axes.set(xlim=(-0.35, len(layers) - 0.65), ylim=(-0.12, 1.12))
    axes.axis("off")


def update_axis(axes: Axes, scale: str, last: float) -> None:
    """Label and limit the axis of updates: "linear" or "log", from 0 to ``last``."""
    style.label(axes, x="updates")
    axes.set_xlim(0, max(last, 1))
    if scale == "log":
        axes.set_xscale("symlog", linthresh=10, linscale=0.5)
    else:
        axes.set_xscale("linear")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.locator_params(axis="x", nbins=4)


def _rows(history: History, axes: Axes) -> np.ndarray:
    """Rows that make a difference on the screen: evenly spaced in the axis' own scale."""
    updates = history.updates
    if len(updates) <= _POINTS:
        return np.arange(len(updates))
    place = np.log1p(updates) if axes.get_xscale() != "linear" else updates.astype(float)
    grid = np.linspace(place[0], place[-1], _POINTS)
    return np.unique(np.searchsorted(place, grid))


def _only(history: History, rows: np.ndarray) -> History:
    """Some of a history's rows: what isn't shown need not be computed."""
    return History(
        history.experiment,
        history.updates[rows],
        history.flat_weights[rows],
        history.errors[rows],
    )


def _one_by_one(experiment: Experiment) -> bool:
    return len(experiment.data) <= MAX_PATTERNS


def _error_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    if not _one_by_one(experiment):
        style.label(axes, "mean loss", y=experiment.loss.replace("_", " "))
        axes.set_ylim(0.0, 1e-9)  # the first run sets it
        return axes.plot([], [], color=style.INK, lw=1.6, label="mean loss")
    style.label(axes, "error of each pattern", y="squared error (y − t)²")
    axes.set_ylim(-0.03, 1.06)
    return [
        axes.plot([], [], color=style.pattern_colour(k), lw=1.6, label=label)[0]
        for k, label in enumerate(experiment.data.labels)
    ]


def _weight_lines(axes: Axes, experiment: Experiment, layer: int) -> list[Line2D]:
    rows, columns = experiment.weight_shapes[layer]
    into_hidden = layer < len(experiment.layers) - 2
    lines = []
    for source, target in np.ndindex(rows, columns):
        bias = source == rows - 1
        unit = target if into_hidden else source
        units = columns if into_hidden else rows
        colour = style.BIAS if bias and not into_hidden else style.unit_colour(unit)
        width = 3.2 - 2.2 * unit / max(units - 1, 1)
        lines += axes.plot([], [], color=colour, lw=width, ls=":" if bias else "-")
    return lines


def _percentile(samples: np.ndarray, percent: float) -> np.ndarray:
    """Percentile over the last axis by nearest rank, NaN where it is infinite."""
    ranks = np.percentile(samples, percent, axis=-1, method="nearest")
    return np.where(np.isfinite(ranks), ranks, np.nan)


def _largest(values: np.ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 1.0


def _reach(values: np.ndarray, run: Run) -> float:
    """The largest value that an axis must show; of a diverged run only the take-off."""
    largest = _largest(values)
    return min(largest, 10 * _largest(values[0])) if run.outcome == "diverged" else largest


def _position(layers: tuple[int, ...], layer: int, unit: int, bias: bool) -> tuple[float, float]:
    count = layers[layer] + bias
    return float(layer), 1.0 - (unit + 0.5) / count


def _draw_unit(axes: Axes, layers: tuple[int, ...], layer: int, unit: int, bias: bool) -> None:
    x, y = _position(layers, layer, unit, bias)
    is_bias = bias and unit == layers[layer]
    hidden = 0 < layer < len(layers) - 1
    colour = style.unit_colour(unit) if hidden and not is_bias else "white"
    marker = "s" if is_bias else "o"
    axes.plot(x, y, marker, ms=15, mfc=colour, mec=style.INK, zorder=2)
    dark = hidden and not is_bias and unit % len(style.UNITS) in (0, 2, 4, 6)
    text = "1" if is_bias else f"{'xhy'[0 if layer == 0 else 1 if hidden else 2]}{unit + 1}"
    ink = "white" if dark else style.INK
    axes.text(x, y, text, ha="center", va="center", fontsize=8, color=ink, zorder=3)
