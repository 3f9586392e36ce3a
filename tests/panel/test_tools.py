"""A panel's tools: pins, many seeds, the scrubber, the map, code and pictures; and re-run cells."""

import base64
import gc
import re
import threading
import weakref

import numpy as np
import pytest

import nnlab
from nnlab.panel import lifetime, subjects, words
from nnlab.panel.map_picture import MapPicture
from nnlab.panel.picture_view import Place
from nnlab.panel.setting import Paper, Setting
from nnlab.panel.subjects import Subject
from nnlab.plots import style
from tests.panel.panels import all_widgets, find

BASE = nnlab.Experiment(learning_rate=5.0, init="gaussian", max_updates=5_000)
RATES = (0.01, 50.0)
STARTS = ["alternating", "gaussian", "xavier"]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def shared():
    """One panel for all tests that leave it as it was."""
    shown = nnlab.live(BASE, learning_rate=RATES, init=STARTS)
    yield shown
    shown.close()
    assert shown.wait(5)


@pytest.fixture
def panel(shared):
    """The shared panel, at its start."""
    find(shared, "learning rate").value = 5.0
    assert shared.wait(30)
    yield shared
    for control, value in (("100 seeds", False), ("Map", False), ("moment", 100)):
        find(shared, control).value = value
    while shared.tools.pins.pinned:
        shared.tools.pins.children[0].children[-1].click()
    find(shared, "init").value = "gaussian"


def status(panel):
    """The status line without its HTML."""
    return words.plain(panel.status.value)


def axes_titled(panel, title):
    """The axes of the picture with this title."""
    return next(a for a in panel.figure.axes if a.get_title(loc="left").startswith(title))


def grey(axes):
    """The lines of what is pinned."""
    return [line for line in axes.lines if line.get_color() == style.GHOST]


# --- pins ----------------------------------------------------------------------------------------


def test_a_pinned_run_stays_in_every_view_faded(panel):
    pinned = panel.run
    find(panel, "Pin").click()
    find(panel, "learning rate").value = 1.0
    assert panel.wait(30)
    assert panel.run.updates != pinned.updates
    lines = grey(axes_titled(panel, "error of each pattern"))
    assert len(lines) == 6
    assert np.array_equal(lines[1].get_ydata(), pinned.history.errors[:, 1])
    assert len(grey(axes_titled(panel, "weights W[0]"))) == 20
    points = [line.get_xydata().tolist() for line in grey(axes_titled(panel, "updates until"))]
    assert [[5.0, pinned.updates]] in points
    texts = [text.get_text() for text in axes_titled(panel, "updates until").texts]
    assert texts == [panel.tools.pins.pinned[0].name]


def test_pins_have_names_and_remove_buttons(panel):
    for rate in (5.0, 2.0):
        find(panel, "learning rate").value = rate
        assert panel.wait(30)
        find(panel, "Pin").click()
    first, second = panel.tools.pins.children
    assert "learning rate 5" in first.children[2].value
    assert first.children[1].value != second.children[1].value  # their dashes
    second.children[0].value = "slow <one>"
    assert panel.wait(30)
    assert [each.name for each in panel.tools.pins.pinned][1] == "slow <one>"
    first.children[-1].click()
    assert panel.wait(30)
    assert [each.name for each in panel.tools.pins.pinned] == ["slow <one>"]
    assert len(grey(axes_titled(panel, "error of each pattern"))) == 6


def test_more_pins_than_can_be_told_apart_are_refused(panel):
    for _ in range(5):
        find(panel, "Pin").click()
    assert "4 runs are pinned already" in status(panel)
    assert len(panel.tools.pins.pinned) == 4


def test_pinned_runs_follow_the_axis_of_time(panel):
    find(panel, "Pin").click()
    panel.tools.unit.value = "samples"
    assert panel.wait(30)
    line = grey(axes_titled(panel, "error of each pattern"))[0]
    assert line.get_xdata()[-1] == panel.tools.pins.pinned[0].subject.runs[0].samples_seen
    panel.tools.unit.value = "updates"


def test_a_pinned_run_of_other_layers_is_drawn_too():
    shown = nnlab.live(BASE, layers=[(3, 5, 1), (3, 2, 2, 1)], views=["errors", "network"])
    find(shown, "Pin").click()
    find(shown, "layers").value = (3, 2, 2, 1)
    assert shown.wait(30)
    assert len(grey(axes_titled(shown, "error of each pattern"))) == 6
    shown.close()


