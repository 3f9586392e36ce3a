"""Paths of weights: bundles of equal ones, names at their ends, parts of wide layers."""

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.plots import style
from nnlab.plots.weights import _bundles

ARTICLE = nnlab.Experiment()


@pytest.fixture(scope="module")
def fast():
    """The article's run at 5.0: hidden units 1, 3 and 5 stay alike, and so do 2 and 4."""
    return ARTICLE.replace(learning_rate=5.0).run()


def axes():
    """Fresh axes."""
    return style.picture()[1]


def names(where):
    """What is written at the ends of lines."""
    return {text.get_text() for text in where.texts if text.get_text()}


def test_equal_weights_are_one_line_with_their_number(fast):
    where = axes()
    plots.last_weights(where, fast)
    shown = [line for line in where.lines if line.get_visible()]
    assert names(where) == {"h1 ×3", "h2 ×2", "bias"}
    assert len(shown) == 3
    triple, pair, bias = (line.get_linewidth() for line in shown)
    assert triple > pair > bias
    assert shown[0].get_color() == style.unit_colour(0)


def test_every_weight_into_the_hidden_layer_is_within_a_bundle(fast):
    where = axes()
    plots.first_weights(where, fast)
    sources = {f"{source} ×{count}" for source in ("x1", "x2", "x3", "bias") for count in (2, 3)}
    assert names(where) == sources
    shown = [line for line in where.lines if line.get_visible()]
    assert {line.get_linestyle() for line in shown if line.get_label() == "bias"} == {"--"}
    assert {line.get_linestyle() for line in shown if line.get_label() != "bias"} == {"-"}


def test_bundles_part_and_join_as_runs_change(fast):
    where = axes()
    artists = plots.last_weights(where, fast)
    other = ARTICLE.replace(init="gaussian", learning_rate=5.0, max_updates=300).run()
    plots.last_weights(where, other, artists=artists)
    assert all(line.get_visible() for line in where.lines)
    assert names(where) == {"h1", "h2", "h3", "h4", "h5", "bias"}
    plots.last_weights(where, fast, artists=artists)
    assert names(where) == {"h1 ×3", "h2 ×2", "bias"}


def test_lines_know_their_units(fast):
    first, last = (view(axes(), fast) for view in (plots.first_weights, plots.last_weights))
    assert [line.get_gid() for line in first[:5]] == [f"unit:1.{unit}" for unit in range(5)]
    assert [line.get_gid() for line in last[:6]] == [*(f"unit:1.{unit}" for unit in range(5)), ""]


def test_names_at_the_ends_do_not_overlap(fast):
    where = axes()
    plots.time_axis(where, plots.Look(), fast.updates)
    plots.first_weights(where, fast)
    where.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in where.texts if text.get_text()]
    middles = sorted(box.y0 + box.height / 2 for box in boxes)
    assert np.diff(middles).min() > 0.8 * boxes[0].height * 0.9


def test_a_wide_layer_is_drawn_in_part_and_says_so():
    data = nnlab.Dataset(np.eye(40), np.eye(40)[:, :3])
    run = nnlab.Experiment(data=data, layers=(40, 200, 3), init="xavier", max_updates=5).run()
    where = axes()
    plots.first_weights(where, run)
    assert where.get_title(loc="left") == "weights W[0], 272 of 8,200"
    assert len(where.lines) == 17 * 16
    path = run.history.weights[0]
    np.testing.assert_array_equal(where.lines[0].get_ydata(), path[:, 0, 0])
    np.testing.assert_array_equal(where.lines[-1].get_ydata(), path[:, -1, -1])


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_bundles_are_those_of_equal_columns(scale):
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(30, 7)) * scale
    first, counts = _bundles(columns[:, [0, 1, 0, 2, 1, 0]])
    assert (first.tolist(), counts.tolist()) == ([0, 1, 3], [3, 2, 1])


def test_bundles_of_what_is_not_finite_are_counted_too():
    columns = np.array([[np.nan, np.nan, np.inf], [1.0, 1.0, 1.0]])
    assert _bundles(columns)[1].sum() == 3
