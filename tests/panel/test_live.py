"""Live panels without a browser: controls driven by value, a worker in which the latest wins."""

import io
import re
import threading
import time

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import nnlab
from nnlab.panel import subjects, words
from nnlab.panel.worker import LatestWins
from nnlab.plots import style
from tests.panel.panels import all_widgets, find, pixels, until

PNG = b"\x89PNG\r\n\x1a\n"
RATES = (0.01, 50.0)
SHORT = nnlab.Experiment(max_updates=20_000)  # so that the survey of all rates takes no time
ENDLESS = nnlab.Experiment(learning_rate=5.0, max_updates=10**12)  # at 50, that is


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
        assert each.wait(5)


@pytest.fixture(scope="module")
def short_panel():
    """One panel for all tests that start by setting its slider."""
    shown = nnlab.live(SHORT, learning_rate=RATES)
    yield shown
    shown.close()
    assert shown.wait(5)


@pytest.fixture
def short(short_panel):
    """A panel of short runs, at rest."""
    assert settled(short_panel)
    return short_panel


@pytest.fixture(scope="module")
def endless_panel():
    """One panel for all tests of long runs."""
    shown = nnlab.live(ENDLESS, learning_rate=RATES)
    yield shown
    shown.close()
    assert shown.wait(5)


@pytest.fixture
def endless(endless_panel):
    """A panel that shows 564 updates at 5.0, and whose run at 50 has no end."""
    find(endless_panel, "learning rate").value = 8.0
    find(endless_panel, "learning rate").value = 5.0
    assert until(lambda: status(endless_panel).startswith("converged after 564 updates"))
    yield endless_panel
    find(endless_panel, "Stop").click()


def threads_left():
    """Workers that are still there when all panels had time to finish."""
    end = time.perf_counter() + 10
    while True:
        left = [thread for thread in threading.enumerate() if thread.name == "nnlab"]
        if not left or time.perf_counter() > end:
            return left
        time.sleep(0.005)


def picture(panel):
    """The panel's image widget."""
    return panel.picture


def status(panel):
    """The status line as a reader sees it."""
    return re.sub(r"<[^>]*>", " ", panel.status.value).replace("  ", " ").strip()


def figure(panel):
    """The figure behind the picture."""
    return panel.figure


def has_lines(axes):
    """Whether something is drawn there."""
    return any(len(line.get_xdata()) for line in shown_lines(axes))


def shown_lines(axes):
    """The lines that are drawn: not the hidden one that marks a moment."""
    return [line for line in axes.lines if line.get_visible()]


def settled(panel):
    """Wait until the panel shows the end of the run that its controls ask for."""

    def as_asked():
        run = panel.run
        counts = f"{run.updates:,} updates ({run.epochs:,} epochs)"
        over = run.experiment == panel.experiment and run.outcome != "running"
        return over and counts in status(panel)

    return until(as_asked, seconds=10)


# --- the first picture ---------------------------------------------------------------------------


def test_a_panel_shows_its_first_run_before_anything_is_touched(panel):
    shown = panel(ENDLESS, learning_rate=RATES)
    assert until(lambda: status(shown).startswith("converged after 564 updates (94 epochs) in "))
    assert picture(shown).frame["points"]
    assert shown.run.updates == 564


def test_the_picture_holds_the_lines_of_the_run(endless):
    shown = endless
    drawn = pixels(shown)
    for colour in style.PATTERNS:
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(drawn - wanted).max(axis=2) < 16).sum() > 50, colour


def test_the_figures_lines_follow_the_slider(short):
    shown = short
    find(shown, "learning rate").value = 5.0
    assert settled(shown)
    run = SHORT.replace(learning_rate=5.0).run()
    by_title = {each.get_title(loc="left"): each for each in figure(shown).axes}
    lines = by_title["error of each pattern"].lines
    assert np.array_equal(lines[1].get_ydata(), run.history.errors[:, 1])
    drawn = {
        np.asarray(line.get_ydata()).tobytes() for line in shown_lines(by_title["weights W[1], 6"])
    }
    assert len(drawn) == 3
    assert run.history.weights[1][:, 0, 0].tobytes() in drawn


