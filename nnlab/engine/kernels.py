"""Compiled loops over a layer, a network and its parameters: what the engine's loop is made of.

The rules of plain numbers that the reference uses are compiled into loops here. All arrays are
flat. ``sums``, ``activations``, ``passed``, ``keep``, ``deltas``, ``normal``, ``means`` and
``variances`` hold for each sample of a batch all units, and for each unit its lanes; ``weights``
and ``gradient`` hold for each parameter its lanes. A *place* counts single numbers, so a unit's is
its own number times the lanes. ``like`` is what stands at a place, see ``nnlab.engine.lanes``.

Sums are taken in one written order, the reference's: a unit's begins with the bias and goes on from
the first input to the last, a gradient's goes from the batch's first sample to its last, a slope's
from the first unit above to the last. How many of them are taken at a time changes no bit.
"""

from __future__ import annotations

from numba.extending import overload

from nnlab.engine import products
from nnlab.engine.compiler import compiled, switch
from nnlab.engine.lanes import lanes_of, load, store
from nnlab.rules.activations import ACTIVATIONS
from nnlab.rules.elementary import exp
from nnlab.rules.losses import LOSSES
from nnlab.rules.normalization import averaged, normalized, normalized_slope
from nnlab.rules.order import kept

NO_NORM, BATCH_NORM, LAYER_NORM, RMS_NORM = range(4)
KINDS = {"batch": BATCH_NORM, "layer": LAYER_NORM, "rms": RMS_NORM}
SOFTMAX = len(ACTIVATIONS)  # code of an output layer; its slope's too
SLOPE_IN_SUM = SOFTMAX + 1  # code of a slope that the loss has taken care of

_kept = compiled(kept)
_normalized = compiled(normalized)
_normalized_slope = compiled(normalized_slope)
_averaged = compiled(averaged)


# --- rules of plain numbers as loops over a layer's numbers, sample after sample -----------------


def over_units(function):
    """Return an activation as a loop."""
    function = compiled(function)

    @compiled
    def loop(sums, activations, size, way, start, stop, lanes):
        for sample in range(size):
            for number in range(sample * way + start, sample * way + stop):
                activations[number] = function(sums[number])

    return loop


@compiled
def _softmax(sums, activations, size, way, start, stop, lanes):
    for sample in range(size):
        for lane in range(lanes):
            first, last = sample * way + start + lane, sample * way + stop
            top, total = sums[first], 0.0
            for number in range(first, last, lanes):
                top = max(top, sums[number])
            for number in range(first, last, lanes):
                activations[number] = exp(sums[number] - top)
                total += activations[number]
            for number in range(first, last, lanes):
                activations[number] /= total


def over_slopes(slope):
    """Return a slope as a loop that multiplies what has come down by it."""
    slope = compiled(slope)

    @compiled
    def loop(sums, activations, deltas, size, way, start, stop, lanes):
        for sample in range(size):
            for number in range(sample * way + start, sample * way + stop):
                deltas[number] *= slope(sums[number], activations[number])

    return loop


@compiled
def _through_softmax(sums, activations, deltas, size, way, start, stop, lanes):
    for sample in range(size):
        for lane in range(lanes):
            first, last = sample * way + start + lane, sample * way + stop
            mean = 0.0
            for number in range(first, last, lanes):
                mean += deltas[number] * activations[number]
            for number in range(first, last, lanes):
                deltas[number] = activations[number] * (deltas[number] - mean)


@compiled
def _as_it_is(sums, activations, deltas, size, way, start, stop, lanes):
    pass


def _over_outputs(slope):
    slope = compiled(slope)

    @compiled
    def loop(activations, targets, deltas, size, way, start, stop):
        for sample in range(size):
            first = sample * way + start
            for k in range(stop - start):
                y, t = activations[first + k], targets[sample * (stop - start) + k]
                deltas[first + k] = slope(y, t) / size

    return loop


_activate = switch(
    [*[over_units(rule.function) for rule in ACTIVATIONS.values()], _softmax], own=True
)
_times_slope = switch(
    [*[over_slopes(rule.slope) for rule in ACTIVATIONS.values()], _through_softmax, _as_it_is],
    own=True,
)
loss_slope = switch([_over_outputs(rule.slope) for rule in LOSSES.values()])


@compiled
def _multiply(numbers, factors, results, size, way, start, stop):
    for sample in range(size):
        for number in range(sample * way + start, sample * way + stop):
            results[number] = numbers[number] * factors[number]


# --- normalized sums, along a line of samples (batch norm) or of units (the others) --------------


