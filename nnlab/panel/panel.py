"""Live panels: move a slider and the network is trained anew under your hand."""

from __future__ import annotations

import html
import os
import threading
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from nnlab.experiment import Experiment
from nnlab.panel.controller import Stage
from nnlab.panel.controls import Control
from nnlab.panel.export import Keepsake
from nnlab.panel.image import DescribedImage
from nnlab.panel.lifetime import close_earlier
from nnlab.panel.map import MapBox
from nnlab.panel.pins import Pins, Tried
from nnlab.panel.setting import Setting
from nnlab.panel.worker import LatestWins
from nnlab.plots import SCALES, UNITS
from nnlab.run import Run

_LOOK_AT_START = 0.3  # seconds of training before the first frame of all
_CALLBACK_WAITS = 0.08  # seconds at the most that a slider's callback waits for its frame
_SURVEY_AT_START = 0.25  # seconds given to the curve before a panel is shown for the first time
_SURVEY_SECONDS = "NNLAB_SURVEY_SECONDS"  # more of them, for a picture that is to be kept
_WRAPPED = {"flex_flow": "row wrap", "align_items": "center"}
_IN_ITS_SIZE = {"max_width": "100%", "align_self": "flex-start"}  # stretched pixels look blurred
_END = 100  # of the scrubber: the end of the run