# --- every control to its corners ----------------------------------------------------------------


def test_the_slider_at_5_reads_564(short):
    shown = short
    find(shown, "learning rate").value = 0.05
    assert settled(shown)
    assert status(shown).startswith("not learned within 20,000 updates (3,333 epochs)")
    find(shown, "learning rate").value = 5.0
    assert settled(shown)
    assert status(shown).startswith("converged after 564 updates (94 epochs) in ")
    assert "hidden units 1, 3, 5 of layer 1 are identical" in status(shown)


CORNERS = {
    "learning_rate": (RATES, [0.01, 50.0, 5.0]),
    "init": (["alternating", "zeros", "xavier"], ["xavier", "zeros", "alternating"]),
    "activation": (list(nnlab.ACTIVATIONS), [*reversed(nnlab.ACTIVATIONS)]),
    "batch_size": ((1, 6), [6, 1]),
    "layers": ([(3, 5, 1), (3, 1), (3, 8, 8, 1)], [(3, 1), (3, 8, 8, 1), (3, 5, 1)]),
    "output": (list(nnlab.ACTIVATIONS), [*reversed(nnlab.ACTIVATIONS)]),
    "tolerance": ((0.001, 0.1), [0.001, 0.1, 0.01]),
    "max_updates": ((100, 10_000), [100, 10_000, 1000]),
    "init_seed": ((0, 3), [3, 0]),
    "shuffle": (True, [True, False]),
}
CORNERS_BASE = nnlab.Experiment(learning_rate=5.0, max_updates=1000)


@pytest.fixture(scope="module")
def panel_of_everything():
    """A panel with a control for every field that has more than one value."""
    shown = nnlab.live(CORNERS_BASE, **{field: given for field, (given, _) in CORNERS.items()})
    yield shown
    shown.close()
    assert shown.wait(5)


@pytest.mark.parametrize("field", CORNERS)
def test_a_control_driven_to_its_corners_shows_what_the_run_alone_gives(panel_of_everything, field):
    shown = panel_of_everything
    for value in CORNERS[field][1]:
        find(shown, field.replace("_", " ")).value = value
        assert settled(shown)
        run = CORNERS_BASE.replace(**{field: value}).run()
        assert shown.experiment == run.experiment
        assert (shown.run.outcome, shown.run.updates) == (run.outcome, run.updates)
        assert f"{run.updates:,} updates ({run.epochs:,} epochs)" in status(shown)
        words = {"converged": "converged", "out of updates": "not learned", "diverged": "diverged"}
        assert status(shown).startswith(words[run.outcome])
        for axes in figure(shown).axes:
            assert has_lines(axes) or not axes.axison, axes.get_title(loc="left")
    assert shown.experiment == CORNERS_BASE  # for the next field


def test_several_controls_work_together(panel_of_everything):
    shown = panel_of_everything
    changes = {"learning_rate": 2.0, "init": "xavier", "shuffle": True}
    for field, value in changes.items():
        find(shown, field.replace("_", " ")).value = value
    assert settled(shown)
    assert shown.run.experiment == CORNERS_BASE.replace(**changes)
    for field in changes:
        find(shown, field.replace("_", " ")).value = getattr(CORNERS_BASE, field)


def test_the_axis_of_updates_can_be_switched(short):
    (axis,) = (each for each in all_widgets(short) if isinstance(each, widgets.ToggleButtons))
    for scale, expected in (("linear", "linear"), ("log", "symlog")):
        before = picture(short).frame
        axis.value = scale
        assert until(lambda before=before: picture(short).frame != before)
        assert figure(short).axes[0].get_xscale() == expected


@pytest.fixture(scope="module")
def relu_panel():
    """A panel whose run diverges at 50."""
    base = SHORT.replace(activation="relu", output="linear", init="xavier", learning_rate=0.1)
    shown = nnlab.live(base.replace(init_seed=1), learning_rate=RATES)
    yield shown
    shown.close()
    assert shown.wait(5)


