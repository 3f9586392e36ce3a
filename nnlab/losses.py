"""Losses: what learning brings down, summed over outputs and averaged over patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """One loss: ``function(y, t)`` of an output and its target, and its ``slope(y, t)`` in y."""

    name: str
    function: Callable
    slope: Callable
    formula: str


def squared_error(y, t):
    """Half the squared distance, so that its slope is the distance itself."""
    return 0.5 * (y - t) * (y - t)


def squared_error_slope(y, t):
    """Slope of half the squared distance."""
    return y - t


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("squared_error", squared_error, squared_error_slope, r"\frac{1}{2} \sum (y - t)^2"),
    )
}
