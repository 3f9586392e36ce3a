"""Hidden units at work: the sums they receive, and where their activation is too flat to learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.diagnosis import SATURATED
from nnlab.history import History, unflatten
from nnlab.reference import receive
from nnlab.rules.activations import Activation, activation_of

# Of the steepest slope. A sigmoid or tanh unit within 1 % of its range's end has less than this.
FLAT = 4.0 * SATURATED * (1.0 - SATURATED)
_STEEPEST: dict[str | Activation, float] = {
    "sigmoid": 0.25
}  # all others reach a slope of 1; GELU and SiLU a little more


def sums(history: History, rows: Any = slice(None), patterns: Any = slice(None)) -> list:
    """Return what every hidden unit receives before its activation.

    Args:
        history: of a run.
        rows: which of its rows, as an index of NumPy; one number means one row.
        patterns: which patterns, likewise.

    Returns:
        One array of shape (rows, patterns, units) a hidden layer; (patterns, units) for one row.
        As when the network is used: without dropout, batch norm by its running statistics.
    """
    experiment = history.experiment
    parameters = unflatten(experiment, history.flat_weights[rows])
    inputs = experiment.data.inputs[patterns]
    below = experiment.data.standardize(inputs) if experiment.standardizes else inputs
    received = []
    with np.errstate(all="ignore"):  # weights of a diverged run
        for layer in range(len(experiment.layers) - 2):
            received.append(receive(experiment, parameters, layer, below, training=False)[0])
            below = activation_of(experiment.activation).function(received[-1])
    return received


def slopes(history: History, rows: Any = slice(None), patterns: Any = slice(None)) -> list:
    """Return the slope of every hidden unit's activation; arguments and shapes as ``sums``."""
    activation = activation_of(history.experiment.activation)
    with np.errstate(all="ignore"):
        received = sums(history, rows, patterns)
        return [activation.slope(each, activation.function(each)) for each in received]


def flat(history: History, rows: Any = slice(None), patterns: Any = slice(None)) -> list:
    """Return where a unit is flat for a pattern: its slope is below 4 % of the steepest.

    That is saturation of a sigmoid or tanh within 1 % of its range's end, and a ReLU that is off.
    Arguments and shapes as ``sums``.
    """
    return [
        is_flat(history.experiment.activation, each) for each in slopes(history, rows, patterns)
    ]


def dead(history: History, rows: Any = slice(None)) -> list:
    """Return which units have slope 0 for every pattern: no gradient reaches their weights.

    Returns:
        One array of shape (rows, units) a hidden layer; (units,) for one row.
    """
    return [(each == 0.0).all(axis=-2) for each in slopes(history, rows)]


def risen(history: History) -> list:
    """Return which units were dead at a row and alive at a later one, (units,) a hidden layer."""
    return [(each[:-1] & ~each[1:]).any(axis=0) for each in dead(history)]


def is_flat(name: str | Activation, slope: np.ndarray) -> np.ndarray:
    """Return where slopes of the activation of that name are flat; a slope that is NaN is."""
    return ~(np.abs(slope) >= FLAT * _STEEPEST.get(name, 1.0))
