"""Part 5's panel, from the notebook's own cells."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from nnlab import plots
from nnlab.plots import style
from nnlab.plots.boundary import GRID
from tests.panel.panels import pixels

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "05_layers_and_neurons.ipynb"


BLUE, ORANGE = (np.array([round(255 * part) for part in to_rgb(style.PATTERNS[k])]) for k in (0, 1))


def axes():
    """Fresh axes."""
    return style.picture()[1]


def hues(image):
    """Which of two classes each cell of the plane shows: True where it is blue."""
    colours = np.asarray(image.get_array(), dtype=int)
    return colours[..., 2] > colours[..., 0]


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


START = {"shape": "circles", "depth": 1, "width": 3, "activation": "tanh", "learning_rate": 0.2}


def test_the_panel_starts_with_three_units_that_close_the_ring(panel):
    run = turn(panel, **START)
    assert run.experiment.layers == (2, 3, 1) and run.converged
    blue = hues(ground(panel))
    assert blue[GRID // 2, GRID // 2] and not blue[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    picture = pixels(panel)
    for colour in (BLUE, ORANGE):
        assert (np.abs(picture - colour).max(axis=2) < 16).sum() > 200


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
