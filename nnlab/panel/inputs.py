"""The widgets of a control: a slider with a number to type, a dropdown or a checkbox."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import ipywidgets as widgets

from nnlab.panel import words
from nnlab.panel.controls import Control, Range

_TRACK = 15.0  # em
_TRACK_PIXELS = 175  # about as many as of it are left for the handle
_INSET = 16  # pixels from a slider's name to its track, half a handle among them
Marks = Mapping[float, str]


class Input:
    """One control on screen.

    Args:
        control: what may be chosen.
        changed: called when the reader has chosen something else.
        refused: called with an error that says why what was typed can't be taken.
        marks: labels by number, to stand as ticks at a slider; a click goes there.

    Attributes:
        widget: the slider, dropdown or checkbox.
        box: the whole, to be shown.
        css: where its marks stand.
    """

    def __init__(
        self,
        control: Control,
        changed: Callable[[], None],
        refused: Callable[[Exception], None],
        marks: Marks,
    ) -> None:
        self.control = control
        self._changed = changed
        self._refused = refused
        self._exact: Any = control.start  # what stands between a slider's positions, or None
        self._moving = False  # by the program, not by the reader
        self.widget = self.box = _widget(control)
        self._number: widgets.Text | None = None
        self.css = ""
        if control.range is not None:
            self._number = widgets.Text(
                _number(control.start),
                continuous_update=False,
                layout={"width": "5.5em"},
                tooltip=f"{control.words}, typed",
            )
            self._number.add_class("nnlab-readout")
            self._number.observe(self._on_typed, "value")
            self.box = widgets.HBox([self.widget, self._number])
            if marks:
                self.box = widgets.VBox([self.box, self._marks(control.range, marks)])
        self.widget.observe(self._on_moved, "value")

    @property
    def value(self) -> Any:
        """What the experiment gets: of a slider, the number that stands beside it."""
        if self.control.range is None:
            return self.widget.value
        if self._exact is not None:
            return self._exact
        return self.control.range.at(self.widget.value)

    @value.setter
    def value(self, value: Any) -> None:
        """Show another value, as if the reader had not touched anything."""
        self._moving = True
        try:
            if self.control.range is None:
                self.widget.value = value
                return
            self._exact = value
            position = self.control.range.position(value)
            self.widget.value = (
                round(position)
                if self.control.range.whole and not (self.control.range.logarithmic)
                else position
            )
            self._show_number()
        finally:
            self._moving = False

    def after(self) -> Any:
        """Return the value after the one shown; the first after the last."""
        span, ends = self.control.range, self.control.ends
        if span is not None:  # of seeds, which are whole numbers
            return self.value + 1 if self.value < span.high else span.low
        return ends[(ends.index(self.value) + 1) % len(ends)]

    def _marks(self, span: Range, marks: Marks) -> widgets.Box:
        buttons = []
        shares = [span.share(number) for number in marks]
        shifts = _apart([_TRACK_PIXELS * share for share in shares], list(map(len, marks.values())))
        for (number, label), share, shift in zip(marks.items(), shares, shifts, strict=True):
            button = widgets.Button(description=label, tooltip=f"go to {number:g}: {label}")
            place = f"nnlab-at-{round(1000 * share)}-{shift}"
            button.add_class("nnlab-mark")
            button.add_class(place)
            self.css += f".{place} {{ left: calc({share:.1%} + {shift}px); }}\n"
            self.css += f".{place}::before {{ margin-left: {-shift}px; }}\n"
            button.on_click(lambda _, number=number: self._go_to(number))
            buttons.append(button)
        margin = f"0 0 0 calc({_label_width(self.control)}em + {_INSET}px)"
        width = f"calc({_TRACK}em - {_INSET + 4}px)"
        box = widgets.Box(buttons, layout={"width": width, "margin": margin})
        box.add_class("nnlab-marks")
        return box

    def _go_to(self, number: Any) -> None:
        self.value = number
        self._changed()

    def _is_echo(self, position: Any) -> bool:
        """Whether the page only says where it put what was typed: in its own last digits."""
        span = self.control.range
        return span is not None and self._exact is not None and span.agree(position, self._exact)

    def _on_moved(self, change: dict[str, Any]) -> None:
        if self._moving or self._is_echo(change["new"]):
            return
        self._exact = None
        self._show_number()
        self._changed()

    def _on_typed(self, change: dict[str, Any]) -> None:
        span = self.control.range
        if span is None or change["new"] == _number(self.value):
            return
        try:
            typed = span.parse(self.control.words, change["new"])
        except ValueError as error:
            self._show_number()
            self._refused(error)
            return
        if typed == self.value:
            self._show_number()
        else:
            self._go_to(typed)

    def _show_number(self) -> None:
        if self._number is not None:
            self._number.value = _number(self.value)


def _apart(places: list[float], letters: list[int]) -> list[int]:
    """Return by how many pixels to move words, of so many letters each, so that all can be read."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for _ in range(20 * len(order)):  # to make room here may take some there
        for left, right in pairwise(order):
            room = 3.5 * (letters[left] + letters[right]) + 12.0
            lacking = max(0.0, room - (moved[right] - moved[left]))
            moved[left] -= lacking / 2
            moved[right] += lacking / 2
    return [round(new - old) for new, old in zip(moved, places, strict=True)]


def checked_marks(marks: Marks | None, controls: list[Control]) -> tuple[Control | None, Marks]:
    """Return the first slider, and the marks if they fit there.

    Raises:
        ValueError, TypeError: naming the mark and what is allowed.
    """
    slider = next((control for control in controls if control.range is not None), None)
    if not marks:
        return slider, {}
    if not isinstance(marks, Mapping):
        raise TypeError(f"marks must be labels by number, as {{5.0: 'fast'}}; got {marks!r}")
    if slider is None or slider.range is None:
        raise ValueError(f"marks need a slider to stand at; got {marks!r}")
    for number, label in marks.items():
        if not isinstance(label, str):
            raise TypeError(f"marks must have words as labels; got {label!r} at {number!r}")
        low, high = slider.ends
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"marks must stand at numbers; got {number!r}")
        if not low <= number <= high:
            raise ValueError(f"marks must be within {low!r} and {high!r}; got {number!r}")
    return slider, marks


def _widget(control: Control) -> widgets.Widget:
    if control.is_flag:
        return widgets.Checkbox(
            value=control.start, description=control.words, indent=False, layout={"width": "auto"}
        )
    label = {"description_width": f"{_label_width(control)}em"}
    if control.range is None:
        return widgets.Dropdown(
            options=[(words.short(value), value) for value in control.ends],
            value=control.start,
            description=control.words,
            style=label,
            layout={"width": f"{_label_width(control) + 11}em"},
        )
    return _slider(control.range, control, label)


def _slider(span: Range, control: Control, style: dict[str, str]) -> widgets.Widget:
    given = {
        "step": span.step,
        "description": control.words,
        "style": style,
        "layout": {"width": f"{_label_width(control) + _TRACK}em"},
        "readout": False,
    }
    start = span.position(span.start)
    if span.logarithmic:
        ends = {"min": math.log10(span.low), "max": math.log10(span.high)}
        return widgets.FloatLogSlider(value=start, **ends, **given)
    kind = widgets.IntSlider if span.whole else widgets.FloatSlider
    return kind(value=start, min=span.low, max=span.high, **given)


def _label_width(control: Control) -> float:
    """Return the width of a control's name, em."""
    return round(0.55 * len(control.words) + 1.0, 1)


def _number(value: Any) -> str:
    """Return a slider's value as it stands beside it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.12g}"
