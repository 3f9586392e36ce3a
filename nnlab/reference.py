"""The training loop in plain NumPy, short enough to read aloud.

The notebooks show this file and the compiled engine is tested against it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.activations import ACTIVATIONS
from nnlab.experiment import Experiment
from nnlab.losses import LOSSES
from nnlab.optimizers import OPTIMIZERS
from nnlab.ordering import first_state, shuffle


def train(experiment: Experiment) -> tuple[str, int, list[np.ndarray]]:
    """Train until every pattern of an epoch was within tolerance, or the budget is spent.

    Returns:
        The outcome ("converged", "diverged" or "out of updates"), the number of weight updates
        and the final weights.
    """
    data, rule = experiment.data, OPTIMIZERS[experiment.optimizer]
    weights = experiment.initial_weights()
    memories = [(0.0, 0.0, 0.0) for _ in weights]
    updates = 0
    with np.errstate(all="ignore"):  # a run that overflows is an outcome, not a warning
        for epoch in epochs(experiment):
            errors = np.empty(len(data))
            for batch in epoch:
                layers = forward(experiment, weights, data.inputs[batch])
                errors[batch] = ((layers[-1] - data.targets[batch]) ** 2).sum(axis=1)
                if not np.isfinite(errors[batch]).all():
                    return "diverged", updates, weights
                if updates == experiment.max_updates:
                    return "out of updates", updates, weights
                updates += 1
                gradients = backward(experiment, weights, layers, data.targets[batch])
                for number, gradient in enumerate(gradients):
                    step, memories[number] = rule.step(
                        gradient, memories[number], experiment.learning_rate, updates, ()
                    )
                    weights[number] = weights[number] - step
            if (errors < experiment.tolerance).all():
                return "converged", updates, weights
    raise AssertionError("epochs never end")


def forward(
    experiment: Experiment, weights: list[np.ndarray], inputs: np.ndarray
) -> list[np.ndarray]:
    """Return the activations of every layer, the inputs first: shape (..., patterns, units).

    ``weights`` may carry leading axes, for example one over the rows of a history.
    """
    layers = [inputs]
    for matrix, name in zip(weights, experiment.activations, strict=True):
        sums = layers[-1] @ matrix[..., :-1, :] + matrix[..., -1:, :]  # the last row is the bias
        layers.append(ACTIVATIONS[name].function(sums))
    return layers


def backward(
    experiment: Experiment, weights: list[np.ndarray], layers: list[np.ndarray], targets: np.ndarray
) -> list[np.ndarray]:
    """Return the gradient of the batch's mean loss, one array shaped like each layer's weights."""
    gradients = []
    upstream = LOSSES[experiment.loss].slope(layers[-1], targets) / len(targets)
    for number in reversed(range(len(weights))):
        below, above = layers[number], layers[number + 1]
        sums = below @ weights[number][:-1] + weights[number][-1]
        slope = ACTIVATIONS[experiment.activations[number]].slope(sums, above)
        delta = upstream * slope
        gradients.append(np.vstack([below.T @ delta, delta.sum(axis=0)]))
        upstream = delta @ weights[number][:-1].T
    return gradients[::-1]


def epochs(experiment: Experiment) -> Iterator[list[np.ndarray]]:
    """Yield epoch after epoch without end: each a list of batches of pattern numbers."""
    order = np.arange(len(experiment.data))
    state = first_state(experiment.order_seed)
    cuts = range(experiment.patterns_per_update, len(order), experiment.patterns_per_update)
    while True:
        if experiment.shuffle:
            state = shuffle(order, state)
        yield np.split(order, cuts)
