"""Logarithmic axes with a tick at every value that was tried, and at no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axis import XAxis, YAxis


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
