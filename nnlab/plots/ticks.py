"""Ticks of logarithmic axes: at the values that were tried, or at 1, 2, 5, 10 and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.ticker import LogLocator, NullLocator


def log_ticks(
    axis: XAxis | YAxis, values: Sequence[float], labels: Sequence[Any] | None = None
) -> None:
    """Make an axis logarithmic, with ticks at these values only.

    Args:
        axis: as in ``axes.xaxis``.
        values: above 0.
        labels: one a value; None writes the values themselves.
    """
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    written = [f"{value:,g}" for value in values] if labels is None else map(str, labels)
    axis.set_ticks(list(values), list(written))
    axis.set_ticks([], minor=True)


def plain_log_ticks(axis: Axis) -> None:
    """Number a logarithmic axis 1, 2, 5, 10, … in plain digits, for axes of few decades."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_locator(NullLocator())
