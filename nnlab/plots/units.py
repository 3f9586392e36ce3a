"""Hidden units over time: how many of them really differ, and which share is too flat to learn."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from nnlab.analysis import saturation as at_work
from nnlab.analysis import signals
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.plots import style
from nnlab.plots.view import Look, clock, follow, of_all, rows_to_draw, some, view
from nnlab.reference import forward
from nnlab.run import Run

_COMPARED_PATTERNS = 16  # that units are compared on
_COMPARED_UNITS = 128  # of a layer
_DIFFERENCES = 250_000  # at a time: a millisecond or two
_FLAT_PATTERNS = 64  # more, at each moment, would take too long
_FLAT_SUMS = 40_000  # computed for a line over time


def _count_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    hidden = experiment.layers[1:-1]
    if not hidden:
        raise ValueError(f"distinct units need a hidden layer; got layers {experiment.layers}")
    widest = max(hidden)
    part = of_all(min(widest, _COMPARED_UNITS), widest, "units")
    style.label(axes, "distinct hidden units" + part, y="units")
    axes.set_ylim(0.0, 1.06 * min(widest, _COMPARED_UNITS))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    widths = np.linspace(4.0, 1.5, len(hidden))  # equal counts lie on one another
    lines = [
        axes.plot([], [], color=style.choice_colour(k), lw=width, label=f"layer {k + 1}")[0]
        for k, width in enumerate(widths)
    ]
    if len(hidden) > 1:
        axes.legend(fontsize=8, frameon=False, loc="lower right")
    return lines


@view(_count_lines)
def distinct_units(axes: Axes, run: Run, look: Look, lines: list[Line2D]) -> None:
    """Number of hidden units that differ from one another, over time, one line a hidden layer.

    Units count as one if their answers differ by at most ``signals.ALIKE`` on every pattern, of
    which 16 are looked at, and up to 128 units of a layer.

    Raises:
        ValueError: if the network has no hidden layer.
    """
    patterns, rows = _compared(run, look)
    shown, inputs = run.history.at(rows), run.experiment.data.inputs[patterns]
    counts = []
    with np.errstate(all="ignore"):
        for layer in forward(run.experiment, shown.parameters, inputs)[1:-1]:
            some_units = layer[..., some(layer.shape[-1], _COMPARED_UNITS)]
            finite = np.isfinite(some_units).all(axis=(-1, -2))
            counts.append(np.where(finite, signals.distinct(some_units), np.nan))
    follow(lines, clock(run, look)[rows], counts)


def _compared(run: Run, look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Patterns and rows to compare units on, evenly spaced; fewer where layers are wide."""
    hidden = np.minimum(run.experiment.layers[1:-1], _COMPARED_UNITS)
    most = _COMPARED_PATTERNS if max(hidden) <= 32 else _COMPARED_PATTERNS // 2
    patterns = some(len(run.experiment.data), most)
    differences = len(patterns) * int((hidden**2).sum())
    return patterns, _few(rows_to_draw(run.history, look), max(8, _DIFFERENCES // differences))


def _few(rows: np.ndarray, at_most: int) -> np.ndarray:
    return rows[some(len(rows), at_most)]


def _share_lines(axes: Axes, experiment: Experiment) -> list[Line2D]:
    hidden = len(experiment.layers) - 2
    style.label(axes, "share that is flat", y="share")
    axes.set(ylim=(-0.03, 1.4), yticks=np.linspace(0, 1, 6))  # the legend stands above 1
    dashes = ("-", "--", ":", "-.")
    lines = []
    for layer in range(hidden):
        name = "pairs of unit and pattern" + (f", layer {layer + 1}" if hidden > 1 else "")
        lines += axes.plot([], [], color=style.INK, lw=1.6, ls=dashes[layer % 4], label=name)
    lines += axes.plot([], [], color=style.CHOICES[1], lw=1.6, label="units flat for all patterns")
    columns = 1 if hidden < 2 else 2
    axes.legend(handles=lines, fontsize=8, frameon=False, loc="upper left", ncols=columns)
    return lines


@view(_share_lines)
def saturation(axes: Axes, run: Run, look: Look, lines: list[Line2D]) -> None:
    """Share of (unit, pattern) pairs where the activation is flat, over time, a line a layer.

    One more line is the share of hidden units that are flat for every pattern: nothing, or next
    to nothing, can teach them any more.
    """
    patterns = some(len(run.experiment.data), _FLAT_PATTERNS)
    sums = len(patterns) * sum(run.experiment.layers[1:-1])
    rows = _few(rows_to_draw(run.history, look), max(20, _FLAT_SUMS // max(sums, 1)))
    pairs, whole = flat_shares(run.history, rows, patterns)
    follow(lines, clock(run, look)[rows], [*pairs, whole])


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
