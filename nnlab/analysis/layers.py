"""Layer tuples for comparisons of depth and width, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from nnlab import checks

__all__ = ["parameters", "stack"]


def stack(n_in: int, depth: int, width: int, n_out: int = 1) -> tuple[int, ...]:
    """Return the layers of a network of equal hidden ones: ``stack(3, 3, 5)`` is (3, 5, 5, 5, 1).

    Args:
        n_in: inputs, at least 1.
        depth: hidden layers, 0 or more; the article's five layers in all are a depth of 3.
        width: units of each, at least 1.
        n_out: outputs, at least 1.
    """
    hidden = [checks.whole_number("width", width, at_least=1)]
    ends = [
        checks.whole_number(name, units, at_least=1)
        for name, units in (("n_in", n_in), ("n_out", n_out))
    ]
    return (ends[0], *hidden * checks.whole_number("depth", depth, at_least=0), ends[1])


def parameters(layers: Sequence[int]) -> int:
    """Return how many weights and biases a network of these layers has."""
    return sum((below + 1) * above for below, above in pairwise(layers))
