"""Maps over two lists of values, a number in every cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from nnlab.plots import style


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
    drawn = axes.pcolormesh(
        np.ma.masked_invalid(values), **{"cmap": "viridis", "edgecolors": "white"} | mesh
    )
    axes.set_facecolor("#DDDDDD")
    axes.grid(False)
    axes.tick_params(length=0)
    axes.set_xticks(np.arange(len(columns)) + 0.5, [str(label) for label in columns])
    axes.set_yticks(np.arange(len(rows)) + 0.5, [str(label) for label in rows])
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        red, green, blue, _ = drawn.cmap(drawn.norm(values[row, column]))
        bright = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5
        axes.text(
            column + 0.5,
            row + 0.5,
            write(values[row, column]),
            ha="center",
            va="center",
            fontsize=8,
            color=style.INK if bright else "white",
        )
    return drawn
