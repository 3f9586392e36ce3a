"""The view of gradients: arrows of patterns, rings of batches."""

import itertools
import warnings

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import landscape
from nnlab.plots import style

ARTICLE = nnlab.Experiment()


SHORT = ARTICLE.replace(max_updates=600, learning_rate=1.0)


def random_data(patterns, n_out=1):
    """Own data with two inputs."""
    rng = np.random.default_rng(0)
    return nnlab.Dataset(rng.normal(size=(patterns, 2)), rng.random((patterns, n_out)))


def tips(artists):
    """Ends of the patterns' arrows, the rings, and the end of the line of all."""
    arrows, rings, full = artists
    ends = np.column_stack([arrows.U, arrows.V])
    return ends, np.column_stack(rings.get_data()), np.array([part[-1] for part in full.get_data()])


def drawn(run, row=-1):
    """What the view shows of a run."""
    return tips(plots.gradient_noise(style.picture()[1], run, plots.Look(row=row)))


@pytest.mark.parametrize("row", [0, 50, -1])
def test_arrows_are_gradients_in_units_of_the_longest(row):
    run = SHORT.run()
    gradients = landscape.pattern_gradients(SHORT, run.history.flat_weights[row])
    lengths = np.linalg.norm(gradients, axis=1)
    arrows, _, full = drawn(run, row)
    mean = gradients.mean(axis=0)
    along = gradients @ mean / np.linalg.norm(mean)
    np.testing.assert_allclose(arrows[:, 0], along / lengths.max(), atol=1e-12)
    np.testing.assert_allclose(full, [np.linalg.norm(mean) / lengths.max(), 0.0], atol=1e-12)
    assert (np.linalg.norm(arrows, axis=1) <= lengths / lengths.max() + 1e-12).all()
    in_plane = ((arrows - full) ** 2).sum() * lengths.max() ** 2
    assert in_plane > 0.7 * ((gradients - mean) ** 2).sum()  # the plane shows most of the noise


@pytest.mark.parametrize(
    ("size", "shuffle", "batches"),
    [
        (1, False, [[k] for k in range(6)]),
        (2, False, [[0, 1], [2, 3], [4, 5]]),
        (3, False, [[0, 1, 2], [3, 4, 5]]),
        (4, False, [[0, 1, 2, 3], [4, 5]]),
        (3, True, list(itertools.combinations(range(6), 3))),
        ("full", True, [range(6)]),
        ("full", False, [range(6)]),
    ],
)
def test_rings_are_the_batches_of_an_epoch(size, shuffle, batches):
    arrows, rings, full = drawn(SHORT.replace(batch_size=size, shuffle=shuffle).run())
    expected = [arrows[list(batch)].mean(axis=0) for batch in batches]
    np.testing.assert_allclose(rings, expected, atol=1e-12)
    np.testing.assert_allclose(arrows.mean(axis=0), full, atol=1e-12)


def test_on_the_plateau_a_pattern_pulls_a_hundred_times_as_hard_as_all():
    run = ARTICLE.run()
    row = np.searchsorted(run.history.updates, 300_000)
    arrows, _, full = drawn(run, row)
    assert np.linalg.norm(arrows[1]) > 0.99
    assert 0 < np.linalg.norm(full) < 0.01


def test_the_view_moves_the_same_artists():
    axes = style.picture()[1]
    before = plots.gradient_noise(axes, SHORT.run(), plots.Look(row=0))
    count = len(axes.get_children())
    other = SHORT.replace(batch_size=2, shuffle=True, learning_rate=3.0).run()
    after = plots.gradient_noise(axes, other, plots.Look(row=-1), before)
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert len(axes.get_children()) == count
    for found, expected in zip(tips(after), drawn(other), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("patterns", [1, 2, 7, 33, 300])
@pytest.mark.parametrize("size", [1, "full"])
def test_any_number_of_patterns(patterns, size):
    experiment = nnlab.Experiment(
        data=random_data(patterns, 2), layers=(2, 5, 4, 2), init="xavier", batch_size=size
    ).replace(max_updates=50, shuffle=True)
    arrows, rings, full = drawn(experiment.run())
    assert len(arrows) == min(patterns, 32)
    assert np.isfinite(arrows).all() and np.abs(arrows).max() <= 1 + 1e-12
    if size == "full":
        np.testing.assert_allclose(rings, [full], atol=1e-12)
    elif patterns <= 7:
        assert len(rings) == patterns


def test_of_many_patterns_larger_batches_lie_closer_to_the_mean():
    base = nnlab.Experiment(data=random_data(400), layers=(2, 5, 1), init="xavier", max_updates=20)
    spreads = []
    for size in (1, 16, 256):
        _, rings, full = drawn(base.replace(batch_size=size).run(), row=0)
        spreads.append(np.sqrt(((rings - full) ** 2).sum(axis=1).mean()))
    assert 2.5 < spreads[0] / spreads[1] < 6 and 2.5 < spreads[1] / spreads[2] < 6


@pytest.mark.parametrize(
    "fields",
    [
        {"activation": "relu", "output": "linear", "learning_rate": 10.0},
        {"init": "zeros", "max_updates": 5},
        {"max_updates": 1},
        {"layers": (3, 4, 4, 4, 4, 1), "init": "he", "activation": "relu", "max_updates": 50},
        {"layers": (3, 1), "max_updates": 50},
    ],
)
def test_odd_runs_are_drawn_without_a_warning(fields):
    run = ARTICLE.replace(**fields).run()
    assert (run.outcome == "diverged") == (fields.get("output") == "linear")
    figure, axes = style.picture()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        artists = plots.gradient_noise(axes, run, plots.Look(row=0))
        for row in (0, -1):
            plots.gradient_noise(axes, run, plots.Look(row=row), artists)
            assert all(np.isfinite(part).all() for part in tips(artists))
            assert style.png(figure).startswith(b"\x89PNG")
