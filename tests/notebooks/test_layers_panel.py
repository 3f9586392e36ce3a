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


def cells_of_code():
    """The notebook's code cells."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def made(source, names):
    """The panel that a cell makes."""
    exec(source.replace("nnlab.live(", "panel = nnlab.live(", 1), names)
    return names["panel"]


@pytest.fixture(scope="module")
def names():
    """What the notebook's first cell defines, the panel among it."""
    there = {}
    made(cells_of_code()[0], there)
    yield there
    there["panel"].close()
    assert there["panel"].wait(5)


@pytest.fixture(scope="module")
def panel(names):
    return names["panel"]


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


def test_three_units_close_the_ring(panel):
    run = turn(panel, width=3, init_seed=1)
    assert run.experiment.layers == (2, 3, 1)
    blue = hues(ground(panel))
    assert blue[GRID // 2, GRID // 2] and not blue[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    picture = pixels(panel)
    for colour in (BLUE, ORANGE):
        assert (np.abs(picture - colour).max(axis=2) < 16).sum() > 200


@pytest.mark.parametrize("width", [1, 16])
@pytest.mark.parametrize("seed", [0, 29])
def test_every_corner_shows_its_own_border_and_dots(panel, width, seed):
    run = turn(panel, width=width, init_seed=seed)
    assert run.experiment.layers == (2, width, 1) and run.experiment.init_seed == seed
    fresh = plots.boundary(axes(), run)
    assert np.array_equal(ground(panel).get_array(), fresh[0].get_array())
    lines = ground(panel).axes.lines[:2]
    dots = np.concatenate([np.column_stack(line.get_data()) for line in lines])
    assert {tuple(dot) for dot in dots} == {tuple(dot) for dot in run.experiment.data.inputs}


def test_bumps_reach_the_skyline_when_there_is_one_for_each_place(names):
    code = cells_of_code()
    exec(next(each for each in code if "class Bumps" in each), names)
    panel = made(next(each for each in code if "with_steepness, start" in each), dict(names))
    try:
        misses = {}
        for bumps, steepness in ((1, 400.0), (12, 400.0), (12, 10.0)):
            run = turn(panel, bumps=bumps, steepness=steepness)
            assert run.experiment.layers == (1, 2 * bumps, 1)
            answers = run.predict(run.experiment.data.inputs)
            misses[bumps, steepness] = np.abs(answers - run.experiment.data.targets).max()
        assert misses[12, 400.0] < 0.01 < 0.2 < min(misses[1, 400.0], misses[12, 10.0])
    finally:
        panel.close()
    assert panel.wait(5)
