"""Compiled loops over a layer, a network and its parameters: what the engine's loop is made of.

The rules of plain numbers that the reference uses are compiled into loops here. Arrays travel one
by one: taking one out of a named tuple, or cutting a slice, costs Numba a reference count, and ten
of those would cost as much as a whole update of a small network. Arrays named ``sums``,
``activations``, ``passed``, ``keep``, ``deltas``, ``normal`` have the shape (batch, all units).
"""

from __future__ import annotations

import numpy as np

from nnlab.engine.compiler import compiled, switch
from nnlab.rules.activations import ACTIVATIONS
from nnlab.rules.elementary import exp
from nnlab.rules.losses import LOSSES
from nnlab.rules.normalization import averaged, normalized, normalized_slope
from nnlab.rules.optimizers import OPTIMIZERS
from nnlab.rules.order import kept
from nnlab.rules.order import shuffle as shuffle_order
from nnlab.rules.schedules import SCHEDULES

NO_NORM, BATCH_NORM, LAYER_NORM = range(3)
KINDS = {"batch": BATCH_NORM, "layer": LAYER_NORM}
SOFTMAX = len(ACTIVATIONS)  # code of an output layer; its slope's too
SLOPE_IN_SUM = SOFTMAX + 1  # code of a slope that the loss has taken care of

shuffle = compiled(shuffle_order)
_kept = compiled(kept)
_normalized = compiled(normalized)
_normalized_slope = compiled(normalized_slope)
_averaged = compiled(averaged)


# --- a layer: rules of plain numbers as loops ----------------------------------------------------


def _over_units(function):
    function = compiled(function)

    @compiled
    def loop(sums, activations, size, start, stop):
        for sample in range(size):
            for unit in range(start, stop):
                activations[sample, unit] = function(sums[sample, unit])

    return loop


@compiled
def _softmax(sums, activations, size, start, stop):
    for sample in range(size):
        top, total = sums[sample, start], 0.0
        for unit in range(start, stop):
            top = max(top, sums[sample, unit])
        for unit in range(start, stop):
            activations[sample, unit] = exp(sums[sample, unit] - top)
            total += activations[sample, unit]
        for unit in range(start, stop):
            activations[sample, unit] /= total


def _over_slopes(slope):
    slope = compiled(slope)

    @compiled
    def loop(sums, activations, deltas, size, start, stop):
        for sample in range(size):
            for unit in range(start, stop):
                deltas[sample, unit] *= slope(sums[sample, unit], activations[sample, unit])

    return loop


@compiled
def _through_softmax(sums, activations, deltas, size, start, stop):
    for sample in range(size):
        mean = 0.0
        for unit in range(start, stop):
            mean += deltas[sample, unit] * activations[sample, unit]
        for unit in range(start, stop):
            deltas[sample, unit] = activations[sample, unit] * (deltas[sample, unit] - mean)


@compiled
def _as_it_is(sums, activations, deltas, size, start, stop):
    pass


def _over_outputs(slope):
    slope = compiled(slope)

    @compiled
    def loop(activations, targets, deltas, order, position, size, first, n_out):
        for sample in range(size):
            pattern = order[position + sample]
            for j in range(n_out):
                y, t = activations[sample, first + j], targets[pattern, j]
                deltas[sample, first + j] = slope(y, t) / size

    return loop


def _over_weights(step):
    step = compiled(step)

    @compiled
    def loop(weights, gradient, moments, rates, t, knobs):
        for k in range(len(gradient)):
            memory = (moments[0, k], moments[1, k], moments[2, k])
            change, memory = step(gradient[k], memory, rates[k], t, knobs)
            # In this order the compiler sees that a rule without memory writes what it has read.
            moments[0, k], moments[1, k], moments[2, k] = memory
            weights[k] -= change

    return loop


_activate = switch([*[_over_units(rule.function) for rule in ACTIVATIONS.values()], _softmax])
_times_slope = switch(
    [*[_over_slopes(rule.slope) for rule in ACTIVATIONS.values()], _through_softmax, _as_it_is]
)
loss_slope = switch([_over_outputs(rule.slope) for rule in LOSSES.values()])
step = switch([_over_weights(rule.step) for rule in OPTIMIZERS.values()])
scheduled_rate = switch([compiled(schedule.rule) for schedule in SCHEDULES.values()])


# --- normalized sums, along a line of patterns (batch norm) or of units (layer norm) -------------


@compiled
def _lines(kind, size, n_out, width):
    """How many lines there are and the way to the next one; a line's length and stride."""
    if kind == BATCH_NORM:
        return n_out, np.uintp(1), np.uintp(size), width
    return np.uintp(size), width, n_out, np.uintp(1)


@compiled
def _normalize(kind, flat, size, n_out, width, above):
    """Fill ``normal``; means and variances stand where their line begins."""
    sums, _, normal, variances, means = flat
    lines, way, length, stride = _lines(kind, size, n_out, width)
    for line in range(lines):
        first = above + line * way
        mean, variance = 0.0, 0.0
        for k in range(length):
            mean += sums[first + k * stride]
        mean /= length
        for k in range(length):
            variance += (sums[first + k * stride] - mean) ** 2
        variance /= length
        means[first], variances[first] = mean, variance
        for k in range(length):
            place = first + k * stride
            normal[place] = _normalized(sums[place], mean, variance)


@compiled
def _denormalize_slopes(kind, flat, size, n_out, width, above):
    """Turn slopes in normalized sums into slopes in the sums before."""
    _, deltas, normal, variances, _ = flat
    lines, way, length, stride = _lines(kind, size, n_out, width)
    for line in range(lines):
        first = above + line * way
        mean, product = 0.0, 0.0
        for k in range(length):
            place = first + k * stride
            mean += deltas[place]
            product += deltas[place] * normal[place]
        mean, product = mean / length, product / length
        for k in range(length):
            place = first + k * stride
            deltas[place] = _normalized_slope(
                deltas[place], normal[place], variances[first], mean, product
            )


