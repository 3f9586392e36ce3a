"""What hidden units receive, before and after normalization."""

from itertools import product

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.panel.layers import Canvas
from nnlab.plots import Look, style
from nnlab.plots.sums import MAX_UNITS
from nnlab.reference import forward, receive

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(
    layers=(3, 5, 5, 5, 1), batch_size="full", init="gaussian", max_updates=1000, learning_rate=10.0
)


DIVERGED = ARTICLE.replace(activation="relu", output="linear", learning_rate=10.0)


def drawn(run, look=Look(), artists=None, axes=None):
    """The dots of a run: grey ones and coloured ones, each as (x, y) pairs of one array."""
    where = style.picture()[1] if axes is None else axes
    artists = plots.sums(where, run, look, artists)
    _, grey, *coloured = artists
    points = [np.column_stack(line.get_data()) for line in coloured]
    return where, artists, np.column_stack(grey.get_data()), points


@pytest.mark.parametrize("normalization", [None, "input", "batch", "layer", "rms"])
@pytest.mark.parametrize("row", [0, 3, -1])
def test_hidden_sums_are_the_references(normalization, row):
    run = DEEP.replace(normalization=normalization, max_updates=50).run()
    parameters = [path[row] for path in run.history.parameters]
    layers = forward(run.experiment, parameters, run.experiment.data.inputs, training=True)
    raw, received = plots.hidden_sums(run, Look(row=row))
    for number in range(3):
        units = slice(5 * number, 5 * number + 5)
        below = layers[number] @ parameters[number][:-1] + parameters[number][-1]
        np.testing.assert_allclose(raw[:, units], below)
        expected = receive(run.experiment, parameters, number, layers[number], True)[0]
        np.testing.assert_allclose(received[:, units], expected)


def test_without_batch_or_layer_norm_both_are_the_same():
    for normalization in (None, "input"):
        raw, received = plots.hidden_sums(DEEP.replace(normalization=normalization).run())
        np.testing.assert_array_equal(raw, received)


def test_batch_norm_takes_each_batch_by_itself():
    """Of a batch of two, whatever it is, -1 and +1 are left; gamma is 1 and beta 0 at the start."""
    run = DEEP.replace(normalization="batch", batch_size=2, max_updates=1).run()
    raw, received = plots.hidden_sums(run, Look(row=0))
    half = np.abs(raw[0::2] - raw[1::2]) / 2.0
    left = np.repeat(half / np.sqrt(half**2 + 1e-5), 2, axis=0)  # the variance, and epsilon
    np.testing.assert_allclose(np.abs(received), left, rtol=1e-9)
    assert np.abs(raw).max() > 2.0


@pytest.mark.parametrize(("size", "shown"), [(4, 10), (10, 10), (3, 9)])
def test_a_batch_that_is_left_over_is_shown_too(size, shown):
    rng = np.random.default_rng(0)
    data = nnlab.Dataset(rng.normal(size=(shown, 2)), rng.random((shown, 1)))
    fields = {"data": data, "layers": (2, 3, 1), "batch_size": size, "normalization": "batch"}
    raw, received = plots.hidden_sums(nnlab.Experiment(init="he", **fields, max_updates=3).run())
    assert raw.shape == received.shape == (shown, 3)
    last = received[shown // size * size :] if shown % size else received[-size:]
    assert np.abs(last.mean(axis=0)).max() < 0.2


def test_the_dots_are_the_sums():
    run = DEEP.replace(normalization="batch").run()
    raw, received = plots.hidden_sums(run)
    _, _, grey, coloured = drawn(run)
    np.testing.assert_allclose(grey[:, 1], raw.ravel())
    assert len(coloured) == 6
    for pattern, points in enumerate(coloured):
        np.testing.assert_allclose(points[:, 1], received[pattern])
        assert (np.diff(points[:, 0]) > 0.99).all()
    gaps = np.diff(coloured[0][:, 0])
    assert (gaps > 1.5).sum() == 2  # between three layers


def test_moving_keeps_the_artists_and_shows_the_new_run():
    first, second = DEEP.run(), DEEP.replace(normalization="layer", init_seed=3).run()
    where, artists, *_ = drawn(first)
    before = len(where.get_children())
    _, moved, grey, _ = drawn(second, Look(row=0), artists, where)
    assert all(a is b for a, b in zip(artists, moved, strict=True))
    assert len(where.get_children()) == before
    np.testing.assert_allclose(grey[:, 1], plots.hidden_sums(second, Look(row=0))[0].ravel())


def test_a_large_start_leaves_the_band_and_batch_norm_brings_it_back():
    large = DEEP.replace(init=nnlab.Initializer("gaussian", 10.0), max_updates=1)
    share = {}
    for normalization in (None, "batch"):
        _, artists, _, coloured = drawn(
            large.replace(normalization=normalization).run(), Look(row=0)
        )
        band = artists[0]
        heights = np.abs(np.concatenate(coloured)[:, 1])
        share[normalization] = (heights < band.get_y() + band.get_height()).mean()
    assert share[None] < 0.5 and share["batch"] == 1.0


@pytest.mark.parametrize(
    ("activation", "edge"), [("sigmoid", 4.58), ("tanh", 2.99), ("relu", 0.0), ("gelu", 0.0)]
)
def test_the_band_is_where_the_slope_is_above_a_hundredth(activation, edge):
    where, artists, *_ = drawn(DEEP.replace(activation="sigmoid", max_updates=1).run())
    run = DEEP.replace(activation=activation, max_updates=1).run()
    band = drawn(run, artists=artists, axes=where)[1][0]
    assert (band.get_y(), band.get_height()) == (-edge, 2 * edge)
    if edge:
        rule = nnlab.ACTIVATIONS[activation]
        sums = np.array([edge, edge + 0.02])
        inside, outside = rule.slope(sums, rule.function(sums))
        assert outside < 0.01 <= inside


@pytest.mark.parametrize("row", [0, -1])
def test_a_diverged_run_is_drawn_as_far_as_it_is_finite(row):
    run = DIVERGED.run()
    assert run.outcome == "diverged"
    where, _, grey, coloured = drawn(run, Look(row=row))
    heights = np.concatenate([grey[:, 1], *(points[:, 1] for points in coloured)])
    low, high = where.get_ylim()
    finite = heights[np.isfinite(heights)]
    assert (low <= finite).all() and (finite <= high).all()
    assert row == -1 or len(finite) == len(heights)


CIRCLES = nnlab.Experiment(
    data=nnlab.circles(300), layers=(2, 20, 20, 1), init="xavier", max_updates=60
)


@pytest.mark.parametrize(
    ("normalization", "size"), [*product([None, "batch", "layer", "rms"], [2, 50, "full"])]
)
def test_many_patterns_and_units_are_drawn_in_part(normalization, size):
    run = CIRCLES.replace(normalization=normalization, batch_size=size).run()
    where, artists, grey, coloured = drawn(run)
    assert len(np.unique(grey[:, 0])) == MAX_UNITS
    assert 32 * 50 <= len(grey) <= 32 * 64
    assert sum(map(len, coloured)) == len(grey)
    Canvas(where.figure, artists).frame()


def test_a_network_without_hidden_layer_is_refused():
    with pytest.raises(ValueError, match=r"needs a hidden layer; got a network of layers \(3, 1\)"):
        plots.sums(style.picture()[1], ARTICLE.replace(layers=(3, 1), max_updates=6).run())