def test_a_diverged_run_says_so_and_the_next_one_is_fine(relu_panel):
    shown = relu_panel
    find(shown, "learning rate").value = 50.0
    assert settled(shown)
    assert re.match(r"diverged after \d+ updates", status(shown))
    assert "diverged at update" in status(shown)
    find(shown, "learning rate").value = 0.1
    assert settled(shown)
    assert status(shown).startswith("converged after")
    largest = max(np.abs(matrix).max() for matrix in shown.run.weights)
    assert all(each.get_ylim()[1] < 100 * largest for each in figure(shown).axes[2:])


# --- the curve over the slider's range -----------------------------------------------------------


def curve(panel):
    """Points of the curve: learned, not learned, this run, each as a list of (x, y)."""
    (axes,) = (a for a in figure(panel).axes if a.get_title(loc="left") == "updates until learned")
    return [list(zip(*line.get_data(), strict=True)) for line in axes.lines]


def test_the_curve_holds_what_runs_at_those_rates_take(short):
    shown = short
    find(shown, "learning rate").value = 5.0
    assert shown.wait(20)
    before, _, _ = curve(shown)
    assert 5.0 in dict(before) and len(before) < 10, "nobody looks: it is not filled in"
    shown.picture.width = 1000  # a browser shows it
    assert shown.wait(20)
    learned, missed, here = curve(shown)
    assert here == [(5.0, 564)]
    assert (5.0, 564) in learned
    assert len(learned) + len(missed) >= 30
    for rate, updates in learned[::4]:
        run = SHORT.replace(learning_rate=rate).run()
        assert (run.outcome, run.updates) == ("converged", updates)
    for rate, _ in missed[::4]:
        assert not SHORT.replace(learning_rate=rate).run().converged
    assert learned and missed


def test_the_point_moves_with_the_slider(short):
    shown = short
    find(shown, "learning rate").value = 8.0
    assert shown.wait(20)
    assert curve(shown)[2] == [(8.0, 378)]


def test_a_diverged_run_does_not_look_learned_on_the_curve(relu_panel):
    shown = relu_panel
    find(shown, "learning rate").value = 50.0
    assert shown.wait(20)
    assert shown.run.outcome == "diverged"
    learned, missed, here = curve(shown)
    assert here == [(50.0, 20_000)]
    assert (50.0, 20_000) in missed and 50.0 not in dict(learned)


def test_all_of_the_curve_is_within_its_axes(panel):
    shown = panel(SHORT.replace(learning_rate=1.0, max_updates=100), max_updates=(100, 100_000))
    find(shown, "max updates").value = 100_000
    assert shown.wait(20)
    axes = figure(shown).axes[1]
    for points in curve(shown):
        for x, y in points:
            assert axes.get_xlim()[0] <= x <= axes.get_xlim()[1]
            assert axes.get_ylim()[0] <= y <= axes.get_ylim()[1]


# --- other networks, other data ------------------------------------------------------------------


def classes(patterns, n_out):
    """Own data: random points in the plane, each in some of the classes."""
    rng = np.random.default_rng(0)
    return nnlab.Dataset(
        rng.normal(size=(patterns, 2)), 1.0 * (rng.random((patterns, n_out)) > 0.5)
    )


def test_hundreds_of_patterns_with_several_outputs_work(panel):
    fields = {"layers": (2, 30, 30, 3), "data": classes(300, 3), "batch_size": 32}
    base = nnlab.Experiment(init="xavier", max_updates=300, **fields)
    shown = panel(base, learning_rate=RATES)
    find(shown, "learning rate").value = 0.5
    assert settled(shown)
    assert status(shown).startswith("not learned within 300 updates (30 epochs)")
    assert "not within tolerance: 300 of 300 patterns" in status(shown)
    assert all(has_lines(axes) for axes in figure(shown).axes)


