"""The controller alone: no widget, only requests, and a page that writes down what it is told."""

import json
import threading

import numpy as np
import pytest

import nnlab
from nnlab.panel import controller
from nnlab.panel.controller import Controller
from nnlab.panel.controls import Control
from nnlab.panel.setting import Paper, Pinned, Request, Setting
from nnlab.panel.views import DEFAULT_VIEWS
from nnlab.panel.worker import Superseded

BASE = nnlab.Experiment(learning_rate=5.0, max_updates=2_000)


class Page:
    """Writes down what is published."""

    seen = True

    def __init__(self):
        self.frames, self.maps, self.said, self.rested = [], [], [], []
        self.described = ""

    def show(self, frame, described=None):
        self.frames.append(frame)
        self.described = described or self.described

    def show_map(self, frame, described):
        self.maps.append(described)

    def say(self, status, progress):
        self.said.append((status, progress))

    def rest(self, subject):
        self.rested.append(subject)


class Bench:
    """A controller with a page, and requests for it."""

    def __init__(self, base=BASE, views=DEFAULT_VIEWS, **fields):
        self.page, self.base = Page(), base
        self.controls = [Control(base, name, given) for name, given in fields.items()]
        slider = next((each for each in self.controls if each.range), None)
        self.controller = Controller(views, slider, self.page)

    def request(self, **asked):
        """A request: values of controls by name, and what else it has."""
        names = [each.name for each in self.controls]
        values = {each.name: asked.pop(each.name, each.start) for each in self.controls if names}
        return Request(Setting.of(self.base, self.controls, values), **asked)

    def work(self, **asked):
        """Do all that a request asks for."""
        self.controller.work(self.request(**asked), Superseded())


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """The engine's first call takes long: it loads what is compiled."""
    BASE.run()


@pytest.fixture
def bench(monkeypatch):
    """A controller of a learning rate and a start, that does not wait for quiet."""
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    return Bench(learning_rate=(0.1, 50.0), init=["alternating", "gaussian"])


def test_it_knows_no_widget():
    with open(controller.__file__) as source:
        assert "widgets" not in source.read().replace("knows no widget", "")


def test_a_request_becomes_a_picture_and_words(bench):
    bench.work()
    assert bench.page.frames[0].tiles and bench.page.frames[0].points
    assert "<b>converged</b> after 564 updates" in bench.page.said[-1][0]
    assert "learning rate 5" in bench.page.described
    assert "mean loss from" in bench.page.described
    assert [subject.cells()[:2] for subject in bench.page.rested] == [("converged", "564")]


def test_the_curve_is_filled_in_without_a_word(bench):
    """What the status says is of the run on screen, whatever is trained beside it."""
    bench.work()
    said = ["<b>converged</b> after 564 updates" in words for words, _ in bench.page.said]
    assert said.index(True) == len(said) - 1  # on a busy machine, first of a run under way
    assert len(bench.page.frames) > len(said)
    points = bench.controller._points_for(bench.request())
    for rate, point in list(points.items())[::6]:
        run = BASE.replace(learning_rate=rate).run()
        assert point.middle == (run.updates if run.converged else np.inf)


def test_a_curve_that_is_known_is_not_shown_again(bench):
    """The picture would go to the page a second time, in the way of what comes next."""
    bench.work()
    before = len(bench.page.frames)
    bench.work()
    assert len(bench.page.frames) == before + 1


def test_what_a_dial_raises_leaves_a_gap_in_the_curve(monkeypatch):
    monkeypatch.setattr(controller, "_QUIET", 0.0)
    table = {1: 1.0, 3: 2.0, 4: 4.0, 5: 5.0}
    dial = nnlab.Dial((1, 5), lambda e, v: e.replace(learning_rate=table[v]), start=1)
    bench = Bench(step=dial)
    bench.work()
    assert sorted(bench.controller._points_for(bench.request())) == [1, 3, 4, 5]
    assert "not learned" in bench.page.said[-1][0]


