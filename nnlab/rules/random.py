"""Random numbers: the same on every machine, with every NumPy, in the kernel and in a web page.

NumPy promises to keep the bits of its generators, not the numbers that it makes of them. So what
decides a run comes from here: SplitMix64 (Steele, Lea and Flood 2014), whose k-th number is a mix
of the seed's state and k alone. ``mixed``, ``share_of`` and ``normal_of`` are rules of plain
numbers: they also work on arrays, and compiled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from nnlab.rules.elementary import cos, log

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 divided by the golden ratio, made odd
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BITS_64 = (1 << 64) - 1

Size = int | tuple[int, ...]


def mixed(state):
    """Turn a 64-bit state into 64 bits that look random; equal states give equal bits."""
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def drawn(state, k):
    """Return the 64 bits that a stream in this state draws as its k-th, from 1."""
    return mixed(state + k * _GOLDEN)


def share_of(bits):
    """Turn 64 bits into a number from 0 to 1, 1 left out: a whole multiple of 2^-53."""
    return (bits >> np.uint64(11)) * 2.0**-53


def normal_of(first, second):
    """Turn two shares into a number with mean 0 and standard deviation 1 (Box and Muller 1958)."""
    return np.sqrt(-2.0 * log(1.0 - first)) * cos(2.0 * np.pi * second)


@lru_cache(maxsize=1)  # a sweep asks for the same order thousands of times
def state_of(seed: int) -> np.uint64:
    """Return the state of a seed from 0 to 2^128 - 1."""
    return _states((seed,), ())[0]


def _states(seeds: Sequence[int], branch: tuple[int, ...]) -> np.ndarray:
    """Return the states of seeds, (seeds,); each branch is a stream of its own."""
    states = np.zeros(len(seeds), np.uint64)
    for numbers in (seeds, *([number] for number in branch)):
        for parts in ([each & _BITS_64 for each in numbers], [each >> 64 for each in numbers]):
            states = drawn(states, np.array(parts, np.uint64) + np.uint64(1))
    return states


class Stream:
    """A stream of random numbers, drawn in the order in which they are asked for.

    Its methods are named as those of ``numpy.random.Generator``.

    Args:
        seed: a whole number from 0 to 2^128 - 1, or several: what is drawn has one more axis in
            front then, with each seed's own numbers.
        branch: more such numbers, for a stream beside the seed's own.
    """

    def __init__(self, seed: int | Sequence[int], *branch: int) -> None:
        if isinstance(seed, int):
            self._states = _states([seed], branch)
        else:
            self._states = _states(seed, branch)[:, np.newaxis]
        self._drawn = 0

    def random(self, size: Size) -> np.ndarray:
        """Return numbers from 0 to 1, 1 left out, in an array of that shape."""
        shape = size if isinstance(size, tuple) else (size,)
        count = math.prod(shape)
        numbers = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
        self._drawn += count
        return share_of(drawn(self._states, numbers)).reshape(*self._states.shape[:-1], *shape)

    def uniform(self, low: float, high: float, size: Size) -> np.ndarray:
        """Return numbers from ``low`` to ``high``, evenly spread."""
        return low + (high - low) * self.random(size)

    def standard_normal(self, size: Size) -> np.ndarray:
        """Return numbers of mean 0 and standard deviation 1; each takes two of the stream."""
        shape = size if isinstance(size, tuple) else (size,)
        pairs = self.random((*shape, 2))
        return normal_of(pairs[..., 0], pairs[..., 1])

    def integers(self, high: int, size: Size) -> np.ndarray:
        """Return whole numbers from 0 to ``high`` - 1, for ``high`` up to 2^32."""
        return np.floor(self.random(size) * high).astype(np.int64)
