"""What a network has drawn on a plane."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import nnlab
from nnlab import plots
from nnlab.plots import style
from nnlab.plots.boundary import GRID

PLANE = nnlab.Experiment(
    data=nnlab.circles(),
    layers=(2, 8, 1),
    init="xavier",
    activation="tanh",
    loss="cross_entropy",
    learning_rate=0.3,
    batch_size=10,
    max_updates=2000,
)


@pytest.fixture(scope="module")
def learned():
    """A network that has drawn a ring around the inner circle."""
    run = PLANE.run()
    assert run.history.accuracy[-1] > 0.95
    return run


def axes():
    """Fresh axes."""
    return style.picture()[1]


def hues(image):
    """Which of two classes each cell of the plane shows: True where it is blue."""
    pixels = np.asarray(image.get_array(), dtype=int)
    return pixels[..., 2] > pixels[..., 0]


def cell_centres(where):
    """The points that the picture's cells stand for, (GRID, GRID, 2)."""
    (left, right), (bottom, top) = where.get_xlim(), where.get_ylim()
    middles = (np.arange(GRID) + 0.5) / GRID
    return np.stack(
        np.meshgrid(left + (right - left) * middles, bottom + (top - bottom) * middles), axis=-1
    )


def answers(run, points, row=-1):
    """A single output's answers at points of the plane, by the reference."""
    weights = [path[row] for path in run.history.weights]
    return nnlab.reference.forward(run.experiment, weights, points.reshape(-1, 2))[-1][:, 0]


