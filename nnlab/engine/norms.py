"""Norms of a layer's sums as compiled loops, along a line of samples (batch norm) or of units.

Places and ``like`` are those of ``nnlab.engine.kernels``.
"""

from __future__ import annotations

from nnlab.engine.compiler import compiled, spared
from nnlab.engine.lanes import lanes_of, load, store
from nnlab.rules.normalization import averaged, normalized, normalized_slope

NO_NORM, BATCH_NORM, LAYER_NORM, RMS_NORM = range(4)
KINDS = {"batch": BATCH_NORM, "layer": LAYER_NORM, "rms": RMS_NORM}

_normalized = compiled(normalized)
_normalized_slope = compiled(normalized_slope)
_averaged = compiled(averaged)


@compiled
def _lines(like, plan, size, n_out):
    """How many lines there are and the way to the next one; a line's length and stride."""
    if plan.normalization == BATCH_NORM:
        return n_out, lanes_of(like), size, plan.way
    return size, plan.way, n_out, lanes_of(like)


@compiled
def _normalize_by_batch(like, plan, memory, size, n_out, above):
    """Fill ``normal``; means, of RMS norm 0, and variances stand where their line begins."""
    lines, next_line, length, stride = _lines(like, plan, size, n_out)
    sums, normal = memory.sums, memory.normal
    for line in range(lines):
        first = above + line * next_line
        mean = load(sums, first, like)
        for k in range(1, length):
            mean = mean + load(sums, first + k * stride, like)
        mean = like if plan.normalization == RMS_NORM else mean / float(length)
        offset = load(sums, first, like) - mean
        variance = offset * offset
        for k in range(1, length):
            offset = load(sums, first + k * stride, like) - mean
            variance = variance + offset * offset
        variance = variance / float(length)
        store(memory.means, first, mean)
        store(memory.variances, first, variance)
        for k in range(length):
            place = first + k * stride
            store(normal, place, _normalized(load(sums, place, like), mean, variance))


@compiled
def _normalize_by_running(plan, memory, size, above, numbers):
    """Fill ``normal`` as a network in use does, by what training has seen."""
    hidden = plan.units_at[plan.layers] - plan.units_at[1]
    means = plan.betas + hidden + above
    for sample in range(size):
        first = sample * plan.way + above
        for k in range(numbers):
            mean, variance = memory.weights[means + k], memory.weights[means + hidden + k]
            memory.normal[first + k] = _normalized(memory.sums[first + k], mean, variance)


@compiled
def _denormalize_slopes(like, plan, memory, size, n_out, above):
    """Turn slopes in normalized sums into slopes in the sums before."""
    lines, next_line, length, stride = _lines(like, plan, size, n_out)
    deltas, normal = memory.deltas, memory.normal
    for line in range(lines):
        first = above + line * next_line
        mean = load(deltas, first, like)
        product = mean * load(normal, first, like)
        for k in range(1, length):
            delta = load(deltas, first + k * stride, like)
            mean = mean + delta
            product = product + delta * load(normal, first + k * stride, like)
        mean = like if plan.normalization == RMS_NORM else mean / float(length)
        product = product / float(length)
        variance = load(memory.variances, first, like)
        for k in range(length):
            place = first + k * stride
            delta, number = load(deltas, place, like), load(normal, place, like)
            store(deltas, place, _normalized_slope(delta, number, variance, mean, product))


@compiled
def _stretch(plan, memory, size, above, numbers):
    """Fill the sums with gamma times normalized sums plus beta, which RMS norm has not."""
    weights, gammas, betas = memory.weights, plan.gammas + above, plan.betas + above
    shifted = plan.normalization != RMS_NORM
    for sample in range(size):
        first = sample * plan.way + above
        for k in range(numbers):
            stretched = weights[gammas + k] * memory.normal[first + k]
            memory.sums[first + k] = stretched + weights[betas + k] if shifted else stretched


@compiled
def _unstretch(plan, memory, size, above, numbers):
    """Fill in the gradient of gamma and beta, and take the slopes back through gamma."""
    gradient, deltas = memory.gradient, memory.deltas
    gammas, betas = plan.gammas + above, plan.betas + above
    shifted = plan.normalization != RMS_NORM
    for k in range(numbers):
        gradient[gammas + k] = deltas[above + k] * memory.normal[above + k]
        if shifted:
            gradient[betas + k] = deltas[above + k]
    for sample in range(1, size):
        first = sample * plan.way + above
        for k in range(numbers):
            gradient[gammas + k] += deltas[first + k] * memory.normal[first + k]
            if shifted:
                gradient[betas + k] += deltas[first + k]
    for sample in range(size):
        first = sample * plan.way + above
        for k in range(numbers):
            deltas[first + k] *= memory.weights[gammas + k]


@spared(normalization=NO_NORM)
def normalize(like, plan, memory, size, n_out, above):
    """Make of a layer's sums what its activation receives."""
    numbers = n_out * lanes_of(like)
    if plan.in_use and plan.normalization == BATCH_NORM:
        _normalize_by_running(plan, memory, size, above, numbers)
    else:
        _normalize_by_batch(like, plan, memory, size, n_out, above)
    _stretch(plan, memory, size, above, numbers)


@spared(normalization=NO_NORM)
def denormalize(like, plan, memory, size, n_out, above):
    """Take the slopes in what an activation receives back to those in the layer's sums."""
    _unstretch(plan, memory, size, above, n_out * lanes_of(like))
    _denormalize_slopes(like, plan, memory, size, n_out, above)


@spared(normalization=NO_NORM)
def average(plan, memory, size):
    """Move batch norm's running statistics towards those of the batch."""
    weights, start = memory.weights, plan.units_at[1]
    hidden = plan.units_at[plan.layers] - start
    running_means = plan.betas + start + hidden
    for k in range(hidden):
        seen = memory.variances[start + k] * size / (size - 1.0)
        mean, variance = running_means + k, running_means + hidden + k
        weights[mean] = _averaged(weights[mean], memory.means[start + k])
        weights[variance] = _averaged(weights[variance], seen)
