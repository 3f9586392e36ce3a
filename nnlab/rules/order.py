"""The order in which an epoch presents its patterns, as a rule of plain numbers.

The engine shuffles inside compiled code and the reference in Python; both run this source, so the
same seed means the same order in either.
"""

from __future__ import annotations

import numpy as np

from nnlab.rules.random import share_of, state_of

_LEFT, _RIGHT, _MIDDLE = np.uint64(13), np.uint64(17), np.uint64(7)


def first_state(seed: int) -> np.uint64:
    """Turn any seed of at least 0 into a well-mixed, non-zero state."""
    return state_of(seed) | np.uint64(1)


def next_state(state):
    """Advance a 64-bit xorshift generator (Marsaglia 2003, shifts 13, 7, 17)."""
    state ^= state << _LEFT
    state ^= state >> _MIDDLE
    state ^= state << _RIGHT
    return state


def shuffle(order, state):
    """Shuffle ``order`` in place (Fisher and Yates) and return the generator's new state."""
    for last in range(len(order) - 1, 0, -1):
        state = next_state(state)
        other = int(state % np.uint64(last + 1))
        order[last], order[other] = order[other], order[last]
    return state


def kept(state, dropout):
    """Draw whether a unit stays: return its factor, 0 or 1 / (1 - dropout), and the new state."""
    state = next_state(state)
    return (share_of(state) >= dropout) / (1.0 - dropout), state
