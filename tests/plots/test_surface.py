"""The loss as a landscape, and the path of a run across it."""

import warnings

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.plots import Look, style

ARTICLE = nnlab.Experiment()


RAVINE = nnlab.Experiment(
    data=nnlab.ravine(), layers=(1, 1), output="linear", batch_size="full", max_updates=300
)


MANY = nnlab.Dataset(
    np.random.default_rng(0).normal(size=(300, 2)), np.random.default_rng(1).random((300, 3))
)


EXPERIMENTS = {
    "ravine": RAVINE.replace(learning_rate=0.5),
    "zigzag": RAVINE.replace(learning_rate=2.1),
    "diverged": RAVINE.replace(learning_rate=100.0),
    "article": ARTICLE.replace(learning_rate=5.0),
    "long": ARTICLE.replace(optimizer="adam", max_updates=100_000),
    "one update": ARTICLE.replace(max_updates=1),
    "deep": ARTICLE.replace(layers=(3, 5, 5, 5, 5, 5, 1), init="xavier", max_updates=500),
    "many patterns": nnlab.Experiment(data=MANY, layers=(2, 20, 3), init="xavier", max_updates=900),
    "batch norm": ARTICLE.replace(normalization="batch", batch_size=3, max_updates=300),
    "standing still": ARTICLE.replace(init="zeros", learning_rate=1e-300, max_updates=600),
}


@pytest.fixture(scope="module")
def runs():
    """A run of each kind."""
    return {name: experiment.run() for name, experiment in EXPERIMENTS.items()}


def axes():
    """Fresh axes."""
    return style.picture()[1]


def parts(artists):
    """The surface's image, and the points of its path, start and present."""
    image, *lines = artists
    return image, *(np.array(line.get_data()) for line in lines)


def test_the_path_on_a_ravine_is_that_of_weight_and_bias(runs):
    run = runs["ravine"]
    _, path, start, here = parts(plots.surface(axes(), run))
    assert np.array_equal(path, run.history.flat_weights.T)
    assert start.ravel().tolist() == [-1, 1]
    assert np.array_equal(here.ravel(), run.weights[0].ravel())


def test_the_surface_is_darkest_at_the_minimum_and_lightest_far_off(runs):
    where = axes()
    image, *_ = plots.surface(where, runs["ravine"])
    pixels = np.asarray(image.get_array(), dtype=int).sum(axis=2)
    assert tuple(image.get_extent()) == (*where.get_xlim(), *where.get_ylim())
    rows, columns = np.nonzero(pixels == pixels.min())
    along, across = (
        np.linspace(*limits, len(pixels)) for limits in (where.get_xlim(), where.get_ylim())
    )
    assert along[columns].mean() == pytest.approx(6, abs=0.3)
    assert across[rows].mean() == pytest.approx(-1, abs=0.2)
    assert pixels[0, 0] == pixels.max()


def test_shades_follow_the_loss_itself(runs):
    """Two points of equal loss have equal shades, whatever the view's limits."""
    where = axes()
    image, *_ = plots.surface(where, runs["ravine"])
    pixels = np.asarray(image.get_array(), dtype=int).sum(axis=2)
    (left, right), (low, high) = where.get_xlim(), where.get_ylim()

    def shade(weight, bias):
        row = round((bias - low) / (high - low) * (len(pixels) - 1))
        return pixels[row, round((weight - left) / (right - left) * (len(pixels) - 1))]

    assert shade(3.0, -1.0) == shade(8.99, -1.0) < shade(3.0, 1.0)
    assert shade(6.0, -0.4) == shade(6.0, -1.6)


def test_the_path_ends_at_the_moment_looked_at(runs):
    run = runs["ravine"]
    where = axes()
    artists = plots.surface(where, run, Look(row=10))
    _, path, _, here = parts(artists)
    assert np.array_equal(path, run.history.flat_weights[:11].T)
    assert np.array_equal(here.ravel(), run.history.flat_weights[10])
    _, path, *_ = parts(plots.surface(where, run, Look(row=0), artists))
    assert path.T.tolist() == [[-1, 1]]


def test_a_path_of_many_weights_is_its_shadow_on_the_widest_plane(runs):
    run = runs["article"]
    _, path, start, here = parts(plots.surface(axes(), run))
    flat = run.history.flat_weights
    away = flat - flat[0]
    assert start.ravel().tolist() == [0, 0]
    assert (here > 0).all()
    best = np.linalg.svd(away)[2][:2]
    assert np.square(path).sum() > 0.98 * np.square(away @ best.T).sum()
    assert np.square(path).sum() <= 1.0001 * np.square(away @ best.T).sum()


def test_loss_falls_along_the_shadow_of_the_article_at_5(runs):
    where = axes()
    image, path, *_ = parts(plots.surface(where, runs["article"]))
    pixels = np.asarray(image.get_array(), dtype=int).sum(axis=2)

    def shade(point):
        (left, right), (low, high) = where.get_xlim(), where.get_ylim()
        row = round((point[1] - low) / (high - low) * (len(pixels) - 1))
        return pixels[row, round((point[0] - left) / (right - left) * (len(pixels) - 1))]

    assert shade(path[:, -1]) < shade(path[:, 0])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_run_has_a_surface_in_sight(runs, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, where = style.picture()
        image, path, *_ = parts(plots.surface(where, runs[name]))
        figure.canvas.draw()
    assert np.isfinite(path).all() and path.shape[1] >= 1
    low, high = np.array([where.get_xlim(), where.get_ylim()]).T
    assert (low[:, np.newaxis] <= path).all() and (path <= high[:, np.newaxis]).all()
    assert np.asarray(image.get_array()).shape == (120, 120, 3)


def test_a_path_that_flies_off_is_cut_there_and_zigzags_until_then(runs):
    _, path, *_ = parts(plots.surface(axes(), runs["zigzag"]))
    assert 10 < path.shape[1] < len(runs["zigzag"].history)
    assert np.abs(path).max() <= 31
    across = np.diff(path[1])
    assert (across[1:] * across[:-1] < 0).all()


def test_a_surface_is_moved_not_drawn_anew(runs):
    where = axes()
    artists = plots.surface(where, runs["zigzag"])
    before = len(where.get_children())
    for other in (runs["ravine"], runs["diverged"], runs["ravine"]):
        moved = plots.surface(where, other, Look(), artists)
        assert all(one is two for one, two in zip(moved, artists, strict=True))
    assert len(where.get_children()) == before
    assert np.array_equal(parts(artists)[1], runs["ravine"].history.flat_weights.T)


def test_limits_stay_where_they_are_as_long_as_the_path_fits(runs):
    where = axes()
    artists = plots.surface(where, RAVINE.replace(learning_rate=0.5).run())
    limits = where.get_xlim(), where.get_ylim()
    for rate in (0.4, 0.6, 0.3):
        plots.surface(where, RAVINE.replace(learning_rate=rate).run(), Look(), artists)
        assert (where.get_xlim(), where.get_ylim()) == limits
    plots.surface(where, runs["zigzag"], Look(), artists)
    assert where.get_ylim()[1] > 20
    plots.surface(where, RAVINE.replace(learning_rate=0.5).run(), Look(), artists)
    assert where.get_ylim() == limits[1]