@pytest.mark.parametrize(
    ("rates", "ticks"), [((0.5, 10.0), ["0.5", "1", "2", "5", "10"]), (RATES, [])]
)
def test_a_curve_over_few_decades_has_plain_ticks(panel, rates, ticks):
    shown = panel(SHORT.replace(learning_rate=1.0), views=["curve"], learning_rate=rates)
    low, high = shown.figure.axes[0].get_xlim()
    labels = shown.figure.axes[0].get_xticklabels()
    plain = [text.get_text() for text in labels if low <= text.get_position()[0] <= high]
    assert [label for label in plain if "$" not in label] == ticks


def test_without_a_slider_there_is_no_curve_and_layers_make_a_new_picture(panel):
    shown = panel(SHORT, layers=[(3, 5, 1), (3, 2, 1)])
    titles = [each.get_title(loc="left") for each in figure(shown).axes if each.axison]
    assert titles == ["error of each pattern", "weights W[0], 20", "weights W[1], 6"]
    assert len(shown_lines(figure(shown).axes[1])) == 4 * 2  # units 1, 3, 5 are one, and 2, 4
    find(shown, "layers").value = (3, 2, 1)
    assert settled(shown)
    assert len(shown_lines(figure(shown).axes[1])) == 4 * 2


def test_dials_build_on_one_another(panel):
    def deeper(experiment, depth):
        return experiment.replace(layers=(3, *[5] * depth, 1))

    def wider(experiment, width):
        hidden = len(experiment.layers) - 2
        return experiment.replace(layers=(3, *[width] * hidden, 1))

    shown = panel(
        SHORT,
        views=["errors", "network"],
        depth=nnlab.Dial((1, 3), deeper, start=1),
        width=nnlab.Dial((2, 6), wider, start=5),
    )
    assert shown.experiment.layers == (3, 5, 1)
    find(shown, "depth").value = 3
    find(shown, "width").value = 2
    assert settled(shown)
    assert shown.run.experiment.layers == (3, 2, 2, 2, 1)


@pytest.mark.parametrize(
    ("views", "words"),
    [
        (["error"], "'errors'"),
        ([], "1 to 6"),
        ("errors", "1 to 6"),
        (["errors", "errors"], "differ"),
    ],
)
def test_views_that_are_not_there_are_refused(views, words):
    with pytest.raises(ValueError, match=words):
        nnlab.live(SHORT, views=views, learning_rate=RATES)


@pytest.mark.parametrize("unit", ["samples", "seconds"])
def test_the_axis_of_time_can_be_switched(short, unit):
    against = find(short, "against")
    against.value = unit
    assert short.wait(5)
    label = figure(short).axes[0].get_xlabel()
    against.value = "updates"
    assert label.startswith(unit)
    assert short.wait(5)


# --- long runs: progress, Stop, latest wins ------------------------------------------------------


def test_a_long_run_shows_progress_and_stop_ends_it(endless):
    shown = endless
    stop = find(shown, "Stop")
    (bar,) = (w for w in all_widgets(shown) if isinstance(w, widgets.FloatProgress))
    box = next(w for w in all_widgets(shown) if stop in getattr(w, "children", ()))
    assert box.layout.display == "none"
    find(shown, "learning rate").value = 50.0
    assert until(lambda: box.layout.display is None)
    assert status(shown).startswith("training … ")
    begin = time.perf_counter()
    stop.click()
    assert until(lambda: status(shown).startswith("stopped"))
    assert time.perf_counter() - begin < 0.5
    assert shown.run.outcome == "stopped"
    assert status(shown).startswith(f"stopped after {shown.run.updates:,} updates")
    assert 0.0 < bar.value <= shown.run.updates / 10**12
    assert box.layout.display == "none"


def test_progress_grows_during_a_long_run(endless):
    shown = endless
    (bar,) = (w for w in all_widgets(shown) if isinstance(w, widgets.FloatProgress))
    find(shown, "learning rate").value = 50.0
    seen = []
    bar.observe(lambda change: seen.append(change.new), "value")
    assert until(lambda: len(seen) > 3)
    assert seen == sorted(seen)


def test_after_stop_the_next_change_trains_again(endless):
    shown = endless
    find(shown, "learning rate").value = 50.0
    find(shown, "Stop").click()
    assert until(lambda: status(shown).startswith("stopped"))
    find(shown, "learning rate").value = 8.0
    assert until(lambda: status(shown).startswith("converged after 378 updates"))


