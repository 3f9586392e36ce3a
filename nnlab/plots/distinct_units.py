"""Hidden units over time: how many of them really differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nnlab.analysis import signals
from nnlab.plots import style
from nnlab.plots.look import Look, clock, only, rows_to_draw, some
from nnlab.reference import forward
from nnlab.run import Run

_MOST_PATTERNS = 16  # that units are compared on
_MOST_NUMBERS = 250_000  # differences at a time: a millisecond or two


def distinct_units(
    axes: Axes, run: Run, look: Look = Look(), artists: Sequence[Line2D] | None = None
) -> list[Line2D]:
    """Number of hidden units that differ from one another, over time, one line a hidden layer.

    Units count as one if their answers differ by at most ``signals.ALIKE`` on every pattern.

    Raises:
        ValueError: if the network has no hidden layer.
    """
    hidden = run.experiment.layers[1:-1]
    if not hidden:
        raise ValueError(f"distinct units need a hidden layer; got layers {run.experiment.layers}")
    if artists is None:
        style.label(axes, "distinct hidden units", y="units")
        axes.set_ylim(0.0, 1.06 * max(hidden))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        widths = np.linspace(4.0, 1.5, len(hidden))  # equal counts lie on one another
        artists = [
            axes.plot([], [], color=style.unit_colour(k), lw=width, label=f"layer {k + 1}")[0]
            for k, width in enumerate(widths)
        ]
        if len(hidden) > 1:
            axes.legend(fontsize=8, frameon=False, loc="lower right")
    rows = _rows(run, look)
    times = clock(run, look)[rows]
    for line, counts in zip(artists, _counts(run, rows), strict=True):
        line.set_data(times, counts)
    return list(artists)


def _rows(run: Run, look: Look) -> np.ndarray:
    """Rows to draw, fewer where layers are wide, with the first and the last."""
    rows = rows_to_draw(run.history, look)
    differences = len(_patterns(run)) * sum(units**2 for units in run.experiment.layers[1:-1])
    most = max(8, _MOST_NUMBERS // differences)
    return rows[some(len(rows), most)]


def _patterns(run: Run) -> np.ndarray:
    """Patterns to compare units on, evenly spaced; fewer where layers are wide."""
    count = len(run.experiment.data)
    most = _MOST_PATTERNS if max(run.experiment.layers[1:-1]) <= 32 else _MOST_PATTERNS // 2
    return some(count, most)


def _counts(run: Run, rows: np.ndarray) -> list[np.ndarray]:
    """Distinct units of each hidden layer at each of these rows; NaN where answers overflow."""
    experiment, history = run.experiment, only(run.history, rows)
    inputs = experiment.data.inputs[_patterns(run)]
    with np.errstate(all="ignore"):
        layers = forward(experiment, history.parameters, inputs)[1:-1]
        counts = [signals.distinct(layer) for layer in layers]
    finite = [np.isfinite(layer).all(axis=(-1, -2)) for layer in layers]
    return [np.where(*each, np.nan) for each in zip(finite, counts, strict=True)]
