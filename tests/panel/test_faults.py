"""What readers reported of panels, each as a kind: the right behaviour, held."""

import re
import threading
import tracemalloc

import numpy as np
import pytest

import nnlab
from nnlab.panel import lifetime, words
from nnlab.panel.subjects import Subject
from tests.panel.panels import find, until

BASE = nnlab.Experiment(learning_rate=5.0, max_updates=600)
RATES = (0.01, 50.0)


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """The engine's first call takes long: it loads what is compiled."""
    BASE.run()


@pytest.fixture
def panel():
    """Makes panels and closes them."""
    made = []

    def make(experiment, **fields):
        made.append(nnlab.live(experiment, **fields))
        return made[-1]

    yield make
    for each in made:
        each.close()
        assert each.wait(10)


def status(panel):
    """The status line without its HTML."""
    return words.plain(panel.status.value)


# --- what goes wrong is said, and stays said -----------------------------------------------------


def test_what_a_dial_raises_is_in_the_status_and_stays_there(panel):
    table = {1: 1.0, 3: 2.0, 4: 5.0}
    dial = nnlab.Dial((1, 4), lambda e, v: e.replace(learning_rate=table[v]), start=1)
    shown = panel(BASE, step=dial)
    find(shown, "step").value = 2
    assert status(shown) == "KeyError: 2"
    assert shown.wait(10)
    assert status(shown) == "KeyError: 2"
    find(shown, "step").value = 4
    assert until(lambda: status(shown).startswith("converged after 564 updates"))


def test_an_error_takes_back_what_was_asked_for_before_it(panel):
    """A long run that ends after the error must not say that all is well."""
    allowed = [True]

    def change(experiment, value):
        if not allowed[0]:
            raise RuntimeError("no more")
        return experiment.replace(learning_rate=value)

    endless = nnlab.Experiment(learning_rate=5.0, max_updates=10**12, tolerance=1e-30)
    shown = panel(endless, rate=nnlab.Dial((1.0, 10.0), change, start=5.0))
    find(shown, "rate").value = 6.0
    allowed[0] = False
    find(shown, "rate").value = 7.0
    assert shown.wait(10)
    assert status(shown) == "RuntimeError: no more"


# --- shown again ---------------------------------------------------------------------------------


@pytest.fixture
def cell(monkeypatch):
    """Says which cell is under way, and in which execution."""
    place = ["first", 0]
    monkeypatch.setattr(lifetime, "_cell_and_execution", lambda: tuple(place))
    monkeypatch.setattr(lifetime, "_shown", {})

    def run(name, panel):
        place[:] = name, place[1] + 1
        return panel._repr_mimebundle_()

    return run


def test_a_panel_is_shown_again_when_its_cell_is_run_again(panel, cell):
    shown = panel(BASE, learning_rate=RATES)
    cell("first", shown)
    for _ in range(2):
        cell("second", shown)
        assert shown.comm is not None
    find(shown, "learning rate").value = 8.0
    assert until(lambda: "378 updates" in status(shown))


def test_a_panel_that_another_cell_shows_stays_open(panel, cell):
    first, second = (panel(BASE, learning_rate=RATES) for _ in range(2))
    cell("one", first)
    cell("two", first)
    cell("one", second)
    assert first.comm is not None
    cell("two", second)
    assert first.comm is None and second.comm is not None


# --- seeds ---------------------------------------------------------------------------------------


def test_new_seed_moves_the_seeds_slider_if_there_is_one(panel):
    shown = panel(BASE.replace(init="uniform"), init_seed=(0, 1), learning_rate=RATES)
    seeds = []
    for _ in range(3):
        find(shown, "New seed").click()
        seeds.append(shown.experiment.init_seed)
    assert seeds == [1, 0, 1]
    assert find(shown, "init seed").value == 1


def test_new_seed_says_so_if_the_controls_set_the_seed(panel):
    def change(experiment, value):
        return experiment.replace(init_seed=value, order_seed=value)

    shown = panel(BASE.replace(init="uniform"), luck=nnlab.Dial((0, 5), change, start=0))
    find(shown, "New seed").click()
    assert "the controls set the seed themselves" in status(shown)


