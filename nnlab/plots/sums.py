"""What hidden units receive, before and after normalization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from nnlab.experiment import Experiment
from nnlab.history import unflatten
from nnlab.plots import style
from nnlab.plots.view import Look, of_all, view
from nnlab.reference import forward, receive, weighted_sums
from nnlab.run import Run

MAX_UNITS = 32  # more columns than that can't be told apart
_MOST_PATTERNS = 64
_REACH = 200.0  # what lies farther out is drawn at the edge
_STEEP: dict[Any, float] = {
    "sigmoid": 4.58,
    "tanh": 2.99,
}  # within, the slope is at least a hundredth
_BESIDE = 0.17  # of a column, from its middle to either kind of dots


@view(lambda axes, experiment: _draw_sums(axes, experiment))
def sums(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """The sum that each hidden unit receives from each pattern: as it is, and normalized.

    Grey dots are the sums of inputs times weights, coloured ones what the activation gets of them:
    the same without batch, layer or RMS norm. Normalized as in training, a batch at a time in the
    data's order. In a shaded band the activation's slope is above a hundredth.

    Args:
        axes: where to draw.
        run: of which the first ``MAX_UNITS`` hidden units and 64 patterns are drawn.
        look: at which moment.
        artists: the band, grey dots, dots in six colours.

    Raises:
        ValueError: if there is no hidden layer.
    """
    raw, received = hidden_sums(run, look)
    raw, received = (_on_axes(values[:_MOST_PATTERNS, :MAX_UNITS]) for values in (raw, received))
    places = _places(run.experiment)
    band, grey, *coloured = artists
    steep = _STEEP.get(run.experiment.activation, 0.0)
    band.set(y=-steep, height=2.0 * steep)
    grey.set_data(np.tile(places - _BESIDE, len(raw)), raw.ravel())
    for number, line in enumerate(coloured):
        own = received[number :: len(style.PATTERNS)]
        line.set_data(np.tile(places + _BESIDE, len(own)), own.ravel())


def hidden_sums(run: Run, look: Look = Look()) -> tuple[np.ndarray, np.ndarray]:
    """Return what hidden units receive at a moment: as it is, and as their activation gets it.

    Batch norm takes the batches of an epoch that is not shuffled, as many as hold 64 patterns.

    Returns:
        Two arrays of shape (patterns, hidden units), the first layer's units first.
    """
    parameters = unflatten(run.experiment, run.history.flat_weights[look.row])
    with np.errstate(all="ignore"):  # a diverged run's weights are no numbers any more
        parts = [_sums_of(run.experiment, parameters, some) for some in _batches(run.experiment)]
    raw, received = zip(*parts, strict=True)
    return np.concatenate(raw), np.concatenate(received)


def _batches(experiment: Experiment) -> Iterator[np.ndarray]:
    """Inputs as (batches, patterns, n_in): the whole batches, then what is left over."""
    inputs, size = experiment.data.inputs, experiment.patterns_per_update
    if experiment.normalization != "batch":
        yield inputs[np.newaxis, :_MOST_PATTERNS]
        return
    whole = max(1, min(len(inputs), _MOST_PATTERNS) // size) * size
    yield inputs[:whole].reshape(-1, size, inputs.shape[1])
    if whole < min(len(inputs), _MOST_PATTERNS):
        yield inputs[np.newaxis, whole : whole + size]


def _sums_of(
    experiment: Experiment, parameters: list[np.ndarray], inputs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    layers = forward(experiment, parameters, inputs, training=True)
    raw, received = [], []
    for number in range(len(experiment.layers) - 2):
        below, matrix = layers[number], parameters[number]
        raw.append(weighted_sums(below, matrix))
        received.append(receive(experiment, parameters, number, below, training=True)[0])
    return _joined(raw), _joined(received)


def _joined(layers: list[np.ndarray]) -> np.ndarray:
    whole = np.concatenate(layers, axis=-1)
    return whole.reshape(-1, whole.shape[-1])


def _on_axes(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), np.clip(values, -_REACH, _REACH), np.nan)


def _places(experiment: Experiment) -> np.ndarray:
    """Column of each hidden unit, with a gap between layers."""
    hidden = experiment.layers[1:-1]
    gaps = np.repeat(np.arange(len(hidden)), hidden)
    return (np.arange(1, sum(hidden) + 1) + gaps)[:MAX_UNITS].astype(float)


def _draw_sums(axes: Axes, experiment: Experiment) -> list[Rectangle | Line2D]:
    hidden = sum(experiment.layers[1:-1])
    if not hidden:
        raise ValueError(
            f"sums needs a hidden layer; got a network of layers {experiment.layers!r}"
        )
    title = "sums into hidden units" + of_all(min(hidden, MAX_UNITS), hidden, "units")
    style.label(axes, title, x="hidden units, layer by layer", y="sum")
    places = _places(experiment)
    axes.set_yscale("symlog", linthresh=2.0, linscale=1.0)
    axes.set(ylim=(-_REACH, _REACH), xlim=(0, places[-1] + 1), xticks=[])
    axes.set_yticks([-100, -10, -1, 0, 1, 10, 100])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    band = axes.axhspan(0.0, 0.0, color=style.GHOST, alpha=0.2, lw=0)
    dots: dict[str, Any] = {"ls": "", "marker": "o"}
    lines = axes.plot([], [], color=style.GHOST, ms=4, label="sum", **dots)
    for pattern in range(min(len(experiment.data), len(style.PATTERNS))):
        label = "normalized" if pattern == 0 else "_"
        colour = style.pattern_colour(experiment.data.number(pattern))
        lines += axes.plot([], [], color=colour, ms=4.5, label=label, **dots)
    axes.legend(fontsize=8, frameon=False, ncols=2, loc="upper right")
    return [band, *lines]
