"""Part 6: the ravine, the views "surface" and "steps", and the notebook's two panels."""

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.analysis import landscape
from nnlab.panel import controller, views
from nnlab.plots import EVERY_WEIGHT, Look, style
from tests.panel.panels import find

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_update_rule.ipynb"
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


# --- the ravine ----------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90])
def test_the_ravine_is_twenty_times_as_steep_across_as_along(angle):
    valley = RAVINE.replace(data=nnlab.ravine(angle))
    curvature = landscape.hessian(valley, np.array([2.0, 3.0])) / 2  # of the mean, not the sum
    sizes, directions = np.linalg.eigh(curvature)
    assert sizes[1] / sizes[0] == pytest.approx(20, rel=1e-4)
    assert curvature[1, 1] == pytest.approx(1)
    flat = directions[:, 0] * np.sign(directions[0, 0] or 1.0)
    assert abs(flat @ [np.cos(np.radians(angle)), -np.sin(np.radians(angle))]) > 1 - 1e-6


@pytest.mark.parametrize("angle", [0, 45, 90])
def test_the_ravines_minimum_is_7_along_and_2_across_from_the_articles_start(angle):
    valley = RAVINE.replace(data=nnlab.ravine(angle))
    start = valley.initial_weights()[0].ravel()
    curvature = landscape.hessian(valley, start)
    minimum = start - np.linalg.solve(curvature, landscape.gradient(valley, start))
    assert np.allclose(landscape.gradient(valley, minimum), 0, atol=1e-6)
    directions = np.linalg.eigh(curvature)[1]
    assert np.abs(directions.T @ (minimum - start)) == pytest.approx([7, 2], rel=1e-4)


def test_the_ravine_along_the_axes_has_its_minimum_at_6_and_minus_1():
    gradient = landscape.gradient(RAVINE, np.array([6.0, -1.0]))
    assert np.allclose(gradient, 0, atol=1e-12)


def test_a_ravines_repr_rebuilds_it():
    for angle in (0, 45, 12.5):
        assert eval(repr(nnlab.ravine(angle))) == nnlab.ravine(angle)


@pytest.mark.parametrize("angle", [-1, 91, float("nan"), "45"])
def test_a_ravine_refuses_angles_outside_of_0_to_90(angle):
    with pytest.raises((ValueError, TypeError), match="angle"):
        nnlab.ravine(angle)


def test_standardized_every_ravine_is_a_bowl():
    for angle in (0, 45, 90):
        valley = RAVINE.replace(data=nnlab.ravine(angle), normalization="input")
        assert np.allclose(landscape.hessian(valley, np.zeros(2)), 2 * np.eye(2), atol=1e-4)


# --- surface -------------------------------------------------------------------------------------


def test_the_views_are_registered():
    assert views.OVER_TIME["steps"] is plots.steps
    assert views.OF_A_MOMENT["surface"] is plots.surface


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


# --- steps ---------------------------------------------------------------------------------------


def segments(artists):
    """What each layer's lines show: arrays of (times, sizes)."""
    return [np.array(lines.get_segments()) for lines in artists]


def test_steps_are_what_the_weights_moved_an_update(runs):
    run = runs["ravine"]
    (lines,) = segments(plots.steps(axes(), run))
    moved = np.abs(np.diff(run.history.flat_weights, axis=0))
    drawn = np.maximum(moved, 1e-10)
    assert lines.shape == (2, len(moved), 2)
    assert np.array_equal(lines[:, :, 0], [run.history.updates[1:]] * 2)
    np.testing.assert_allclose(lines[:, :, 1], drawn.T, rtol=1e-12)


def test_rows_that_are_epochs_apart_share_the_way_among_their_updates(runs):
    run = runs["article"]
    hidden, output = segments(plots.steps(axes(), run))
    moved = np.abs(np.diff(run.history.flat_weights, axis=0)) / 6
    assert (len(hidden), len(output)) == (20, 6)
    np.testing.assert_allclose(np.vstack([hidden, output])[:, :, 1], moved.T, rtol=1e-9)


def test_adams_steps_begin_at_the_learning_rate_and_sgds_at_their_gradients():
    full = ARTICLE.replace(batch_size="full", learning_rate=0.01, max_updates=1)
    steps = np.vstack(segments(plots.steps(axes(), full.replace(optimizer="adam").run())))
    assert np.allclose(steps[:, 0, 1], 0.01, rtol=1e-4)
    steps = np.vstack(segments(plots.steps(axes(), full.run())))
    gradient = landscape.gradient(full, full.run().history.flat_weights[0]) / 6
    assert np.allclose(steps[:, 0, 1], 0.01 * np.abs(gradient))


def test_many_weights_are_drawn_as_percentiles(runs):
    run = runs["many patterns"]
    sources, targets = run.experiment.weight_shapes[0]
    assert sources * targets + 21 * 3 > EVERY_WEIGHT
    hidden, output = segments(plots.steps(axes(), run))
    assert (len(hidden), len(output)) == (3, 3)
    rows = plots.rows_to_draw(run.history, Look())
    moved = np.abs(np.diff(run.history.flat_weights[rows], axis=0)) / np.diff(
        run.history.updates[rows]
    ).reshape(-1, 1)
    own = moved[:, : sources * targets]
    np.testing.assert_allclose(
        hidden[:, :, 1], np.percentile(own, (10, 50, 90), axis=1), rtol=1e-6, atol=1e-10
    )


