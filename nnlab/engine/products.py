"""Products with weights, forward and back, each sum taken in the reference's order.

Several sums are taken at a time, a block of neighbouring ones; that changes no bit of any. Places
and ``like`` are those of ``nnlab.engine.kernels``.
"""

from __future__ import annotations

from nnlab.engine.compiler import compiled
from nnlab.engine.lanes import block, lanes_of, load, spread, store


@compiled
def _sum(like, block, weights, row, bias, way, passed, below, sums, place, n_in):
    """One block of sums: the bias, then input after input."""
    total = load(weights, bias, block)
    for i in range(n_in):
        x = spread(passed, below + i * lanes_of(like), like, block)
        total = total + x * load(weights, row + i * way, block)
    store(sums, place, total)


@compiled
def receive(like, weights, row, passed, below, sums, above, n_in, n_out):
    """One sample's sums of a layer, a block of units at a time; a single run may have a rest."""
    several, way = block(like), n_out * lanes_of(like)
    whole, bias = way - way % lanes_of(several), row + n_in * way
    for k in range(0, whole, lanes_of(several)):
        _sum(like, several, weights, row + k, bias + k, way, passed, below, sums, above + k, n_in)
    for k in range(whole, way):
        _sum(like, like, weights, row + k, bias + k, way, passed, below, sums, above + k, n_in)


@compiled
def _product(like, block, gradient, place, passed, x, deltas, above, size, way):
    """One block of slopes in weights: sample after sample."""
    total = spread(passed, x, like, block) * load(deltas, above, block)
    for sample in range(1, size):
        far = sample * way
        total = total + spread(passed, x + far, like, block) * load(deltas, above + far, block)
    store(gradient, place, total)


@compiled
def _accumulate(like, block, gradient, place, deltas, above, size, way):
    """One block of slopes in biases: sample after sample."""
    total = load(deltas, above, block)
    for sample in range(1, size):
        total = total + load(deltas, above + sample * way, block)
    store(gradient, place, total)


@compiled
def slopes_in_weights(like, gradient, row, passed, below, deltas, above, n_in, n_out, size, way):
    """A layer's slopes in its weights, those in its biases last."""
    several, numbers = block(like), n_out * lanes_of(like)
    whole = numbers - numbers % lanes_of(several)
    for i in range(n_in):
        x, at = below + i * lanes_of(like), row + i * numbers
        for k in range(0, whole, lanes_of(several)):
            _product(like, several, gradient, at + k, passed, x, deltas, above + k, size, way)
        for k in range(whole, numbers):
            _product(like, like, gradient, at + k, passed, x, deltas, above + k, size, way)
    bias = row + n_in * numbers
    for k in range(0, whole, lanes_of(several)):
        _accumulate(like, several, gradient, bias + k, deltas, above + k, size, way)
    for k in range(whole, numbers):
        _accumulate(like, like, gradient, bias + k, deltas, above + k, size, way)


@compiled
def send_back(like, weights, row, deltas, below, above, n_in, n_out):
    """One sample's slopes in what a layer receives: unit after unit of the layer above."""
    if n_out == 1:  # then its weights stand side by side even in a single run
        several, numbers = block(like), n_in * lanes_of(like)
        whole = numbers - numbers % lanes_of(several)
        for k in range(0, whole, lanes_of(several)):
            delta = spread(deltas, above, like, several)
            store(deltas, below + k, load(weights, row + k, several) * delta)
        for k in range(whole, numbers):
            store(deltas, below + k, load(weights, row + k, like) * load(deltas, above, like))
        return
    for i in range(n_in):
        at = row + i * n_out * lanes_of(like)
        total = load(weights, at, like) * load(deltas, above, like)
        for j in range(1, n_out):
            far = j * lanes_of(like)
            total = total + load(weights, at + far, like) * load(deltas, above + far, like)
        store(deltas, below + i * lanes_of(like), total)
