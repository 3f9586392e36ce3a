"""Live panels: move a slider and the network is trained anew under your hand."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import ipywidgets as widgets

from nnlab.experiment import Experiment
from nnlab.panel.controller import Controller
from nnlab.panel.controls import Control
from nnlab.panel.display import CSS, Display
from nnlab.panel.export import Export, captioned
from nnlab.panel.inputs import Input, Marks, checked_marks
from nnlab.panel.lifetime import close_earlier
from nnlab.panel.picture_view import PictureView, Place
from nnlab.panel.setting import Request, Setting
from nnlab.panel.subjects import Subject, is_random
from nnlab.panel.tools import Tools, checked_tools
from nnlab.panel.worker import LatestWins
from nnlab.plots.style import Picture
from nnlab.run import Run

_LOOK_AT_START = 0.3  # seconds of training before the first frame of all
_CALLBACK_WAITS = 0.08  # seconds at the most that a slider's callback waits for its frame
_END_AT_START = 2.0  # seconds at the most for the end of the run in the picture that is kept
_CURVE_AT_START = 0.25  # seconds given to the curve before a panel is shown for the first time
_CURVE_SECONDS = "NNLAB_CURVE_SECONDS"  # more of them, for a picture that is to be kept


class Panel(widgets.VBox):
    """What ``live`` returns: controls and tools in a row, a status line, a picture, its time.

    The latest setting wins: training that is no longer asked for stops within a few milliseconds.

    Args:
        experiment: what to start from.
        fields: abbreviations of the controls, by name.
        views: of one run.
        size: of text and lines.
        tools: names from ``nnlab.panel.tools.TOOLS``; None stands for all that make sense.
        marks: labels by number, to stand at the first slider.
    """

    def __init__(
        self,
        experiment: Experiment,
        fields: dict[str, Any],
        views: list[str],
        size: float = 1.0,
        tools: Sequence[str] | None = None,
        marks: Marks | None = None,
    ) -> None:
        # First of all, because Python closes even a widget whose construction failed.
        self._worker = LatestWins(lambda *asked: self._controller.work(*asked), self._fail)
        self._controller: Any = None
        self._made: list[Any] = []  # what has to be closed
        self._controls = _controls(experiment, fields)
        self._base, self._size = experiment, size
        names = checked_tools(tools, len(self._controls))
        slider, marks = checked_marks(marks, self._controls)
        self._shown = threading.Event()  # the latest setting has a frame on screen
        self._inputs = {
            each.name: Input(each, self._on_change, self._fail, marks if each is slider else {})
            for each in self._controls
        }
        self._display = Display(
            self._shown.set,
            self._on_rest,
            self._on_stop,
            self._aloud(self._on_map_click),
            self._on_look,
        )
        self._controller = Controller(views, slider, self._display)
        self._tools = Tools(
            names,
            list(self._inputs),
            self._on_look,
            {"new seed": self._aloud(self._on_new_seed), "pin": self._aloud(self._on_pin)},
            Export(lambda: (self.setting(), self.figure), self.drawing),
            self._display.map,
        )
        self._made = [self._tools]
        super().__init__(self._rows())
        self.add_class("nnlab-panel")
        request = self._request()
        if self._controller.begin(request, _LOOK_AT_START):
            self._worker.submit(request)

    def _rows(self) -> list[widgets.Widget]:
        boxes = [*(each.box for each in self._inputs.values()), self._tools.row]
        own = "".join(each.css for each in self._inputs.values())
        css = widgets.HTML(f"<style>{CSS}{own}</style>")
        css.add_class("nnlab-css")
        return [
            widgets.HBox(boxes, layout={"flex_flow": "row wrap"}),
            widgets.HBox([*self._display.line, css]),
            widgets.HBox([self._display.picture, self._tools.drawer]),
            self._tools.time,
        ]

    # --- what it is asked for, and what is on screen ---------------------------------------------

    @property
    def run(self) -> Run | None:
        """The latest single run on screen."""
        return self._controller.run

    @property
    def figure(self) -> Picture:
        """The figure on screen."""
        return self._controller.picture.figure

    @property
    def drawing(self) -> threading.Lock:
        """Held while the figure is drawn: hold it to read the figure's artists."""
        return self._controller.drawing

    @property
    def picture(self) -> PictureView:
        """The widget that shows the figure."""
        return self._display.picture

    @property
    def status(self) -> widgets.HTML:
        """The line of words."""
        return self._display.status

    @property
    def tools(self) -> Tools:
        """What stands beside the controls and the picture."""
        return self._tools

    @property
    def experiment(self) -> Experiment:
        """The setting that the controls show; raises what ``Experiment`` raises."""
        return self.setting().experiment

    def setting(self, **values: Any) -> Setting:
        """Return what the controls show, but for the values given by name."""
        chosen = {name: values.get(name, each.value) for name, each in self._inputs.items()}
        return Setting.of(self._base, self._controls, chosen)

    def _request(self) -> Request:
        paper = self._display.paper(self._size)
        return Request(self.setting(), paper=paper, **self._tools.asked)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left to train or draw; False if it took longer."""
        return self._worker.join(timeout)

    def close(self) -> None:
        """Stop training and take the panel off the page."""
        self._worker.close()
        if self._controller is not None:
            self._controller.forget()
        for each in self._made:
            each.close()
        for widget in (*_within(self), *self._unseen()):
            for part in (widget, widget.layout, getattr(widget, "style", None)):
                if part is not None and part is not self:
                    part.close()
        super().close()

    def _unseen(self) -> Iterator[widgets.Widget]:
        """Yield the tools that are not open."""
        for tools in self._made:
            for widget in tools.everything:
                yield from _within(widget)

    # --- called by the widgets -------------------------------------------------------------------

    def _aloud(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Show in the status what a callback raises, for nobody would see it elsewhere."""

        def wrapped(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception as error:
                self._fail(error)

        return wrapped

    def _on_change(self) -> None:
        self._tools.look_at_end()
        self._controller.go_on()
        self._on_look()

    def _on_look(self) -> None:
        self._shown.clear()
        try:
            self._worker.submit(self._request())
        except Exception as error:  # of the experiment, or of a dial's function
            self._fail(error)
        # The browser sends the next value when this callback has returned: waiting for the frame
        # lets it skip the values that could not be shown anyway.
        self._shown.wait(_CALLBACK_WAITS)

    def _on_stop(self) -> None:
        self._controller.stop()

    def _on_new_seed(self) -> None:
        before = self.setting().experiment
        if not is_random(before):
            raise ValueError("nothing here is random: choose a random start or shuffle first")
        for name in ("init_seed", "order_seed"):
            shown = self._inputs.get(name)
            if shown is not None:
                shown.value = shown.after()
            else:
                self._base = self._base.replace(**{name: getattr(self._base, name) + 1})
        if self.setting().experiment == before:
            raise ValueError("the controls set the seed themselves: change it there")
        self._on_change()

    def _on_pin(self) -> None:
        self._tools.pins.add(self._controller.subject)

    def _on_map_click(self, place: Place) -> None:
        picture = self._controller.map
        cell = picture and picture.cell_at(place.axes, place.x, place.y)
        if picture is None or cell is None:
            return
        for name, value in picture.values(cell).items():
            self._inputs[name].value = value
        self._on_change()

    # --- called in the worker --------------------------------------------------------------------

    def _on_rest(self, subject: Subject) -> None:
        self._tools.tried.add(subject)

    def _fail(self, error: Exception) -> None:
        self._worker.cancel()  # or what was asked for before would say that all is well
        with self.drawing:
            self._display.fail(error)

    # --- where no kernel runs --------------------------------------------------------------------

    def _repr_mimebundle_(self, **arguments: Any) -> Any:
        """Add a picture and fixed words for GitHub, nbconvert and nbval."""
        close_earlier(self)
        seconds = float(os.environ.get(_CURVE_SECONDS, _CURVE_AT_START))
        self._worker.cancel()
        self._worker.join(1.0)
        request, late = self._request(), time.perf_counter() + max(_END_AT_START, seconds)
        self._controller.train(request, stale=lambda: time.perf_counter() > late)
        self._controller.fill_curve(request, stale=lambda: False, seconds=seconds)
        with self.drawing:
            picture = captioned(self.figure, request.setting, colours=64)
        self._worker.submit(request)
        bundle = super()._repr_mimebundle_(**arguments)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = picture
        data["text/plain"] = repr(self)
        return bundle

    def __repr__(self) -> str:
        return f"<Panel: {', '.join(control.name for control in self._controls)}>"


def _controls(experiment: Experiment, fields: dict[str, Any]) -> list[Control]:
    """Make the controls, each for the experiment as those before it leave it."""
    if not isinstance(experiment, Experiment):
        raise TypeError(f"experiment must be an Experiment; got {experiment!r}")
    if not fields:
        raise TypeError("a panel needs at least one control, as in learning_rate=(0.01, 50.0)")
    controls = []
    for name, given in fields.items():
        controls.append(Control(experiment, name, given))
        experiment = controls[-1].apply(experiment, controls[-1].start)
    return controls


def _within(widget: widgets.Widget) -> Sequence[widgets.Widget]:
    inside = [each for child in getattr(widget, "children", ()) for each in _within(child)]
    return [*inside, widget]