@compiled
def _lines(like, plan, size, n_out):
    """How many lines there are and the way to the next one; a line's length and stride."""
    if plan.normalization == BATCH_NORM:
        return n_out, lanes_of(like), size, plan.way
    return size, plan.way, n_out, lanes_of(like)


@compiled
def _normalize(like, plan, memory, size, n_out, above):
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


@compiled
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


# --- a network: one batch forward and backward ---------------------------------------------------


@compiled
def draw(like, plan, memory, size):
    """Fill dropout's factors for the hidden units, each lane by its own generator."""
    lanes = lanes_of(like)
    for lane in range(lanes):
        random = memory.state[lane].random
        for sample in range(size):
            far = sample * plan.way
            for number in range(
                far + plan.units_at[1] + lane, far + plan.units_at[plan.layers], lanes
            ):
                memory.keep[number], random = _kept(random, plan.dropout)
        memory.state[lane].random = random


def _each_layer(like, plan, memory, size, pass_layer, downward):
    """Do something for each layer of weights, from the first to the last, or ``downward``."""
    raise NotImplementedError("compiled code has it")


@overload(_each_layer)
def _each_layer_compiled(like, plan, memory, size, pass_layer, downward):
    def general(like, plan, memory, size, pass_layer, downward):
        for place in range(plan.layers):
            layer = plan.layers - 1 - place if downward else place
            pass_layer(like, plan, memory, size, layer)

    def two(like, plan, memory, size, pass_layer, downward):
        pass_layer(like, plan, memory, size, 1 if downward else 0)
        pass_layer(like, plan, memory, size, 0 if downward else 1)

    return two if plan.fixed.get("layers") == 2 else general


@compiled
def forward(like, plan, memory, size):
    """Fill sums and activations layer by layer, for so many samples of a batch.

    ``passed`` is what goes on to the next layer: the inputs to start with, then the activations.
    It is another array than ``activations`` where there is dropout.
    """
    _each_layer(like, plan, memory, size, _up, False)


@compiled
def backward(like, plan, memory, size):
    """Fill the gradient, from the last layer to the first."""
    _each_layer(like, plan, memory, size, _down, True)


@compiled
def _up(like, plan, memory, size, layer):
    sums, activations, passed, way = memory.sums, memory.activations, memory.passed, plan.way
    n_in, n_out = plan.units[layer], plan.units[layer + 1]
    row, numbers = plan.weights_at[layer], n_out * lanes_of(like)
    below, above = plan.units_at[layer], plan.units_at[layer + 1]
    stop, hidden = above + numbers, layer < plan.layers - 1
    for sample in range(size):
        x, z = below + sample * way, above + sample * way
        products.receive(like, memory.weights, row, passed, x, sums, z, n_in, n_out)
    if plan.normalization != NO_NORM and hidden:
        if plan.in_use and plan.normalization == BATCH_NORM:
            _normalize_by_running(plan, memory, size, above, numbers)
        else:
            _normalize(like, plan, memory, size, n_out, above)
        _stretch(plan, memory, size, above, numbers)
    _activate(plan.activation[layer], sums, activations, size, way, above, stop, lanes_of(like))
    if plan.dropout > 0.0 and hidden:
        _multiply(activations, memory.keep, passed, size, way, above, stop)


@compiled
def _down(like, plan, memory, size, layer):
    deltas, way, lanes = memory.deltas, plan.way, lanes_of(like)
    n_in, n_out = plan.units[layer], plan.units[layer + 1]
    row, numbers = plan.weights_at[layer], n_out * lanes
    below, above = plan.units_at[layer], plan.units_at[layer + 1]
    stop, hidden = above + numbers, layer < plan.layers - 1
    if plan.dropout > 0.0 and hidden:
        _multiply(deltas, memory.keep, deltas, size, way, above, stop)
    sums, activations = memory.sums, memory.activations
    _times_slope(plan.slope[layer], sums, activations, deltas, size, way, above, stop, lanes)
    if plan.normalization != NO_NORM and hidden:
        _unstretch(plan, memory, size, above, numbers)
        _denormalize_slopes(like, plan, memory, size, n_out, above)
    products.slopes_in_weights(
        like, memory.gradient, row, memory.passed, below, deltas, above, n_in, n_out, size, way
    )
    if plan.normalization == BATCH_NORM and hidden:
        bias = row + n_in * numbers  # it has no effect, but for rounding errors
        for number in range(bias, bias + numbers):
            memory.gradient[number] = 0.0
    if layer > 0:
        for sample in range(size):
            x, z = below + sample * way, above + sample * way
            products.send_back(like, memory.weights, row, deltas, x, z, n_in, n_out)
