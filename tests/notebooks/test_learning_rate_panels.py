"""Part 1's panels, from the notebook's own cells: what a reader who moves them is told."""

import json
from pathlib import Path

import numpy as np
import pytest

import nnlab
from tests.panel.panels import find, until

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_learning_rate.ipynb"


def cells(word):
    """The notebook's cells of code that hold a word."""
    every = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in every if cell["cell_type"] == "code"]
    return [source for source in sources if word in source]


@pytest.fixture(scope="module")
def names():
    """What the cells with panels find defined."""
    article = nnlab.Experiment()
    fast = article.replace(learning_rate=5.0, max_updates=100_000).run()
    return {"np": np, "nnlab": nnlab, "article": article, "fast": fast} | {
        "medium": article.replace(learning_rate=0.5)
    }


@pytest.fixture
def panel(names):
    """Makes the panel of the cell that holds a word, and closes it."""
    made = []

    def make(word):
        (source,) = [cell for cell in cells("nnlab.live(") if word in cell]
        live = nnlab.live
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nnlab, "live", lambda *a, **k: made.append(live(*a, **k)) or made[-1])
            exec(source, dict(names))
        return made[-1]

    yield make
    for each in made:
        each.close()
        assert each.wait(5)


def updates(panel):
    """The updates until learned, once the panel shows what its controls ask for."""

    def done():
        return panel.run.experiment == panel.experiment and panel.run.outcome != "running"

    assert until(done), panel.status.value
    return panel.run.updates if panel.run.converged else np.inf


def test_the_first_panel_goes_from_the_article_to_564(panel):
    shown = panel("rate_panel")
    assert updates(shown) == 657_252
    find(shown, "learning rate").value = 5.0
    assert updates(shown) == 564


def test_the_parabola_creeps_jumps_across_and_flies_off(panel):
    shown = panel("bowl = ")
    for rate, words in ((0.1, "creeps"), (1.9, "jumps across"), (2.1, "flies off")):
        find(shown, "learning rate").value = rate
        updates(shown)

        def said(words=words):
            return any(words in text.get_text() for text in shown.figure.axes[0].texts)

        assert until(said), words


def test_fast_first_epochs_spare_the_plateau(panel):
    shown = panel("first_ten_epochs_at")
    assert updates(shown) == 77_214 - 60
    find(shown, "first ten epochs at").value = 5.0
    assert updates(shown) == 4_560


def test_a_larger_start_moves_the_drop(panel):
    shown = panel("scale")
    find(shown, "learning rate").value = 5.0
    assert updates(shown) == 564
    find(shown, "scale").value = 1.4
    assert updates(shown) > 2_000


def test_nudges_change_nothing_at_ten_and_the_count_at_twenty(panel):
    shown = panel("nudge")
    counts = []
    for rate in (10.0, 20.0):
        find(shown, "learning rate").value = rate
        for nudge in (1, 2, 3):
            find(shown, "nudge").value = nudge
            counts.append(updates(shown))
    assert len(set(counts[:3])) == 1
    assert len(set(counts[3:])) > 1
