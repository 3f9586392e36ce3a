"""Figures: the right lines with the right numbers, moved in place, in small pictures."""

import io
import subprocess
import sys
import warnings

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from PIL import Image

import nnlab
from nnlab import plots
from nnlab.plots import style

PNG = b"\x89PNG\r\n\x1a\n"
ARTICLE = nnlab.Experiment()


@pytest.fixture(scope="module")
def slow():
    """The article's slow run."""
    return ARTICLE.run()


@pytest.fixture(scope="module")
def fast():
    """The article's run at 5.0."""
    return ARTICLE.replace(learning_rate=5.0).run()


def random_data(patterns, n_out=1):
    """Own data with two inputs."""
    rng = np.random.default_rng(0)
    return nnlab.Dataset(rng.normal(size=(patterns, 2)), rng.random((patterns, n_out)))


def axes():
    """Fresh axes."""
    return style.picture()[1]


def distinct(lines):
    """Number of lines that do not lie on one another."""
    return len({np.asarray(line.get_ydata()).tobytes() for line in lines})


# --- the article's three panels ------------------------------------------------------------------


def test_training_draws_the_articles_three_panels(fast):
    figure = plots.training(fast)
    assert [len(each.lines) for each in figure.axes] == [6, 20, 6]
    assert [each.get_xlabel() for each in figure.axes] == ["updates"] * 3
    assert all(each.get_ylabel() for each in figure.axes)


def test_training_draws_one_panel_a_layer_of_weights():
    run = ARTICLE.replace(layers=(3, 4, 2, 1), max_updates=30).run()
    assert [len(each.lines) for each in plots.training(run).axes] == [6, 16, 10, 3]


def test_the_lines_hold_the_runs_own_numbers(fast):
    error_axes, *weight_axes = plots.training(fast).axes
    for pattern, line in enumerate(error_axes.lines):
        assert np.array_equal(line.get_xdata(), fast.history.updates)
        assert np.array_equal(line.get_ydata(), fast.history.errors[:, pattern])
    for each, path in zip(weight_axes, fast.history.weights, strict=True):
        drawn = np.array([line.get_ydata() for line in each.lines])
        assert np.array_equal(drawn, path.reshape(len(path), -1).T)


def test_w1_shows_three_distinct_lines(fast):
    assert distinct(plots.training(fast).axes[2].lines) == 3


def test_all_of_a_run_is_within_the_axes(fast):
    for each in plots.training(fast).axes:
        low, high = each.get_ylim()
        values = np.concatenate([line.get_ydata() for line in each.lines])
        assert low <= values.min() and values.max() <= high
        assert each.get_xlim() == (0, 564)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_long_run_is_drawn_with_few_points_that_reach_both_ends(slow, scale):
    line = plots.training(slow, scale=scale).axes[0].lines[1]
    updates = line.get_xdata()
    assert (updates[0], updates[-1]) == (0, 657_252)
    assert 100 < len(updates) <= 400 < len(slow.history)
    assert (np.diff(updates) > 0).all()


def test_the_second_pattern_is_orange_as_in_the_article(fast):
    line = plots.training(fast).axes[0].lines[1]
    assert line.get_label() == "tr:1 101"
    red, green, blue = style.rgb(line.get_color())
    assert red > green > blue and line.get_color() == style.PATTERNS[1]


def test_a_ghost_stays_behind_in_grey(fast, slow):
    lines = plots.training(fast, ghost=slow).axes[0].lines
    grey = [line for line in lines if line.get_color() == style.GHOST]
    assert (len(lines), len(grey)) == (12, 6)
    assert max(line.get_zorder() for line in grey) < 2
    assert np.asarray(grey[0].get_xdata())[-1] == 657_252


def test_the_legend_names_each_pattern_once(fast, slow):
    texts = plots.training(fast, ghost=slow).legends[0].get_texts()
    assert [text.get_text() for text in texts] == nnlab.parity().labels


# --- updating in place ---------------------------------------------------------------------------


def test_errors_move_the_same_lines_to_the_new_run(fast, slow):
    where = axes()
    lines = plots.errors(where, slow)
    moved = plots.errors(where, fast, artists=lines)
    assert moved == lines == list(where.lines)
    assert np.array_equal(lines[1].get_ydata(), fast.history.errors[:, 1])


@pytest.mark.parametrize("layer", [0, 1])
def test_weights_move_the_same_lines_to_the_new_run(fast, slow, layer):
    where = axes()
    lines = plots.weights(where, slow, layer)
    moved = plots.weights(where, fast, layer, artists=lines)
    assert moved == lines == [*where.lines, *where.texts]
    assert np.array_equal(lines[0].get_ydata(), fast.history.weights[layer][:, 0, 0])


