"""Part 3's panels, from the notebook's own cells."""

import ast
import json
import time
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.plots import style
from tests.panel.panels import pixels

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_activation.ipynb"
ARTICLE = nnlab.Experiment()
BUDGET = 20_000


def names_in(node):
    """The names that are read anywhere in a piece of code."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def keywords(call, written):
    """The names of the controls of ``nnlab.live(..., **touch)``."""
    named = {word.arg for word in call.keywords}
    unpacked = [written[word.value.id] for word in call.keywords if word.arg is None]
    return named | {key.value for each in unpacked for key in each.keys}


def panel_with(control):
    """Make the first of the notebook's panels that has this control, its budget made small.

    Of the cells before it only what defines the names that it needs is run: no measurement.
    """
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    before, written = [], {}
    for source in sources:
        body = ast.parse(source).body
        live = body[-1].value if "nnlab.live(" in source else None
        for each in body:
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                written[each.targets[0].id] = each.value
        if live is not None and control in keywords(live, written):
            return built(live, [*before, *body[:-1]])
        before += body
    raise AssertionError(f"no panel with {control}")


def built(live, before):
    """Run the statements that a panel's call needs, the last definitions first looked for."""
    needed, kept = names_in(live), []
    for each in reversed(before):
        if isinstance(each, ast.Import | ast.ImportFrom):
            kept.append(each)
        elif isinstance(each, ast.Assign) and needed & names_in(each.targets[0]):
            if each.targets[0].id not in names_in(each.value):
                needed.discard(each.targets[0].id)
            needed |= names_in(each.value)
            kept.append(each)
    for node in (part for each in kept for part in ast.walk(each)):
        if isinstance(node, ast.keyword) and node.arg == "max_updates":
            node.value = ast.copy_location(ast.Constant(BUDGET), node.value)
    names = {}
    exec(compile(ast.Module(kept[::-1], []), "cells", "exec"), names)
    return eval(compile(ast.Expression(live), "cell", "eval"), names)


@pytest.fixture(scope="module")
def opening():
    """The first panel: functions and rates."""
    yield from shown(panel_with("activation"))


@pytest.fixture(scope="module")
def losses():
    """The panel of the last sigmoid."""
    yield from shown(panel_with("loss"))


@pytest.fixture(scope="module")
def noise():
    """The panel that breaks the mirror."""
    yield from shown(panel_with("noise"))


def shown(panel):
    """Give a panel and close it afterwards."""
    yield panel
    panel.close()
    assert panel.wait(5)


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


CORNERS = [(name, rate) for name in nnlab.ACTIVATIONS for rate in (0.05, 50.0)]


@pytest.mark.parametrize("name, rate", CORNERS)
def test_the_opening_panel_at_its_corners_shows_what_the_run_alone_gives(opening, name, rate):
    control(opening, "activation").widget.value = name
    control(opening, "learning_rate").widget.value = rate
    run = settle(opening)
    expected = ARTICLE.replace(max_updates=BUDGET, activation=name, learning_rate=rate).run()
    assert (run.outcome, run.updates) == (expected.outcome, expected.updates)
    assert f"{expected.updates:,} updates" in opening.status.value
    line = shown_axes(opening, "the activation and where its units stand").lines[1]
    height = nnlab.ACTIVATIONS[name].function(line.get_xdata())
    drawn = np.isfinite(line.get_ydata())
    np.testing.assert_allclose(line.get_ydata()[drawn], height[drawn])
    assert drawn.sum() > 100


@pytest.mark.parametrize("loss", list(nnlab.LOSSES))
@pytest.mark.parametrize("rate", [0.05, 5.0, 50.0])
def test_the_losses_panel_shows_what_the_run_alone_gives(losses, loss, rate):
    control(losses, "loss").widget.value = loss
    control(losses, "learning_rate").widget.value = rate
    run = settle(losses)
    expected = ARTICLE.replace(max_updates=BUDGET, loss=loss, learning_rate=rate).run()
    assert (run.outcome, run.updates) == (expected.outcome, expected.updates)


@pytest.mark.parametrize("name", ["tanh", "relu", "elu"])
def test_the_noise_panel_nudges_the_articles_start(noise, name):
    control(noise, "activation").widget.value = name
    for size in (0.001, 1.0):
        control(noise, "noise").widget.value = size
        run = settle(noise)
        nudged = nnlab.Nudged("alternating", size)
        assert (run.experiment.init, run.experiment.activation) == (nudged, name)
        moved = run.experiment.initial_weights()[0] - ARTICLE.initial_weights()[0]
        assert 0.3 * size < np.abs(moved).mean() < 3.0 * size


def test_the_picture_shows_ticks_in_the_patterns_colours(opening):
    control(opening, "activation").widget.value = "sigmoid"
    control(opening, "learning_rate").widget.value = 5.0
    settle(opening)
    drawn = pixels(opening)
    with opening.drawing:
        box = opening.figure.axes[0].get_position()
    high, wide = drawn.shape[:2]
    rows = slice(int(high * (1 - box.y0 - 0.4 * box.height)), int(high * (1 - box.y0)))
    below_the_curve = drawn[rows, int(wide * box.x0) : int(wide * box.x1)]
    for colour in style.PATTERNS:
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(below_the_curve - wanted).max(axis=2) < 16).sum() > 8, colour
