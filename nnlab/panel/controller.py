"""What a panel's worker does: train, draw, and use quiet moments for the curve and the map.

It knows no widget: it is given requests, and a page to publish to.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from nnlab.panel.controls import Control
from nnlab.panel.layers import Frame
from nnlab.panel.map_picture import MOST_UPDATES, MapPicture
from nnlab.panel.memory import hand_back
from nnlab.panel.picture import Picture, look_at
from nnlab.panel.setting import Request, Setting
from nnlab.panel.subjects import FEW_ROWS, FEWER_SEEDS, SEEDS, Point, Subject
from nnlab.panel.views import CURVE
from nnlab.panel.worker import Stale, Superseded
from nnlab.run import Run

_FIRST_LOOK = 0.01  # seconds of training before the first frame
_NEXT_LOOK = 0.12  # between two frames of what takes long
_LEAST_TRAINING = 6.0  # times as long as drawing, so that looking costs little
_LONG = 0.3  # what takes longer shows a progress bar and a Stop button
_QUIET = 0.5  # seconds without a change before the curve is filled in
_FILL_AT_MOST = 20.0  # seconds given to the curve after a change
_BETWEEN_FRAMES = 0.24  # of what is filled in while nobody asks for more
_PICTURES = 4  # kept, for layers and data sets that a control goes to and fro between

# One panel at a time looks around: ten of them would leave no core to the one that is touched.
_LOOKING_AROUND = threading.Lock()


class Page(Protocol):
    """Where a controller publishes to; called in the worker's thread."""

    @property
    def seen(self) -> bool:
        """Whether it is on a screen."""

    def show(self, frame: Frame, described: str | None = None) -> None:
        """Put the picture on screen; the description says what it shows, None leaves it."""

    def show_map(self, frame: Frame, described: str) -> None:
        """Put the map on screen."""

    def say(self, status: str, progress: float | None) -> None:
        """Show the status, in HTML, and how far a long training is, 0 to 1; None hides that."""

    def rest(self, subject: Subject) -> None:
        """Take note that this subject is done, and stays on screen."""