@compiled
def _stretch(weights, sums, normal, size, n_out, above, gammas, betas):
    """Fill the sums with gamma times normalized sums plus beta."""
    for sample in range(size):
        for unit in range(above, above + n_out):
            sums[sample, unit] = (
                weights[gammas + unit] * normal[sample, unit] + weights[betas + unit]
            )


@compiled
def _unstretch(weights, gradient, deltas, normal, size, n_out, above, gammas, betas):
    """Add to the gradient of gamma and beta, and take the slopes back through gamma."""
    for sample in range(size):
        for unit in range(above, above + n_out):
            gradient[gammas + unit] += deltas[sample, unit] * normal[sample, unit]
            gradient[betas + unit] += deltas[sample, unit]
            deltas[sample, unit] *= weights[gammas + unit]


@compiled
def average(weights, flat, size, start, stop, running_means, running_variances):
    """Move batch norm's running statistics towards those of the batch."""
    _, _, _, variances, means = flat
    for unit in range(start, stop):
        seen = variances[unit] * size / (size - 1.0)
        weights[running_means + unit] = _averaged(weights[running_means + unit], means[unit])
        weights[running_variances + unit] = _averaged(weights[running_variances + unit], seen)


# --- a network: one batch forward and backward ---------------------------------------------------


@compiled
def draw(keep, random, dropout, size, start, stop):
    """Fill dropout's factors for the hidden units and return the generator's new state."""
    for sample in range(size):
        for unit in range(start, stop):
            keep[sample, unit], random = _kept(random, dropout)
    return random


@compiled
def forward(network, kind, dropout, weights, sums, activations, passed, keep, normal, flat, size):
    """Fill sums and activations layer by layer, for so many samples of a batch.

    ``passed`` is what goes on to the next layer: the inputs to start with, then the activations.
    It is another array than ``activations`` where there is dropout.
    """
    units, units_at, weights_at, codes, _, width, gammas, betas = network
    for layer in range(len(codes)):
        n_in, n_out = units[layer], units[layer + 1]
        below, above = units_at[layer], units_at[layer + 1]
        bias = weights_at[layer] + n_in * n_out
        hidden = layer < len(codes) - 1
        for sample in range(size):
            row = weights_at[layer]
            if n_out == 1:  # one loop instead of n_in loops of length one
                total = weights[bias]
                for i in range(n_in):
                    total += passed[sample, below + i] * weights[row + i]
                sums[sample, above] = total
                continue
            for j in range(n_out):
                sums[sample, above + j] = weights[bias + j]
            for i in range(n_in):
                value = passed[sample, below + i]
                for j in range(n_out):
                    sums[sample, above + j] += value * weights[row + j]
                row += n_out
        if kind != NO_NORM and hidden:
            _normalize(kind, flat, size, n_out, width, above)
            _stretch(weights, sums, normal, size, n_out, above, gammas, betas)
        _activate(codes[layer], sums, activations, size, above, above + n_out)
        if dropout and hidden:
            for sample in range(size):
                for unit in range(above, above + n_out):
                    passed[sample, unit] = activations[sample, unit] * keep[sample, unit]


@compiled
def backward(
    network,
    kind,
    dropout,
    weights,
    gradient,
    sums,
    activations,
    passed,
    keep,
    normal,
    flat,
    deltas,
    size,
):
    """Add the samples' shares to the gradient, from the last layer to the first."""
    units, units_at, weights_at, _, codes, width, gammas, betas = network
    for layer in range(len(codes) - 1, -1, -1):
        n_in, n_out = units[layer], units[layer + 1]
        below, above = units_at[layer], units_at[layer + 1]
        hidden = layer < len(codes) - 1
        if dropout and hidden:
            for sample in range(size):
                for unit in range(above, above + n_out):
                    deltas[sample, unit] *= keep[sample, unit]
        _times_slope(codes[layer], sums, activations, deltas, size, above, above + n_out)
        if kind != NO_NORM and hidden:
            _unstretch(weights, gradient, deltas, normal, size, n_out, above, gammas, betas)
            _denormalize_slopes(kind, flat, size, n_out, width, above)
        for sample in range(size):
            row = weights_at[layer]
            if n_out == 1:
                delta = deltas[sample, above]
                for i in range(n_in):
                    gradient[row + i] += passed[sample, below + i] * delta
                if layer > 0:
                    for i in range(n_in):
                        deltas[sample, below + i] = weights[row + i] * delta
                row += n_in
            else:
                for i in range(n_in):
                    value = passed[sample, below + i]
                    for j in range(n_out):
                        gradient[row + j] += value * deltas[sample, above + j]
                    if layer > 0:
                        upstream = 0.0
                        for j in range(n_out):
                            upstream += weights[row + j] * deltas[sample, above + j]
                        deltas[sample, below + i] = upstream
                    row += n_out
            if kind != BATCH_NORM or not hidden:  # there it is 0, but for rounding errors
                for j in range(n_out):
                    gradient[row + j] += deltas[sample, above + j]


@compiled
def squared_error(activations, targets, sample, pattern, first, n_out):
    """The squared error of one sample's outputs."""
    error = 0.0
    for j in range(n_out):
        error += (activations[sample, first + j] - targets[pattern, j]) ** 2
    return error


@compiled
def decay(weights, gradient, rates, amount, decoupled):
    """Decay of weights: decoupled it shrinks them, else it joins their gradient."""
    for k in range(len(gradient)):
        if decoupled:
            weights[k] -= rates[k] * amount * weights[k]
        else:
            gradient[k] += amount * weights[k]
