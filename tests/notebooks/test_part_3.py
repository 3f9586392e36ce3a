"""Part 3's views, helpers and panel: where units stand on their activation, and what is flat."""

import io
import json
import re
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

import nnlab
from nnlab import plots
from nnlab.analysis import saturation
from nnlab.plots import Look, style

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_activation.ipynb"
ARTICLE = nnlab.Experiment()
BITS = ARTICLE.data.inputs


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


# --- what hidden units receive -------------------------------------------------------------------


def test_sums_are_inputs_times_weights_plus_bias(fast):
    (received,) = saturation.sums(fast.history)
    matrix = fast.history.weights[0]
    assert received.shape == (len(fast.history), 6, 5)
    for row in (0, 7, -1):
        np.testing.assert_allclose(received[row], BITS @ matrix[row][:-1] + matrix[row][-1])
        np.testing.assert_array_equal(saturation.sums(fast.history, row)[0], received[row])


def test_sums_of_later_layers_follow_from_what_the_earlier_ones_pass_on():
    experiment = ARTICLE.replace(layers=(3, 4, 2, 1), activation="tanh", init="gaussian")
    run = experiment.replace(max_updates=60).run()
    first, second = saturation.sums(run.history, -1)
    assert (first.shape, second.shape) == ((6, 4), (6, 2))
    np.testing.assert_allclose(second, np.tanh(first) @ run.weights[1][:-1] + run.weights[1][-1])


def test_sums_of_standardized_inputs():
    run = ARTICLE.replace(normalization="input", max_updates=12).run()
    matrix = run.weights[0]
    expected = ARTICLE.data.standardize(BITS) @ matrix[:-1] + matrix[-1]
    np.testing.assert_allclose(saturation.sums(run.history, -1)[0], expected)


def test_flat_is_what_the_diagnosis_calls_saturated():
    """Within 1 % of an end of the range, for sigmoid and tanh alike."""
    z = np.linspace(-8, 8, 2001)
    for name, low in (("sigmoid", 0.0), ("tanh", -1.0)):
        activation = nnlab.ACTIVATIONS[name]
        a = activation.function(z)
        margin = 0.01 * (1.0 - low)
        expected = (a < low + margin) | (a > 1.0 - margin)
        assert np.array_equal(saturation.is_flat(name, activation.slope(z, a)), expected)
        assert 0.3 < expected.mean() < 0.8


@pytest.mark.parametrize(
    ("name", "z", "flat"),
    [
        ("relu", -1e-9, True),
        ("relu", 1e-9, False),
        ("leaky_relu", -1.0, True),
        ("elu", -3.3, True),
        ("elu", -3.1, False),
        ("linear", -9.0, False),
    ],
)
def test_where_the_others_are_flat(name, z, flat):
    activation = nnlab.ACTIVATIONS[name]
    slope = activation.slope(np.array([z]), activation.function(np.array([z])))
    assert saturation.is_flat(name, slope).tolist() == [flat]


def test_a_dead_unit_is_off_for_every_pattern_and_its_weights_stand_still(dying):
    dead = saturation.dead(dying.history)[0]
    assert dead.shape == (len(dying.history), 5)
    assert not dead[0].any() and dead[-1].tolist() == [False, True, False, True, False]
    since = dead[:, 1].argmax()
    path = dying.history.weights[0][since:, :, 1]
    assert (path == path[0]).all()
    assert (saturation.sums(dying.history, -1)[0][:, 1] <= 0).all()


# --- the view of a moment ------------------------------------------------------------------------


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


# --- the view over time --------------------------------------------------------------------------


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


# --- both views: every run -----------------------------------------------------------------------

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


# --- outcomes by name ----------------------------------------------------------------------------


def test_outcome_rows_hold_updates_and_mask_what_was_not_learned():
    where = axes()
    updates = np.array([[10.0, np.inf, 1000.0], [np.inf, 50.0, np.inf]])
    mesh = plots.outcome_rows(where, [0.1, 1.0, 10.0], ["sigmoid", "tanh"], updates)
    shown = mesh.get_array().reshape(2, 3)
    assert np.array_equal(shown.mask, np.isinf(updates))
    assert shown.compressed().tolist() == [10.0, 1000.0, 50.0]
    assert [text.get_text() for text in where.get_yticklabels()] == ["sigmoid", "tanh"]
    assert where.get_ylim()[0] > where.get_ylim()[1]  # the first row on top


