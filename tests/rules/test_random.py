"""Random numbers of our own: known bits, fair distributions, streams that don't meet."""

import numpy as np
import pytest
from scipy import stats

from nnlab.engine.compiler import compiled
from nnlab.rules import random
from nnlab.rules.random import drawn, normal_of, share_of

MANY = 200_000


def test_the_bits_are_splitmix64s():
    # The first three numbers of the seed 1234567 in the test of the authors' published program.
    numbers = drawn(np.uint64(1234567), np.array([1, 2, 3], np.uint64))
    assert numbers.tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_numbers_and_compiled_code_draw_what_arrays_draw():
    @compiled
    def normal(state, k):
        return normal_of(share_of(drawn(state, k)), share_of(drawn(state, k + np.uint64(1))))

    state, arrays = random.state_of(7), random.Stream(7).standard_normal(50)
    pairs = range(1, 101, 2)
    assert [normal(state, np.uint64(k)) for k in pairs] == arrays.tolist()


def test_a_stream_goes_on_where_it_was():
    whole, parts = random.Stream(3).random(10), random.Stream(3)
    assert np.array_equal(np.concatenate([parts.random(4), parts.random(6)]), whole)
    assert random.Stream(3).random((2, 5)).tolist() == whole.reshape(2, 5).tolist()


@pytest.mark.parametrize(
    ("numbers", "distribution"),
    [
        (random.Stream(0).random(MANY), stats.uniform),
        (random.Stream(1).uniform(-2.0, 3.0, MANY), stats.uniform(-2.0, 5.0)),
        (random.Stream(2).standard_normal(MANY), stats.norm),
        (np.array([random.Stream(seed).random(1)[0] for seed in range(5_000)]), stats.uniform),
    ],
    ids=["shares", "uniform", "normal", "first of many seeds"],
)
def test_distributions_are_what_they_are_called(numbers, distribution):
    assert stats.kstest(numbers, distribution.cdf).pvalue > 0.01
    follower = np.corrcoef(numbers[:-1], numbers[1:])[0, 1]
    assert abs(follower) < 4.0 / np.sqrt(len(numbers))


def test_integers_reach_every_value_equally_often():
    counts = np.bincount(random.Stream(0).integers(7, MANY), minlength=7)
    assert len(counts) == 7
    assert stats.chisquare(counts).pvalue > 0.01


def test_several_seeds_at_once_draw_what_each_draws_alone():
    seeds = [0, 3, 2**64 + 1, 3]
    several, each = random.Stream(seeds, 1), [random.Stream(seed, 1) for seed in seeds]
    for size in (4, (2, 3)):
        alone = np.stack([one.standard_normal(size) for one in each])
        assert np.array_equal(several.standard_normal(size), alone)
    assert np.array_equal(several.integers(9, 5), np.stack([one.integers(9, 5) for one in each]))


def test_seeds_and_branches_are_streams_of_their_own():
    seeds = [(0,), (1,), (2**64,), (2**64 + 1,), (2**128 - 1,), (0, 1), (1, 1), (0, 2**64)]
    assert len({float(random.Stream(*seed).random(1)[0]) for seed in seeds}) == len(seeds)
