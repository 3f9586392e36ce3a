"""Charts of many runs: updates against a hyperparameter, bands over seeds, maps, bars and dots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from nnlab.plots import style
from nnlab.plots.marks import plain_log_ticks, tag

# --- lines and bands ----------------------------------------------------------------------------


def rates(axes: Axes, learning_rates: ArrayLike, updates: ArrayLike, **line: Any) -> list[Line2D]:
    """Updates until converged against the learning rate, log–log, as the article draws them."""
    style.label(axes, "updates until learned", x="learning rate", y="updates")
    line = {"marker": "o", "ms": 4, "lw": 0, "color": style.themed(axes, style.INK)} | line
    return axes.loglog(learning_rates, updates, **line)


def band(
    axes: Axes,
    x: ArrayLike,
    samples: np.ndarray,
    colour: str,
    label: str,
    missed: float | None = None,
) -> list[Artist]:
    """Median of many seeds as a line, their 10th to 90th percentile as a band around it.

    Args:
        axes: where to draw, both scales already set or left linear.
        x: (n,) positions.
        samples: (n, seeds), infinity where a seed did not converge: a median, NumPy's, exists as
            long as more than half of the seeds converge, the band's edge as long as nine of ten do.
        colour: of line and band.
        label: in the legend.
        missed: the height, such as the budget, at which crosses stand where no median exists.
    """
    low, middle, high = _percentiles(samples)
    (line,) = axes.plot(x, middle, "o-", color=colour, ms=4, lw=1.5, label=label)
    if missed is not None:
        without = np.asarray(x)[~np.isfinite(middle)]
        axes.plot(without, np.full(len(without), missed), "x", color=colour, ms=7, mew=1.8)
    return [line, axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0)]


def spread(axes: Axes, names: Sequence[str], samples: np.ndarray, colour: str) -> None:
    """Updates of many seeds, a row a name: median as a dot, 10th to 90th percentile as a bar.

    Args:
        axes: where to draw, its x axis becomes logarithmic.
        names: (rows,) from the top; the share of seeds that learned is written beside each.
        samples: (rows, seeds), infinity where a seed did not converge. A bar without an end
            on the right means that more than a tenth of the seeds didn't.
        colour: of dots and bars.
    """
    low, middle, high = _percentiles(samples)
    rows = np.arange(len(names))
    edge = 2.0 * np.max(samples, where=np.isfinite(samples), initial=1.0)
    axes.hlines(rows, low, np.where(np.isfinite(high), high, edge), color=colour, lw=5, alpha=0.3)
    axes.plot(middle, rows, "o", color=colour, ms=8)
    solved = np.isfinite(samples).mean(axis=1)
    labels = [f"{name}  {100 * share:.0f} %" for name, share in zip(names, solved, strict=True)]
    axes.set(xscale="log", xlim=(None, edge))
    _name_rows(axes, labels)


def interval(
    axes: Axes,
    place: float,
    found: tuple[float, float, float],
    colour: str,
    along: str = "y",
    **dot: Any,
) -> None:
    """An estimate as a dot, its interval as a bar through it.

    Args:
        axes: where to draw.
        place: where, on the other axis than the interval's.
        found: the estimate, then the lower and the upper end, as of ``analysis.intervals``.
        colour: of dot and bar.
        along: the axis that the interval lies along, "x" or "y".
        dot: passed on to ``Axes.plot`` for the dot.
    """
    middle, low, high = found
    bar, point = ([place, place], [low, high]), (place, middle)
    if along == "x":
        bar, point = bar[::-1], point[::-1]
    look: dict[str, Any] = {"marker": "o", "color": colour, "ms": 8} | dot
    axes.plot(*bar, color=colour, lw=4, alpha=0.35)
    axes.plot(*point, **look)


def bars(
    axes: Axes,
    values: Mapping[Any, float],
    number: str = "%.0f",
    colour: str = style.CHOICES[0],
) -> None:
    """Draw one horizontal bar a name, the first on top, its number at its end.

    On a logarithmic axis, where a bar's length says nothing, it is a dot.

    Args:
        axes: where to draw; called for the second of two axes that share y, names stay.
        values: by name; underscores in names become spaces.
        number: how numbers are written, as for ``%`` or, with braces, as for ``format``.
        colour: of all bars.
    """
    names = [str(name).replace("_", " ") for name in values]
    sizes = list(values.values())
    if axes.get_xscale() == "log":
        axes.plot(sizes, range(len(names)), "o", color=colour, ms=7)
        for row, size in enumerate(sizes):
            tag(axes, _written(number, size), (size, row), style.INK, (7, 0), va="center")
        axes.margins(x=0.15)
    else:
        drawn = axes.barh(range(len(names)), sizes, color=colour)
        axes.bar_label(drawn, fmt=number, padding=3, fontsize=9)
    _name_rows(axes, names)
    axes.grid(False, axis="y")


def _written(number: str, size: float) -> str:
    return number.format(size) if "{" in number else number % size


def _percentiles(samples: np.ndarray) -> list[np.ndarray]:
    """10th, 50th and 90th percentile over the last axis, NaN where infinite.

    The outer two by nearest rank, as between a number and infinity there is none.
    """
    samples = np.asarray(samples, dtype=float)
    low, high = np.percentile(samples, (10, 90), axis=-1, method="nearest")
    every = low, np.median(samples, axis=-1), high
    return [np.where(np.isfinite(each), each, np.nan) for each in every]


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)


# --- maps ---------------------------------------------------------------------------------------


def outcome_map(
    axes: Axes,
    x: ArrayLike,
    y: ArrayLike,
    updates: np.ndarray,
    *,
    xscale: str = "log",
    yscale: str = "log",
    **mesh: Any,
) -> QuadMesh:
    """Updates until learned over two axes, as colour; grey where it was not learned.

    Args:
        axes: where to draw.
        x: (columns,) values along x, rising.
        y: (rows,) values along y, rising.
        updates: (rows, columns), infinity where a run did not converge.
        xscale: "log" or "linear"; cells meet half-way between values, on a logarithmic axis at
            their geometric mean.
        yscale: likewise; "linear" suits a momentum β.
        **mesh: passed on to ``pcolormesh``.
    """
    drawn = _cells(axes, _edges(x, xscale), _edges(y, yscale), updates, **mesh)
    axes.set(xscale=xscale, yscale=yscale)
    for axis, scale in ((axes.xaxis, xscale), (axes.yaxis, yscale)):
        if scale == "log":
            plain_log_ticks(axis)
    return drawn


def outcome_rows(
    axes: Axes, x: ArrayLike, names: Sequence[str], updates: np.ndarray, **mesh: Any
) -> QuadMesh:
    """Updates until learned as colour, a row a name; grey where it was not learned.

    Args:
        axes: where to draw.
        x: (columns,) positive values along the logarithmic axis, rising.
        names: (rows,) from the top.
        updates: (rows, columns), infinity where a run did not converge.
        **mesh: passed on to ``pcolormesh``.
    """
    edges = np.arange(len(names) + 1) - 0.5
    drawn = _cells(axes, _edges(x, "log"), edges, updates, **{"norm": LogNorm()} | mesh)
    axes.set(xscale="log")
    _name_rows(axes, names)
    return drawn


def heat_map(
    axes: Axes,
    columns: Sequence[Any],
    rows: Sequence[Any],
    values: np.ndarray,
    *,
    write: Callable[[float], str] = "{:.0%}".format,
    **mesh: Any,
) -> QuadMesh:
    """Draw a table as colours, each cell with its number; cells that hold none are grey.

    Args:
        axes: where to draw.
        columns: labels along x.
        rows: labels along y, from the bottom.
        values: (rows, columns), NaN or infinity where a cell has no number.
        write: how a number is written.
        **mesh: passed on to ``pcolormesh``: ``vmin`` and ``vmax``, or ``norm``, or ``cmap``.

    Raises:
        ValueError: if ``values`` has another shape than rows by columns.
    """
    values = np.asarray(values, dtype=float)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(
            f"values must have {len(rows)} rows and {len(columns)} columns; got {values.shape}"
        )
    x, y = (np.arange(len(labels) + 1.0) for labels in (columns, rows))
    drawn = _cells(axes, x, y, values, **{"cmap": "viridis", "edgecolors": "white"} | mesh)
    axes.tick_params(length=0)
    for axis, labels in ((axes.xaxis, columns), (axes.yaxis, rows)):
        axis.set_ticks(np.arange(len(labels)) + 0.5, [str(each) for each in labels])
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8, "parse_math": False}
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        ink = style.text_on(drawn.cmap(drawn.norm(values[row, column])))
        axes.text(column + 0.5, row + 0.5, write(values[row, column]), color=ink, **look)
    return drawn


def _cells(
    axes: Axes, x_edges: np.ndarray, y_edges: np.ndarray, values: np.ndarray, **mesh: Any
) -> QuadMesh:
    """Draw values as cells between edges, all of them in sight; grey where one is not finite."""
    known = np.ma.masked_invalid(np.asarray(values, dtype=float))
    look: dict[str, Any] = {"cmap": "viridis_r", "rasterized": True} | mesh
    drawn = axes.pcolormesh(x_edges, y_edges, known, **look)
    axes.set(xlim=x_edges[[0, -1]], ylim=y_edges[[0, -1]])
    axes.set_facecolor(style.themed(axes, style.MISSING))
    axes.grid(False)
    return drawn


def _edges(values: ArrayLike, scale: str) -> np.ndarray:
    """Edges of the cells around values: half-way between them as the axis has it."""
    middles = np.asarray(values, dtype=float)
    if scale == "log":
        return np.exp(_edges(np.log(middles), "linear"))
    if len(middles) < 2:
        return np.array([middles[0] - 0.5, middles[0] + 0.5])
    between = (middles[:-1] + middles[1:]) / 2.0
    first, last = middles[0] - (between[0] - middles[0]), middles[-1] * 2.0 - between[-1]
    return np.r_[first, between, last]