def test_the_latest_change_wins_over_long_runs(endless):
    shown = endless
    slider = find(shown, "learning rate")
    begin = time.perf_counter()
    for rate in (50.0, 45.0, 40.0, 50.0, 8.0):
        slider.value = rate
    assert until(lambda: status(shown).startswith("converged after 378 updates"))
    assert time.perf_counter() - begin < 3.0
    assert (shown.experiment.learning_rate, shown.run.experiment.learning_rate) == (8.0, 8.0)


def test_a_change_does_not_wait_for_a_long_run(endless):
    shown = endless
    for rate in (50.0, 45.0):
        begin = time.perf_counter()
        find(shown, "learning rate").value = rate
        assert time.perf_counter() - begin < 0.5


def test_a_start_that_trains_can_be_stopped(panel):
    """It says that it is under way, with a Stop button; what comes next is not held up by it."""
    endless = nnlab.Experiment(tolerance=0.0, max_updates=10**12)
    long = nnlab.After(endless, updates=10**12)
    shown = panel(SHORT, init=["alternating", "xavier", long])
    find(shown, "init").value = long
    assert until(lambda: status(shown).startswith("training what the start is made of"))
    assert shown._display.while_long.layout.display is None
    find(shown, "Stop").click()
    assert until(lambda: status(shown) == "stopped before the first update")
    find(shown, "init").value = "xavier"
    assert until(lambda: shown.run is not None and shown.run.experiment.init == "xavier")

    find(shown, "init").value = long
    find(shown, "init").value = "alternating"  # without a Stop
    assert until(lambda: shown.run is not None and shown.run.experiment.init == "alternating")
    find(shown, "init").value = long
    assert until(lambda: status(shown).startswith("training what the start is made of"))
    shown.close()
    assert shown.wait(1)


def test_closing_ends_a_long_run(panel):
    shown = panel(ENDLESS, learning_rate=RATES)
    find(shown, "learning rate").value = 50.0
    shown.close()
    assert shown.wait(1)
    assert threads_left() == []


def test_no_thread_is_left_when_all_is_drawn(short):
    shown = short
    find(shown, "learning rate").value = 5.0
    assert shown.wait(20)
    assert threads_left() == []


def test_wait_says_when_it_took_too_long(endless):
    shown = endless
    find(shown, "learning rate").value = 50.0
    assert not shown.wait(0.01)


# --- errors --------------------------------------------------------------------------------------


def test_an_exception_in_the_worker_is_shown_and_the_next_change_works(short, monkeypatch):
    shown = short

    def fail(*arguments):
        raise LookupError("out of <cheese>")

    with monkeypatch.context() as patch:
        patch.setattr(subjects, "snapshot", fail)
        find(shown, "learning rate").value = 2.0
        assert until(lambda: "LookupError: out of &lt;cheese&gt;" in shown.status.value)
    find(shown, "learning rate").value = 5.0
    assert settled(shown)
    assert status(shown).startswith("converged after 564 updates")


def test_a_setting_that_the_experiment_refuses_is_shown(panel):
    """Each value is fine alone, but not both together."""
    three = nnlab.Dataset([[0.0, 0, 0], [1, 1, 1], [1, 0, 0]], [[0.0], [1], [1]], name="three")
    shown = panel(SHORT, batch_size=(1, 6), data=[nnlab.parity(), three])
    find(shown, "batch size").value = 6
    assert settled(shown)
    find(shown, "data").value = three
    refused = "ValueError: batch_size must be at least 1 and at most 3; got 6"
    assert until(lambda: refused in status(shown))
    find(shown, "batch size").value = 3
    assert settled(shown)
    assert shown.run.experiment.data == three