def test_a_hundred_seeds_of_what_is_not_random_are_one_run_and_one_sentence(panel):
    shown = panel(BASE, learning_rate=RATES)
    shown.tools.seeds.value = True
    assert until(lambda: "all 100 seeds are this one run" in status(shown))
    assert len(shown._controller.subject.runs) == 1


def test_a_pins_name_is_drawn_as_it_was_typed(panel):
    shown = panel(BASE, learning_rate=RATES)
    find(shown, "Pin").click()
    shown.tools.pins.children[0].children[0].value = "Ba$$in"
    assert shown.wait(20)
    (name,) = shown.figure.axes[1].texts
    assert name.get_text() == "Ba$$in"
    assert "converged" in status(shown)


# --- large data, wide networks -------------------------------------------------------------------


def big():
    """60,000 patterns in the plane."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60_000, 2))
    targets = (inputs.prod(axis=1, keepdims=True) > 0).astype(float)
    return nnlab.Experiment(
        data=nnlab.Dataset(inputs, targets),
        layers=(2, 8, 1),
        init="xavier",
        batch_size=64,
        max_updates=2_000,
        tolerance=0.0,
    )


def wide():
    """The digits with 38,000 weights."""
    return nnlab.Experiment(
        data=nnlab.digits(),
        layers=(64, 512, 10),
        init="xavier",
        loss="cross_entropy",
        output="softmax",
        batch_size=64,
        max_updates=200,
    )


@pytest.mark.parametrize("experiment", [big(), wide()], ids=["60,000 patterns", "64-512-10"])
def test_large_runs_keep_few_rows_so_that_views_cost_little(experiment):
    subject = Subject(nnlab.panel.setting.Setting(experiment, (), {}, experiment))
    tracemalloc.start()
    subject.train(lambda: False)
    _ = subject.runs[0].history.loss
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(subject.runs[0].history) <= 64
    assert peak < 200e6


def test_small_runs_keep_all_rows_that_are_ever_drawn():
    article = nnlab.Experiment(learning_rate=0.5)
    subject = Subject(nnlab.panel.setting.Setting(article, (), {}, article))
    subject.train(lambda: False)
    assert len(subject.runs[0].history) > 900


# --- small panels --------------------------------------------------------------------------------


def test_a_panel_without_tools_has_none(panel):
    shown = panel(BASE, learning_rate=RATES, views=["errors"], tools=[])
    assert not shown.tools.row.children and shown.tools.time.layout.display == "none"
    assert status(shown).startswith("converged after 564 updates")


def test_twenty_small_panels_leave_no_thread(panel):
    shown = [panel(BASE, learning_rate=RATES, views=["errors"], tools=[]) for _ in range(20)]
    for each in shown:
        find(each, "learning rate").value = 8.0
    for each in shown:
        assert each.wait(30)
    assert not [thread for thread in threading.enumerate() if thread.name == "nnlab"]


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        (["maps"], "a tool must be one of .*Did you mean 'map'"),
        ("map", "tools must be a list of names; got 'map'"),
        (["map"], "the map needs two controls for its axes; got 1"),
    ],
)
def test_tools_that_are_not_there_are_refused(tools, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.live(BASE, tools=tools, learning_rate=RATES)


# --- for those who listen ------------------------------------------------------------------------


def test_screen_readers_are_told_once_it_rests_not_with_every_frame(panel):
    shown = panel(BASE, learning_rate=RATES)
    said = []
    shown._display.said.observe(lambda change: said.append(words.plain(change["new"])), "value")
    for rate in (4.0, 5.0, 6.3, 8.0):
        find(shown, "learning rate").value = rate
    assert shown.wait(20)
    assert [bool(re.match("converged after 378 updates", each)) for each in said] == [True]
    assert "role" not in shown.status.value  # what changes with every frame is no live region
