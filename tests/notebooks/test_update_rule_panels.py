"""Part 6's panels, from the notebook's own cells."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.panel import controller
from tests.panel.panels import find

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_update_rule.ipynb"


def notebook_panel(number, monkeypatch):
    """The panel of the notebook's first or second panel cell, made as the notebook makes it."""
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    monkeypatch.setattr(controller, "_FILL_AT_MOST", 0.0)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names: dict = {}
    exec(sources[0], names)
    return eval([source for source in sources if "nnlab.live(" in source][number], names)


@pytest.fixture
def panel(request, monkeypatch):
    """A panel of the notebook, closed at the end."""
    shown = notebook_panel(request.param, monkeypatch)
    yield shown
    shown.close()
    assert shown.wait(10)


def settle(panel, seconds=10.0):
    """Wait until the run on screen is that of the controls, to its end."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        run = panel.run
        if run.experiment == panel.experiment and run.outcome != "running":
            assert panel.wait(10)
            return panel.run
        time.sleep(0.002)
    raise AssertionError(f"not shown: {panel.experiment!r}")


def surface_line(panel):
    """The path in the panel's surface view."""
    screen = panel._controller.picture
    return np.array(screen._artists["surface"][1].get_data())


@pytest.mark.parametrize("panel", [0], indirect=True)
def test_the_ravines_panel_goes_to_all_its_corners(panel):
    rate, rule, data = (find(panel, name) for name in ("learning rate", "optimizer", "data"))
    outcomes = set()
    valleys = [valley for _, valley in data.options]
    for place, (_, name) in enumerate(rule.options):
        data.value, rule.value = valleys[place // 5], name
        for value in (0.01, 100.0):
            rate.value = value
            run = settle(panel)
            outcomes.add(run.outcome)
            assert (run.experiment.optimizer, run.experiment.learning_rate) == (name, value)
            assert run.experiment.data == valleys[place // 5]
            path = surface_line(panel)
            assert np.isfinite(path).all()
            assert np.array_equal(path[:, 0], run.history.flat_weights[0])
            assert panel.status.value.startswith('<div class="nnlab-line"')
    assert outcomes == {"converged", "diverged", "out of updates"}


@pytest.mark.parametrize("panel", [0], indirect=True)
def test_the_ravines_panel_shows_the_zigzag_and_the_turn(panel):
    rate, data = find(panel, "learning rate"), find(panel, "data")
    rate.value = 1.9
    run = settle(panel)
    assert run.converged
    across = np.diff(surface_line(panel)[1])
    assert (across[1:30] * across[:29] < 0).all()
    data.value = nnlab.ravine(45)
    settle(panel)
    assert panel.run.experiment.data == nnlab.ravine(45)
    assert not panel.run.converged  # steeper: 2 / 1.9 is the limit there


@pytest.mark.parametrize("panel", [1], indirect=True)
def test_the_articles_panel_goes_to_all_its_corners(panel):
    rate, rule, init = (find(panel, name) for name in ("learning rate", "optimizer", "init"))
    corners = [(0.001, "xavier"), (50.0, "alternating"), (50.0, "gaussian")]
    for place, (_, name) in enumerate(rule.options):
        value, start = corners[place % 3]
        rule.value, init.value, rate.value = name, start, value
        setting = settle(panel).experiment
        assert (setting.optimizer, setting.init) == (name, start)
        assert setting.learning_rate == value
        assert np.isfinite(surface_line(panel)).all()
        assert surface_line(panel)[:, 0].tolist() == [0, 0]