# --- settings tried, the same start, a new seed --------------------------------------------------


def test_the_table_lists_what_was_looked_at_the_newest_first(panel):
    for rate in (2.0, 3.0):
        find(panel, "learning rate").value = rate
        assert panel.wait(30)
    rows = re.findall(r"<tr><td.*?</tr>", panel.tools.tried.value)
    assert "learning rate 3," in rows[0] and "learning rate 2," in rows[1]
    run = BASE.replace(learning_rate=3.0).run()
    assert f"{run.updates:,}" in rows[0] and run.outcome in rows[0]


def test_weights_keep_their_seed_until_a_new_one_is_asked_for(panel):
    before = panel.run.history.weights[0][0]
    find(panel, "learning rate").value = 1.0
    assert panel.wait(30)
    assert np.array_equal(panel.run.history.weights[0][0], before)
    find(panel, "New seed").click()
    assert panel.wait(30)
    assert not np.array_equal(panel.run.history.weights[0][0], before)
    assert panel.experiment.init_seed == 1


def test_a_new_seed_where_nothing_is_random_is_refused(panel):
    find(panel, "init").value = "alternating"
    assert panel.wait(30)
    seed = panel.experiment.init_seed
    find(panel, "New seed").click()
    assert "nothing here is random" in status(panel)
    assert panel.experiment.init_seed == seed


# --- time ----------------------------------------------------------------------------------------


def test_the_scrubber_goes_through_the_recorded_run(panel):
    find(panel, "moment").value = 0
    assert panel.wait(30)
    assert status(panel) == f"at update 0 of {panel.run.updates:,}"
    find(panel, "moment").value = 50
    assert panel.wait(30)
    update = int(re.search(r"at update\s+([\d,]+)", status(panel))[1].replace(",", ""))
    assert 0 < update < panel.run.updates
    cursor = axes_titled(panel, "error of each pattern").lines[-1]
    assert cursor.get_visible() and cursor.get_xdata()[0] == update


def test_scrubbing_does_not_train_again(panel):
    run = panel.run
    find(panel, "moment").value = 30
    assert panel.wait(30)
    assert panel.run is run


def test_a_change_of_a_field_shows_the_whole_new_run(panel):
    find(panel, "moment").value = 30
    find(panel, "learning rate").value = 2.0
    assert panel.wait(30)
    assert find(panel, "moment").value == 100
    assert status(panel).startswith("converged")


# --- many seeds ----------------------------------------------------------------------------------


def many(experiment, seeds=5):
    """A subject of many seeds, trained to its end."""
    subject = Subject(Setting(experiment, (), {}, experiment), seeds)
    subject.train(lambda: False)
    return subject


def test_many_seeds_are_the_runs_of_each():
    alone = [BASE.replace(init_seed=seed, order_seed=seed).run() for seed in range(5)]
    subject = many(BASE)
    assert [run.updates for run in subject.runs] == [run.updates for run in alone]
    expected = np.percentile([run.updates for run in alone], (10, 50, 90), method="nearest")
    assert subject.point[:3] == tuple(expected)


def test_seeds_that_do_not_learn_are_counted():
    subject = many(BASE.replace(learning_rate=50.0))
    learned = sum(run.converged for run in subject.runs)
    assert subject.point.share == learned / 5
    assert f"{learned} of 5 seeds learned" in words.plain(subject.status())


def test_the_budget_of_many_seeds_is_cut():
    start = nnlab.Experiment()
    subject = Subject(Setting(start, (), {}, start), 100)
    assert subject.budget == subjects.MOST_UPDATES < start.max_updates


def test_where_nothing_is_random_all_seeds_are_one_run_and_one_sentence():
    subject = many(BASE.replace(init="alternating"), seeds=100)
    assert len(subject.runs) == 1
    assert "nothing here is random: all 100 seeds are this one run" in subject.status()
    assert len(many(BASE.replace(init="alternating", shuffle=True)).runs) == 5


def test_the_switch_shows_median_band_and_solve_rate(panel):
    panel.picture.width = 1000  # a browser shows it, so its curves are filled in
    find(panel, "100 seeds").value = True
    assert panel.wait(60)
    runs = [BASE.replace(init_seed=seed, order_seed=seed).run() for seed in range(100)]
    updates = [run.updates for run in runs if run.converged]
    assert status(panel).startswith(f"{len(updates)} of 100 seeds learned within 5,000 updates")
    share = axes_titled(panel, "how many have learned").lines[0]
    assert share.get_ydata()[-1] == len(updates) / 100
    assert share.get_xdata()[1:-1].tolist() == sorted(updates)
    rates = axes_titled(panel, "share of seeds that learn").lines[0]
    assert dict(zip(*rates.get_data(), strict=True))[5.0] == len(updates) / 100
    assert len(rates.get_xdata()) >= 30