def test_the_plane_shows_the_networks_answer_at_every_cell(learned):
    where = axes()
    image, *_ = plots.boundary(where, learned)
    wanted = answers(learned, cell_centres(where)).reshape(GRID, GRID) > 0.5
    assert np.array_equal(hues(image), wanted)
    assert 0.1 < wanted.mean() < 0.5 and wanted[GRID // 2, GRID // 2] and not wanted[0, 0]


def last_weights(run):
    """The last row of a history, to write into: for everybody else it is read-only."""
    run.history.flat_weights.flags.writeable = True
    return run.history.flat_weights[-1]


def test_up_is_up_and_right_is_right():
    """One unit that looks at the first input alone: blue on the right only."""
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    last_weights(run)[:] = (9.0, 0.0, 0.0)
    right = hues(plots.boundary(axes(), run)[0])
    assert right[:, GRID // 2 + 4 :].all() and not right[:, : GRID // 2 - 4].any()
    last_weights(run)[:] = (0.0, 9.0, 0.0)
    upper = hues(plots.boundary(axes(), run)[0])
    assert upper[GRID // 2 + 4 :].all() and not upper[: GRID // 2 - 4].any()


def test_up_is_up_in_the_pixels_too():
    """One unit that looks at the second input alone: the picture's upper half is blue."""
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    last_weights(run)[:] = (0.0, 9.0, 0.0)
    figure, where = style.picture()
    plots.boundary(where, run)
    pixels = np.asarray(Image.open(io.BytesIO(style.png(figure))).convert("RGB"), dtype=int)
    left, bottom, _, height = where.get_window_extent().bounds
    x, ground_line = int(left + 3), pixels.shape[0] - int(bottom)
    upper, lower = pixels[ground_line - int(height) + 4, x], pixels[ground_line - 4, x]
    assert upper[2] > upper[0] + 40 and lower[0] > lower[2] + 40


def test_a_surer_answer_has_a_stronger_colour():
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    last_weights(run)[:] = (4.0, 0.0, 0.0)
    row = np.asarray(plots.boundary(axes(), run)[0].get_array(), dtype=int)[0, :, :3]
    whiteness = row.min(axis=1)
    assert (np.diff(whiteness[: GRID // 2 - 1]) >= 0).all()  # towards the border paler
    assert (np.diff(whiteness[GRID // 2 + 1 :]) <= 0).all()
    assert whiteness[[0, -1]].max() < whiteness[GRID // 2] - 60


def test_points_lie_where_the_patterns_are_in_their_class_colours(learned):
    _, zeros, ones, _ = plots.boundary(axes(), learned)
    data = learned.experiment.data
    for line, target, colour in ((zeros, 0.0, 1), (ones, 1.0, 0)):
        wanted = data.inputs[data.targets[:, 0] == target]
        assert np.array_equal(np.column_stack(line.get_data()), wanted)
        assert to_hex(line.get_color()).upper() == style.PATTERNS[colour]


def test_patterns_on_the_wrong_side_are_ringed(learned):
    first = plots.Look(0)
    *_, rings = plots.boundary(axes(), learned, first)
    data = learned.experiment.data
    missed = (answers(learned, data.inputs, 0) > 0.5) != (data.targets[:, 0] > 0.5)
    assert 20 < missed.sum() < 180
    assert np.array_equal(np.column_stack(rings.get_data()), data.inputs[missed])


def test_another_moment_moves_the_same_artists(learned):
    where = axes()
    first = plots.boundary(where, learned, plots.Look(0))
    before, limits = hues(first[0]).copy(), (where.get_xlim(), where.get_ylim())
    children = len(where.get_children())
    moved = plots.boundary(where, learned, plots.Look(-1), first)
    assert all(a is b for a, b in zip(moved, first, strict=True))
    assert (hues(moved[0]) != before).any()
    assert len(where.get_children()) == children
    assert (where.get_xlim(), where.get_ylim()) == limits
    fresh = plots.boundary(axes(), learned)
    assert np.array_equal(moved[0].get_array(), fresh[0].get_array())
    assert np.array_equal(moved[-1].get_xdata(), fresh[-1].get_xdata())


def test_a_network_of_another_size_can_take_over_the_artists(learned):
    where = axes()
    artists = plots.boundary(where, learned)
    deep = PLANE.replace(layers=(2, 16, 16, 16, 1), max_updates=50).run()
    image = plots.boundary(where, deep, artists=artists)[0]
    wanted = answers(deep, cell_centres(where)).reshape(GRID, GRID) > 0.5
    assert np.array_equal(hues(image), wanted)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_diverged_run_shows_grey_ground_and_its_patterns(broken):
    run = PLANE.replace(output="linear", loss="squared_error", max_updates=3).run()
    last_weights(run)[:] = broken
    artists = plots.boundary(axes(), run)
    grey = [round(255 * part) for part in to_rgb(style.GHOST)]
    assert (np.abs(np.asarray(artists[0].get_array(), dtype=int)[..., :3] - grey) <= 1).all()
    assert sum(len(line.get_xdata()) for line in artists[1:3]) == len(run.experiment.data)


def test_a_run_that_diverged_by_itself_is_drawn():
    run = PLANE.replace(
        activation="relu", output="linear", loss="squared_error", learning_rate=1e6
    ).run()
    assert run.outcome == "diverged"
    figure, where = style.picture()
    artists = plots.boundary(where, run)
    plots.boundary(where, run, plots.Look(0), artists)
    assert np.isin(style.png(figure)[:4], b"\x89PNG").all()


def test_several_outputs_show_the_class_of_the_largest():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(300, 2))
    kinds = (inputs[:, 0] > 0) + 2 * (inputs[:, 1] > 0)
    data = nnlab.Dataset(inputs, np.eye(4)[kinds])
    run = PLANE.replace(data=data, layers=(2, 8, 4), output="softmax").run()
    image, *points, rings = plots.boundary(axes(), run)
    corners = np.asarray(image.get_array(), dtype=int)[[0, 0, -1, -1], [0, -1, 0, -1], :3]
    colours = [style.PATTERNS[k] for k in (1, 0, 2, 3)]
    for corner, colour in zip(corners, colours, strict=True):
        full = 255 * np.array(to_rgb(colour))
        tint = 255 + (full - 255) * 0.62
        assert np.abs(corner - tint).max() < 12
    assert [len(line.get_xdata()) for line in points] == np.bincount(kinds).tolist()
    assert len(rings.get_xdata()) == round(300 * (1 - run.history.accuracy[-1]))


def test_targets_need_not_be_0_and_1():
    data = nnlab.Dataset(PLANE.data.inputs, 6.0 * PLANE.data.targets - 8.0)
    run = PLANE.replace(data=data, output="linear", loss="squared_error", learning_rate=0.02).run()
    where = axes()
    image, *_ = plots.boundary(where, run)
    wanted = answers(run, cell_centres(where)).reshape(GRID, GRID) > -5.0
    assert np.array_equal(hues(image), wanted) and 0.05 < wanted.mean() < 0.95


def test_standardized_inputs_are_standardized_on_the_plane_too():
    data = nnlab.Dataset(100.0 * PLANE.data.inputs + 1000.0, PLANE.data.targets)
    run = PLANE.replace(data=data, normalization="input").run()
    assert run.history.accuracy[-1] > 0.95
    assert len(plots.boundary(axes(), run)[-1].get_xdata()) < 10


def test_batch_norm_is_used_as_after_training():
    run = PLANE.replace(normalization="batch").run()
    *_, rings = plots.boundary(axes(), run)
    assert len(rings.get_xdata()) == round(200 * (1 - run.history.accuracy[-1]))


def test_one_pattern_and_equal_patterns_have_a_plane():
    for inputs in ([[1.0, 2.0]], [[1.0, 2.0], [1.0, 2.0]]):
        data = nnlab.Dataset(np.array(inputs), np.arange(len(inputs))[:, np.newaxis] * 1.0)
        where = axes()
        plots.boundary(where, PLANE.replace(data=data, batch_size=1, max_updates=5).run())
        assert where.get_xlim()[0] < 1.0 < where.get_xlim()[1]


def test_what_is_no_plane_is_refused():
    with pytest.raises(ValueError, match=r"2 inputs.*got 3"):
        plots.boundary(axes(), nnlab.Experiment(max_updates=1).run())
    data = nnlab.Dataset(PLANE.data.inputs, np.eye(7)[np.arange(200) % 7])
    run = PLANE.replace(data=data, layers=(2, 7), max_updates=1).run()
    with pytest.raises(ValueError, match="got 7"):
        plots.boundary(axes(), run)
