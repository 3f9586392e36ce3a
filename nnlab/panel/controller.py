"""What a panel's worker does: train, draw, and use quiet moments to look around."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nnlab import plots
from nnlab.engine.training import Training
from nnlab.experiment import Experiment
from nnlab.panel import words
from nnlab.panel.controls import Control
from nnlab.panel.run_picture import Screen
from nnlab.panel.scan import updates_needed
from nnlab.panel.seeds import Crowd
from nnlab.panel.seeds_picture import CrowdScreen
from nnlab.panel.setting import Pinned, Setting
from nnlab.panel.views import CURVE
from nnlab.plots import Look
from nnlab.plots.style import Picture
from nnlab.run import Run, snapshot

if TYPE_CHECKING:
    from nnlab.panel.panel import Panel

_FIRST_LOOK = 0.01  # seconds of training before the first frame
_NEXT_LOOK = 0.12  # between two frames of a long run
_GLANCE = 0.01  # between two looks whether the run is still asked for
_CROWD_FIRST_LOOK = 0.03  # seconds of training before the first frame of many runs
_CROWD_LOOK = 0.08  # between two of them
_LONG = 0.3  # what takes longer shows a progress bar and a Stop button
_QUIET = 0.5  # seconds without a change before the curve is filled in
_SURVEY_AT_MOST = 20.0  # seconds given to the curve after a change
_BETWEEN_FRAMES = 0.24  # of what is filled in while nobody asks for more
_SCREENS = 4  # kept, for layers and data sets that a control goes to and fro between
_FINAL = ("converged", "diverged", "out of updates")

# One panel at a time looks around: ten of them would leave no core to the one that is touched.
_LOOKING_AROUND = threading.Lock()

Stale = Callable[[], bool]


class Stage:
    """Trains what the panel's controls ask for and puts it on the panel's picture.

    Args:
        panel: whose widgets are read and written.
        views: names of what the picture shows.
        controls: of the panel; the first slider's range is the curve's.
        size: of the picture.
    """

    def __init__(
        self, panel: Panel, views: list[str], controls: list[Control], size: float
    ) -> None:
        self._panel = panel
        self._views = views
        self._size = size
        sliders = (control for control in controls if control.is_slider)
        self._slider = next(sliders, None) if CURVE in views else None
        self.run: Run | None = None  # the latest run on screen
        self.setting: Setting | None = None  # what it was trained with
        self.drawing = threading.Lock()
        self._stopped = threading.Event()
        self._surveys: dict[tuple[Any, ...], dict[Any, Any]] = {}
        self._screens: list[Screen] = []  # the one on screen first
        self._crowd_screen: CrowdScreen | None = None
        self._crowd: tuple[Setting, Crowd] | None = None  # the latest on screen

    @property
    def figure(self) -> Picture:
        """The figure on screen."""
        if self._panel.crowd.value and self._crowd_screen is not None:
            return self._crowd_screen.figure
        return self._screens[0].figure

    def seen(self) -> tuple[Setting, Run | Crowd]:
        """Return what is on screen and can be pinned.

        Raises:
            ValueError: while it is still in training.
        """
        if self._panel.crowd.value:
            if self._crowd is not None and self._crowd_is_done(self._crowd[1]):
                return self._crowd
        elif self.setting is not None and self.run is not None and self.run.outcome != "running":
            return self.setting, self.run
        raise ValueError("what is in training can be pinned when it has ended")

    def stop(self) -> None:
        """End the training under way."""
        self._stopped.set()

    def go_on(self) -> None:
        """Forget that it was stopped."""
        self._stopped.clear()

    def forget(self) -> None:
        """Let go of all pictures: a notebook's ``Out`` holds on to panels that it has closed."""
        with self.drawing:
            self._screens.clear()
            self._crowd_screen = self._crowd = None
            self._surveys.clear()

    def work(self, setting: Setting, stale: Stale) -> None:
        """Do all that a setting asks for: first what is seen, then what can wait."""
        if self._panel.crowd.value:
            self._train_crowd(self._crowd_of(setting), setting, stale)
        elif self._is_done(setting):
            self._show(setting, self.run, stale)
        else:
            self.train(setting, stale)
        quiet_at = time.perf_counter() + _QUIET
        while time.perf_counter() < quiet_at:
            if stale():
                return
            time.sleep(0.02)
        self._note(setting)
        while not _LOOKING_AROUND.acquire(timeout=0.02):
            if stale():
                return
        try:
            if self._panel.map.on:
                pinned = [ghost.setting for ghost in self._panel.pins.ghosts]
                self._panel.map.fill(setting, self._panel.setting, stale, self.drawing, pinned)
            self.survey(setting, stale, _SURVEY_AT_MOST)
        finally:
            _LOOKING_AROUND.release()

    def _publish(self, frame: bytes, described: str) -> None:
        """Send a frame with its words, if any: in one message, for each draws the picture anew."""
        with self._panel.picture.hold_sync():
            self._panel.picture.value = frame
            if described:
                self._panel.picture.tooltip = described

    def _note(self, setting: Setting) -> None:
        """List what stays on screen among the settings tried."""
        tried = self._panel.tried
        if self._panel.crowd.value:
            if self._crowd is not None and self._crowd_is_done(self._crowd[1]):
                tried.add(*self._crowd)
        elif self.run is not None and self.setting is not None and self._is_done(setting):
            tried.add(self.setting, self.run)

    # --- one run ---------------------------------------------------------------------------------

    def train(self, setting: Setting, stale: Stale, look: float = _FIRST_LOOK) -> None:
        """Train a setting's network, showing frames on the way, first after ``look`` seconds."""
        training = Training(setting.experiment)
        while not stale():
            end = time.perf_counter() + look
            while training.outcome == "running" and time.perf_counter() < end:
                training.advance(_GLANCE)
                if stale():
                    return
            look = _NEXT_LOOK
            outcome = "stopped" if self._stopped.is_set() else training.outcome
            self._show(setting, snapshot(training, outcome), stale)
            if outcome != "running":
                return

    def _is_done(self, setting: Setting) -> bool:
        run = self.run
        return run is not None and run.outcome in _FINAL and run.experiment == setting.experiment

    def _show(self, setting: Setting, run: Run | None, stale: Stale) -> None:
        if run is None:
            return
        points, value = self._points(setting), self._slider_value(setting)
        if run.outcome in _FINAL:
            points[value] = run.updates if run.converged else 0
        look = self._look(run)
        with self.drawing:
            if stale():
                return
            screen = self._screen_for(run.experiment, self._panel.pins.ghosts)
            screen.show(run, look, points, value)
            frame = screen.frame()
        if stale():
            return
        panel = self._panel
        running = run.outcome == "running"
        self._publish(frame, "" if running else words.picture(run, setting.values, self._views))
        self._show_progress(running, run.updates, run.experiment, run.seconds)
        panel.status.value = words.status(run) if look.row == -1 else words.status_at(run, look.row)
        self.run, self.setting = run, setting  # last: who waits for a run finds it on screen
        panel.frame_shown()

    def _look(self, run: Run) -> Look:
        """Where the panel's scrubber stands, as a row of this run's history."""
        panel = self._panel
        look = Look(unit=panel.unit.value, scale=panel.scale.value)
        share = panel.moment.value / panel.moment.max
        if share == 1.0 or run.outcome == "running":
            return look
        rows = plots.rows_to_draw(run.history, look)
        return Look(int(rows[round(share * (len(rows) - 1))]), look.unit, look.scale)

    def _show_progress(
        self, running: bool, done: int, experiment: Experiment, seconds: float
    ) -> None:
        long = running and seconds > _LONG
        if long:
            self._panel.bar.value = done / experiment.max_updates
        self._panel.while_long.layout.visibility = "visible" if long else "hidden"

    def _screen_for(self, experiment: Experiment, ghosts: tuple[Pinned, ...]) -> Screen:
        """The picture that fits; a few are kept, for controls that change layers or data."""
        fitting = [screen for screen in self._screens if screen.fits(experiment, ghosts)]
        screen = (
            fitting[0]
            if fitting
            else Screen(experiment, self._views, self._slider, ghosts, self._size)
        )
        others = [each for each in self._screens if each is not screen]
        self._screens = [screen, *others][:_SCREENS]
        return screen

    # --- many starts -----------------------------------------------------------------------------

    def _crowd_of(self, setting: Setting) -> Crowd:
        """The crowd on screen, if it is this setting's and all of it has been trained."""
        if self._crowd is not None:
            shown, crowd = self._crowd
            if shown.experiment == setting.experiment and self._crowd_is_done(crowd):
                return crowd
        return Crowd(setting.experiment)

    def _crowd_is_done(self, crowd: Crowd) -> bool:
        return bool(crowd.runs) and (not crowd.running or self._stopped.is_set())

    def _train_crowd(self, crowd: Crowd, setting: Setting, stale: Stale) -> None:
        begin = shown_at = time.perf_counter()
        look = _CROWD_FIRST_LOOK
        while crowd.running and not stale() and not self._stopped.is_set():
            crowd.advance(done=5)
            if time.perf_counter() - shown_at > look:
                self._show_crowd(setting, crowd, stale, time.perf_counter() - begin)
                look, shown_at = _CROWD_LOOK, time.perf_counter()
        self._show_crowd(setting, crowd, stale, 0.0)

    def _show_crowd(self, setting: Setting, crowd: Crowd, stale: Stale, seconds: float) -> None:
        value, panel = self._slider_value(setting), self._panel
        points = self._points(setting, crowd=True)
        if not crowd.running:
            points[value] = crowd.summary()
        look = Look(unit=panel.unit.value, scale=panel.scale.value)
        with self.drawing:
            if stale():
                return
            if self._crowd_screen is None or not self._crowd_screen.fits(crowd.experiment):
                self._crowd_screen = CrowdScreen(self._slider, crowd.experiment, self._size)
            self._crowd_screen.show(crowd, look, points, value, panel.pins.ghosts)
            frame = self._crowd_screen.frame()
        if stale():
            return
        self._crowd = setting, crowd
        panel.status.value = words.crowd_status(crowd)
        self._publish(frame, words.plain(panel.status.value))
        done = len(crowd.runs) / crowd.seeds
        self._panel.bar.value = done
        visible = crowd.running and seconds > _LONG
        self._panel.while_long.layout.visibility = "visible" if visible else "hidden"
        panel.frame_shown()

    # --- the curve -------------------------------------------------------------------------------

    def survey(self, setting: Setting, stale: Stale, seconds: float) -> None:
        """Fill in the curve over the first slider's range, as far as nobody asks for more."""
        if self._slider is None or self.run is None:
            return
        crowd = bool(self._panel.crowd.value)
        points, shown_at = self._points(setting, crowd), time.perf_counter()
        end = shown_at + seconds
        for value in self._slider.survey():
            if value in points:
                continue
            try:
                there = self._panel.setting(**setting.values | {self._slider.name: value})
            except (ValueError, TypeError):
                continue  # a value that the other controls' values don't go with

            def interrupted() -> bool:
                return stale() or self._stopped.is_set() or time.perf_counter() > end

            outcome = (_summary if crowd else updates_needed)(there.experiment, interrupted)
            if outcome is None:
                break
            points[value] = outcome
            if time.perf_counter() - shown_at > _BETWEEN_FRAMES:
                self._show_survey(setting, stale)
                shown_at = time.perf_counter()
        self._show_survey(setting, stale)

    def _show_survey(self, setting: Setting, stale: Stale) -> None:
        if not self._panel.crowd.value:
            self._show(setting, self.run, stale)
        elif self._crowd_screen is not None:
            with self.drawing:
                self._crowd_screen.show_curve(self._points(setting, crowd=True))
                frame = self._crowd_screen.frame()
            if not stale():
                self._publish(frame, "")

    def _points(self, setting: Setting, crowd: bool = False) -> dict[Any, Any]:
        """What is known of the curve, by the slider's value; kept for each setting of the rest."""
        if self._slider is None:
            return {}
        return self._surveys.setdefault((crowd, *setting.others(self._slider.name)), {})

    def _slider_value(self, setting: Setting) -> Any:
        return None if self._slider is None else setting.values[self._slider.name]


def _summary(experiment: Experiment, interrupted: Callable[[], bool]) -> Any:
    """What became of 30 starts; None if interrupted."""
    crowd = Crowd(experiment, seeds=30)
    while crowd.running:
        crowd.advance(done=5)
        if interrupted():
            return None
    return crowd.summary()
