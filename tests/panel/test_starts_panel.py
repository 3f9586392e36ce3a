"""A panel over starts: what it shows at every corner."""

import re
import time

import ipywidgets as widgets
import numpy as np
import pytest

import nnlab
from nnlab.analysis import signals
from nnlab.plots import style
from tests.panel.panels import all_widgets, find

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(layers=(3, 5, 5, 5, 1), init="xavier", max_updates=600)


def axes():
    """Fresh axes."""
    return style.picture()[1]


SHOWN = ["errors", "curve", "distinct units", "activations", "gradients", "last weights"]


CORNERS = {
    "init": list(nnlab.INITIALIZERS),
    "scale": [0.01, 30.0, 1.0],
    "init seed": [29, 0],
    "learning rate": [0.01, 50.0, 5.0],
}


@pytest.fixture(scope="module")
def panel():
    """The panel as the notebook makes it, on a smaller budget."""
    shown = nnlab.live(
        ARTICLE.replace(learning_rate=5.0, max_updates=600),
        views=SHOWN,
        init=list(nnlab.INITIALIZERS),
        scale=nnlab.Dial(
            (0.01, 30.0),
            lambda experiment, scale: experiment.replace(
                init=nnlab.Initializer(experiment.start.name, scale)
            ),
            start=1.0,
            logarithmic=True,
        ),
        init_seed=(0, 29),
        layers=[(3, 5, 1), (3, 5, 5, 5, 1)],
        learning_rate=(0.01, 50.0),
    )
    yield shown
    shown.close()
    assert shown.wait(5)


def status(panel):
    """The words beneath the controls."""
    texts = [w.value for w in all_widgets(panel) if isinstance(w, widgets.HTML)]
    return re.sub(r"<[^>]*>", " ", " ".join(texts))


def settled(panel):
    """Wait until the panel shows the end of the run that its controls ask for."""
    end = time.perf_counter() + 10
    while time.perf_counter() < end:
        run = panel.run
        over = run.experiment == panel.experiment and run.outcome != "running"
        if over and f"{run.updates:,} updates ({run.epochs:,} epochs)" in status(panel):
            return True
        time.sleep(0.005)
    return False


def by_title(panel):
    """The axes on screen by the beginning of their titles."""
    figure = panel.figure
    return {each.get_title(loc="left").split(";")[0]: each for each in figure.axes if each.axison}


@pytest.mark.parametrize("layers", [(3, 5, 1), (3, 5, 5, 5, 1)])
@pytest.mark.parametrize("control", CORNERS)
def test_a_control_at_its_corners_shows_the_run_that_it_asks_for(panel, control, layers):
    find(panel, "layers").value = layers
    find(panel, "init").value = "gaussian"
    assert settled(panel)
    for value in CORNERS[control]:
        find(panel, control).value = value
        assert settled(panel)
        run = panel.experiment.run()
        assert panel.run.experiment == panel.experiment
        assert (panel.run.outcome, panel.run.updates) == (run.outcome, run.updates)
        assert f"{run.updates:,} updates" in status(panel)
        shown = by_title(panel)
        lines = shown["distinct hidden units"].lines[: len(layers) - 2]
        assert all(len(line.get_xdata()) > 1 for line in lines)
        answers = nnlab.reference.forward(run.experiment, run.weights, ARTICLE.data.inputs)[1]
        assert lines[0].get_ydata()[-1] == signals.distinct(answers)
        gradients = shown["gradients by layer"].lines[-1].get_xdata()
        assert len(gradients) == len(layers) - 1


def test_the_scale_reaches_the_start(panel):
    find(panel, "layers").value = (3, 5, 1)
    find(panel, "init").value = "constant"
    find(panel, "scale").value = 0.5
    assert settled(panel)
    assert set(np.concatenate([each.ravel() for each in panel.experiment.initial_weights()])) == {
        0.5
    }
    find(panel, "scale").value = 1.0
    assert settled(panel)