def test_limits_grow_but_never_jump_back(fast):
    small = ARTICLE.replace(max_updates=10).run()
    where = axes()
    lines = plots.weights(where, small, 1)
    before = where.get_ylim()
    plots.weights(where, fast, 1, artists=lines)
    grown = where.get_ylim()
    assert grown[1] > before[1] and grown[0] == -grown[1]
    plots.weights(where, small, 1, artists=lines)
    assert where.get_ylim() == grown


# --- more than the article's data ----------------------------------------------------------------


@pytest.mark.parametrize("patterns", [17, 64, 65, 300])
def test_many_patterns_are_drawn_as_their_mean_loss(patterns):
    data = random_data(patterns, n_out=3)
    run = nnlab.Experiment(data=data, layers=(2, 4, 3), init="xavier", max_updates=200).run()
    where = axes()
    plots.time_axis(where, plots.Look(scale="linear"), run.updates)
    (line,) = plots.errors(where, run)
    assert where.get_title(loc="left") == "mean loss"
    np.testing.assert_allclose(line.get_ydata(), run.history.loss, rtol=1e-12)
    top = where.get_ylim()[1]
    assert 0.35 * top < line.get_ydata().max() <= top


def test_up_to_16_patterns_are_drawn_one_by_one():
    run = nnlab.Experiment(data=random_data(16), layers=(2, 4, 1), max_updates=32).run()
    assert len(plots.errors(axes(), run)) == 16


def test_errors_above_1_are_within_the_axes():
    data = nnlab.Dataset([[0.0], [1.0]], [[5.0], [-5.0]])
    run = nnlab.Experiment(data=data, layers=(1, 2, 1), output="linear", max_updates=50).run()
    where = axes()
    lines = plots.errors(where, run)
    assert max(line.get_ydata().max() for line in lines) < where.get_ylim()[1]


def test_a_diverged_run_does_not_spoil_the_axes():
    """Weights reach 1e+150 there; what is drawn next into the same axes must stay visible."""
    diverged = ARTICLE.replace(activation="relu", output="linear", learning_rate=10.0).run()
    assert diverged.outcome == "diverged"
    for draw, arguments in ((plots.errors, ()), (plots.weights, (0,)), (plots.weights, (1,))):
        where = axes()
        draw(where, diverged, *arguments)
        assert where.get_ylim()[1] < 1000


def test_a_diverged_run_makes_a_picture():
    diverged = ARTICLE.replace(activation="relu", output="linear", learning_rate=10.0).run()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert style.png(plots.training(diverged)).startswith(PNG)


# --- the axis of updates -------------------------------------------------------------------------


def test_the_linear_axis_spans_the_run():
    where = axes()
    plots.time_axis(where, plots.Look(scale="linear"), 564)
    assert (where.get_xscale(), where.get_xlim()) == ("linear", (0.0, 564.0))
    assert where.xaxis.get_major_formatter()(657252, 0) == "657,252"


def test_the_log_axis_starts_at_zero_all_the_same():
    where = axes()
    plots.time_axis(where, plots.Look(scale="log"), 5_000_000)
    assert (where.get_xscale(), where.get_xlim()) == ("symlog", (0.0, 5_000_000.0))


def test_the_axis_can_be_switched_to_and_fro():
    where = axes()
    for scale, expected in (("log", "symlog"), ("linear", "linear"), ("log", "symlog")):
        plots.time_axis(where, plots.Look(scale=scale), 1000)
        assert (where.get_xscale(), where.get_xlim()) == (expected, (0.0, 1000.0))


def test_a_run_without_an_update_has_an_axis():
    where = axes()
    plots.time_axis(where, plots.Look(scale="linear"), 0)
    assert where.get_xlim() == (0.0, 1.0)


# --- the chart of updates against rates, the network ---------------------------------------------


def test_rates_are_drawn_log_log():
    where = axes()
    (line,) = plots.rates(where, [0.05, 5.0], [657_252, 564])
    assert (where.get_xscale(), where.get_yscale()) == ("log", "log")
    assert line.get_xdata().tolist() == [0.05, 5.0]
    assert line.get_ydata().tolist() == [657_252, 564]
    assert (where.get_xlabel(), where.get_ylabel()) == ("learning rate", "updates")


def edges(artists):
    """All lines of a network: their ends, widths and colours, in the artists' order."""
    bundles = [each for each in artists if isinstance(each, LineCollection)]
    ends = [tuple(map(tuple, segment)) for each in bundles for segment in each.get_segments()]
    widths = np.concatenate([each.get_linewidths() for each in bundles])
    return ends, widths, [to_hex(colour) for each in bundles for colour in each.get_colors()]


def test_network_draws_every_weight_and_every_unit(fast):
    where = axes()
    ends, *_ = edges(plots.network(where, fast))
    assert len(ends) == len(set(ends)) == 4 * 5 + 6 * 1
    assert len(where.lines) == (3 + 1) + (5 + 1) + 1
    texts = [text.get_text() for text in where.texts]
    assert texts == ["x1", "x2", "x3", "1", "h1", "h2", "h3", "h4", "h5", "1", "y1"]


