"""Online learning in many orders of the patterns at once, and two ways to meddle with one pattern.

What a pattern learns depends on who came before it. To find out why, change nothing but what one
pattern hears (``listen``) or how strongly it pulls (``pull``), and see which orders still learn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.reference import Arrays
from nnlab.rules.activations import activation_of
from nnlab.rules.elementary import total
from nnlab.rules.losses import loss_for

__all__ = ["train"]


def train(
    experiment: Experiment,
    orders: Sequence[Sequence[int]] | np.ndarray,
    epochs: int = 1_000,
    *,
    watch: int = 0,
    listen: int | None = None,
    pull: tuple[int, float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Train the same network in all the orders; where nothing is meddled with, as the engine does.

    Args:
        experiment: online, in a fixed order, by plain SGD; its budget plays no part.
        orders: (orders, patterns), each a permutation of the patterns' numbers.
        epochs: how many at the most; it ends sooner if all orders have learned.
        watch: the pattern whose answers are returned.
        listen: a pattern whose gradient is taken where the network stood before the step before.
        pull: a pattern, and the factor that stands in place of its output's slope, y(1 - y).

    Returns:
        The updates until learned, (orders,), infinity where it was not; and the first output for
        the watched pattern as it was presented, (epochs, orders).

    Raises:
        ValueError: for another way of training, or if ``orders`` are no permutations.
    """
    _check(experiment)
    lists, (patterns, lanes) = np.asarray(orders), (len(experiment.data), len(orders))
    if lists.shape != (lanes, patterns) or (np.sort(lists, axis=1) != np.arange(patterns)).any():
        raise ValueError(f"orders must be permutations of 0 to {patterns - 1}; got {orders!r}")
    starts = [each[..., np.newaxis] for each in experiment.initial_weights()]
    weights = [np.repeat(each, lanes, axis=-1) for each in starts]
    earlier, needed, said = weights, np.full(lanes, np.inf), []
    for epoch in range(checks.whole_number("epochs", epochs, at_least=1)):
        worst, answers = np.zeros(lanes), np.empty(lanes)
        for place, k in enumerate(lists.T):
            outputs, gradients = _gradients(experiment, weights, k, pull)
            errors = total((outputs - experiment.data.targets[k].T) ** 2, axis=0)[0]
            worst = np.maximum(worst, errors)
            answers[k == watch] = outputs[0, k == watch]
            if listen is not None and (turn := k == listen).any():
                there = [each[..., turn] for each in earlier]
                heard = _gradients(experiment, there, k[turn], pull)[1]
                for gradient, part in zip(gradients, heard, strict=True):
                    gradient[..., turn] = part
            rates = experiment.rates(patterns * epoch + place + 1)
            steps = zip(weights, gradients, rates, strict=True)
            earlier, weights = weights, [each - rate * slope for each, slope, rate in steps]
        said.append(answers)
        needed[(worst < experiment.tolerance) & np.isinf(needed)] = patterns * (epoch + 1)
        if np.isfinite(needed).all():
            break
    return needed, np.array(said)


def _gradients(
    experiment: Experiment, weights: Arrays, k: np.ndarray, pull: tuple[int, float] | None
) -> tuple[np.ndarray, Arrays]:
    """Return outputs (n_out, lanes) and gradients, of pattern k[lane] in the lane's own network.

    Lanes are the last axis of all arrays, where NumPy is quickest; sums are taken in the engine's
    order.
    """
    data, rules = experiment.data, [activation_of(name) for name in experiment.activations]
    layers, sums = [data.inputs[k].T], []
    for matrix, rule in zip(weights, rules, strict=True):
        received = matrix[-1]
        for i, below in enumerate(layers[-1]):
            received = received + below * matrix[i]
        sums.append(received)
        layers.append(rule.function(received))
    upstream = loss_for(experiment.loss, experiment.output).slope(layers[-1], data.targets[k].T)
    gradients: Arrays = []
    for number in range(len(weights) - 1, -1, -1):
        slope = rules[number].slope(sums[number], layers[number + 1])
        if pull is not None and number == len(weights) - 1:
            slope = np.where(k == pull[0], pull[1], slope)
        delta = upstream * slope
        below = np.vstack([layers[number], np.ones(len(k))])  # the bias is an input of 1
        gradients.append(below[:, np.newaxis] * delta)
        upstream = total(delta * weights[number][:-1], axis=1)[:, 0]
    return layers[-1], gradients[::-1]


def _check(experiment: Experiment) -> None:
    plain = experiment.optimizer == "sgd" and experiment.loss == "squared_error"
    more = experiment.normalization or experiment.weight_decay or experiment.dropout
    if experiment.batch_size != 1 or experiment.shuffle or not plain or more:
        raise ValueError(
            "orders.train needs online updates by plain SGD on the squared error, in a fixed "
            f"order, without normalization, decay and dropout; got {experiment!r}"
        )
    if experiment.output == "softmax":
        raise ValueError("orders.train needs outputs that are not softmax's")
