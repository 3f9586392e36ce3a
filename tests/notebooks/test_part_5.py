"""Part 5's views and panel: what the artists show, and every control at its corners."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import nnlab
from nnlab import plots
from nnlab.plots import style
from nnlab.plots.boundary import GRID

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_layers_and_neurons.ipynb"
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
BLUE, ORANGE = (np.array([round(255 * part) for part in to_rgb(style.PATTERNS[k])]) for k in (0, 1))


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


# --- the boundary --------------------------------------------------------------------------------


def test_the_plane_shows_the_networks_answer_at_every_cell(learned):
    where = axes()
    image, *_ = plots.boundary(where, learned)
    wanted = answers(learned, cell_centres(where)).reshape(GRID, GRID) > 0.5
    assert np.array_equal(hues(image), wanted)
    assert 0.1 < wanted.mean() < 0.5 and wanted[GRID // 2, GRID // 2] and not wanted[0, 0]


def test_up_is_up_and_right_is_right():
    """One unit that looks at the first input alone: blue on the right only."""
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    run.history.flat_weights[-1] = (9.0, 0.0, 0.0)
    right = hues(plots.boundary(axes(), run)[0])
    assert right[:, GRID // 2 + 4 :].all() and not right[:, : GRID // 2 - 4].any()
    run.history.flat_weights[-1] = (0.0, 9.0, 0.0)
    upper = hues(plots.boundary(axes(), run)[0])
    assert upper[GRID // 2 + 4 :].all() and not upper[: GRID // 2 - 4].any()


def test_up_is_up_in_the_pixels_too():
    """One unit that looks at the second input alone: the picture's upper half is blue."""
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    run.history.flat_weights[-1] = (0.0, 9.0, 0.0)
    figure, where = style.picture()
    plots.boundary(where, run)
    pixels = np.asarray(Image.open(io.BytesIO(style.png(figure))).convert("RGB"), dtype=int)
    left, bottom, _, height = where.get_window_extent().bounds
    x, ground_line = int(left + 3), pixels.shape[0] - int(bottom)
    upper, lower = pixels[ground_line - int(height) + 4, x], pixels[ground_line - 4, x]
    assert upper[2] > upper[0] + 40 and lower[0] > lower[2] + 40


def test_a_surer_answer_has_a_stronger_colour():
    run = PLANE.replace(layers=(2, 1), max_updates=1).run()
    run.history.flat_weights[-1] = (4.0, 0.0, 0.0)
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
    run.history.flat_weights[-1] = broken
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


# --- maps and ticks ------------------------------------------------------------------------------


def test_a_heat_map_writes_every_number_in_its_cell():
    where = axes()
    values = np.array([[0.0, 0.5, 1.0], [0.25, np.nan, np.inf]])
    plots.heat_map(where, [2, 4, 8], ["one", "two"], values, vmin=0, vmax=1)
    written = {text.get_position(): text.get_text() for text in where.texts}
    assert written == {(0.5, 0.5): "0%", (1.5, 0.5): "50%", (2.5, 0.5): "100%", (0.5, 1.5): "25%"}
    assert [tick.get_text() for tick in where.get_xticklabels()] == ["2", "4", "8"]
    assert [tick.get_text() for tick in where.get_yticklabels()] == ["one", "two"]


def test_numbers_of_a_heat_map_stand_out_from_their_cells():
    where = axes()
    plots.heat_map(where, [1, 2], [1], np.array([[0.0, 1.0]]), write="{:.1f}".format)
    assert [text.get_color() for text in where.texts] == ["white", style.INK]
    assert [text.get_text() for text in where.texts] == ["0.0", "1.0"]


def test_a_heat_map_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"2 rows and 3 columns; got \(3, 2\)"):
        plots.heat_map(axes(), [1, 2, 3], [1, 2], np.zeros((3, 2)))


