"""Part 4's panels, from the notebook's own cells."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.quiver import Quiver

import nnlab
from nnlab.plots import style
from tests.panel.panels import find, pixels, until
from tests.plots.test_gradient_noise import drawn, tips

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ARTICLE = nnlab.Experiment()


def opened(notebook, words, *needed):
    """Run the cells with these words, in this order; return what the last one ends with.

    Args:
        notebook: its path.
        words: in the panel's cell.
        needed: words, each in one cell that the panel's cell rests on.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    names = {}
    exec("import numpy as np\nimport nnlab\narticle = nnlab.Experiment()", names)
    for word in needed:
        exec(next(each for each in sources if word in each), names)
    (source,) = (each for each in sources if words in each and "nnlab.live(" in each)
    *lines, last = ast.parse(source).body
    exec(compile(ast.Module(lines, []), words, "exec"), names)
    return eval(compile(ast.Expression(last.value), words, "eval"), names)


PANELS = {
    "first": ("batch_panel",),
    "for each pattern": ("rate_for_each_pattern",),
    "line": ("batches_of", "y = 0.8 * x"),
    "gradient noise": ("gradient noise",),
    "digits": ("batch=nnlab.Dial", "nnlab.digits()"),
    "order": ("just_before_101",),
}


@pytest.fixture
def panel(request):
    made = opened(NOTEBOOKS / "04_when_to_update.ipynb", *PANELS[request.param])
    yield made
    made.close()
    assert made.wait(5)


def of(name):
    return pytest.mark.parametrize("panel", [name], indirect=True)


def ran(panel):
    """Wait for the end of the run that the controls ask for, and return it."""
    wanted = panel.experiment
    assert until(lambda: panel.run.experiment == wanted and panel.run.outcome != "running")
    return panel.run


def set_to(panel, **values):
    for name, value in values.items():
        find(panel, name.replace("_", " ")).value = value
    return ran(panel)


@of("first")
@pytest.mark.parametrize(
    ("size", "rate", "updates"), [(1, 5.0, 564), ("full", 5.0, 6_487), ("full", 50.0, 125)]
)
def test_the_first_panel_shows_what_the_notebook_says(panel, size, rate, updates):
    assert set_to(panel, batch_size=size, learning_rate=rate).updates == updates
    assert f"converged</b> after {updates:,} updates" in panel.status.value


@of("first")
@pytest.mark.parametrize("rate", [0.5, 100.0])
@pytest.mark.parametrize("size", [2, 3])
def test_the_first_panel_at_its_corners(panel, size, rate):
    run = set_to(panel, batch_size=size, learning_rate=rate)
    assert run.experiment == ARTICLE.replace(
        batch_size=size, learning_rate=rate, max_updates=100_000
    )


@of("for each pattern")
@pytest.mark.parametrize(("size", "many"), [(1, 1), (3, 3), ("full", 6)])
def test_the_rate_follows_the_batch(panel, size, many):
    run = set_to(panel, batch_size=size, rate_for_each_pattern=0.2)
    assert run.experiment.learning_rate == pytest.approx(0.2 * many)
    assert run.converged


@of("line")
@pytest.mark.parametrize("size", [1, 24])
def test_every_batch_size_sees_the_points_as_often(panel, size):
    run = set_to(panel, batches_of=size, learning_rate=0.3)
    assert (run.epochs, run.samples_seen) == (60, 60 * 24)
    tremor = np.ptp(run.history.loss[len(run.history) // 2 :])
    assert (tremor < 1e-6) == (size == 24)
    fixed = set_to(panel, shuffle=False).history
    assert np.ptp(fixed.loss[-10:]) < 1e-6


@of("digits")
@pytest.mark.parametrize("size", [1, 512])
def test_every_batch_size_sees_the_digits_as_often(panel, size):
    run = set_to(panel, batch=size)
    assert run.samples_seen == 40 * 512


@of("order")
@pytest.mark.parametrize(("bits", "updates"), [("000", 564), ("110", 534), ("100", 56_160)])
def test_patterns_keep_their_colour_in_another_order(panel, bits, updates):
    run = set_to(panel, learning_rate=5.0, just_before_101=bits)
    assert run.updates == updates
    labels = run.experiment.data.labels
    place = labels.index("tr:1 101")
    assert labels[place - 1].endswith(bits)
    with panel.drawing:
        colours = [to_hex(line.get_color()).upper() for line in panel.figure.axes[0].lines[:6]]
    assert colours[place] == style.pattern_colour(1)


# --- the gradients' arrows ----------------------------------------------------------------------


def arrows_on_screen(panel):
    """The artists of the view in the panel's figure."""
    (axes,) = (a for a in panel.figure.axes if "gradients" in a.get_title(loc="left"))
    (arrows,) = (c for c in axes.collections if isinstance(c, Quiver))
    rings, full = axes.lines
    return arrows, rings, full


@of("gradient noise")
@pytest.mark.parametrize("size", [1, 2, 3, "full"])
def test_the_arrows_at_the_panels_corners(panel, size):
    run = set_to(panel, batch_size=size, shuffle=size in (2, "full"))
    with panel.drawing:
        shown = tips(arrows_on_screen(panel))
    for found, expected in zip(shown, drawn(run), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert f"converged</b> after {run.updates:,} updates" in panel.status.value
    picture = pixels(panel)
    wanted = [round(255 * part) for part in to_rgb(style.pattern_colour(1))]
    orange = np.abs(picture[:, picture.shape[1] // 2 :] - wanted).max(axis=2) < 24
    assert orange.sum() > 30  # tr:1's gradient is the longest at the end


@of("gradient noise")
def test_the_moment_turns_the_arrows(panel):
    run = set_to(panel, batch_size=3)
    panel.tools.moment.value = 0
    start = drawn(run, row=0)

    def at_the_start():
        with panel.drawing:
            shown = tips(arrows_on_screen(panel))
        return all(np.allclose(*pair, atol=1e-12) for pair in zip(shown, start, strict=True))

    assert until(at_the_start)
    panel.tools.moment.value = 100
    assert until(lambda: not at_the_start())


@of("for each pattern")
def test_the_panel_counts_time_as_asked(panel):
    run = set_to(panel, batch_size=3)
    for unit, last in (("samples", run.samples_seen), ("updates", run.updates)):
        panel.tools.unit.value = unit
        label = "samples seen" if unit == "samples" else unit
        errors = panel.figure.axes[0]
        assert until(
            lambda errors=errors, label=label, last=last: (
                (errors.get_xlabel(), errors.lines[0].get_xdata()[-1]) == (label, last)
            )
        )


# --- the deeper read ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "updates"), [("as in the article", 564), ("in turns", 60_534), ("tr:1 first", 18_714)]
)
def test_the_panel_of_the_deeper_read(order, updates):
    panel = opened(NOTEBOOKS / "deeper" / "04_order_of_patterns.ipynb", "order=nnlab.Dial")
    try:
        run = set_to(panel, order=order)
        assert run.converged and run.updates == updates
    finally:
        panel.close()
        assert panel.wait(5)
