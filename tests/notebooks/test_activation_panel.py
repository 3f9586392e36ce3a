"""Part 3's panel, from the notebook's own cell."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.plots import style
from tests.panel.panels import pixels

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_activation.ipynb"


ARTICLE = nnlab.Experiment()


@pytest.fixture(scope="module")
def diverged():
    """A run that ends in infinities."""
    run = ARTICLE.replace(activation="relu", output="linear", learning_rate=10.0).run()
    assert run.outcome == "diverged"
    return run


def axes():
    """Fresh axes."""
    return style.picture()[1]


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
    drawn = pixels(panel)
    below_the_curve = drawn[208:330, 140:1050]
    for colour in style.PATTERNS:
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(below_the_curve - wanted).max(axis=2) < 16).sum() > 8, colour
