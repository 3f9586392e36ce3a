"""What the network answers at a moment, beside what it should answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.plots import style
from nnlab.plots.view import Look, largest, of_all, one_by_one, some, view
from nnlab.reference import forward
from nnlab.run import Run

_MOST_DOTS = 600  # of large data, evenly spaced among all: more would lie on one another
_SPREAD = 0.3  # of the room between two patterns, for a pattern's several outputs


@view(lambda axes, experiment: _draw(axes, experiment))
def outputs(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Draw the outputs for all patterns at a moment; a bar marks what is wanted.

    A dot is an output, in its pattern's colour; the line from it to its bar is the error. Of more
    than ``plots.MAX_PATTERNS`` patterns each output is a dot over its target, which belongs on the
    diagonal.
    """
    experiment = run.experiment
    parameters = unflatten(experiment, run.history.flat_weights[look.row])
    chosen = _chosen(experiment)
    with np.errstate(all="ignore"):
        answers = forward(experiment, parameters, experiment.data.inputs[chosen])[-1]
    _grow(axes, answers)
    errors, *dots = artists
    if not one_by_one(experiment):
        dots[0].set_ydata(answers.ravel())
        return
    places, targets = _places(answers.shape), experiment.data.targets
    ends = np.stack([np.stack([places, targets]), np.stack([places, answers])])
    errors.set_segments(list(np.nan_to_num(ends).transpose(2, 3, 0, 1).reshape(-1, 2, 2)))
    for dot, answer in zip(dots, answers, strict=True):
        dot.set_ydata(answer)


def _chosen(experiment: Experiment) -> np.ndarray:
    """Numbers of the patterns that are drawn: all, or as many as can be told apart."""
    patterns, n_out = experiment.data.targets.shape
    if one_by_one(experiment):
        return np.arange(patterns)
    return some(patterns, max(1, _MOST_DOTS // n_out))


def _places(shape: tuple[int, int]) -> np.ndarray:
    """Where each output of each pattern stands along x, (patterns, n_out)."""
    patterns, n_out = shape
    offsets = _SPREAD * np.linspace(-1.0, 1.0, n_out) if n_out > 1 else np.zeros(1)
    return np.arange(patterns)[:, np.newaxis] + offsets


def _draw(axes: Axes, experiment: Experiment) -> list[Artist]:
    targets = experiment.data.targets[_chosen(experiment)]
    low, high = float(targets.min()), float(targets.max())
    room = 0.08 * max(high - low, 1.0)
    axes.set_ylim(min(low, 0.0) - room, max(high, 1.0) + room)
    errors = LineCollection([], colors=style.INK, lw=1.0)
    axes.add_collection(errors, autolim=False)
    if not one_by_one(experiment):
        part = of_all(len(targets), len(experiment.data), "patterns")
        style.label(axes, "outputs against targets" + part, x="target", y="output")
        axes.axline((0.0, 0.0), slope=1.0, color=style.GHOST, lw=1.0)
        jitter = 0.05 * room * np.random.default_rng(0).uniform(-10, 10, targets.size)
        axes.set_xlim(low - 2 * room, high + 2 * room)
        dots = axes.plot(targets.ravel() + jitter, np.zeros(targets.size), ".", color=style.INK)
        dots[0].set(ms=4, alpha=0.5)
        return [errors, *dots]
    style.label(axes, "outputs; the bars are the targets", x="pattern", y="output")
    places = _places(targets.shape)
    axes.plot(places.ravel(), targets.ravel(), "_", color=style.INK, ms=11, mew=2)
    names = [label.split(" ")[-1] for label in experiment.data.labels]
    axes.set_xticks(range(len(targets)), names, fontsize=8)
    axes.set_xlim(-0.6, len(targets) - 0.4)
    data = experiment.data
    colours = [style.pattern_colour(data.number(row)) for row in range(len(data))]
    return [
        errors,
        *(
            axes.plot(where, np.zeros(len(where)), "o", ms=7, color=colour)[0]
            for colour, where in zip(colours, places, strict=True)
        ),
    ]


def _grow(axes: Axes, answers: np.ndarray) -> None:
    """Widen the axis where outputs have no bounds; a run that overflows leaves it as it is."""
    low, high = axes.get_ylim()
    size = min(largest(answers), 10 * max(abs(low), abs(high)))
    if answers[np.isfinite(answers)].max(initial=high) > high:
        high = 1.08 * style.round_up(size)
    if answers[np.isfinite(answers)].min(initial=low) < low:
        low = -1.08 * style.round_up(size)
    axes.set_ylim(low, high)
