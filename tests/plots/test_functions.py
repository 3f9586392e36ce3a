"""Where units stand on their activation, and the share that is flat over time."""

import time
import warnings

import numpy as np
import pytest
from matplotlib.colors import to_hex

import nnlab
from nnlab import plots
from nnlab.analysis import saturation
from nnlab.plots import Look, style

ARTICLE = nnlab.Experiment()


@pytest.fixture(scope="module")
def fast():
    """The article's run at 5.0."""
    return ARTICLE.replace(learning_rate=5.0).run()


@pytest.fixture(scope="module")
def dying():
    """From the article's start units 2 and 4 die as ReLUs."""
    return ARTICLE.replace(activation="relu", max_updates=5_000).run()


@pytest.fixture(scope="module")
def diverged():
    """A run that ends in infinities."""
    run = ARTICLE.replace(activation="relu", output="linear", learning_rate=10.0).run()
    assert run.outcome == "diverged"
    return run


def axes():
    """Fresh axes."""
    return style.picture()[1]


def ticks(artists, patterns=6):
    """What stands below the curve: sum and height of each tick, (patterns, units, 2)."""
    return np.asarray(artists[3].get_offsets()).reshape(patterns, -1, 2)


def classes(patterns=300, n_out=3):
    """Random points in the plane, each in some of the classes."""
    rng = np.random.default_rng(0)
    wanted = 1.0 * (rng.random((patterns, n_out)) > 0.5)
    return nnlab.Dataset(rng.normal(size=(patterns, 2)), wanted)


def test_function_draws_curve_slope_and_a_row_of_ticks_a_unit(fast):
    where = axes()
    artists = plots.function(where, fast)
    slope, line = artists[:2]
    z = line.get_xdata()
    np.testing.assert_allclose(line.get_ydata(), 1 / (1 + np.exp(-z)))
    np.testing.assert_allclose(slope.get_ydata(), line.get_ydata() * (1 - line.get_ydata()))
    received = saturation.sums(fast.history, -1)[0]
    marks = ticks(artists)
    assert len(marks) == 6
    for pattern, each in enumerate(marks):
        np.testing.assert_allclose(each[:, 0], received[pattern].clip(-6.24, 6.24))
        assert (np.diff(each[:, 1]) < 0).all()  # unit 1 on top
    colours = [to_hex(colour).upper() for colour in artists[3].get_edgecolors()]
    assert colours == [colour for colour in style.PATTERNS for _ in range(5)]
    assert [text.get_text() for text in where.texts] == ["h1", "h2", "h3", "h4", "h5"]


def test_function_shows_the_moment_it_is_asked_for(fast):
    artists = plots.function(axes(), fast, Look(row=0))
    np.testing.assert_array_equal(ticks(artists)[0][:, 0], [1, -1, 1, -1, 1])
    np.testing.assert_array_equal(ticks(artists)[3][:, 0], 0)


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [("sigmoid", -4.6, 4.6), ("tanh", -2.3, 2.3), ("relu", 0.0, None), ("linear", None, None)],
)
def test_the_shade_lies_where_the_activation_is_flat(name, left, right):
    run = ARTICLE.replace(activation=name, max_updates=6).run()
    shade = plots.function(axes(), run)[2]
    boxes = [path.get_extents() for path in shade.get_paths()]
    assert [box.x1 for box in boxes if box.x0 < -6] == pytest.approx(
        [] if left is None else [left], abs=0.05
    )
    assert [box.x0 for box in boxes if box.x1 > 6] == pytest.approx(
        [] if right is None else [right], abs=0.05
    )


def test_function_moves_its_artists_to_another_activation(fast, dying):
    where = axes()
    artists = plots.function(where, fast)
    count = len(where.get_children())
    moved = plots.function(where, dying, Look(), artists)
    assert moved == artists and len(where.get_children()) == count
    np.testing.assert_array_equal(artists[1].get_ydata(), np.maximum(artists[1].get_xdata(), 0))
    assert ticks(artists)[:, 1, 0].max() <= 0  # all of a dead unit's ticks are in the shade
    assert where.get_ylim()[1] > 6
    plots.function(where, fast, Look(), artists)
    assert where.get_ylim()[1] < 1.2


