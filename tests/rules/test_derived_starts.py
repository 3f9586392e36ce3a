"""Starts made from starts: nudged and tied ones."""

import numpy as np
import pytest

import nnlab

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(layers=(3, 5, 5, 5, 1), init="xavier", max_updates=600)


def test_a_nudge_moves_one_weight_or_all():
    plain = ARTICLE.initial_weights()
    one = ARTICLE.replace(init=nnlab.Nudged("alternating", -2.0, place=(1, 3, 0)))
    assert one.initial_weights()[1].ravel().tolist() == [-1, 1, -1, -1, -1, 1]
    assert np.array_equal(one.initial_weights()[0], plain[0])
    noisy = ARTICLE.replace(init=nnlab.Nudged("alternating", 1e-3), init_seed=4)
    moved = noisy.initial_weights()[0] - plain[0]
    assert (moved != 0).all() and 3e-4 < moved.std() < 3e-3
    assert np.array_equal(noisy.initial_weights()[0], noisy.initial_weights()[0])
    other = noisy.replace(init_seed=5).initial_weights()[0]
    assert not np.array_equal(noisy.initial_weights()[0], other)
    assert one.start.uses_seed is False and noisy.start.uses_seed is True


def test_a_nudges_noise_is_not_that_of_the_start_itself():
    start = ARTICLE.replace(init="gaussian").initial_weights()[0]
    noise = ARTICLE.replace(init=nnlab.Nudged("gaussian", 1.0)).initial_weights()[0] - start
    assert abs(np.corrcoef(noise.ravel(), start.ravel())[0, 1]) < 0.9


def test_the_articles_start_is_one_unit_and_its_mirror_images():
    tied = nnlab.Tied("alternating", (1, -1, 1, -1, 1))
    weights = ARTICLE.replace(init=tied).initial_weights()
    for ours, articles in zip(weights, ARTICLE.initial_weights(), strict=True):
        assert np.array_equal(ours, articles)


def test_tied_units_are_copies():
    weights = ARTICLE.replace(init=nnlab.Tied("gaussian", (1, 2, 1, 2, 5))).initial_weights()
    plain = ARTICLE.replace(init="gaussian").initial_weights()
    assert np.array_equal(weights[0], plain[0][:, [0, 1, 0, 1, 4]])
    assert np.array_equal(weights[1], plain[1][[0, 1, 0, 1, 4, 5]])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nnlab.Nudged("alternatin", 0.1), "alternating"),
        (lambda: nnlab.Nudged(3, 0.1), "init must be one of"),
        (lambda: nnlab.Nudged("zeros", np.inf), "size must be a finite number"),
        (lambda: nnlab.Tied("gaussian", (1, 2, 4)), "units must be 1 to 3"),
        (lambda: nnlab.Tied("gaussian", (1, 0)), "units must be 1 to 2"),
    ],
)
def test_starts_refuse_what_makes_no_sense(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


@pytest.mark.parametrize(
    ("start", "field"),
    [(nnlab.Nudged("zeros", 0.1, place=(0, 4, 0)), "place"), (nnlab.Tied("he", (1, 1)), "units")],
)
def test_starts_refuse_a_network_that_they_do_not_fit(start, field):
    with pytest.raises(ValueError, match=field):
        ARTICLE.replace(init=start).initial_weights()


@pytest.mark.parametrize(
    "start",
    [
        nnlab.Nudged("zeros", 0.1),
        nnlab.Nudged(nnlab.Initializer("gaussian", scale=2.0), 0.5, place=(0, 1, 2)),
        nnlab.Tied("gaussian", (1, -1, 1, -1, 1)),
    ],
)
def test_the_repr_rebuilds_the_start(start):
    assert eval(repr(start), {"nnlab": nnlab}) == start
    assert hash(eval(repr(start), {"nnlab": nnlab})) == hash(start)
