"""Numbers on logarithmic axes."""

from __future__ import annotations

from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullLocator


def plain_log_ticks(axis: Axis) -> None:
    """Number a logarithmic axis 1, 2, 5, 10, … in plain digits, for axes of few decades."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_locator(NullLocator())