def test_log_ticks_are_those_asked_for_and_no_others():
    where = axes()
    where.plot([1, 3000], [1, 32])
    plots.log_ticks(where.xaxis, [1, 30, 3000])
    plots.log_ticks(where.yaxis, [2, 32], ["two", "many"])
    assert (where.get_xscale(), where.get_yscale()) == ("log", "log")
    assert [tick.get_text() for tick in where.get_xticklabels()] == ["1", "30", "3,000"]
    assert [tick.get_text() for tick in where.get_yticklabels()] == ["two", "many"]
    assert not len(where.get_xticks(minor=True)) and not len(where.get_yticks(minor=True))


# --- the notebook's panel ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def panel():
    """The panel as the notebook's cell makes it."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    exec(code[0], names)
    source = next(each for each in code if "nnlab.live(" in each)
    exec(source.replace("nnlab.live(", "panel = nnlab.live(", 1), names)
    yield names["panel"]
    names["panel"].close()
    assert names["panel"].wait(5)


def turn(panel, **values):
    """Set some controls, wait, and return the run on screen."""
    controls = {name: each.widget for name, each in panel._inputs.items()}
    for name, value in values.items():
        controls[name].value = value
    assert panel.wait(20)
    assert panel.run.experiment == panel.experiment
    return panel.run


def ground(panel):
    """The image artist of the boundary on screen."""
    (where,) = (each for each in panel.figure.axes if each.images)
    return where.images[0]


def shown_pixels(panel):
    """The picture as the browser gets it, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(panel.picture.value)).convert("RGB"), dtype=int)


START = {"shape": "circles", "depth": 1, "width": 3, "activation": "tanh", "learning_rate": 0.2}


def test_the_panel_starts_with_three_units_that_close_the_ring(panel):
    run = turn(panel, **START)
    assert run.experiment.layers == (2, 3, 1) and run.converged
    blue = hues(ground(panel))
    assert blue[GRID // 2, GRID // 2] and not blue[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    pixels = shown_pixels(panel)
    for colour in (BLUE, ORANGE):
        assert (np.abs(pixels - colour).max(axis=2) < 16).sum() > 200


CORNERS = [
    {"depth": 5, "width": 16},
    {"depth": 5, "width": 1},
    {"depth": 1, "width": 16},
    {"depth": 1, "width": 1},
]


@pytest.mark.parametrize("corner", CORNERS, ids=str)
def test_depth_and_width_build_the_layers_in_every_corner(panel, corner):
    run = turn(panel, **START | corner)
    assert run.experiment.layers == (2, *[corner["width"]] * corner["depth"], 1)
    fresh = plots.boundary(axes(), run)
    assert np.array_equal(ground(panel).get_array(), fresh[0].get_array())


@pytest.mark.parametrize("shape", ["moons", "spirals", "circles"])
def test_every_shape_shows_its_own_dots(panel, shape):
    run = turn(panel, **START | {"shape": shape})
    assert run.experiment.data.name.startswith(f"nnlab.{shape}(")
    dots = np.concatenate(
        [np.column_stack(line.get_data()) for line in ground(panel).axes.lines[:2]]
    )
    assert {tuple(dot) for dot in dots} == {tuple(dot) for dot in run.experiment.data.inputs}


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh"])
@pytest.mark.parametrize("rate", [0.01, 5.0])
def test_activations_and_rates_at_their_ends_are_drawn(panel, activation, rate):
    run = turn(panel, **START | {"activation": activation, "learning_rate": rate, "depth": 5})
    assert (run.experiment.activation, run.experiment.learning_rate) == (activation, rate)
    assert run.outcome in ("converged", "diverged", "out of updates")
    fresh = plots.boundary(axes(), run)
    assert np.array_equal(ground(panel).get_array(), fresh[0].get_array())


def test_the_moment_slider_shows_an_earlier_boundary(panel):
    run = turn(panel, **START)
    panel.tools.moment.value = 0
    assert panel.wait(20)
    first = plots.boundary(axes(), run, plots.Look(0))[0].get_array()
    assert np.array_equal(ground(panel).get_array(), first)
    panel.tools.moment.value = panel.tools.moment.max
    assert panel.wait(20)
    last = plots.boundary(axes(), run)[0].get_array()
    assert np.array_equal(ground(panel).get_array(), last)
    assert not np.array_equal(first, last)
