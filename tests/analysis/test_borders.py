"""Borders and box counting on shapes whose dimension is known, and their control."""

import numpy as np
import pytest

from nnlab.analysis import borders

Y, X = np.indices((400, 400)) - 200
DISC = X**2 + Y**2 < 150**2


def test_a_border_by_hand():
    outcome = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]])
    assert borders.border(outcome).tolist() == [[False, True], [True, True]]


def test_a_line_has_dimension_one_and_an_area_two():
    assert borders.box_dimension(np.eye(256, dtype=bool)) == pytest.approx(1.0)
    assert borders.box_dimension(np.ones((256, 256), bool)) == pytest.approx(2.0)
    assert 0.9 < borders.box_dimension(borders.border(DISC)) < 1.05


def test_sierpinskis_carpet_has_its_dimension():
    """A third of the side each time, 8 of 9 parts: log 8 / log 3."""
    carpet = np.ones((1, 1), bool)
    for _ in range(5):
        hole = np.zeros_like(carpet)
        rows = [[carpet] * 3, [carpet, hole, carpet], [carpet] * 3]
        carpet = np.block(rows)
    found = borders.box_dimension(carpet, sizes=(1, 3, 9, 27, 81))
    assert found == pytest.approx(np.log(8) / np.log(3))


def test_coin_flips_keep_the_shares_and_lose_the_order():
    flips = borders.coin_flips(DISC, window=31, seed=1)
    assert flips.shape == DISC.shape and flips.dtype == bool
    assert flips.mean() == pytest.approx(DISC.mean(), abs=0.01)
    assert flips[200, 150:250].all() and not flips[:20, :20].any()  # far from the border
    assert np.array_equal(flips, borders.coin_flips(DISC, window=31, seed=1))
    assert not np.array_equal(flips, borders.coin_flips(DISC, window=31, seed=2))


def test_coin_flips_look_rough_though_the_disc_is_smooth():
    rough = borders.box_dimension(borders.border(borders.coin_flips(DISC, window=61)))
    assert rough > borders.box_dimension(borders.border(DISC)) + 0.3


def test_a_window_of_one_is_the_map_itself():
    assert np.array_equal(borders.coin_flips(DISC, window=1), DISC)


def test_a_window_needs_a_middle():
    with pytest.raises(ValueError, match=r"window must be odd, .* got 4"):
        borders.coin_flips(DISC, window=4)


def places(count=4_000):
    return np.random.default_rng(0).uniform(1.0, 2.0, (count, 2))


def test_fates_at_a_smooth_border_change_in_proportion_to_the_distance():
    def fate(pairs):
        return pairs.sum(axis=1) > 3.0

    far, near = (borders.uncertain(fate, places(), distance) for distance in (0.1, 0.01))
    assert far / near == pytest.approx(10.0, rel=0.4)
    assert borders.uncertain(fate, places(), 1e-9) == 0.0


def test_fates_that_are_coin_flips_change_at_any_distance():
    def fate(pairs):
        return np.floor(1e15 * pairs).sum(axis=1) % 2 == 0

    for distance in (0.1, 1e-6):
        assert borders.uncertain(fate, places(), distance) == pytest.approx(0.5, abs=0.05)


def test_a_distance_is_above_zero():
    with pytest.raises(ValueError, match="distance"):
        borders.uncertain(lambda pairs: pairs[:, 0] > 1, places(2), 0.0)