def test_spread_draws_medians_and_writes_solve_rates():
    where = axes()
    samples = np.array([np.arange(1.0, 12.0), [*np.arange(1.0, 8.0), *[np.inf] * 4]])
    plots.spread(where, ["a", "b"], samples, style.INK)
    assert where.lines[0].get_xdata().tolist() == [6.0, 6.0]
    assert [text.get_text() for text in where.get_yticklabels()] == ["a  100 %", "b  64 %"]
    bars = where.collections[0].get_segments()
    assert bars[0][:, 0].tolist() == [2.0, 10.0]
    assert bars[1][1, 0] == where.get_xlim()[1]  # open to the right


# --- the notebook's panel ------------------------------------------------------------------------


def panel_source():
    """The notebook's cell that makes the panel."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return next(source for source in sources if "nnlab.live(" in source)


@pytest.fixture(scope="module")
def panel():
    """The notebook's panel, made as there but with a smaller budget, to be quick."""
    source, replaced = re.subn(r"max_updates=[\d_]+", "max_updates=20_000", panel_source())
    assert replaced == 1
    shown = eval(source, {"nnlab": nnlab, "article": ARTICLE})
    yield shown
    shown.close()
    assert shown.wait(5)


def control(panel, name):
    """The widget of a control."""
    return panel._inputs[name]


def settle(panel):
    """Wait until the panel shows the end of the run that its controls ask for."""
    end = time.perf_counter() + 10
    while True:
        run = panel.run
        if run.experiment == panel.experiment and run.outcome != "running":
            return run
        assert time.perf_counter() < end, panel.status.value
        time.sleep(0.005)


def shown_axes(panel, title):
    """The axes with this title."""
    with panel.drawing:
        (found,) = (a for a in panel.figure.axes if a.get_title(loc="left") == title)
    return found


START = {
    "activation": "sigmoid",
    "learning_rate": 0.05,
    "init": "alternating",
    "loss": "squared_error",
}
CORNERS = [
    {"init": "gaussian", "learning_rate": 5.0},
    *(
        {"activation": name, "learning_rate": rate}
        for name in nnlab.ACTIVATIONS
        for rate in (0.01, 50.0)
    ),
    *(
        {"init": init, "activation": "relu", "learning_rate": 5.0}
        for init in ("gaussian", "xavier", "he")
    ),
    *(
        {"loss": "cross_entropy", "activation": name, "learning_rate": 50.0}
        for name in ("leaky_relu", "linear", "tanh")
    ),
]


@pytest.mark.parametrize("changes", CORNERS, ids=str)
def test_the_panel_at_its_corners_shows_what_the_run_alone_gives(panel, changes):
    for name, value in (START | changes).items():
        control(panel, name).widget.value = value
    run = settle(panel)
    expected = ARTICLE.replace(max_updates=20_000, **(START | changes)).run()
    assert (run.outcome, run.updates) == (expected.outcome, expected.updates)
    assert f"{expected.updates:,} updates" in panel.status.value
    line = shown_axes(panel, "the activation and where its units stand").lines[1]
    height = nnlab.ACTIVATIONS[run.experiment.activation].function(line.get_xdata())
    drawn = np.isfinite(line.get_ydata())
    np.testing.assert_allclose(line.get_ydata()[drawn], height[drawn])
    assert drawn.sum() > 100
    pairs = shown_axes(panel, "share that is flat").lines[0]
    shares, _ = plots.flat_shares(run.history)
    assert pairs.get_ydata()[-1] == pytest.approx(shares[0][-1])


def test_corners_include_runs_that_diverge():
    outcomes = {
        ARTICLE.replace(max_updates=20_000, **(START | each)).run().outcome for each in CORNERS
    }
    assert outcomes == {"converged", "diverged", "out of updates"}


def test_the_picture_shows_ticks_in_the_patterns_colours(panel):
    for name, value in (START | {"activation": "relu", "init": "he"}).items():
        control(panel, name).widget.value = value
    settle(panel)
    pixels = np.asarray(Image.open(io.BytesIO(panel.picture.value)).convert("RGB"), dtype=int)
    below_the_curve = pixels[130:225, 70:430]
    for colour in style.PATTERNS:
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(below_the_curve - wanted).max(axis=2) < 16).sum() > 8, colour