def test_of_many_patterns_and_units_some_are_shown_in_grey():
    wide = {"layers": (2, 60, 40, 3), "data": classes(), "init": "xavier", "batch_size": 32}
    artists = plots.function(axes(), nnlab.Experiment(**wide, max_updates=20).run())
    assert ticks(artists, patterns=16).shape == (16, 30, 2)
    assert {to_hex(colour) for colour in artists[3].get_edgecolors()} == {style.BIAS}


def test_the_ticks_do_not_reach_the_curve(fast, dying):
    for run in (fast, dying):
        where = axes()
        artists = plots.function(where, run)
        bottom, top = where.get_ylim()
        highest_tick = max(each[:, 1].max() for each in ticks(artists))
        lowest = min(np.nanmin(line.get_ydata()) for line in artists[:2])
        assert highest_tick < (lowest - bottom) / (top - bottom)


def test_saturation_counts_pairs_and_units(dying):
    where = axes()
    pairs, whole = plots.saturation(where, dying)
    off = saturation.sums(dying.history)[0] <= 0
    rows = np.searchsorted(dying.history.updates, pairs.get_xdata())
    np.testing.assert_allclose(pairs.get_ydata(), off.mean(axis=(1, 2))[rows])
    np.testing.assert_allclose(whole.get_ydata(), off.all(axis=1).mean(axis=1)[rows])
    assert (whole.get_ydata()[0], whole.get_ydata()[-1]) == (0.0, 0.4)


def test_saturation_has_a_line_a_hidden_layer():
    experiment = ARTICLE.replace(layers=(3, 5, 5, 5, 1), activation="relu", init="he")
    run = experiment.replace(max_updates=600).run()
    lines = plots.saturation(axes(), run)
    shares, whole = plots.flat_shares(run.history)
    assert len(lines) == 4
    for line, share in zip(lines, [*shares, whole], strict=True):
        np.testing.assert_allclose(line.get_ydata(), share)


def test_saturation_follows_the_unit_of_time(fast):
    look = Look(unit="seconds")
    lines = plots.saturation(axes(), fast, look)
    assert lines[0].get_xdata()[-1] == pytest.approx(fast.seconds)


VIEWS = pytest.mark.parametrize("view", [plots.function, plots.saturation])


def experiments():
    """Runs of all kinds."""
    deep = {"layers": (3, 5, 5, 5, 1), "init": "he", "activation": "gelu"}
    wide = {"layers": (2, 60, 40, 3), "data": classes(), "init": "xavier", "batch_size": 32}
    yield "zeros", ARTICLE.replace(init="zeros", max_updates=60)
    yield "deep", ARTICLE.replace(**deep, max_updates=600)
    yield "wide, 300 patterns", nnlab.Experiment(**wide, activation="elu", max_updates=50)
    yield "no hidden layer", ARTICLE.replace(layers=(3, 1), max_updates=60)
    yield "one update", ARTICLE.replace(max_updates=1)
    yield "batch norm", ARTICLE.replace(normalization="batch", batch_size=6, max_updates=60)


@VIEWS
@pytest.mark.parametrize("experiment", [each for _, each in experiments()], ids=dict(experiments()))
def test_views_survive_and_move_within_a_frames_time(view, experiment):
    run = experiment.run()
    figure, where = style.picture()
    artists = view(where, run)
    children = len(where.get_children())
    begin = time.perf_counter()
    for _ in range(5):
        assert view(where, run, Look(), artists) == artists
    assert (time.perf_counter() - begin) / 5 < 0.05  # about 1 ms on a quiet machine
    assert len(where.get_children()) == children
    assert style.png(figure)


@VIEWS
def test_views_of_a_diverged_run_draw_what_is_finite(view, diverged, fast):
    figure, where = style.picture()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        artists = view(where, diverged)
        assert style.png(figure)
    low, high = where.get_ylim()
    assert -10 < low < high < 10
    for values in (np.concatenate([np.ravel(line.get_ydata()) for line in where.lines]),):
        assert np.nanmax(np.abs(values)) < 10
    assert view(where, fast, Look(), artists) == artists


def test_what_is_not_a_number_counts_as_flat(diverged):
    assert saturation.flat(diverged.history, -1)[0].dtype == bool
    assert saturation.is_flat("sigmoid", np.array([np.nan, 0.2])).tolist() == [True, False]