def test_network_draws_large_weights_wide_and_signs_in_colour(fast):
    _, widths, colours = edges(plots.network(axes(), fast, row=0))
    assert set(widths) == {4.0}
    first, last = fast.experiment.initial_weights()
    signs = np.concatenate([first.T.ravel(), last.ravel()]) > 0
    expected = [style.POSITIVE if positive else style.NEGATIVE for positive in signs]
    assert [colour.upper() for colour in colours] == expected


def test_network_moves_its_lines_to_another_moment(fast):
    where = axes()
    artists = plots.network(where, fast, row=0)
    assert plots.network(where, fast, plots.Look(row=-1), artists) == artists
    first, last = (np.abs(matrix) for matrix in fast.weights)
    sizes = np.concatenate([first.T.ravel(), last.ravel()])
    assert np.argmax(edges(artists)[1]) == np.argmax(sizes)


def test_network_lines_start_and_end_at_their_units():
    """W[0][source, target] joins unit `source` on the left with unit `target` on the right."""
    run = nnlab.Experiment(layers=(3, 2, 1), max_updates=1).run()
    where = axes()
    ends, *_ = edges(plots.network(where, run))
    at = {}
    for text in where.texts:
        at.setdefault(text.get_text(), []).append(text.get_position())
    left = [*at["x1"], *at["x2"], *at["x3"], at["1"][0]]
    right = [*at["h1"], *at["h2"]]
    assert ends[:8] == [(source, target) for target in right for source in left]
    assert ends[8:] == [(source, at["y1"][0]) for source in [*right, at["1"][1]]]


def test_a_units_lines_and_its_dot_have_its_tag(fast):
    where = axes()
    tagged = [each for each in plots.network(where, fast) if each.get_gid() == "unit:1.2"]
    into, out_of, dot, name = tagged
    assert len(into.get_segments()) == 4 and len(out_of.get_segments()) == 1
    assert name.get_text() == "h3" and dot.get_markerfacecolor() == style.UNITS[2]


@pytest.mark.parametrize("fields", [{"init": "zeros"}, {"activation": "relu", "output": "linear"}])
def test_network_can_draw_zeros_and_infinities(fields):
    run = ARTICLE.replace(learning_rate=10.0, max_updates=1000, **fields).run()
    for row in (0, -1):
        figure, where = style.picture()
        plots.network(where, run, plots.Look(row))
        assert style.png(figure).startswith(PNG)


# --- time, accuracy ------------------------------------------------------------------------------


def test_samples_count_the_ragged_last_batch():
    run = ARTICLE.replace(batch_size=4, max_updates=5).run()
    history = run.history
    samples = plots.clock(run, plots.Look(unit="samples"))
    assert samples[-1] == run.samples_seen == 4 + 2 + 4 + 2 + 4
    assert len(samples) == len(history)


def test_seconds_end_with_the_run(fast):
    seconds = plots.clock(fast, plots.Look(unit="seconds"))
    assert (seconds[0], seconds[-1]) == (0.0, pytest.approx(fast.seconds))
    assert np.allclose(seconds / fast.seconds, fast.history.updates / fast.updates)


def test_lines_and_axis_follow_the_unit(fast):
    where, look = axes(), plots.Look(unit="seconds", scale="log")
    plots.time_axis(where, look, fast.seconds)
    lines = plots.errors(where, fast, look)
    assert where.get_xlabel() == "seconds"
    assert lines[0].get_xdata()[-1] == pytest.approx(fast.seconds)


@pytest.mark.parametrize(("field", "value"), [("unit", "epoch"), ("scale", "logarithmic")])
def test_a_look_refuses_what_is_not_there(field, value):
    with pytest.raises(ValueError, match=value):
        plots.Look(**{field: value})


def test_held_out_patterns_have_lines_of_their_own():
    data = nnlab.digits()
    run = nnlab.Experiment(
        data=data,
        layers=(64, 8, 10),
        batch_size=32,
        init="xavier",
        loss="cross_entropy",
        output="softmax",
        max_updates=100,
        tolerance=0,
    ).run()
    learned, held_out = plots.errors(axes(), run)
    assert held_out.get_ydata()[-1] == pytest.approx(run.history.validation_loss[-1])
    learned, held_out = plots.accuracy(axes(), run)
    assert learned.get_ydata()[-1] == pytest.approx(run.history.accuracy[-1])
    assert held_out.get_ydata()[-1] == pytest.approx(run.history.validation_accuracy[-1])


