"""Charts of many runs: updates against a hyperparameter, bands over seeds, maps of outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from nnlab.plots import style
from nnlab.plots.ticks import plain_log_ticks


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
        plain_log_ticks(axis)
    return mesh


def _percentile(samples: np.ndarray, percent: float) -> np.ndarray:
    """Percentile over the last axis by nearest rank, NaN where it is infinite."""
    ranks = np.percentile(samples, percent, axis=-1, method="nearest")
    return np.where(np.isfinite(ranks), ranks, np.nan)
