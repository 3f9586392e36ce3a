"""A panel over norms, starts and batches: every control to its corners."""

import re

import numpy as np
import pytest

import nnlab
from nnlab import plots
from tests.panel.test_live import find, picture, settled, status, until

ARTICLE = nnlab.Experiment()


DEEP = ARTICLE.replace(
    layers=(3, 5, 5, 5, 1), batch_size="full", init="gaussian", max_updates=1000, learning_rate=10.0
)


@pytest.fixture(scope="module")
def panel():
    """A panel of norms, starts, rates and batches."""
    shown = nnlab.live(
        DEEP,
        views=["errors", "sums", "curve", "network"],
        normalization=[None, "input", "batch", "layer"],
        learning_rate=(0.01, 100.0),
        start_scale=nnlab.Dial(
            (0.01, 100.0),
            lambda experiment, scale: experiment.replace(init=nnlab.Initializer("gaussian", scale)),
            start=1.0,
            logarithmic=True,
        ),
        batch_size=["full", 3, 2, 1],
        init_seed=(0, 9),
    )
    yield shown
    shown.close()
    assert shown.wait(5)


CONTROLS = {
    "normalization": ["layer", "batch", "input", None],
    "learning rate": [0.01, 100.0, 10.0],
    "start scale": [0.01, 100.0, 1.0],
    "batch size": [1, 2, 3, "full"],
    "init seed": [9, 0],
}


@pytest.mark.parametrize("control", CONTROLS)
def test_each_control_to_its_corners(panel, control):
    for value in CONTROLS[control]:
        before = picture(panel).frame
        find(panel, control).value = value
        assert settled(panel)
        run = panel.experiment.run()
        assert (panel.run.outcome, panel.run.updates) == (run.outcome, run.updates)
        field = control.replace(" ", "_")
        if field == "start_scale":
            assert panel.experiment.init == nnlab.Initializer("gaussian", value)
        else:
            assert getattr(panel.experiment, field) == value
        assert picture(panel).frame != before


def test_batch_norm_with_a_batch_of_one_says_why_not_and_goes_on(panel):
    find(panel, "normalization").value = "batch"
    assert settled(panel)
    assert re.match(r"converged after \d\d updates", status(panel))
    find(panel, "batch size").value = 1
    assert until(lambda: "with a batch_size of 1 every sum would become 0" in status(panel))
    find(panel, "batch size").value = "full"
    assert settled(panel)
    assert status(panel).startswith("converged after")
    find(panel, "normalization").value = None
    assert settled(panel)


def test_the_panels_dots_are_those_of_its_run(panel):
    find(panel, "normalization").value = "batch"
    assert settled(panel)
    axes = {each.get_title(loc="left"): each for each in panel.figure.axes}
    raw, received = plots.hidden_sums(panel.run)
    lines = axes["sums into hidden units"].lines
    dots = [line for line in lines if len(line.get_xdata())]
    heights = {len(line.get_ydata()): np.asarray(line.get_ydata()) for line in dots[:1]}
    np.testing.assert_allclose(heights[raw.size], raw.ravel())
    np.testing.assert_allclose(dots[1].get_ydata(), received[0])
    find(panel, "normalization").value = None
    assert settled(panel)
