"""Part 7's panels, made by the notebook's own cells and driven to their corners."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.panel import controller
from tests.panel.panels import find
from tests.panel.test_live import settled, status, until

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "07_normalization.ipynb"
PREPARES = ("article = nnlab.Experiment()", "digits = nnlab.digits()")  # what panels build on
RAVINE, DEEP, ZEROS, IN_USE, HUNDRED, SEVEN = range(6)


@pytest.fixture(scope="module")
def cells():
    """Code that makes each panel, in the notebook's order, with what has to run before."""
    with NOTEBOOK.open(encoding="utf-8") as file:
        found = json.load(file)["cells"]
    sources = ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    return [each for each in sources if "nnlab.live(" in each or any(p in each for p in PREPARES)]


@pytest.fixture
def panel(request, cells, monkeypatch):
    """One of the notebook's panels, closed at the end."""
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    monkeypatch.setattr(controller, "_FILL_AT_MOST", 0.0)
    names: dict = {}
    left = request.param
    for source in cells:
        tree = ast.parse(source)
        shows = "nnlab.live(" in source
        last = tree.body.pop() if shows else None
        exec(compile(tree, "cell", "exec"), names)
        if shows and left == 0:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            break
        left -= shows
    yield shown
    shown.close()
    assert shown.wait(10)


def put(panel, **values):
    """Set controls, wait, and return the run on screen, which is that of the setting."""
    for name, value in values.items():
        find(panel, name.replace("_", " ")).value = value
    assert settled(panel)
    run = panel.experiment.run()
    assert (panel.run.outcome, panel.run.updates) == (run.outcome, run.updates)
    return run


@pytest.mark.parametrize("panel", [RAVINE], indirect=True)
def test_a_standardized_ravine_is_a_bowl(panel):
    assert put(panel, normalization=None).updates > 50
    assert put(panel, normalization="input").updates == 2
    for rate in (0.01, 3.0):
        for kind in (None, "input"):
            put(panel, learning_rate=rate, normalization=kind)
    assert put(panel, learning_rate=3.0).outcome != "converged"


@pytest.mark.parametrize("panel", [DEEP], indirect=True)
def test_batch_norm_learns_from_a_tiny_start_and_no_other_does(panel):
    for scale in (100.0, 0.01):
        for kind in (None, "input", "batch", "layer", "rms"):
            run = put(panel, start_scale=scale, normalization=kind)
            assert run.experiment.init == nnlab.Initializer("gaussian", scale)
            assert run.converged == (scale == 0.01 and kind == "batch")


@pytest.mark.parametrize("panel", [ZEROS], indirect=True)
def test_layer_and_rms_norm_learn_where_a_0_is_not_written_as_0(panel):
    for kind in ("layer", "rms"):
        assert not put(panel, zero_as=0.0, normalization=kind).converged
        assert put(panel, normalization=None).converged
        for low in (-0.1, -1.0):
            assert put(panel, zero_as=low, normalization=kind).converged
            assert panel.experiment.data.inputs.min() == low


@pytest.mark.parametrize("panel", [IN_USE], indirect=True)
def test_a_lower_rate_or_a_stricter_tolerance_mends_the_network_in_use(panel):
    def worst(**values):
        run = put(panel, **values)
        assert run.converged
        return np.abs(run.history.outputs[-1] - run.experiment.data.targets).max()

    assert worst(learning_rate=10.0, tolerance=0.01) > 0.5
    assert worst(learning_rate=3.0) < 0.3
    assert worst(learning_rate=10.0, tolerance=0.001) < 0.3
    for rate in (1.0, 100.0):
        for size in (3, "full"):
            put(panel, learning_rate=rate, batch_size=size, tolerance=0.0001)


@pytest.mark.parametrize("panel", [HUNDRED], indirect=True)
def test_decay_brings_the_two_losses_together(panel):
    def gap(**values):
        history = put(panel, **values).history
        return history.validation_loss[-1] - history.loss[-1]

    assert gap(weight_decay=0.03, dropout=0.0) < 0.8 * gap(weight_decay=0.0)
    put(panel, weight_decay=0.0, dropout=0.6)


@pytest.mark.parametrize("panel", [SEVEN], indirect=True)
def test_the_seven_knobs_begin_at_the_article_and_lead_to_the_champion(panel):
    assert settled(panel)
    start = panel.experiment
    assert start.batch_size == 1 and start.shuffle and start.normalization is None
    assert panel.run.converged and 660_000 < panel.run.updates < 670_000
    champion = {
        "optimizer": "adam",
        "learning_rate": 0.2,
        "init": "xavier",
        "activation": "relu",
        "layers": (3, 20, 1),
        "normalization": "input",
        "batch_size": 6,
    }
    assert put(panel, **champion).updates < 15
    find(panel, "batch size").value = 1
    find(panel, "normalization").value = "batch"
    assert until(lambda: "with a batch_size of 1 every sum would become 0" in status(panel))
    assert put(panel, batch_size=6, normalization="input").converged
