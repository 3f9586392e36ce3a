"""Part 4's panel, from the notebook's own cells."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.quiver import Quiver

import nnlab
from nnlab.plots import style
from tests.panel.panels import pixels, until
from tests.plots.test_gradient_noise import drawn, tips

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_when_to_update.ipynb"


ARTICLE = nnlab.Experiment()


@pytest.fixture(scope="module")
def panel():
    """What the notebook's own cells make."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    exec(sources[0], names)
    (source,) = (each for each in sources if each.startswith("nnlab.live("))
    made = eval(source, names)
    yield made
    made.close()
    assert made.wait(5)


def control(panel, description):
    """The widget with this label."""

    def within(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from within(child)

    (found,) = (w for w in within(panel) if getattr(w, "description", "") == description)
    return found


def set_to(panel, rate, size, shuffle):
    """Move the controls and wait for the end of the run."""
    control(panel, "learning rate").value = rate
    control(panel, "batch size").value = size
    control(panel, "shuffle").value = shuffle
    wanted = ARTICLE.replace(
        learning_rate=rate, batch_size=size, shuffle=shuffle, max_updates=1_000_000
    )
    assert panel.experiment == wanted
    assert until(lambda: panel.run.experiment == wanted and panel.run.outcome != "running")
    return panel.run


def arrows_on_screen(panel):
    """The artists of the view in the panel's figure."""
    (axes,) = (a for a in panel.figure.axes if "gradients" in a.get_title(loc="left"))
    (arrows,) = (c for c in axes.collections if isinstance(c, Quiver))
    rings, full = axes.lines
    return arrows, rings, full


@pytest.mark.parametrize("rate", [0.05, 100.0])
@pytest.mark.parametrize("size", [1, 2, 3, "full"])
def test_the_panel_at_its_corners(panel, rate, size):
    shuffle = size in (2, "full")
    run = set_to(panel, rate, size, shuffle)
    with panel.drawing:
        shown = tips(arrows_on_screen(panel))
    for found, expected in zip(shown, drawn(run), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert run.converged == (rate == 0.05)
    words = "converged</b> after" if run.converged else "not learned</b> within"
    assert f"{words} {run.updates:,} updates" in panel.status.value
    picture = pixels(panel)
    height, width, _ = picture.shape
    wanted = [round(255 * part) for part in to_rgb(style.pattern_colour(1))]
    orange = np.abs(picture[height // 2 :, : width // 2] - wanted).max(axis=2) < 24
    if run.converged:  # tr:1's gradient is the longest then
        assert orange.sum() > 30


def test_the_moment_turns_the_arrows(panel):
    run = set_to(panel, 5.0, 3, False)
    panel.tools.moment.value = 0
    start = drawn(run, row=0)

    def at_the_start():
        with panel.drawing:
            shown = tips(arrows_on_screen(panel))
        return all(np.allclose(*pair, atol=1e-12) for pair in zip(shown, start, strict=True))

    assert until(at_the_start)
    panel.tools.moment.value = 100
    assert until(lambda: not at_the_start())


def test_the_panel_counts_time_as_asked(panel):
    run = set_to(panel, 5.0, 3, False)
    for unit, last in (("samples", run.samples_seen), ("updates", run.updates)):
        panel.tools.unit.value = unit
        label = "samples seen" if unit == "samples" else unit
        errors = panel.figure.axes[0]
        assert until(
            lambda errors=errors, label=label, last=last: (
                (errors.get_xlabel(), errors.lines[0].get_xdata()[-1]) == (label, last)
            )
        )
