"""The training loop in plain NumPy, short enough to read aloud.

The notebooks show this file and the compiled engine is tested against it. A network is a list of
arrays, its parameters: first its weights, then what a norm adds to them, see
``Experiment.initial_parameters``.

Every sum is taken in a written order, from the first term to the last, which the engine keeps too:
so the two agree bit for bit. NumPy's own ``@`` and ``sum`` have orders that differ from machine to
machine, and training amplifies a difference in the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.experiment import Experiment
from nnlab.rules import normalization
from nnlab.rules.activations import activation_of, softmax, through_softmax
from nnlab.rules.elementary import total
from nnlab.rules.losses import loss_for
from nnlab.rules.order import first_state, kept, shuffle

Arrays = list[np.ndarray]


def train(experiment: Experiment) -> tuple[str, int, Arrays]:
    """Train until every pattern of an epoch was within tolerance, or the budget is spent.

    Returns:
        The outcome ("converged", "diverged" or "out of updates"), the number of weight updates
        and the final parameters.
    """
    data = experiment.data
    parameters = experiment.initial_parameters()
    memories = [(0.0, 0.0, 0.0) for _ in parameters]
    updates = 0
    with np.errstate(all="ignore"):  # a run that overflows is an outcome, not a warning
        for epoch in epochs(experiment):
            errors = np.empty(len(data))
            for batch, keep in epoch:
                targets = data.targets[batch]
                layers = forward(experiment, parameters, data.inputs[batch], keep, training=True)
                errors[batch] = squared_errors(layers[-1], targets)
                if not np.isfinite(errors[batch]).all():
                    return "diverged", updates, parameters
                if updates == experiment.max_updates:
                    return "out of updates", updates, parameters
                updates += 1
                running = running_statistics(experiment, parameters, layers)
                gradients = backward(experiment, parameters, layers, targets, keep)
                moved = step(experiment, parameters, gradients, memories, updates)
                parameters = moved + running
            if (errors < experiment.tolerance).all():
                return "converged", updates, parameters
    raise AssertionError("epochs never end")


def forward(
    experiment: Experiment,
    parameters: Arrays,
    inputs: np.ndarray,
    keep: Arrays | None = None,
    training: bool = False,
) -> Arrays:
    """Return what every layer passes on, the inputs first: shape (..., patterns, units).

    Parameters may carry leading axes, for example one over the rows of a history.

    Args:
        experiment: whose network it is.
        parameters: as ``Experiment.initial_parameters`` gives them.
        inputs: shape (patterns, n_in).
        keep: dropout's factors, one array (patterns, units) a hidden layer; None keeps all.
        training: whether batch norm takes this batch's statistics, or else its running ones.
    """
    layers = [experiment.data.standardize(inputs) if experiment.standardizes else inputs]
    for number, name in enumerate(experiment.activations):
        sums = receive(experiment, parameters, number, layers[-1], training)[0]
        outputs = softmax(sums) if name == "softmax" else activation_of(name).function(sums)
        hidden = number < len(experiment.activations) - 1
        layers.append(outputs * keep[number] if keep and hidden else outputs)
    return layers


def weighted_sums(below: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return each unit's bias, the matrix's last row, plus input after input times its weight."""
    sums = matrix[..., -1:, :]
    for i in range(below.shape[-1]):
        sums = sums + below[..., i, np.newaxis] * matrix[..., i, np.newaxis, :]
    return sums


