"""Gradient noise: what each pattern and each mini-batch wants, around what all want together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from nnlab.analysis import landscape, noise
from nnlab.experiment import Experiment
from nnlab.plots import style
from nnlab.plots.view import Look, some, view
from nnlab.run import Run

_ARROWS = 32  # patterns drawn at the most; of larger sets, so many evenly spread ones stand for all
_DOTS = 64  # batches drawn at the most
_ARROW: dict[str, Any] = {
    **{"angles": "xy", "scale_units": "xy", "scale": 1.0},  # in units of the axes
    **{"width": 0.006, "headwidth": 4, "headlength": 5, "headaxislength": 4.5},
}


@view(lambda axes, experiment: _draw(axes, experiment, _chosen(experiment)))
def gradient_noise(axes: Axes, run: Run, look: Look, artists: Sequence[Any]) -> None:
    """Gradients at a moment: arrows of single patterns, rings of batches, the thick line of all.

    They are seen in the plane of ``noise.plane``: to the right is the full gradient, upwards the
    direction across it in which patterns differ most. The longest pattern's gradient has length
    1. The batches are those of an epoch; with ``shuffle``, all that can occur or a random sample.
    Of more than 32 patterns 32 stand for all, and batches are drawn from them with repetition.

    Raises:
        ValueError: with batch norm, where a pattern alone has no gradient.
    """
    experiment = run.experiment
    chosen = _chosen(experiment)
    gradients = _gradients(experiment, run.history.flat_weights[look.row], chosen)
    tips = gradients @ noise.plane(gradients).T
    arrows, dots, full = artists
    arrows.set_UVC(*tips.T)
    dots.set_data(*(_shares(experiment, len(chosen)) @ tips).T)
    full.set_data(*([0.0, end] for end in tips.mean(axis=0)))


def _chosen(experiment: Experiment) -> np.ndarray:
    patterns = len(experiment.data)
    return some(patterns, _ARROWS)


def _gradients(experiment: Experiment, flat: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Gradients in units of the longest; of a diverged network, those that are finite."""
    with np.errstate(all="ignore"):
        gradients = landscape.pattern_gradients(experiment, flat, chosen)
        gradients = np.where(np.isfinite(gradients), gradients, 0.0)
        gradients = gradients / (np.abs(gradients).max() or 1.0)  # a square may overflow
        return gradients / (np.linalg.norm(gradients, axis=1).max() or 1.0)


def _shares(experiment: Experiment, patterns: int) -> np.ndarray:
    """What each of the drawn patterns weighs in each batch, (batches, patterns)."""
    size = experiment.patterns_per_update
    if size == len(experiment.data):
        return np.full((1, patterns), 1.0 / patterns)
    if patterns < len(experiment.data):
        counts = np.random.default_rng(0).multinomial(size, [1 / patterns] * patterns, _DOTS)
        return counts / size
    if not experiment.shuffle:
        batches = [range(first, min(first + size, patterns)) for first in range(0, patterns, size)]
        return _even(batches, patterns)
    if math.comb(patterns, size) <= _DOTS:
        return _even(list(itertools.combinations(range(patterns), size)), patterns)
    return noise.batch_shares(patterns, size, _DOTS)


def _even(batches: Sequence[Sequence[int]], patterns: int) -> np.ndarray:
    shares = np.zeros((len(batches), patterns))
    for row, batch in enumerate(batches):
        shares[row, list(batch)] = 1.0 / len(batch)
    return shares


def _draw(axes: Axes, experiment: Experiment, chosen: np.ndarray) -> list[Artist]:
    style.label(
        axes, "gradients: patterns, batches, all", x="along the full gradient", y="across it"
    )
    axes.update_datalim([(-1.3, -1.05), (1.3, 1.4)])
    axes.margins(0)
    axes.set_aspect("equal", adjustable="datalim")  # so that angles are seen as they are
    few = len(chosen) <= len(style.PATTERNS)
    colours: Any = style.BIAS
    if few:
        colours = [style.pattern_colour(experiment.data.number(row)) for row in chosen]
    start = np.zeros(len(chosen))
    arrows = axes.quiver(start, start, start, start, color=colours, **_ARROW)
    ring: dict[str, Any] = {"ls": "", "marker": "o", "ms": 6, "mfc": "none", "mec": style.INK}
    (dots,) = axes.plot([], [], **ring, zorder=3, label="one batch")
    (full,) = axes.plot(
        [], [], "o-", ms=5, lw=3, color=style.INK, markevery=[1], zorder=4, label="all patterns"
    )
    axes.legend(fontsize=8, frameon=False, loc="upper left", ncols=2)
    return [arrows, dots, full]