def test_accuracy_needs_classes():
    data = nnlab.Dataset([[0.0], [1.0]], [[5.0], [-5.0]])
    run = nnlab.Experiment(data=data, layers=(1, 2, 1), output="linear", max_updates=5).run()
    with pytest.raises(ValueError, match="classes"):
        plots.accuracy(axes(), run)


# --- bands ---------------------------------------------------------------------------------------


def test_a_band_is_the_median_within_its_percentiles():
    samples = np.array([np.arange(1.0, 12.0), 10 * np.arange(1.0, 12.0)])
    line, _ = plots.band(axes(), [1, 2], samples, "black", "label")
    assert line.get_ydata().tolist() == [6.0, 60.0]


def test_a_band_leaves_out_the_median_where_most_seeds_failed():
    samples = np.array([[1.0, 2.0, np.inf], [1.0, np.inf, np.inf]])
    line, _ = plots.band(axes(), [1, 2], samples, "black", "label")
    assert line.get_ydata()[0] == 2.0
    assert np.isnan(line.get_ydata()[1])


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_pictures_are_small_png(slow, fast, scale):
    picture, shown = plots.training(fast, scale=scale, ghost=slow)._repr_png_()
    assert picture.startswith(PNG)
    assert 5_000 < len(picture) < 80_000
    assert Image.open(io.BytesIO(picture)).size == (2 * shown["width"], 2 * shown["height"])


def test_the_lines_are_really_in_the_picture(fast):
    """An empty plot passed once: count pixels of tr:1's orange, with and without its line."""

    def orange(figure):
        pixels = np.asarray(Image.open(io.BytesIO(style.png(figure))).convert("RGB"), dtype=int)
        wanted = 255 * np.array(style.rgb(style.PATTERNS[1]))
        return (np.abs(pixels - wanted).max(axis=2) < 24).sum()

    figure = plots.training(fast)
    with_line = orange(figure)
    figure.axes[0].lines[1].set_visible(False)
    assert with_line > orange(figure) + 100


def test_the_repr_of_a_picture_names_its_panels(fast):
    expected = "<Picture: error of each pattern | weights W[0], 20 | weights W[1], 6>"
    assert repr(plots.training(fast)) == expected


def test_drawing_needs_no_pyplot():
    code = (
        "import sys, nnlab; run = nnlab.Experiment(max_updates=5).run();"
        "nnlab.plots.training(run)._repr_png_();"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(1.0, 1.0), (1.1, 2.0), (4.5, 5.0), (564, 1000.0), (0.03, 0.05), (0.0, 1.0), (np.inf, 1.0)],
)
def test_round_up_goes_to_1_2_5(value, rounded):
    assert style.round_up(value) == pytest.approx(rounded)


def test_round_up_never_goes_down():
    values = np.geomspace(1e-6, 1e12, 2000)
    assert all(style.round_up(value) >= value * (1 - 1e-9) for value in values)


# --- outputs -------------------------------------------------------------------------------------


def test_outputs_are_dots_and_errors_the_lines_to_their_bars(fast):
    where = axes()
    errors, *dots = plots.outputs(where, fast, plots.Look(row=3))
    answers = fast.history.outputs[3, :, 0]
    assert [dot.get_ydata()[0] for dot in dots] == answers.tolist()
    assert [to_hex(dot.get_color()) for dot in dots] == [
        colour.lower() for colour in style.PATTERNS
    ]
    ends = np.array(errors.get_segments())[:, :, 1]
    assert np.array_equal(ends, np.stack([ARTICLE.data.targets[:, 0], answers], axis=1))
    assert [tick.get_text() for tick in where.get_xticklabels()][:2] == ["000", "101"]
    plots.outputs(where, fast, plots.Look(), [errors, *dots])
    assert [dot.get_ydata()[0] for dot in dots] == fast.history.outputs[-1, :, 0].tolist()


def test_outputs_of_large_data_stand_over_their_targets():
    data = random_data(900, n_out=2)
    run = nnlab.Experiment(data=data, layers=(2, 3, 2), output="linear", max_updates=900).run()
    where = axes()
    _, dots = plots.outputs(where, run)
    assert len(dots.get_ydata()) == 600
    nearest = np.abs(data.targets.ravel() - dots.get_xdata()[:, np.newaxis]).min(axis=1)
    assert nearest.max() < 0.06
    low, high = where.get_ylim()
    assert low < dots.get_ydata().min() and dots.get_ydata().max() < high


def test_outputs_that_overflow_leave_the_axis_finite():
    data = random_data(10)
    fields = {"layers": (2, 3, 1), "activation": "relu", "output": "linear", "learning_rate": 1e3}
    run = nnlab.Experiment(data=data, init="gaussian", max_updates=500, **fields).run()
    assert run.outcome == "diverged"
    where = axes()
    plots.outputs(where, run)
    assert np.isfinite(where.get_ylim()).all() and style.png(where.figure)