@pytest.mark.parametrize("unit", plots.UNITS)
def test_steps_are_drawn_against_any_clock(runs, unit):
    look = Look(unit=unit)
    run = runs["article"]
    hidden, _ = segments(plots.steps(axes(), run, look))
    assert np.array_equal(hidden[0, :, 0], plots.clock(run, look)[1:])


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_run_has_steps(runs, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, where = style.picture()
        artists = plots.steps(where, runs[name])
        plots.time_axis(where, Look(scale="log"), max(runs[name].updates, 1))
        figure.canvas.draw()
    assert len(artists) == len(EXPERIMENTS[name].weight_shapes)
    assert all(np.isfinite(lines).all() for lines in segments(artists) if lines.size)


def test_steps_are_moved_and_their_axis_only_grows(runs):
    where = axes()
    artists = plots.steps(where, runs["ravine"])
    before, limits = len(where.get_children()), where.get_ylim()
    plots.steps(where, runs["diverged"], Look(), artists)
    grown = where.get_ylim()
    assert grown[0] == limits[0] and grown[1] > limits[1]
    moved = plots.steps(where, runs["ravine"], Look(), artists)
    assert where.get_ylim() == grown and len(where.get_children()) == before
    assert all(one is two for one, two in zip(moved, artists, strict=True))
    np.testing.assert_allclose(
        segments(artists)[0], segments(plots.steps(axes(), runs["ravine"]))[0]
    )


# --- the notebook's panels -----------------------------------------------------------------------


def notebook_panel(number, monkeypatch):
    """The panel of the notebook's first or second panel cell, made as the notebook makes it."""
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    monkeypatch.setattr(controller, "_FILL_AT_MOST", 0.0)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names: dict = {}
    exec(sources[0], names)
    return eval([source for source in sources if "nnlab.live(" in source][number], names)


@pytest.fixture
def panel(request, monkeypatch):
    """A panel of the notebook, closed at the end."""
    shown = notebook_panel(request.param, monkeypatch)
    yield shown
    shown.close()
    assert shown.wait(10)


def settle(panel, seconds=10.0):
    """Wait until the run on screen is that of the controls, to its end."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        run = panel.run
        if run.experiment == panel.experiment and run.outcome != "running":
            assert panel.wait(10)
            return panel.run
        time.sleep(0.002)
    raise AssertionError(f"not shown: {panel.experiment!r}")


def surface_line(panel):
    """The path in the panel's surface view."""
    screen = panel._controller.picture
    return np.array(screen._artists["surface"][1].get_data())


@pytest.mark.parametrize("panel", [0], indirect=True)
def test_the_ravines_panel_goes_to_all_its_corners(panel):
    rate, rule, data = (find(panel, name) for name in ("learning rate", "optimizer", "data"))
    outcomes = set()
    valleys = [valley for _, valley in data.options]
    for place, (_, name) in enumerate(rule.options):
        data.value, rule.value = valleys[place // 5], name
        for value in (0.01, 100.0):
            rate.value = value
            run = settle(panel)
            outcomes.add(run.outcome)
            assert (run.experiment.optimizer, run.experiment.learning_rate) == (name, value)
            assert run.experiment.data == valleys[place // 5]
            path = surface_line(panel)
            assert np.isfinite(path).all()
            assert np.array_equal(path[:, 0], run.history.flat_weights[0])
            assert panel.status.value.startswith('<div class="nnlab-line"')
    assert outcomes == {"converged", "diverged", "out of updates"}


@pytest.mark.parametrize("panel", [0], indirect=True)
def test_the_ravines_panel_shows_the_zigzag_and_the_turn(panel):
    rate, data = find(panel, "learning rate"), find(panel, "data")
    rate.value = 1.9
    run = settle(panel)
    assert run.converged
    across = np.diff(surface_line(panel)[1])
    assert (across[1:30] * across[:29] < 0).all()
    data.value = nnlab.ravine(45)
    settle(panel)
    assert panel.run.experiment.data == nnlab.ravine(45)
    assert not panel.run.converged  # steeper: 2 / 1.9 is the limit there


@pytest.mark.parametrize("panel", [1], indirect=True)
def test_the_articles_panel_goes_to_all_its_corners(panel):
    rate, rule, init = (find(panel, name) for name in ("learning rate", "optimizer", "init"))
    corners = [(0.001, "xavier"), (50.0, "alternating"), (50.0, "gaussian")]
    for place, (_, name) in enumerate(rule.options):
        value, start = corners[place % 3]
        rule.value, init.value, rate.value = name, start, value
        setting = settle(panel).experiment
        assert (setting.optimizer, setting.init) == (name, start)
        assert setting.learning_rate == value
        assert np.isfinite(surface_line(panel)).all()
        assert surface_line(panel)[:, 0].tolist() == [0, 0]
