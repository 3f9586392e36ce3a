"""Live panels: move a slider and the network is trained anew under your hand."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from nnlab import checks
from nnlab.controls import Control
from nnlab.engine import Training
from nnlab.experiment import Experiment
from nnlab.plots import SCALES, UNITS, Look
from nnlab.run import Run, snapshot
from nnlab.screen import Screen
from nnlab.style import png
from nnlab.views import CURVE, checked
from nnlab.worker import LatestWins

_FIRST_LOOK = 0.01  # seconds of training before the first frame
_NEXT_LOOK = 0.06  # between two frames of a long run
_LONG = 0.3  # what takes longer shows a progress bar and a Stop button
_QUIET = 0.5  # seconds without a change before the curve is filled in
_SURVEY_AT_MOST = 20.0  # seconds given to the curve after a change
_SURVEY_AT_START = 1.0  # seconds given to the curve before a panel is shown for the first time
_IN_ITS_SIZE = {"max_width": "100%", "align_self": "flex-start"}  # stretched pixels look blurred
_NARROW = {"description_width": "4em"}
_SCREENS = 6  # kept, for layers and data sets that a control goes to and fro between
_CALLBACK_WAITS = 0.1  # seconds at the most that a slider's callback waits for its frame


DEFAULT_VIEWS = ("errors", "curve", "first weights", "last weights")


def live(experiment: Experiment, *, views: Sequence[str] = DEFAULT_VIEWS, **fields: Any) -> Panel:
    """Return a panel with a control a field; every change retrains the network and redraws.

    Args:
        experiment: what to start from; fields without a control keep its values.
        views: what to show, up to six names of ``nnlab.views.VIEWS``, or "curve": the updates
            needed over the first slider's range.
        **fields: abbreviations as in ``ipywidgets.interact``: ``learning_rate=(0.01, 50.0)`` is a
            slider (logarithmic for a learning rate), ``init=["alternating", "xavier"]`` a
            dropdown, ``shuffle=True`` a checkbox; a ``Dial`` changes what is no field of its own.
            They are applied in the order given.

    Raises:
        ValueError, TypeError: naming the field, the value and what is allowed.
    """
    return Panel(experiment, fields, checked(views))


@dataclass(frozen=True)
class _Setting:
    """What the controls were set to, and the experiment that follows from it."""

    values: dict[str, Any]
    experiment: Experiment


class Panel(widgets.VBox):
    """What ``live`` returns: controls, a picture and a status line in words.

    The latest setting wins: training that is no longer asked for stops within a few milliseconds.
    """

    def __init__(self, experiment: Experiment, fields: dict[str, Any], views: list[str]) -> None:
        # First of all, because Python closes even a widget whose construction failed.
        self._worker = LatestWins(self._train_and_survey, self._show_error)
        if not isinstance(experiment, Experiment):
            raise TypeError(f"experiment must be an Experiment; got {experiment!r}")
        if not fields:
            raise TypeError("a panel needs at least one control, as in learning_rate=(0.01, 50.0)")
        self._base = experiment
        self._views = views
        self._controls: list[Control] = []
        for name, given in fields.items():
            self._controls.append(Control(experiment, name, given))
            experiment = self._controls[-1].apply(experiment, self._controls[-1].value)
        self._scale = widgets.ToggleButtons(
            options=[(f"{scale} axis", scale) for scale in SCALES],
            tooltips=[f"draw time on a {scale} axis" for scale in SCALES],
            style={"button_width": "7em"},
        )
        self._unit = widgets.Dropdown(
            options=UNITS, description="against", layout={"width": "13em"}, style=_NARROW
        )
        self._picture = widgets.Image(format="png", layout=_IN_ITS_SIZE)
        self._status = widgets.HTML()
        self._status.add_class("nnlab-status")
        self._bar = widgets.FloatProgress(max=1.0, layout={"width": "16em"})
        self._stop = widgets.Button(description="Stop", icon="stop", layout={"width": "6em"})
        self._while_long = widgets.HBox([self._stop, self._bar], layout={"visibility": "hidden"})
        super().__init__(
            [
                widgets.HBox(
                    [*(control.widget for control in self._controls), self._unit, self._scale],
                    layout={"flex_flow": "row wrap"},
                ),
                widgets.HBox([self._status, self._while_long], layout={"flex_flow": "row wrap"}),
                self._picture,
            ]
        )
        self.add_class("nnlab-panel")
        self.run: Run | None = None  # the latest run on screen
        self._stopped = threading.Event()
        self._shown = threading.Event()  # the latest setting has a frame on screen
        self._drawing = threading.Lock()
        self._surveys: dict[tuple, dict[Any, int]] = {}
        self._screens: list[Screen] = []  # the one on screen first
        self._train(self._setting(), stale=lambda: False)
        for control in self._controls:
            control.widget.observe(self._on_change, "value")
        for widget in (self._unit, self._scale):
            widget.observe(self._on_change, "value")
        self._stop.on_click(self._on_stop)

    @property
    def experiment(self) -> Experiment:
        """The setting that the controls show; raises what ``Experiment`` raises."""
        return self._setting().experiment

    def close(self) -> None:
        """Stop training and take the panel off the page."""
        self._worker.close()
        for widget in (
            *self.children,
            *(c for box in self.children for c in getattr(box, "children", ())),
        ):
            widget.close()
        super().close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to train or draw; False if it took longer."""
        return self._worker.join(timeout)

    # --- called by the controls ------------------------------------------------------------------

    def _on_change(self, _change: Any) -> None:
        try:
            setting = self._setting()
        except (ValueError, TypeError) as error:
            self._show_error(error)
            return
        self._stopped.clear()
        self._shown.clear()
        self._worker.submit(setting)
        # The browser sends the next value when this callback has returned: waiting for the frame
        # lets it skip the values that could not be shown anyway.
        self._shown.wait(_CALLBACK_WAITS)

    def _on_stop(self, _button: Any) -> None:
        self._stopped.set()

    def _setting(self, **values: Any) -> _Setting:
        """What the controls show, but for the values given by name."""
        chosen = {each.name: values.get(each.name, each.value) for each in self._controls}
        experiment = self._base
        for control in self._controls:
            experiment = control.apply(experiment, chosen[control.name])
        return _Setting(chosen, experiment)

    # --- called in the worker --------------------------------------------------------------------

    def _train_and_survey(self, setting: _Setting, stale: Callable[[], bool]) -> None:
        self._train(setting, stale)
        quiet_at = time.perf_counter() + _QUIET
        while time.perf_counter() < quiet_at:
            if stale():
                return
            time.sleep(0.02)
        self._survey(setting, stale, _SURVEY_AT_MOST)

    def _train(self, setting: _Setting, stale: Callable[[], bool]) -> None:
        training = Training(setting.experiment)
        look = _FIRST_LOOK
        while not stale():
            training.advance(look)
            look = _NEXT_LOOK
            outcome = "stopped" if self._stopped.is_set() else training.outcome
            self._show(setting, snapshot(training, outcome), stale)
            if outcome != "running":
                return

    def _survey(self, setting: _Setting, stale: Callable[[], bool], seconds: float) -> None:
        """Fill in the curve over the first slider's range, as far as nobody asks for more."""
        slider = self._slider()
        if slider is None or self.run is None:
            return
        points, shown_at = self._points(setting), time.perf_counter()
        end = shown_at + seconds
        for value in slider.survey():
            if value in points:
                continue
            training = Training(
                self._setting(**setting.values | {slider.name: value}).experiment, capacity=64
            )
            while training.outcome == "running":
                training.advance(0.01)
                if stale() or self._stopped.is_set() or time.perf_counter() > end:
                    return
            points[value] = training.updates if training.outcome == "converged" else 0
            if time.perf_counter() - shown_at > 4 * _NEXT_LOOK:
                self._show(setting, self.run, stale)
                shown_at = time.perf_counter()
        self._show(setting, self.run, stale)

    def _slider(self) -> Control | None:
        """The control whose range the curve spans."""
        sliders = (control for control in self._controls if control.is_slider)
        return next(sliders, None) if CURVE in self._views else None

    def _points(self, setting: _Setting) -> dict[Any, int]:
        """Updates by the first slider's value, 0 where it didn't converge; kept by setting."""
        slider = self._slider()
        if slider is None:
            return {}
        others = tuple(value for name, value in setting.values.items() if name != slider.name)
        return self._surveys.setdefault(others, {})

    def _show(self, setting: _Setting, run: Run, stale: Callable[[], bool]) -> None:
        slider, points = self._slider(), self._points(setting)
        value = None if slider is None else setting.values[slider.name]
        if slider is not None and run.outcome in ("converged", "diverged", "out of updates"):
            points[value] = run.updates if run.converged else 0
        look = Look(unit=self._unit.value, scale=self._scale.value)
        with self._drawing:
            screen = self._screen_for(run.experiment)
            screen.show(run, look, points, value)
            frame = screen.frame()
        if stale():
            return
        self.run = run
        self._picture.value = frame
        self._status.value = status(run)
        long = run.outcome == "running" and run.seconds > _LONG
        if long:
            self._bar.value = run.updates / run.experiment.max_updates
        self._while_long.layout.visibility = "visible" if long else "hidden"
        self._shown.set()

    def _screen_for(self, experiment: Experiment) -> Screen:
        """The picture that fits; a few are kept, for controls that change layers or data."""
        fitting = [screen for screen in self._screens if screen.fits(experiment)]
        screen = fitting[0] if fitting else Screen(experiment, self._views, self._slider())
        others = [each for each in self._screens if each is not screen]
        self._screens = [screen, *others][:_SCREENS]
        return screen

    def _show_error(self, error: Exception) -> None:
        words = html.escape(f"{type(error).__name__}: {error}")
        self._status.value = f'<span role="alert"><b>{words}</b></span>'
        self._shown.set()

    # --- where no kernel runs --------------------------------------------------------------------

    def _repr_mimebundle_(self, **arguments: Any) -> Any:
        """Add a picture and fixed words for GitHub, nbconvert and nbval."""
        self._survey(self._setting(), stale=lambda: False, seconds=_SURVEY_AT_START)
        self._worker.submit(self._setting())
        bundle = super()._repr_mimebundle_(**arguments)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        with self._drawing:
            if self._screens:
                data["image/png"] = png(self._screens[0].figure)
        data["text/plain"] = repr(self)
        return bundle

    def __repr__(self) -> str:
        fields = ", ".join(control.name for control in self._controls)
        return f"<Panel: {fields}>"


def status(run: Run) -> str:
    """Say in one line of HTML what became of a run."""
    words = {
        "converged": "<b>converged</b> after",
        "diverged": "<b>diverged</b> after",
        "out of updates": "<b>not learned</b> within",
        "stopped": "<b>stopped</b> after",
        "running": "training …",
    }
    counts = f"{run.updates:,} updates ({run.epochs:,} epochs) in {duration(run.seconds)}"
    line = f"{words[run.outcome]} {counts}"
    if run.outcome != "running" and (more := run.diagnosis()):
        line += f"<br>{html.escape(more)}"
    return f'<div role="status">{line}</div>'


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, to two digits."""
    checks.number("seconds", seconds, at_least=0.0)
    if seconds < 1.0:
        return f"{float(f'{1000 * seconds:.2g}'):g} ms"
    return f"{seconds:.1f} s"
