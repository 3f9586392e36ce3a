"""A run over time: errors, losses, weights. ``training`` puts the article's panels together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.look import Look, clock, only, reach, rows_to_draw, time_axis
from nnlab.run import Run

MAX_PATTERNS = 16  # more lines than that in one plot can't be told apart


def training(
    run: Run, *, scale: str = "linear", unit: str = "updates", ghost: Run | None = None
) -> style.Picture:
    """Draw the article's three panels: error of each pattern, paths of W[0], paths of W[1].

    Args:
        run: what to draw; deeper networks get one panel a layer of weights.
        scale: of the axis of time, "linear" as in the article or "log".
        unit: of the axis of time, "updates", "samples" or "seconds".
        ghost: a baseline whose errors stay behind in grey.
    """
    look = Look(scale=scale, unit=unit)
    layers = len(run.experiment.layers) - 1
    figure, axes = style.picture(1, layers + 1, height=3.4)
    for each in axes:
        time_axis(each, look, clock(run, look)[-1])
    if ghost is not None:
        for line in errors(axes[0], ghost, look):
            line.set(color=style.GHOST, label="_", zorder=1)
    errors(axes[0], run, look)
    for layer in range(layers):
        weights(axes[layer + 1], run, layer, look)
    figure.legend(
        *axes[0].get_legend_handles_labels(),
        loc="outside lower left",
        ncols=8,
        fontsize=8,
        frameon=False,
    )
    return figure


def errors(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Squared error of each pattern over time, one line a pattern.

    More than ``MAX_PATTERNS`` are one line, the mean loss, and one more for patterns held out.
    """
    if artists is None:
        artists = _error_lines(axes, run.experiment)
    rows = rows_to_draw(run.history, look)
    shown = only(run.history, rows)
    if one_by_one(run.experiment):
        curves = list(shown.errors.T)
    else:
        curves = [each for each in (shown.loss, shown.validation_loss) if each is not None]
    times = clock(run, look)[rows]
    for line, curve in zip(artists, curves, strict=True):
        line.set_data(times, curve)
    grow(axes, reach(np.column_stack(curves), run))
    return list(artists)


def accuracy(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Share of patterns in the right class over time, of those learned from and those held out.

    Raises:
        ValueError: where the targets aren't classes.
    """
    if not run.experiment.data.is_classification:
        raise ValueError("accuracy needs targets that are classes")
    if artists is None:
        style.label(axes, "accuracy", y="share of patterns right")
        axes.set_ylim(-0.03, 1.06)
        artists = _train_and_held_out(axes, run.experiment)
        axes.legend(fontsize=8, frameon=False, loc="lower right")
    rows = rows_to_draw(run.history, look)
    shown, times = only(run.history, rows), clock(run, look)[rows]
    curves = [each for each in (shown.accuracy, shown.validation_accuracy) if each is not None]
    for line, curve in zip(artists, curves, strict=True):
        line.set_data(times, curve)
    return list(artists)


def weights(
    axes: Axes,
    run: Run,
    layer: int,
    look: Look = Look(),
    artists: Sequence[Line2D] | None = None,
) -> list[Line2D]:
    """Paths of one layer's weights over time, coloured by hidden unit, biases in grey.

    Equal weights lie on one another. Lines get thinner from the first unit to the last, so that
    such a bundle shows as a striped line.
    """
    path = run.history.weights[layer]
    if artists is None:
        layer_number = layer % len(run.history.weights)
        count = path.shape[1] * path.shape[2]
        style.label(axes, f"weights W[{layer_number}], {count}", y="weight")
        artists = _weight_lines(axes, run.experiment, layer_number)
    rows = rows_to_draw(run.history, look)
    times = clock(run, look)[rows]
    for line, values in zip(artists, path[rows].reshape(len(rows), -1).T, strict=True):
        line.set_data(times, values)
    top = 1.1 * reach(path, run)
    if top > axes.get_ylim()[1]:
        top = style.round_up(top)
        axes.set_ylim(-top, top)
    return list(artists)


def first_weights(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Paths of the weights into the first hidden layer; see ``weights``."""
    return weights(axes, run, 0, look, artists)


def last_weights(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Paths of the weights into the output layer; see ``weights``."""
    return weights(axes, run, -1, look, artists)


def one_by_one(experiment: Experiment) -> bool:
    """Return whether there are few enough patterns to draw each by itself."""
    return len(experiment.data) <= MAX_PATTERNS


def _error_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    if not one_by_one(experiment):
        style.label(axes, "mean loss", y=experiment.loss.replace("_", " "))
        axes.set_ylim(0.0, 1e-9)  # the first run sets it
        return _train_and_held_out(axes, experiment)
    style.label(axes, "error of each pattern", y="squared error (y − t)²")
    axes.set_ylim(-0.03, 1.06)
    return [
        axes.plot([], [], color=style.pattern_colour(k), lw=1.6, label=label)[0]
        for k, label in enumerate(experiment.data.labels)
    ]


def _train_and_held_out(axes: Axes, experiment: Experiment) -> list[Line2D]:
    lines = axes.plot([], [], color=style.INK, lw=1.6, label="learned from")
    if experiment.data.validation_inputs is not None:
        lines += axes.plot([], [], color=style.ACCENT, lw=1.6, label="held out")
    return lines


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


def grow(axes: Axes, needed: float) -> None:
    """Let y reach from 0 to what is needed, in round steps; it never shrinks."""
    if needed > axes.get_ylim()[1]:
        top = style.round_up(needed)
        axes.set_ylim(-0.03 * top, 1.06 * top)