def test_pinned_seeds_stay_in_the_picture_of_seeds(panel):
    panel.tools.seeds.value = True
    assert panel.wait(60)
    find(panel, "Pin").click()
    pinned = panel.tools.pins.pinned[0].subject
    assert (
        f"learned, median {pinned.point.middle:,.0f}"
        in panel.tools.pins.children[0].children[2].value
    )
    find(panel, "learning rate").value = 1.0
    assert panel.wait(60)
    (median,) = grey(axes_titled(panel, "largest error"))
    assert median.get_xdata()[-1] == max(run.updates for run in pinned.runs)
    (share,) = grey(axes_titled(panel, "how many have learned"))
    assert share.get_ydata()[-1] == pinned.point.share
    points = [line.get_xydata().tolist() for line in grey(axes_titled(panel, "updates until"))]
    assert [[5.0, pinned.point.middle]] in points
    assert "of 100 seeds learned" in panel.tools.tried.value
    panel.tools.seeds.value = False
    assert panel.wait(60)
    assert not grey(axes_titled(panel, "error of each pattern"))  # no place for it there


def test_seeds_on_screen_are_not_trained_again_for_another_look(panel, monkeypatch):
    panel.tools.seeds.value = True
    assert panel.wait(60)
    trained = []
    monkeypatch.setattr(subjects, "Training", lambda *_: trained.append(1))
    panel.tools.scale.value = "linear"
    assert panel.wait(60)
    assert "of 100 seeds learned" in status(panel)
    assert not trained
    panel.tools.scale.value = "log"


def test_the_axes_of_many_seeds_fit_the_readers_own_data():
    rng = np.random.default_rng(0)
    data = nnlab.Dataset(rng.normal(size=(80, 2)), 5.0 * rng.normal(size=(80, 2)))
    base = nnlab.Experiment(data=data, layers=(2, 3, 2), output="linear", init="xavier")
    shown = nnlab.live(base.replace(max_updates=300), learning_rate=(0.01, 1.0))
    shown.tools.seeds.value = True
    assert shown.wait(60)
    axes = axes_titled(shown, "mean loss: median")
    band = axes.patches[0].get_xy()[:, 1]
    assert 2.0 < band.max() < axes.get_ylim()[1]
    shown.close()


# --- the map -------------------------------------------------------------------------------------


def test_every_cell_of_the_map_is_the_run_of_its_values(panel):
    find(panel, "Map").value = True
    assert panel.wait(60)
    controller, others = panel._controller, panel.setting().others(*AXES)
    known = controller._points["map", *AXES, *others]
    shown = [controller.map.values(cell) for cell in known]
    assert {values["init"] for values in shown} == set(STARTS)
    for values, point in list(zip(shown, known.values(), strict=True))[::5]:
        run = panel.experiment.replace(**values).run()
        assert point.middle == (run.updates if run.converged else np.inf)
    assert "cells learned" in panel._display.map.alt


AXES = ("learning_rate", "init")


def test_pinned_runs_are_marked_on_the_map(panel):
    find(panel, "Pin").click()
    find(panel, "Map").value = True
    find(panel, "learning rate").value = 0.5
    assert panel.wait(60)
    picture = panel._controller.map
    ((column, row),) = picture._pinned.get_xydata()
    assert picture._columns[int(column)] == pytest.approx(5.0, rel=0.3)
    assert picture._rows[int(row)] == "gaussian"
    assert picture._here.get_xdata()[0] < column


def test_a_click_on_the_map_opens_that_run(panel):
    find(panel, "Map").value = True
    assert panel.wait(60)
    panel._on_map_click(Place(axes=0, x=7.2, y=2.3))
    assert panel.wait(60)
    assert panel.experiment.init == "xavier"
    assert 0.1 < panel.experiment.learning_rate < 5.0
    assert panel.run.experiment == panel.experiment


def test_a_click_beside_the_map_changes_nothing(panel):
    find(panel, "Map").value = True
    assert panel.wait(60)
    before = panel.experiment
    panel._on_map_click(Place(axes=0, x=7.2, y=3.1))
    panel._on_map_click(Place(axes=1, x=0.0, y=0.0))
    assert panel.experiment == before


