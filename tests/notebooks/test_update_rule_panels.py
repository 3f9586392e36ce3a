"""Part 6's panels, from the notebook's own cells."""

import ast
import json
import time
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.panel import controller
from tests.panel.panels import find

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_update_rule.ipynb"
MOMENTUM, UNSTOPPED, HATLESS, VALLEYS, PLATEAU, DIGITS, DEEP = range(7)


def made(source, names):
    """Execute a cell; return the value of the expression that it ends with."""
    tree = ast.parse(source)
    last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    return eval(compile(last, str(NOTEBOOK), "eval"), names)


def notebook_panel(number, monkeypatch):
    """The panel of the notebook's panel cell of that number, made as the notebook makes it."""
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    monkeypatch.setattr(controller, "_FILL_AT_MOST", 0.0)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    shown = [source for source in sources if "nnlab.live(" in source]
    names = {"racers": ["sgd", "adam"]}  # which the notebook takes from its race
    first = made(shown[0], names)
    if number == 0:
        return first
    first.close()
    return made(shown[number], names)


@pytest.fixture
def panel(request, monkeypatch):
    """A panel of the notebook, closed at the end."""
    shown = notebook_panel(request.param, monkeypatch)
    yield shown
    shown.close()
    assert shown.wait(10)


def settle(panel, seconds=20.0):
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


@pytest.mark.parametrize("panel", [MOMENTUM], indirect=True)
def test_momentum_carries_along_the_floor_and_too_much_swings_back(panel):
    rate, momentum = find(panel, "learning rate"), find(panel, "momentum")
    updates = {}
    for value in (0.0, 0.4, 0.9):
        momentum.value = value
        run = settle(panel)
        assert run.experiment.optimizer == nnlab.Optimizer("momentum", momentum=value)
        updates[value] = run.updates
    assert updates[0.4] < updates[0.0]
    assert surface_line(panel)[0].max() > 7  # 0.9 goes past the minimum, at 6
    momentum.value, rate.value = 0.0, 1.9
    across = np.diff(surface_line(panel)[1]) if settle(panel).converged else np.zeros(30)
    assert (across[1:30] * across[:29] < 0).all()
    rate.value = 2.1
    assert not settle(panel).converged


@pytest.mark.parametrize("panel", [UNSTOPPED], indirect=True)
def test_nothing_stops_the_unstopped_panel(panel):
    rule = find(panel, "optimizer")
    for _, name in rule.options:
        rule.value = name
        run = settle(panel)
        assert (run.experiment.optimizer, run.updates) == (name, 150)


@pytest.mark.parametrize("panel", [HATLESS], indirect=True)
def test_the_hatless_panel_goes_to_all_its_corners_and_adam_is_quicker_at_its_best(panel):
    rate, rule = (find(panel, name) for name in ("learning rate", "optimizer"))
    updates = {}
    for (_, choice), best in zip(rule.options, (0.18, 0.03), strict=True):
        rule.value = choice
        for value in (0.003, 1.0, best):
            rate.value = value
            run = settle(panel)
            assert (run.experiment.learning_rate, run.converged) == (value, value == best)
        updates[str(choice)] = run.updates
    adam, hatless = updates.values()
    assert hatless > 2 * adam


@pytest.mark.parametrize("panel", [VALLEYS], indirect=True)
def test_the_valleys_panel_goes_to_all_its_corners(panel):
    rate, rule, data = (find(panel, name) for name in ("learning rate", "optimizer", "data"))
    outcomes = set()
    valleys = [valley for _, valley in data.options]
    assert valleys == [nnlab.ravine(), nnlab.ravine(45)]
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


@pytest.mark.parametrize("panel", [PLATEAU], indirect=True)
def test_the_plateaus_panel_goes_to_all_its_corners(panel):
    rate, rule, init = (find(panel, name) for name in ("learning rate", "optimizer", "init"))
    assert settle(panel).converged  # momentum at 1.6
    rule.value, rate.value = "adam", 0.05
    run = settle(panel)
    assert run.outcome == "out of updates"
    assert run.history.errors[-1].argmax() == 1
    corners = [(0.001, "gaussian"), (50.0, "alternating"), (50.0, "gaussian")]
    for place, (_, name) in enumerate(rule.options):
        value, start = corners[place % 3]
        rule.value, init.value, rate.value = name, start, value
        setting = settle(panel).experiment
        assert (setting.optimizer, setting.init) == (name, start)
        assert setting.learning_rate == value


@pytest.mark.parametrize("panel", [DIGITS], indirect=True)
def test_on_digits_paritys_best_rate_is_too_large(panel):
    rate = find(panel, "learning rate")
    large = settle(panel).history.loss[-1]
    rate.value = 0.056
    assert settle(panel).history.loss[-1] < large / 1.5


@pytest.mark.parametrize("panel", [DEEP], indirect=True)
def test_a_rate_for_each_layer_frees_the_deep_network(panel):
    factor = find(panel, "factor a layer")
    assert settle(panel).outcome == "out of updates"
    learned = []
    for value in (2.5, 3.0, 3.5):
        factor.value = value
        run = settle(panel)
        assert run.experiment.learning_rate == tuple(0.3 * value**k for k in (4, 3, 2, 1, 0))
        learned.append(run.converged)
    assert any(learned)
