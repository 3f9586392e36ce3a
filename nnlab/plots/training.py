"""A run over time: errors, losses, accuracy. ``training`` puts the article's panels together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.view import (
    Look,
    affordable,
    clock,
    follow,
    grow,
    of_all,
    one_by_one,
    reach,
    rows_to_draw,
    some,
    time_axis,
    view,
)
from nnlab.plots.weights import weights
from nnlab.run import Run


def training(
    run: Run,
    *,
    scale: str = "linear",
    unit: str = "updates",
    ghost: Run | None = None,
    theme: str = "light",
) -> style.Picture:
    """Draw the article's three panels: error of each pattern, paths of W[0], paths of W[1].

    Args:
        run: what to draw; deeper networks get one panel a layer of weights.
        scale: of the axis of time, "linear" as in the article or "log".
        unit: of the axis of time, "updates", "samples" or "seconds".
        ghost: a baseline whose errors stay behind in grey.
        theme: "light" or "dark".
    """
    look = Look(scale=scale, unit=unit)
    layers = len(run.experiment.layers) - 1
    figure, axes = style.picture(1, layers + 1, height=3.4)
    for each in axes:
        time_axis(each, look, clock(run, look)[-1])
    if ghost is not None:
        _behind(axes[0], ghost, look)
    errors(axes[0], run, look)
    for layer in range(layers):
        weights(axes[layer + 1], run, layer, look)
    with style.own_settings():
        figure.legend(
            *axes[0].get_legend_handles_labels(),
            loc="outside lower left",
            ncols=8,
            fontsize=8,
            frameon=False,
        )
    style.paint(figure, theme)
    return figure


def errors_apart(
    run: Run, *, scale: str = "linear", unit: str = "updates", ghost: Run | None = None
) -> style.Picture:
    """Draw each pattern's error on axes of its own, all others grey behind it.

    Args:
        run: of at most ``MAX_PATTERNS`` patterns.
        scale: of the axis of time, "linear" or "log".
        unit: of the axis of time, "updates", "samples" or "seconds".
        ghost: a baseline; then only its line for the same pattern stands behind.

    Raises:
        ValueError: if there are more patterns than that.
    """
    if not one_by_one(run.experiment):
        raise ValueError(f"errors_apart needs few patterns; got {len(run.experiment.data)}")
    look, count = Look(scale=scale, unit=unit), len(run.experiment.data)
    columns = min(count, 3)
    rows = -(-count // columns)
    shape: dict[str, Any] = {"sharex": True, "sharey": True, "squeeze": False}
    figure, axes = style.picture(rows, columns, height=0.4 + 1.6 * rows, **shape)
    for pattern, each in enumerate(axes.flat):
        if pattern >= count:
            each.set_visible(False)
            continue
        time_axis(each, look, clock(run, look)[-1])
        behind = _behind(each, run if ghost is None else ghost, look)
        lines = errors(each, run, look)
        for k, line in enumerate(lines):
            line.set_visible(k == pattern)
            behind[k].set_visible((k == pattern) == (ghost is not None))
        style.label(each, run.experiment.data.labels[pattern])
        each.label_outer()
        each.set_ylabel("squared error" if pattern % columns == 0 else "")
    return figure


def _behind(axes: Axes, run: Run, look: Look) -> list[Line2D]:
    """Draw a run's errors in grey, behind what is to come."""
    lines = errors(axes, run, look)
    for line in lines:
        line.set(color=style.GHOST, label="_", zorder=1, lw=1.0)
    return lines


def _error_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    if not one_by_one(experiment):
        axes.set_ylim(0.0, 1e-9)  # the first run sets it
        loss = experiment.loss.replace("_", " ")
        return _train_and_held_out(axes, experiment, "mean loss", loss)
    style.label(axes, "error of each pattern", y="squared error (y − t)²")
    axes.set_ylim(-0.03, 1.06)
    data = experiment.data
    return [
        axes.plot([], [], color=style.pattern_colour(data.number(row)), lw=1.6, label=label)[0]
        for row, label in enumerate(data.labels)
    ]


@view(_error_lines)
def errors(axes: Axes, run: Run, look: Look, lines: list[Line2D]) -> None:
    """Squared error of each pattern over time, one line a pattern.

    More than ``MAX_PATTERNS`` are one line, the mean loss, and one more for patterns held out.
    """
    if one_by_one(run.experiment):
        rows = rows_to_draw(run.history, look)
        curves = list(run.history.errors[rows].T)
    else:
        rows, curves = _measured(run, look, "loss")
    follow(lines, clock(run, look)[rows], curves)
    grow(axes, reach(np.column_stack(curves), run))


def _accuracy_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    if not experiment.data.is_classification:
        raise ValueError("accuracy needs targets that are classes")
    axes.set_ylim(-0.03, 1.06)
    lines = _train_and_held_out(axes, experiment, "accuracy", "share of patterns right")
    axes.legend(fontsize=8, frameon=False, loc="lower right")
    return lines


@view(_accuracy_lines)
def accuracy(axes: Axes, run: Run, look: Look, lines: list[Line2D]) -> None:
    """Share of patterns in the right class over time, of those learned from and those held out.

    Raises:
        ValueError: where the targets aren't classes.
    """
    rows, curves = _measured(run, look, "accuracy")
    follow(lines, clock(run, look)[rows], curves)


def _train_and_held_out(axes: Axes, experiment: Experiment, title: str, y: str) -> list[Line2D]:
    shown = of_all(affordable(experiment)[1], len(experiment.data), "patterns")
    style.label(axes, title + shown, y=y)
    lines = axes.plot([], [], color=style.INK, lw=1.6, label="learned from")
    if experiment.data.validation_inputs is not None:
        lines += axes.plot([], [], color=style.HELD_OUT, lw=1.6, label="held out")
    return lines


def _measured(run: Run, look: Look, measure: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return rows, and at each a measure of patterns learned from and, if any are, held out."""
    data, history = run.experiment.data, run.history
    pairs = [(data.inputs, data.targets)]
    if data.validation_inputs is not None and data.validation_targets is not None:
        pairs.append((data.validation_inputs, data.validation_targets))
    rows = rows_to_draw(history, look, affordable(run.experiment)[0])
    shown, curves = history.at(rows), []
    for inputs, targets in pairs:
        chosen = some(len(inputs), affordable(run.experiment, len(inputs))[1])
        outputs = shown._answers(inputs[chosen])
        of: Callable = shown._mean_loss if measure == "loss" else shown._share_right
        curves.append(of(outputs, targets[chosen]))
    return rows, curves
