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

from nnlab.engine import norms, products
from nnlab.engine.compiler import compiled, spared, switch, where_known
from nnlab.engine.lanes import lanes_of
from nnlab.rules.activations import ACTIVATIONS
from nnlab.rules.elementary import exp
from nnlab.rules.losses import LOSSES
from nnlab.rules.order import kept

SOFTMAX = len(ACTIVATIONS)  # code of an output layer; its slope's too
SLOPE_IN_SUM = SOFTMAX + 1  # code of a slope that the loss has taken care of

_kept = compiled(kept)


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
    [*[over_units(rule.function) for rule in ACTIVATIONS.values()], _softmax],
    "plan.activation[layer]",
    own=True,
)
_times_slope = switch(
    [*[over_slopes(rule.slope) for rule in ACTIVATIONS.values()], _through_softmax, _as_it_is],
    "plan.slope[layer]",
    own=True,
)
loss_slope = switch([_over_outputs(rule.slope) for rule in LOSSES.values()], "plan.loss")


@compiled
def _multiply(numbers, factors, results, size, way, start, stop):
    for sample in range(size):
        for number in range(sample * way + start, sample * way + stop):
            results[number] = numbers[number] * factors[number]


# --- a network: one batch forward and backward ---------------------------------------------------


@spared(dropout=0.0)
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


def _layer_by_layer(like, plan, memory, size, pass_layer, downward):
    for place in range(plan.layers):
        layer = plan.layers - 1 - place if downward else place
        pass_layer(like, plan, memory, size, layer)


@compiled
def _both_layers(like, plan, memory, size, pass_layer, downward):
    pass_layer(like, plan, memory, size, 1 if downward else 0)
    pass_layer(like, plan, memory, size, 0 if downward else 1)


# Do something for each layer of weights, from the first to the last, or ``downward``.
_each_layer = where_known(
    _layer_by_layer, lambda known: _both_layers if known.get("layers") == 2 else None
)


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
    if plan.normalization != norms.NO_NORM and hidden:
        norms.normalize(like, plan, memory, size, n_out, above)
    _activate(plan, layer, sums, activations, size, way, above, stop, lanes_of(like))
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
    _times_slope(plan, layer, sums, activations, deltas, size, way, above, stop, lanes)
    if plan.normalization != norms.NO_NORM and hidden:
        norms.denormalize(like, plan, memory, size, n_out, above)
    products.slopes_in_weights(
        like, memory.gradient, row, memory.passed, below, deltas, above, n_in, n_out, size, way
    )
    if plan.normalization == norms.BATCH_NORM and hidden:
        bias = row + n_in * numbers  # it has no effect, but for rounding errors
        for number in range(bias, bias + numbers):
            memory.gradient[number] = 0.0
    if layer > 0:
        for sample in range(size):
            x, z = below + sample * way, above + sample * way
            products.send_back(like, memory.weights, row, deltas, x, z, n_in, n_out)
