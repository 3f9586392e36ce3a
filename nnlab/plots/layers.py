"""A network layer by layer at a moment: what the layers pass on, and the gradient that comes back.

Each layer is a histogram of its own height, the first on top. A grey outline is the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import LogLocator, NullLocator

from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.view import Look, some, view
from nnlab.reference import backward, forward
from nnlab.run import Run

_BINS = 42
_HEIGHT = 0.82  # of the highest bar, where layers are 1 apart
_MOST_PATTERNS = 48  # looked at, evenly spaced among all: more make the same histogram
_BOUNDED = {"sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "tanh": (-1.0, 1.0)}
_FAINTEST, _STRONGEST = 1e-12, 1e2  # gradients shown; what is beyond stands at the edge


def _draw_activations(axes: Axes, experiment: Experiment) -> list[Artist]:
    names = [f"layer {k}" for k in range(1, len(experiment.layers) - 1)] + ["output"]
    style.label(axes, "activations by layer; grey: the start", x="activation")
    axes.set_xlim(0.0, 1e-9)  # the first run sets it
    return _ridges(axes, names, style.CHOICES[0])


@view(_draw_activations)
def activations(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """What each layer passes on at a moment, all units and patterns: a histogram a layer.

    The axis holds the activation's range; where it has none it grows with the runs, to hold 99 % of
    what each layer passes on. What is beyond stands at the edge.
    """
    start, now = (_passed_on(run, row) for row in (0, look.row))
    _widen(axes, run, now)
    _move(artists, np.linspace(*axes.get_xlim(), _BINS + 1), start, now)


def _draw_gradients(axes: Axes, experiment: Experiment) -> list[Artist]:
    names = [f"W[{k}]" for k in range(len(experiment.layers) - 1)]
    style.label(axes, "gradients by layer; grey: the start", x="size of the gradient")
    axes.set(xscale="log", xlim=(_FAINTEST, _STRONGEST))
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_minor_locator(NullLocator())
    return _ridges(axes, names, style.CHOICES[2], medians=True)


@view(_draw_gradients)
def gradients(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Sizes of the gradient's components at a moment, a histogram a layer of weights.

    It is the gradient of the mean loss over the patterns, without dropout. Dots mark the medians;
    what is smaller than 1e-12, 0 included, stands at the left edge.
    """
    start, now = (_come_back(run, row) for row in (0, look.row))
    _move(artists, np.geomspace(_FAINTEST, _STRONGEST, _BINS + 1), start, now)


def _ridges(axes: Axes, names: list[str], colour: str, medians: bool = False) -> list[Artist]:
    """Make what moves: the start's outlines, the moment's histograms, perhaps their medians."""
    axes.set(ylim=(-0.12, len(names)))
    axes.set_yticks(range(len(names) - 1, -1, -1), names)
    axes.grid(False, axis="y")
    now: Any = PolyCollection([], facecolor=colour, edgecolor=colour, alpha=0.75, zorder=2)
    start: Any = PolyCollection([], facecolor="none", edgecolor=style.GHOST, lw=1.2, zorder=3)
    for each in (now, start):
        axes.add_collection(each, autolim=False)
    if not medians:
        return [start, now]
    return [start, now, *axes.plot([], [], "o-", color=style.INK, ms=4, lw=1, zorder=4)]


def _move(
    artists: Sequence[Any], edges: np.ndarray, start: list[np.ndarray], now: list[np.ndarray]
) -> None:
    outlines, filled, *medians = artists
    bases = np.arange(len(now))[::-1]
    for collection, layers in ((outlines, start), (filled, now)):
        collection.set_verts([_bars(*each, edges) for each in zip(bases, layers, strict=True)])
    for line in medians:
        middles = [np.median(layer) if layer.size else np.nan for layer in now]
        line.set_data(np.clip(middles, edges[0], edges[-1]), bases)


def _bars(base: float, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the outline of a histogram that stands at ``base``, its highest bar ``_HEIGHT``."""
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
    heights = base + _HEIGHT * counts / max(counts.max(), 1)
    return np.column_stack([edges.repeat(2), np.r_[base, heights.repeat(2), base]])


def _widen(axes: Axes, run: Run, layers: list[np.ndarray]) -> None:
    """Let the axis hold the activations' ranges, or nearly all; it grows, but never shrinks."""
    low, high = axes.get_xlim()
    for name, values in zip(run.experiment.activations, layers, strict=True):
        if name in _BOUNDED:
            ends = _BOUNDED[name]
        else:
            top = 10.0 if run.outcome == "diverged" else style.round_up(_nearly_all(values))
            ends = (-top if (values < -0.2 * top).any() else -0.2 * top, top)
        low, high = min(low, ends[0]), max(high, ends[1])
    if (low, high) != axes.get_xlim():
        axes.set_xlim(low, high)


def _nearly_all(values: np.ndarray) -> float:
    """Return the size that 99 % of these don't exceed: one large one would flatten the rest."""
    return float(np.percentile(np.abs(values), 99, method="lower")) if values.size else 1.0


def _shown(experiment: Experiment) -> np.ndarray:
    count = len(experiment.data)
    return some(count, _MOST_PATTERNS)


def _passed_on(run: Run, row: int) -> list[np.ndarray]:
    """Return the finite activations of each layer, flat."""
    parameters = [each[row] for each in run.history.parameters]
    with np.errstate(all="ignore"):
        inputs = run.experiment.data.inputs[_shown(run.experiment)]
        layers = forward(run.experiment, parameters, inputs)[1:]
    return [_finite(layer) for layer in layers]


def _come_back(run: Run, row: int) -> list[np.ndarray]:
    """Return the finite sizes of the gradient's components of each layer of weights, flat."""
    experiment, patterns = run.experiment, _shown(run.experiment)
    parameters = [each[row] for each in run.history.parameters]
    with np.errstate(all="ignore"):
        inputs, targets = experiment.data.inputs[patterns], experiment.data.targets[patterns]
        layers = forward(experiment, parameters, inputs, training=True)
        matrices = backward(experiment, parameters, layers, targets)
        return [_finite(np.abs(each)) for each in matrices[: len(experiment.weight_shapes)]]


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]