def test_a_stale_request_publishes_nothing(bench):
    stale = Superseded()
    stale.set()
    bench.controller.work(bench.request(), stale)
    assert not bench.page.frames and not bench.page.said


def test_a_run_under_way_goes_on_when_only_the_look_changes():
    bench = Bench(BASE.replace(learning_rate=0.1, max_updates=10**12, tolerance=0.0),
                  init=["alternating", "gaussian"])  # fmt: skip
    ends = iter([False] * 12 + [True] * 100)
    bench.controller.train(bench.request(), lambda: next(ends))
    before = bench.controller.run.updates
    bench.controller.stop()
    bench.controller.train(bench.request(scale="linear"), lambda: False)
    assert bench.controller.run.outcome == "stopped"
    assert bench.controller.run.updates >= before > 0


def test_the_same_experiment_is_not_trained_twice(bench, monkeypatch):
    bench.work()
    run = bench.controller.run
    monkeypatch.setattr(controller, "Subject", None)
    bench.controller.train(bench.request(scale="linear", moment=0.3), lambda: False)
    assert bench.controller.run is run
    assert bench.page.said[-1][0].startswith("at update <b>")


def test_seeds_are_a_subject_like_a_run(bench):
    bench.work(init="gaussian", seeds=True)
    assert "seeds learned" in bench.page.said[-1][0]
    assert len(bench.controller.subject.runs) == 100
    titles = [axes.get_title(loc="left") for axes in bench.controller.picture.figure.axes]
    assert "share of seeds that learn" in titles


def test_what_is_pinned_is_drawn_with_its_name_as_typed(bench):
    bench.work()
    pinned = Pinned("Ba$$in $x_1$", bench.controller.subject)
    bench.controller.train(bench.request(learning_rate=1.0, pinned=(pinned,)), lambda: False)
    curve = bench.controller.picture.figure.axes[1]
    (name,) = curve.texts
    assert name.get_text() == "Ba$$in $x_1$" and not name.get_parse_math()


def test_the_map_is_filled_and_published(bench):
    bench.work(map=("learning_rate", "init"))
    assert "cells learned" in bench.page.maps[-1]
    assert "learning_rate and init" in bench.page.maps[-1]


@pytest.mark.parametrize("width", [700, 1110, 1800])
def test_a_picture_takes_the_width_there_is(bench, width):
    bench.controller.train(bench.request(paper=Paper(width)), lambda: False)
    across, down = json.loads(bench.page.frames[-1].words)["size"]
    assert abs(across - width) <= 1
    assert down <= 410


def test_a_sharp_picture_has_more_pixels_of_the_same_things(bench):
    """A tile is cut to its ink: at each end that is whole CSS pixels at one ratio, halves at two.

    So the frame may end 2 device pixels short of twice its place at ratio 1. Words lie on whole
    device pixels too: ticks' numbers, and below them an axis' name, are a pixel or two off each.
    """
    tiles = []
    for ratio in (1.0, 2.0):
        bench.controller.train(bench.request(paper=Paper(ratio=ratio)), lambda: False)
        tiles.append(bench.page.frames[-1].tiles[0])  # of the first axes: the figure has none
    for side in (0, 1):
        plain, sharp = (
            int.from_bytes(each.png[16 + 4 * side : 20 + 4 * side], "big") for each in tiles
        )
        assert 0 <= 2 * plain - sharp <= 2 * 4
        (start, length), (sharp_start, sharp_length) = (each.box[side::2] for each in tiles)
        assert (length, sharp_length) == (plain, sharp / 2)  # in CSS pixels
        assert 0 <= sharp_start - start <= 2
        assert -3 <= sharp_start + sharp_length - start - length <= 0


def test_no_thread_is_started(bench):
    before = threading.active_count()
    bench.work()
    assert threading.active_count() == before