@pytest.mark.parametrize(
    ("experiment", "fields", "message"),
    [
        (SHORT, {}, "at least one control"),
        (SHORT, {"learning_rate": (0.1, 50.0)}, "learning_rate starts at 0.05"),
        (SHORT, {"learningrate": RATES}, "Did you mean 'learning_rate'"),
        ("article", {"learning_rate": RATES}, "experiment must be an Experiment; got 'article'"),
    ],
)
def test_a_panel_refuses_what_it_cannot_show(experiment, fields, message):
    """Cleanly: a half-made widget that fails again when Python deletes it fails this test."""
    with pytest.raises((TypeError, ValueError), match=message):
        nnlab.live(experiment, **fields)


# --- where no kernel runs ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle():
    """What a notebook stores of a panel."""
    shown = nnlab.live(SHORT.replace(learning_rate=5.0), learning_rate=RATES, shuffle=True)
    made = shown._repr_mimebundle_()
    yield made[0] if isinstance(made, tuple) else made
    shown.close()
    assert shown.wait(5)


def test_the_mimebundle_has_a_picture_and_fixed_words(bundle):
    assert bundle["text/plain"] == "<Panel: learning_rate, shuffle>"
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["image/png"].startswith(PNG)
    assert len(bundle["image/png"]) < 60_000


def test_the_bundles_picture_has_its_lines(bundle):
    """Artists that are moved by blitting could be left out of an ordinary drawing."""
    pixels = np.asarray(Image.open(io.BytesIO(bundle["image/png"])).convert("RGB"), dtype=int)
    orange = (255 * np.array(to_rgb(style.pattern_colour(1)))).round()
    legend_alone = 150
    assert (np.abs(pixels - orange).max(axis=2) < 24).sum() > legend_alone


def test_the_bundles_picture_cuts_no_names_at_lines_ends():
    shown = nnlab.live(SHORT, views=["last weights"], tools=[], learning_rate=RATES)
    made = shown._repr_mimebundle_()
    stored = (made[0] if isinstance(made, tuple) else made)["image/png"]
    (axes,) = shown.figure.axes
    left = axes.get_tightbbox(bbox_extra_artists=[]).x0  # of the axes and their numbers
    right = max(text.get_window_extent().x1 for text in axes.texts if text.get_text())
    assert right > axes.bbox.x1 + 20
    width = Image.open(io.BytesIO(stored)).width
    assert width / style.DPI > (right - left) / shown.figure.dpi
    shown.close()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0 ms"), (0.000123, "0.12 ms"), (0.0345, "34 ms"), (0.999, "1000 ms"), (2.34, "2.3 s")],
)
def test_durations_have_two_digits(seconds, said):
    assert words.duration(seconds) == said


# --- the worker alone ----------------------------------------------------------------------------


def test_the_worker_drops_what_is_stale():
    done, started = [], threading.Event()

    def work(request, stale):
        started.set()
        assert until(lambda: stale() or request == "last")
        if not stale():
            done.append(request)

    worker = LatestWins(work, failed=lambda error: done.append(error))
    worker.submit("first")
    assert started.wait(5)
    for request in ("second", "third", "last"):
        worker.submit(request)
    assert worker.join(5)
    assert done == ["last"]


def test_who_waits_for_quiet_is_woken_by_the_next_request():
    """Or the first picture of a drag's every step would come late."""
    woken, waiting = [], threading.Event()

    def work(request, stale):
        waiting.set()
        if request == "first":
            woken.append(stale.wait(60))

    worker = LatestWins(work, failed=woken.append)
    worker.submit("first")
    assert waiting.wait(5)
    worker.submit("second")
    assert worker.join(5)
    assert woken == [True]


def test_the_worker_goes_on_after_an_exception():
    failures, done = [], []

    def work(request, stale):
        if request == "bad":
            raise ValueError("bad request")
        done.append(request)

    worker = LatestWins(work, failures.append)
    worker.submit("bad")
    assert worker.join(5)
    worker.submit("good")
    assert worker.join(5)
    assert [str(error) for error in failures] == ["bad request"]
    assert done == ["good"]


def test_a_closed_worker_takes_nothing_more():
    done = []
    worker = LatestWins(lambda request, stale: done.append(request), failed=done.append)
    worker.close()
    worker.submit("late")
    assert worker.join(5)
    assert done == []