class Panel(widgets.VBox):
    """What ``live`` returns: controls, a status line in words, a picture, and tools below it.

    The latest setting wins: training that is no longer asked for stops within a few milliseconds.
    """

    def __init__(
        self, experiment: Experiment, fields: dict[str, Any], views: list[str], size: float
    ) -> None:
        # First of all, because Python closes even a widget whose construction failed.
        self._worker = LatestWins(self._work, self._show_error)
        self._link: Any = None
        self._stage: Any = None
        if not isinstance(experiment, Experiment):
            raise TypeError(f"experiment must be an Experiment; got {experiment!r}")
        if not fields:
            raise TypeError("a panel needs at least one control, as in learning_rate=(0.01, 50.0)")
        self._base = experiment
        self._controls: list[Control] = []
        for name, given in fields.items():
            self._controls.append(Control(experiment, name, given, self._show_error))
            experiment = self._controls[-1].apply(experiment, self._controls[-1].value)
        self._make_widgets()
        self._map = MapBox(self._controls, size, self._submit)
        self._stage = Stage(self, views, self._controls, size)
        super().__init__(self._rows())
        self.add_class("nnlab-panel")
        self._shown = threading.Event()  # the latest setting has a frame on screen
        self._stage.train(self.setting(), stale=lambda: False, look=_LOOK_AT_START)
        self._listen()

    def _make_widgets(self) -> None:
        self.unit = widgets.Dropdown(
            options=UNITS,
            description="against",
            tooltip="what the axis of time counts",
            layout={"width": "11em"},
            style={"description_width": "4em"},
        )
        self.scale = widgets.ToggleButtons(
            options=[(f"{scale} axis", scale) for scale in SCALES],
            tooltips=[f"draw time on a {scale} axis" for scale in SCALES],
            style={"button_width": "7em"},
        )
        self.crowd = widgets.ToggleButton(
            description="100 seeds",
            tooltip="train a hundred starts at each setting: median, band and solve rate",
            layout={"width": "7em"},
        )
        self._new_seed = _button("New seed", "other random starts, orders and dropout from now on")
        self._pin = _button("Pin", "keep this run in the picture, faded, to compare with")
        self.picture = DescribedImage(format="png", layout=_IN_ITS_SIZE)
        self.status = widgets.HTML()
        self.status.add_class("nnlab-status")
        self.bar = widgets.FloatProgress(max=1.0, layout={"width": "12em"})
        self._stop = _button("Stop", "end this training here")
        self.while_long = widgets.HBox([self._stop, self.bar], layout={"visibility": "hidden"})
        self._play = widgets.Play(max=_END, value=_END, interval=80, tooltip="play the run")
        self.moment = widgets.IntSlider(
            max=_END,
            value=_END,
            description="moment",
            readout=False,
            tooltip="from the start of the run to its end",
            layout={"width": "26em"},
            style={"description_width": "5em"},
        )
        self._link = widgets.jslink((self._play, "value"), (self.moment, "value"))
        self._pins = Pins(self._submit)
        self.tried = Tried()
        self._keepsake = Keepsake(lambda: (self.setting().experiment, self._stage.figure))

    def _rows(self) -> list[widgets.Widget]:
        tools = widgets.Accordion(
            [self.tried, self._keepsake],
            titles=("Settings tried", "Code and pictures to take away"),
        )
        boxes = [control.box for control in self._controls]
        options = [self.unit, self.scale, self.crowd, self._new_seed, self._pin]
        if self._map.possible:
            options.append(self._map.switch)
        return [
            widgets.HBox(boxes, layout=_WRAPPED),
            widgets.HBox(options, layout=_WRAPPED),
            widgets.HBox([self.status, self.while_long], layout=_WRAPPED),
            widgets.HBox([self.picture, self._map], layout={"flex_flow": "row wrap"}),
            widgets.HBox([self._play, self.moment], layout=_WRAPPED),
            self._pins,
            tools,
        ]

    def _listen(self) -> None:
        for control in self._controls:
            control.widget.observe(self._on_change, "value")
        for widget in (self.unit, self.scale, self.crowd, self.moment):
            widget.observe(self._on_look, "value")
        self._stop.on_click(lambda _: self._stage.stop())
        self._new_seed.on_click(self._on_new_seed)
        self._pin.on_click(self._on_pin)

    @property
    def run(self) -> Run | None:
        """The latest run on screen."""
        return self._stage.run

    @property
    def experiment(self) -> Experiment:
        """The setting that the controls show; raises what ``Experiment`` raises."""
        return self.setting().experiment

    def setting(self, **values: Any) -> Setting:
        """Return what the controls show, but for the values given by name."""
        chosen = {each.name: values.get(each.name, each.value) for each in self._controls}
        experiment = self._base
        for control in self._controls:
            experiment = control.apply(experiment, chosen[control.name])
        return Setting(chosen, experiment)

    @property
    def map(self) -> MapBox:
        """The map of outcomes beside the picture."""
        return self._map

    @property
    def pins(self) -> Pins:
        """The runs kept to compare with."""
        return self._pins

    def close(self) -> None:
        """Stop training and take the panel off the page."""
        self._worker.close()
        if self._stage is not None:
            self._stage.forget()
        for widget in _within(self):
            for part in (widget, widget.layout, getattr(widget, "style", None)):
                if part is not None and part is not self:
                    part.close()
        if self._link is not None:
            self._link.close()
        super().close()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to train or draw; False if it took longer."""
        return self._worker.join(timeout)

    def frame_shown(self) -> None:
        """Say that the latest setting is on screen: the browser may send the next one."""
        self._shown.set()

    # --- called by the controls ------------------------------------------------------------------

    def _on_change(self, _change: Any) -> None:
        if self.moment.value != _END:
            self._play.playing = False
            self.moment.value = _END  # a new run is looked at as a whole first
        self._stage.go_on()
        self._submit()
        # The browser sends the next value when this callback has returned: waiting for the frame
        # lets it skip the values that could not be shown anyway.
        self._shown.wait(_CALLBACK_WAITS)

    def _on_look(self, _change: Any) -> None:
        self._submit()
        self._shown.wait(_CALLBACK_WAITS)

    def _submit(self) -> None:
        try:
            setting = self.setting()
        except (ValueError, TypeError) as error:
            self._show_error(error)
            return
        self._shown.clear()
        self._worker.submit(setting)

    def _on_new_seed(self, _button: Any) -> None:
        experiment = self.setting().experiment
        if not (experiment.start.uses_seed or experiment.shuffle or experiment.dropout):
            self._show_error(
                ValueError("nothing here is random: choose a random start or shuffle first")
            )
            return
        self._base = self._base.replace(
            init_seed=self._base.init_seed + 1, order_seed=self._base.order_seed + 1
        )
        self._submit()

    def _on_pin(self, _button: Any) -> None:
        try:
            self._pins.add(*self._stage.seen())
        except ValueError as error:
            self._show_error(error)

    # --- called in the worker --------------------------------------------------------------------

    def _work(self, setting: Setting, stale: Any) -> None:
        self._stage.work(setting, stale)

    def _show_error(self, error: Exception) -> None:
        words = html.escape(f"{type(error).__name__}: {error}")
        self.status.value = f'<span role="alert"><b>{words}</b></span>'
        self._shown.set()

    # --- where no kernel runs --------------------------------------------------------------------

    def _repr_mimebundle_(self, **arguments: Any) -> Any:
        """Add a picture and fixed words for GitHub, nbconvert and nbval."""
        close_earlier(self)
        seconds = float(os.environ.get(_SURVEY_SECONDS, _SURVEY_AT_START))
        self._stage.survey(self.setting(), stale=lambda: False, seconds=seconds)
        self._submit()
        bundle = super()._repr_mimebundle_(**arguments)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = bytes(self.picture.value)
        data["text/plain"] = repr(self)
        return bundle

    def __repr__(self) -> str:
        fields = ", ".join(control.name for control in self._controls)
        return f"<Panel: {fields}>"


def _button(description: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=description, tooltip=tooltip, layout={"width": "6.5em"})


def _within(widget: widgets.Widget) -> Sequence[widgets.Widget]:
    inside = [each for child in getattr(widget, "children", ()) for each in _within(child)]
    return [*inside, widget]
