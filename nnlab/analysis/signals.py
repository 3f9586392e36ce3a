"""Inside a network: what each layer passes on and gets back, and which hidden units are alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.reference import backward, forward, receive, through_activation
from nnlab.rules.elementary import total
from nnlab.rules.losses import loss_for

ALIKE = 0.01  # two units whose answers differ by no more than that, on any pattern, count as one


def sums(experiment: Experiment, parameters: list[np.ndarray]) -> list[np.ndarray]:
    """Return the sums that each layer's activation receives, (patterns, units) a layer.

    Args:
        experiment: whose network it is; its data's patterns are presented.
        parameters: as ``Experiment.initial_parameters`` gives them.
    """
    layers = forward(experiment, parameters, experiment.data.inputs)
    return [
        receive(experiment, parameters, number, below, training=False)[0]
        for number, below in enumerate(layers[:-1])
    ]


def deltas(
    experiment: Experiment,
    parameters: list[np.ndarray],
    patterns: Sequence[int] | np.ndarray | slice = slice(None),
) -> list[np.ndarray]:
    """Return the slope of each pattern's loss in each sum, (patterns, units) a layer.

    Args:
        experiment: whose network it is; its data's patterns are presented.
        parameters: as ``Experiment.initial_parameters`` gives them.
        patterns: the numbers of those wanted, all by default.

    Raises:
        ValueError: with batch, layer or RMS norm, which stand between a sum and its activation.
    """
    if experiment.parameter_shapes != experiment.weight_shapes:
        raise ValueError(f"deltas need no normalization; got {experiment.normalization!r}")
    layers = forward(experiment, parameters, experiment.data.inputs[patterns])
    loss, found = loss_for(experiment.loss, experiment.output), []
    upstream = loss.slope(layers[-1], experiment.data.targets[patterns])
    for number in range(len(parameters) - 1, -1, -1):
        received = receive(experiment, parameters, number, layers[number], training=False)[0]
        found.append(through_activation(experiment, number, upstream, received, layers[number + 1]))
        upstream = total(found[-1][:, np.newaxis] * parameters[number][:-1], axis=-1)[..., 0]
    return found[::-1]


def distinct(answers: np.ndarray, tolerance: float = ALIKE) -> np.ndarray:
    """Return how many units are left if those that answer alike count as one.

    Args:
        answers: (..., patterns, units), what each unit passes on for each pattern.
        tolerance: a unit is counted if, on some pattern, it differs by more than this from every
            unit before it.
    """
    apart = np.abs(answers[..., :, np.newaxis] - answers[..., np.newaxis, :]).max(axis=-3)
    has_a_twin_before_it = np.tril(apart <= tolerance, k=-1).any(axis=-1)
    return (~has_a_twin_before_it).sum(axis=-1)


def gap(history: History, first: int, second: int, layer: int = 0) -> np.ndarray:
    """Return how far two hidden units are apart at each row: the length of their difference.

    Args:
        history: of a run.
        first: a unit of the hidden layer, from 0.
        second: another one.
        layer: which hidden layer, from 0; the units' incoming and outgoing weights count.
    """
    incoming, outgoing = history.weights[layer], history.weights[layer + 1]
    into = incoming[:, :, first] - incoming[:, :, second]
    out_of = outgoing[:, first, :] - outgoing[:, second, :]
    return np.hypot(np.linalg.norm(into, axis=1), np.linalg.norm(out_of, axis=1))


def through_layers(experiment: Experiment, seeds: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return what is left of the signal in each layer before learning, forward and back.

    Args:
        experiment: a network of several hidden layers, without normalization.
        seeds: of the starts, whose medians are returned.

    Returns:
        The spread of the answers over the patterns, mean over a layer's units, (hidden layers,);
        and the length of the gradient of the weights, biases left out, into each hidden layer from
        the second on and into the outputs.
    """
    data, spreads, lengths = experiment.data, [], []
    for seed in seeds:
        weights = experiment.replace(init_seed=seed).initial_weights()
        layers = forward(experiment, weights, data.inputs)
        slopes = backward(experiment, weights, layers, data.targets)
        spreads.append([layer.std(axis=0).mean() for layer in layers[1:-1]])
        lengths.append([np.linalg.norm(slope[:-1]) for slope in slopes[1:]])
    return np.median(spreads, axis=0), np.median(lengths, axis=0)
