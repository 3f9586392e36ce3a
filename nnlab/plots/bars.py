"""Few numbers side by side: one horizontal bar a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from nnlab.plots import style


def bars(
    axes: Axes,
    values: Mapping[Any, float],
    number: str = "%.0f",
    colour: str = style.UNITS[0],
) -> None:
    """Draw one horizontal bar a name, the first on top, its number at its end.

    Args:
        axes: where to draw; called for the second of two axes that share y, names stay.
        values: by name; underscores in names become spaces.
        number: how numbers are written, as for ``%``.
        colour: of all bars.
    """
    names = [str(name).replace("_", " ") for name in values]
    drawn = axes.barh(names, list(values.values()), color=colour)
    axes.bar_label(drawn, fmt=number, padding=3, fontsize=9)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(False, axis="y")
