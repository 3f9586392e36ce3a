"""Starts of many seeds: each equals its own experiment's, whatever is kept between calls."""

from __future__ import annotations

import numpy as np

import nnlab
from nnlab.rules.initializers import Start
from nnlab.sweeps.cells import starts_of


class Unhashable(Start):
    """A reader's own start, which nothing can be kept by."""

    __hash__ = None  # type: ignore[assignment]

    def weights(self, shapes, seed):
        return [np.full(shape, float(seed)) for shape in shapes]


def test_each_seed_has_the_start_that_it_has_alone():
    """Asked for twice, in other orders, with what a norm adds behind, and changed by the caller."""
    seeds = [3, 3, 0, 7]
    for init in ("gaussian", "alternating", Unhashable()):
        for normalization in (None, "layer"):
            shared = nnlab.Experiment(init=init, normalization=normalization)
            for _ in range(2):
                starts = starts_of(shared, seeds)
                for seed, found in zip(seeds, starts, strict=True):
                    alone = shared.replace(init_seed=seed).initial_parameters()
                    assert (found == np.concatenate([part.ravel() for part in alone])).all()
                starts[:] = np.nan  # training writes into them