def squared_errors(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return each pattern's Σ(y - t)², what the stop rule looks at."""
    return total((outputs - targets) ** 2, axis=-1)[..., 0]


def receive(
    experiment: Experiment, parameters: Arrays, number: int, below: np.ndarray, training: bool
) -> tuple[np.ndarray, ...]:
    """Return the sums that a layer's activation receives; of normalized ones, how they arose.

    Those are followed by the sums before gamma and beta, and their variances before that. RMS norm
    has no beta.
    """
    sums = weighted_sums(below, parameters[number])
    if not (own := experiment.normalizers(parameters, number)):
        return (sums,)
    gamma, *others = (each[..., np.newaxis, :] for each in own)
    beta, running = others[:1], others[1:]
    if running and not training:
        mean, variance = running
        normal = normalization.normalized(sums, mean, variance)
    else:
        normal, variance = normalization.normalize(sums, str(experiment.normalization))
    stretched = gamma * normal
    return (stretched + beta[0] if beta else stretched), normal, variance


def backward(
    experiment: Experiment,
    parameters: Arrays,
    layers: Arrays,
    targets: np.ndarray,
    keep: Arrays | None = None,
) -> Arrays:
    """Return the gradient of the batch's mean loss, one array for each that an optimizer moves.

    ``layers`` is what ``forward`` returned in training, with the same ``keep``.
    """
    last = len(experiment.activations) - 1
    weights, gammas, betas = [], [], []
    upstream = loss_for(experiment.loss, experiment.output).slope(layers[-1], targets)
    upstream = upstream / len(targets)
    for number in range(last, -1, -1):
        below, above, matrix = layers[number], layers[number + 1], parameters[number]
        sums, *before = receive(experiment, parameters, number, below, training=True)
        if keep and number < last:
            upstream = upstream * keep[number]
            above = activation_of(experiment.activation).function(sums)  # before dropout
        delta = through_activation(experiment, number, upstream, sums, above)
        if before:
            normal, variance = before
            gamma, *others = experiment.normalizers(parameters, number)
            gammas.append(total(delta * normal, axis=0)[0])
            if others:
                betas.append(total(delta, axis=0)[0])
            kind = str(experiment.normalization)
            delta = normalization.denormalize_slopes(delta * gamma, normal, variance, kind)
        shares = below[:, :, np.newaxis] * delta[:, np.newaxis, :]
        bias = total(delta, axis=0)
        if before and experiment.normalization == "batch":
            bias = np.zeros_like(bias)  # it has no effect; Adam would make steps of rounding errors
        weights.append(np.vstack([total(shares, axis=0)[0], bias]))
        upstream = total(delta[:, np.newaxis, :] * matrix[:-1], axis=-1)[..., 0]
    return weights[::-1] + gammas[::-1] + betas[::-1]


def through_activation(
    experiment: Experiment, number: int, upstream: np.ndarray, sums: np.ndarray, above: np.ndarray
) -> np.ndarray:
    """Turn slopes of the loss in a layer's outputs into slopes in its sums."""
    if number == len(experiment.activations) - 1:
        if loss_for(experiment.loss, experiment.output).in_sum:
            return upstream
        if experiment.output == "softmax":
            return through_softmax(above, upstream)
    return upstream * activation_of(experiment.activations[number]).slope(sums, above)


def step(
    experiment: Experiment, parameters: Arrays, gradients: Arrays, memories: list, t: int
) -> Arrays:
    """Return the parameters that an optimizer moves after update t; ``memories`` move on too."""
    optimizer, decay, moved = experiment.update_rule, experiment.weight_decay, []
    for number, (gradient, rate) in enumerate(zip(gradients, experiment.rates(t), strict=True)):
        values = parameters[number]
        if decay and optimizer.rule.decoupled:
            values = values - rate * decay * values
        elif decay:
            gradient = gradient + decay * values
        change, memories[number] = optimizer.rule.step(
            gradient, memories[number], rate, t, optimizer.knobs
        )
        moved.append(values - change)
    return moved


def running_statistics(experiment: Experiment, parameters: Arrays, layers: Arrays) -> Arrays:
    """Return batch norm's running means, then its variances, after another batch was seen."""
    if experiment.normalization != "batch":
        return []
    means, variances = [], []
    for number in range(len(layers) - 2):
        sums, size = weighted_sums(layers[number], parameters[number]), len(layers[number])
        mean, variance = experiment.normalizers(parameters, number)[2:]
        seen, spread = normalization.moments(sums, "batch")
        means.append(normalization.averaged(mean, seen[0]))
        variances.append(normalization.averaged(variance, spread[0] * size / (size - 1.0)))
    return means + variances


def epochs(experiment: Experiment) -> Iterator[list[tuple[np.ndarray, Arrays | None]]]:
    """Yield epoch after epoch without end: each a list of batches.

    A batch is an array of pattern numbers and dropout's factors for it, see ``forward``.
    """
    order = np.arange(len(experiment.data))
    state = first_state(experiment.order_seed)
    cuts = range(experiment.patterns_per_update, len(order), experiment.patterns_per_update)
    while True:
        if experiment.shuffle:
            state = shuffle(order, state)
        batches = np.split(order.copy(), cuts)
        keeps: list[Arrays | None] = [None] * len(batches)
        if experiment.dropout:
            factors, state = draw_factors(experiment, state)
            keeps = [_by_layer(experiment, part) for part in np.split(factors, cuts)]
        yield list(zip(batches, keeps, strict=True))


def draw_factors(experiment: Experiment, state: np.uint64) -> tuple[np.ndarray, np.uint64]:
    """Draw an epoch's factors, pattern after pattern, and return them and the new state."""
    factors = np.empty((len(experiment.data), sum(experiment.layers[1:-1])))
    for place in np.ndindex(factors.shape):
        factors[place], state = kept(state, experiment.dropout)
    return factors, state


def _by_layer(experiment: Experiment, factors: np.ndarray) -> Arrays:
    return np.split(factors, np.cumsum(experiment.layers[1:-2]), axis=1)