class Controller:
    """Trains what a panel is asked for and puts it on the panel's page.

    Args:
        views: names of what the picture shows.
        slider: whose range the curve spans; None leaves the curve out.
        page: where to publish.
    """

    def __init__(self, views: Sequence[str], slider: Control | None, page: Page) -> None:
        self._views = list(views)
        self._slider = slider if CURVE in views else None
        self._page = page
        self.subject: Subject | None = None  # the latest on screen
        self.run: Run | None = None  # the latest single run on screen
        self.drawing = threading.Lock()
        self._stopped = threading.Event()
        self._pictures: list[Picture] = []  # the one on screen first
        self._map: MapPicture | None = None
        self._points: dict[Any, dict[Any, Point]] = {}  # of curves and maps, by all else
        self._cost = 0.0  # seconds that the latest frame took

    @property
    def picture(self) -> Picture:
        """The picture on screen."""
        return self._pictures[0]

    @property
    def map(self) -> MapPicture | None:
        """The map on screen."""
        return self._map

    def stop(self) -> None:
        """End the training under way."""
        self._stopped.set()

    def go_on(self) -> None:
        """Forget that it was stopped."""
        self._stopped.clear()

    def forget(self) -> None:
        """Let go of what takes room: a notebook's ``Out`` holds on to panels that are closed."""
        with self.drawing:
            self._pictures.clear()
            self._points.clear()
            self.subject = self.run = self._map = None

    def work(self, request: Request, stale: Superseded) -> None:
        """Do all that is asked for: first what is seen, then what can wait."""
        if not self.train(request, stale) or stale.wait(_QUIET):
            return
        if self.subject is not None and self.subject.ended:
            self._page.rest(self.subject)
        hand_back()
        while not _LOOKING_AROUND.acquire(timeout=0.02):
            if stale():
                return
        try:
            self._fill_map(request, stale)
            if self._page.seen:  # a notebook run without a browser has better uses for its cores
                self.fill_curve(request, stale, _FILL_AT_MOST)
        finally:
            _LOOKING_AROUND.release()

    def begin(self, request: Request, seconds: float) -> bool:
        """Train for so long at the most and show a frame; return whether there is more to train."""
        subject = self._subject_for(request)
        subject.advance(seconds, lambda: False)
        self._show(subject, request, lambda: False, 0.0)
        return subject.running

    def train(self, request: Request, stale: Stale) -> bool:
        """Train what is asked for, with frames on the way; return whether it came to its end."""
        subject, begin, look = self._subject_for(request), time.perf_counter(), _FIRST_LOOK

        def asked_to_stop() -> bool:
            if not subject.begun and time.perf_counter() - begin > _LONG and not stale():
                self._page.say("training what the start is made of …", 0.0)
            return stale() or self._stopped.is_set()

        while True:
            subject.advance(look, asked_to_stop)
            if stale():
                return False
            if self._stopped.is_set() and subject.running:
                subject.stop()
            self._show(subject, request, stale, time.perf_counter() - begin)
            if not subject.running:
                return True
            if subject.runs:  # of many seeds none may have ended yet
                look = max(_NEXT_LOOK, _LEAST_TRAINING * self._cost)

    def _subject_for(self, request: Request) -> Subject:
        """Return what is on screen if it is what is asked for, if need be to be trained on."""
        shown = self.subject
        if (
            shown is not None
            and shown.many == request.seeds
            and shown.setting.experiment == request.setting.experiment
            and (not shown.stopped or self._stopped.is_set())
        ):
            if shown.setting.values != request.setting.values:
                shown = copy.copy(shown)  # what is pinned keeps its place on the curve
                shown.setting = request.setting
            return shown
        self._stopped.clear()
        return Subject(request.setting, SEEDS if request.seeds else None)

    def _show(self, subject: Subject, request: Request, stale: Stale, seconds: float) -> None:
        """Draw a subject and publish it with its words."""
        progress = subject.progress if subject.running and seconds > _LONG else None
        if not subject.runs:
            self._page.say(subject.status(), progress)
            return
        begin = time.perf_counter()
        points = self._points_for(request)
        if subject.ended and not subject.stopped and self._slider is not None:
            points[subject.setting.values[self._slider.name]] = subject.point
        look = look_at(subject, request.unit, request.scale, request.moment)
        with self.drawing:
            if stale():
                return
            picture = self._picture_for(subject, request)
            picture.show(subject, look, points)
            frame = picture.frame()
            described = None if subject.running else subject.described(self._views)
            if stale():
                return
            self.subject = subject
            self.run = self.run if subject.many else subject.runs[0]
            self._page.show(frame, described)
            self._page.say(subject.status(look.row), progress)
        self._cost = time.perf_counter() - begin

    def _picture_for(self, subject: Subject, request: Request) -> Picture:
        """The picture that fits; a few are kept, for controls that change layers or data."""
        pinned, paper = request.pinned, request.paper
        fitting = [each for each in self._pictures if each.fits(subject, pinned, paper)]
        picture = (
            fitting[0] if fitting else Picture(subject, self._views, self._slider, pinned, paper)
        )
        others = [each for each in self._pictures if each is not picture]
        self._pictures = [picture, *others][:_PICTURES]
        return picture

    # --- in quiet moments ------------------------------------------------------------------------

    def fill_curve(self, request: Request, stale: Stale, seconds: float) -> None:
        """Fill in the curve over the slider's range, as far as nobody asks for more."""
        slider, subject = self._slider, self.subject
        if slider is None or slider.range is None or subject is None or not subject.ended:
            return
        points, end = self._points_for(request), time.perf_counter() + seconds

        def show() -> None:
            with self.drawing:
                if stale() or not self._pictures:
                    return
                self.picture.show_curves(subject, points)
                self._page.show(self.picture.frame())

        def train(setting: Setting) -> Subject:
            return Subject(setting, FEWER_SEEDS if request.seeds else None, FEW_ROWS)

        cells = {value: {slider.name: value} for value in slider.range.grid()}
        self._fill(points, cells, request.setting, train, show, stale, end)

    def _fill_map(self, request: Request, stale: Stale) -> None:
        """Train the runs of the map that are not known yet, and show it from time to time."""
        if request.map is None or len(set(request.map)) == 1:
            return
        x, y = request.map
        controls = {control.name: control for control in request.setting.controls}
        with self.drawing:
            picture = self._map
            wanted = controls[x], controls[y], request.paper
            if picture is None or (picture.x, picture.y, picture.paper) != wanted:
                picture = self._map = MapPicture(*wanted)
        points = self._points.setdefault(("map", x, y, *request.setting.others(x, y)), {})
        marked = [each.subject.setting.values for each in request.pinned]

        def show() -> None:
            with self.drawing:
                if stale():
                    return
                frame = picture.show(points, request.setting.values, marked)
                learned = sum(point.share > 0 for point in points.values())
                self._page.show_map(
                    frame,
                    f"Map of updates until learned over {x} and {y}: {learned} of {len(points)} "
                    f"cells learned within {MOST_UPDATES:,} updates",
                )

        show()  # what is marked in it may be all that is new
        cells = {cell: picture.values(cell) for cell in picture.cells()}
        self._fill(points, cells, request.setting, _of_the_map, show, stale)

    def _fill(
        self,
        points: dict[Any, Point],
        cells: dict[Any, dict[str, Any]],
        setting: Setting,
        subject: Callable[[Setting], Subject],
        show: Callable[[], None],
        stale: Stale,
        end: float = float("inf"),
    ) -> None:
        """Train what is missing among the points until ``end``; show them from time to time.

        Values that the other controls don't go with, or that a dial refuses, stay empty.
        """
        shown_at, unseen = time.perf_counter(), False

        def interrupted() -> bool:
            return stale() or self._stopped.is_set() or time.perf_counter() > end

        for cell, values in cells.items():
            if cell in points:
                continue
            try:
                point = subject(setting.at(**values)).train(interrupted)
            except Exception:  # a dial's function is the reader's and may raise anything
                continue
            if point is None:
                break
            points[cell], unseen = point, True
            if time.perf_counter() - shown_at > _BETWEEN_FRAMES:
                show()
                shown_at, unseen = time.perf_counter(), False
        if unseen:
            show()

    def _points_for(self, request: Request) -> dict[Any, Point]:
        """What is known of the curve, by the slider's value; kept for each setting of the rest."""
        if self._slider is None:
            return {}
        others = request.setting.others(self._slider.name)
        return self._points.setdefault((request.seeds, *others), {})


def _of_the_map(setting: Setting) -> Subject:
    return Subject(setting, rows=FEW_ROWS, budget=MOST_UPDATES)
