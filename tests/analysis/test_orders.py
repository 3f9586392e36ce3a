"""Many orders at once: as the engine trains each, and what happens where one meddles."""

import itertools

import numpy as np
import pytest

import nnlab
from nnlab.analysis import orders

FAST = nnlab.Experiment(learning_rate=5.0, max_updates=600)
LISTS = list(itertools.permutations(range(6)))[::45]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"layers": (3, 4, 3, 1), "init": "xavier", "activation": "tanh"},
        {"output": "linear", "learning_rate": (0.02, 0.05)},
        {"learning_rate": nnlab.Exponential(5.0, factor=0.995)},
    ],
)
def test_it_trains_as_the_engine_does_in_every_order(changes):
    experiment = FAST.replace(**changes)
    needed, said = orders.train(experiment, LISTS, epochs=100, watch=1)
    runs = [experiment.replace(data=experiment.data.reordered(order)).run() for order in LISTS]
    updates = [run.updates if run.converged else np.inf for run in runs]
    assert np.array_equal(needed, updates)
    assert said.shape == (len(said), len(LISTS)) and len(said) <= 100
    first = experiment.data.inputs[[1]]
    alone = nnlab.reference.forward(experiment, experiment.initial_weights(), first)[-1]
    starting = [place for place, order in enumerate(LISTS) if order[0] == 1]
    assert (said[0, starting] == alone[0, 0]).all() and len(starting)


def test_it_ends_when_all_have_learned():
    needed, said = orders.train(FAST, [range(6)])
    assert needed.tolist() == [564.0] and len(said) == 94


def test_only_the_pattern_meddled_with_hears_or_pulls_otherwise():
    plain = orders.train(FAST, LISTS, epochs=2, watch=1)[1]
    late = np.array([order[-1] for order in LISTS])
    for changed in (
        orders.train(FAST, LISTS, epochs=2, watch=1, listen=5)[1],
        orders.train(FAST, LISTS, epochs=2, watch=1, pull=(5, 0.9))[1],
    ):
        # Who comes last in the first epoch can't be heard by anyone before.
        assert np.array_equal(changed[0, late == 5], plain[0, late == 5])
        assert not np.array_equal(changed[1], plain[1])


def test_the_pull_that_is_there_already_changes_nothing():
    linear = FAST.replace(output="linear", learning_rate=0.05)  # its slope is 1
    plain, same = (orders.train(linear, LISTS, 5, pull=pull)[1] for pull in (None, (2, 1.0)))
    assert np.array_equal(plain, same)


def test_who_listens_earlier_hears_the_network_before_the_last_step():
    order = [0, 1, 2, 3, 4, 5]
    still = FAST.replace(learning_rate=1e-9)  # it hardly moves: when one listens does not matter
    plain, listened = (
        orders.train(still, [order], 3, watch=2, listen=listen)[1] for listen in (None, 2)
    )
    assert np.allclose(plain, listened, atol=1e-8)


@pytest.mark.parametrize(
    ("changes", "lists", "words"),
    [
        ({"batch_size": 2}, LISTS, "online"),
        ({"shuffle": True}, LISTS, "fixed"),
        ({"optimizer": "adam"}, LISTS, "SGD"),
        ({"weight_decay": 0.1}, LISTS, "decay"),
        ({"normalization": "layer"}, LISTS, "normalization"),
        ({}, [[0, 1, 2, 3, 4, 4]], "permutations"),
        ({}, [[0, 1, 2]], "permutations"),
    ],
)
def test_what_it_does_not_do_is_refused(changes, lists, words):
    with pytest.raises(ValueError, match=words):
        orders.train(FAST.replace(**changes), lists)
