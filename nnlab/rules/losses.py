"""Losses: what learning brings down, summed over outputs and averaged over patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnlab.rules.elementary import log, select


@dataclass(frozen=True)
class Loss:
    """One loss.

    Args:
        name: how an experiment calls it.
        function: ``function(y, t)`` of outputs and their targets.
        slope: ``slope(y, t)``, in the output y or, where ``in_sum``, in the sum that y is made of.
        in_sum: whether the output's own slope is in ``slope`` already.
        formula: in TeX.
    """

    name: str
    function: Callable
    slope: Callable
    in_sum: bool
    formula: str


def squared_error(y, t):
    """Half the squared distance, so that its slope is the distance itself."""
    return 0.5 * (y - t) * (y - t)


def binary_cross_entropy(y, t):
    """Surprise of a yes-or-no target given its probability y: cross-entropy of a sigmoid output.

    Logarithms end at -100, as in PyTorch's BCELoss.
    """
    return -t * _surely(log(y)) - (1.0 - t) * _surely(log(1.0 - y))


def categorical_cross_entropy(y, t):
    """Surprise of a class given its probability: cross-entropy of a softmax output."""
    return -t * _surely(log(y))


def _surely(logarithm):
    return select(logarithm < -100.0, -100.0, logarithm)


def distance(y, t):
    """Slope of half the squared distance in y, and of either cross-entropy in its output's sum.

    There the slope of sigmoid or softmax cancels the loss's own denominator, so that a unit which
    is wrong and saturated still learns, and nothing is divided by 0.
    """
    return y - t


LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        Loss("squared_error", squared_error, distance, False, r"\frac{1}{2} \sum (y - t)^2"),
        Loss(
            "cross_entropy",
            binary_cross_entropy,
            distance,
            True,
            r"-\sum t \log y + (1 - t) \log(1 - y)",
        ),
    )
}
CATEGORICAL = Loss("cross_entropy", categorical_cross_entropy, distance, True, r"-\sum t \log y")


def loss_for(name: str, output: str) -> Loss:
    """Return the loss of that name; cross-entropy has one form for softmax, one for sigmoid."""
    return CATEGORICAL if (name, output) == ("cross_entropy", "softmax") else LOSSES[name]
