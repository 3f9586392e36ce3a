"""The shape of the loss around given weights: gradients of single patterns and curvature."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlab import checks
from nnlab.analysis.signals import deltas
from nnlab.experiment import Experiment
from nnlab.history import History, unflatten
from nnlab.reference import Arrays, backward, forward

_ROUNDING = 1e-12  # of losses around 0.1: no rise
_STEP = 1e-5  # of the central differences: error about 1e-10 for weights of size 1


def pattern_gradients(
    experiment: Experiment, flat: np.ndarray, patterns: Sequence[int] | np.ndarray | None = None
) -> np.ndarray:
    """Return the gradient of each pattern's loss at flat parameters, (patterns, parameters).

    Without dropout. ``patterns`` are the numbers of those wanted; None means all.

    Raises:
        ValueError: with batch norm, where a pattern alone has no gradient.
    """
    if experiment.normalization == "batch":
        raise ValueError("with normalization 'batch' a pattern alone has no gradient")
    chosen = np.arange(len(experiment.data)) if patterns is None else np.asarray(patterns)
    inputs, targets = experiment.data.inputs[chosen], experiment.data.targets[chosen]
    parameters = unflatten(experiment, flat)
    if experiment.normalization in ("layer", "rms"):
        return np.array(
            [
                _joined(_backward(experiment, parameters, inputs[[one]], targets[[one]]))
                for one in range(len(chosen))
            ]
        )
    below = forward(experiment, parameters, inputs)[:-1]
    parts = [
        np.column_stack([layer, np.ones(len(chosen))])[:, :, np.newaxis] * delta[:, np.newaxis]
        for layer, delta in zip(below, deltas(experiment, parameters, chosen), strict=True)
    ]  # the bias is an input of 1
    return np.concatenate([part.reshape(len(chosen), -1) for part in parts], axis=1)


def gradient(experiment: Experiment, flat: np.ndarray) -> np.ndarray:
    """Return the gradient of the loss summed over all patterns, shape (parameters,).

    Without dropout; batch norm takes all patterns as one batch, and no gradient moves its running
    statistics: theirs is 0.
    """
    data = experiment.data
    parts = _backward(experiment, unflatten(experiment, flat), data.inputs, data.targets)
    whole, trained = np.zeros(len(flat)), _joined(parts)
    whole[: len(trained)] = len(data) * trained
    return whole


def first_gradients(experiment: Experiment) -> Arrays:
    """Return the gradient that ``gradient`` gives before learning, one array a weight matrix."""
    start = np.concatenate([each.ravel() for each in experiment.initial_parameters()])
    return unflatten(experiment, gradient(experiment, start))[: len(experiment.layers) - 1]


def gradient_sizes(experiment: Experiment) -> np.ndarray:
    """Return the root mean square of each of the ``first_gradients``, next to the inputs first."""
    return np.array([np.sqrt(np.mean(part**2)) for part in first_gradients(experiment)])


def hessian(experiment: Experiment, flat: np.ndarray) -> np.ndarray:
    """Return the matrix of second derivatives of the summed loss, (parameters, parameters).

    Central differences of the exact gradient, made symmetric.
    """
    matrix = np.empty((len(flat), len(flat)))
    for column in range(len(flat)):
        nudge = np.zeros_like(flat)
        nudge[column] = _STEP
        ahead, behind = gradient(experiment, flat + nudge), gradient(experiment, flat - nudge)
        matrix[:, column] = (ahead - behind) / (2.0 * _STEP)
    return 0.5 * (matrix + matrix.T)


def sharpness(experiment: Experiment, flat: np.ndarray) -> float:
    """Return the largest curvature: the largest eigenvalue of the summed loss's Hessian.

    One epoch of small online updates moves the weights like one step of gradient descent on the
    summed loss. Such a step overshoots along the sharpest direction, and ends farther from
    its valley than it began, once the learning rate exceeds 2 / sharpness.
    """
    return float(np.linalg.eigvalsh(hessian(experiment, flat))[-1])


def sharpest(history: History, rows: int = 12) -> float:
    """Return the largest sharpness that a run has met, looked for at so many of its moments.

    They are evenly spread over the logarithm of its updates, for curvature changes most at the
    beginning; the start and the end are among them.

    Args:
        history: of the run.
        rows: how many moments, at least 2.
    """
    count = checks.whole_number("rows", rows, at_least=2)
    wanted = np.geomspace(1.0, 1.0 + history.updates[-1], count) - 1.0
    last = len(history.updates) - 1
    places = np.minimum(np.searchsorted(history.updates, wanted), last)
    return max(
        sharpness(history.experiment, history.flat_weights[place]) for place in np.unique(places)
    )


def first_rise(experiment: Experiment, rates: Sequence[float] | np.ndarray) -> float:
    """Return the least of some learning rates with which the loss ever rises; infinity if none.

    Looked for at every row of each run's history: exact where it keeps them all.

    Args:
        experiment: all its other fields hold; "full" batches, or the loss rises at any rate.
        rates: to be tried, rising.
    """
    for rate in rates:
        loss = experiment.replace(learning_rate=float(rate)).run().history.loss
        if not (np.diff(loss) <= _ROUNDING).all():  # NaN does not fall, either
            return float(rate)
    return np.inf


def _backward(
    experiment: Experiment, parameters: Arrays, inputs: np.ndarray, targets: np.ndarray
) -> Arrays:
    layers = forward(experiment, parameters, inputs, training=True)
    return backward(experiment, parameters, layers, targets)


def _joined(parts: Arrays) -> np.ndarray:
    return np.concatenate([part.ravel() for part in parts])