def test_the_corners_of_the_map_are_the_corners_of_the_ranges(panel):
    rate, init = panel._controls
    picture = MapPicture(rate, init, Paper())
    last = len(rate.places(16)) - 1
    places = [(0, x, y) for x in (-0.49, last + 0.49) for y in (-0.49, 2.49)]
    corners = {tuple(picture.values(picture.cell_at(*each)).values()) for each in places}
    assert corners == {(r, i) for r in RATES for i in ("alternating", "xavier")}


def test_a_panel_with_one_control_has_no_map():
    shown = nnlab.live(BASE, learning_rate=RATES)
    assert not any(getattr(w, "description", "") == "Map" for w in all_widgets(shown))
    shown.close()


# --- what to take away ---------------------------------------------------------------------------


def test_the_code_rebuilds_the_experiment(panel):
    find(panel, "Code").click()
    shown = words.plain(panel.tools.export.shown.value)
    assert eval(shown, {"nnlab": nnlab}) == panel.experiment


@pytest.mark.parametrize(("kind", "start"), [("PNG", PNG), ("SVG", b"<?xml")])
def test_the_picture_can_be_saved(panel, kind, start):
    find(panel, f"Save {kind}").click()
    link = panel.tools.export.shown.value
    assert f"download='nnlab.{kind.lower()}'" in link
    data = base64.b64decode(re.search(r"base64,([^']*)'", link)[1])
    assert data.startswith(start)


# --- for those who see less ----------------------------------------------------------------------


def test_the_picture_says_what_it_shows(panel):
    said = panel.picture.alt
    assert "learning rate 5, init gaussian" in said
    assert f"converged after {panel.run.updates:,} updates" in said


def test_everything_that_can_be_changed_has_a_name(panel):
    for each in all_widgets(panel):
        if hasattr(each, "value") and hasattr(each, "disabled"):
            assert each.description or each.tooltip or getattr(each, "tooltips", None), each


def test_a_larger_picture_for_a_projector():
    heights = []
    for size in (1.0, 1.5):
        shown = nnlab.live(BASE, learning_rate=RATES, size=size)
        heights.append(shown.figure.bbox.height)
        shown.close()
    assert heights[1] == 1.5 * heights[0]


@pytest.mark.parametrize("size", [0, -1.0, float("nan"), "big"])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises((ValueError, TypeError), match="size"):
        nnlab.live(BASE, learning_rate=RATES, size=size)


# --- cells that are run again --------------------------------------------------------------------


def test_a_cell_run_again_closes_its_panels_and_frees_them(monkeypatch):
    place = ["cell", "first execution"]
    monkeypatch.setattr(lifetime, "_cell_and_execution", lambda: tuple(place))
    first, second = (nnlab.live(BASE, learning_rate=RATES) for _ in range(2))
    for shown in (first, second):
        shown._repr_mimebundle_()
    assert first.comm is not None and second.comm is not None
    place[1] = "second execution"
    third = nnlab.live(BASE, learning_rate=RATES)
    third._repr_mimebundle_()
    assert first.comm is None and second.comm is None and third.comm is not None
    assert first.wait(5) and second.wait(5)
    gone = weakref.ref(first._controller)
    del first, second, shown
    gc.collect()
    assert gone() is None
    third.close()
    assert third.wait(5)
    lifetime._shown.clear()


def test_a_closed_panel_lets_go_of_its_pictures():
    """Even while it is kept, as a notebook's Out keeps all that was shown."""
    shown = nnlab.live(BASE, learning_rate=RATES, init=STARTS)
    figures = [weakref.ref(shown.figure)]
    for name in ("100 seeds", "Map"):
        find(shown, name).value = True
    assert shown.wait(60)
    figures += [weakref.ref(shown.figure), weakref.ref(shown._controller.map.figure)]
    shown.close()
    assert shown.wait(5)
    gc.collect()
    assert [figure() for figure in figures] == [None, None, None]


def test_ten_panels_leave_no_thread_behind():
    panels = [nnlab.live(BASE, learning_rate=RATES) for _ in range(10)]
    for each in panels:
        find(each, "learning rate").value = 1.0
    for each in panels:
        assert each.wait(60)
        assert each.run.experiment.learning_rate == 1.0
        each.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "nnlab"]
