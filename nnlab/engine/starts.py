"""Random starts compiled, for a page where there is no NumPy: what an ``Initializer`` gives.

Streams, variances and bounds are those of ``nnlab.rules``; here are the loops over a network's
weights. Like the training loop they take plain numbers and arrays, raise and allocate nothing.
"""

from __future__ import annotations

import numpy as np

from nnlab.engine.compiler import compiled
from nnlab.rules.initializers import (
    INITIALIZERS,
    bound_of,
    glorot_variance,
    he_variance,
    lecun_variance,
)
from nnlab.rules.random import drawn, normal_of, share_of

_CODES = {name: code for code, name in enumerate(INITIALIZERS)}
_ALTERNATING, _CONSTANT = _CODES["alternating"], _CODES["constant"]
_UNIFORM, _GAUSSIAN, _ORTHOGONAL = _CODES["uniform"], _CODES["gaussian"], _CODES["orthogonal"]
_XAVIER, _XAVIER_NORMAL = _CODES["xavier"], _CODES["xavier_normal"]
_HE, _HE_UNIFORM, _LECUN = _CODES["he"], _CODES["he_uniform"], _CODES["lecun"]


@compiled
def _state(seed):
    """``rules.random.state_of``, for one seed below 2^63."""
    state = drawn(np.uint64(0), np.uint64(seed) + np.uint64(1))
    return drawn(state, np.uint64(1))


@compiled
def _uniform(weights, first, count, state, place, bound):
    """Fill so many weights with uniform numbers; return how many have been drawn by then."""
    for k in range(count):
        share = share_of(drawn(state, np.uint64(place + k + 1)))
        weights[first + k] = -bound + (bound - -bound) * share
    return place + count


@compiled
def _normal(weights, first, count, state, place, deviation):
    """The same with normal numbers, each made of two."""
    for k in range(count):
        one = share_of(drawn(state, np.uint64(place + 2 * k + 1)))
        other = share_of(drawn(state, np.uint64(place + 2 * k + 2)))
        weights[first + k] = deviation * normal_of(one, other)
    return place + 2 * count


@compiled
def _orthogonal(weights, first, n_in, n_out, state, place):
    """Draw columns, as many as there are of the smaller side, and make them orthonormal, twice."""
    length, columns = max(n_in, n_out), min(n_in, n_out)
    down = n_out if n_in >= n_out else 1  # from a column's number to its next one
    across = 1 if n_in >= n_out else n_out
    for i in range(length):
        for j in range(columns):
            at = first + i * down + j * across
            place = _normal(weights, at, 1, state, place, 1.0)
    for _ in range(2):
        for j in range(columns):
            at = first + j * across
            size = np.sqrt(_product(weights, at, at, length, down))
            for i in range(length):
                weights[at + i * down] /= size
            for later in range(j + 1, columns):
                other = first + later * across
                shadow = _product(weights, at, other, length, down)
                for i in range(length):
                    weights[other + i * down] -= weights[at + i * down] * shadow
    return place


@compiled
def _product(weights, one, other, length, down):
    """Sum of products along two columns, from the first to the last."""
    total = weights[one] * weights[other]
    for i in range(1, length):
        total += weights[one + i * down] * weights[other + i * down]
    return total


@compiled
def _layer(rule, weights, first, n_in, n_out, state, place):
    """Fill a layer's weights; return how many numbers have been drawn by then."""
    inner = n_in * n_out
    whole = inner + n_out  # with the biases
    for k in range(whole):
        weights[first + k] = 0.0
        if rule == _CONSTANT:
            weights[first + k] = 1.0
        elif rule == _ALTERNATING:
            weights[first + k] = 2.0 * (k % 2) - 1.0
    if rule == _UNIFORM:
        return _uniform(weights, first, whole, state, place, 1.0)
    if rule == _GAUSSIAN:
        return _normal(weights, first, whole, state, place, 1.0)
    if rule == _ORTHOGONAL:
        return _orthogonal(weights, first, n_in, n_out, state, place)
    if rule in (_XAVIER, _HE_UNIFORM):
        variance = he_variance(n_in, n_out)
        if rule == _XAVIER:
            variance = glorot_variance(n_in, n_out)
        return _uniform(weights, first, inner, state, place, bound_of(variance))
    if rule in (_XAVIER_NORMAL, _HE, _LECUN):
        variance = lecun_variance(n_in, n_out)
        if rule == _XAVIER_NORMAL:
            variance = glorot_variance(n_in, n_out)
        elif rule == _HE:
            variance = he_variance(n_in, n_out)
        return _normal(weights, first, inner, state, place, np.sqrt(variance))
    return place


def fill(rule, scale, seeds, layers, weights):
    """Fill the weights of networks, (seeds, weights) in one line, layer after layer.

    Args:
        rule: an initializer's place in ``INITIALIZERS``.
        scale: factor on every weight.
        seeds: (seeds,) whole numbers from 0 to 2^63 - 1.
        layers: (layers,) units of each.
        weights: (seeds times weights,), to be filled.
    """
    first = 0
    for k in range(len(seeds)):
        state, place = _state(seeds[k]), 0
        for layer in range(len(layers) - 1):
            n_in, n_out = layers[layer], layers[layer + 1]
            place = _layer(rule, weights, first, n_in, n_out, state, place)
            for weight in range(first, first + (n_in + 1) * n_out):
                weights[weight] *= scale
            first += (n_in + 1) * n_out


def order_states(seeds, states):
    """Fill in the first state of each seed's generator of orders, as ``rules.order.first_state``.

    Args:
        seeds: (seeds,) whole numbers from 0 to 2^63 - 1.
        states: (seeds,) unsigned, to be filled.
    """
    for k in range(len(seeds)):
        states[k] = _state(seeds[k]) | np.uint64(1)
