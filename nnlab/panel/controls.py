"""Sliders and dropdowns for an experiment's fields, from ``interact``'s abbreviations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import ipywidgets as widgets
import numpy as np

from nnlab import checks
from nnlab.experiment import FIELDS, Experiment

LOGARITHMIC = ("learning_rate", "max_updates", "tolerance")
_STEPS_A_DECADE = 20
_SURVEYED = 30  # points a curve over a slider's range is drawn with, about
_PASSES = (0, 4, 2, 6, 1, 3, 5, 7)  # every eighth point first, then those half-way between
_STYLE = {"description_width": "7.5em"}


@dataclass(frozen=True)
class Dial:
    """A control for what is no field of its own: a start's scale, a network's depth.

    Args:
        abbreviation: as for a field: (min, max), (min, max, step), a list or True/False.
        change: called as ``change(experiment, value)``, returns the experiment with that value.
        start: the control's first value.
        logarithmic: whether a slider's scale is.
    """

    abbreviation: Any
    change: Callable[[Experiment, Any], Experiment]
    start: Any
    logarithmic: bool = False


class Control:
    """One field of an experiment, or one dial, as a widget.

    Args:
        experiment: whose field it is; its value is where the control starts.
        name: the field's name, or what the dial is to be called.
        given: (min, max) or (min, max, step) for a slider, logarithmic for ``LOGARITHMIC``
            fields; a list for a dropdown; True or False for a checkbox; a ``Dial``.
        refused: called with an error that says why what was typed can't be taken.

    Raises:
        ValueError, TypeError: naming the field, the value and what is allowed.
    """

    def __init__(
        self,
        experiment: Experiment,
        name: str,
        given: Any,
        refused: Callable[[Exception], None] = lambda error: None,
    ) -> None:
        self.name = name
        dial = given if isinstance(given, Dial) else _field(experiment, name, given)
        self._dial = dial
        abbreviation, start = dial.abbreviation, dial.start
        self.is_slider = isinstance(abbreviation, tuple)
        if isinstance(abbreviation, bool):
            checks.flag(f"{name} as a checkbox", start)
            self.widget = widgets.Checkbox(value=start, description=_words(name))
        elif isinstance(abbreviation, list) and abbreviation:
            self.widget = _dropdown(name, abbreviation, start)
        elif self.is_slider:
            self.widget = _slider(name, abbreviation, start, dial.logarithmic)
        else:
            raise TypeError(
                f"{name} must be (min, max), (min, max, step), a list, True/False or a Dial; "
                f"got {abbreviation!r}"
            )
        if self.is_logarithmic and (self.value, *self.ends) != (start, *abbreviation[:2]):
            raise ValueError(
                f"{name} must start and end at numbers of two digits, which its logarithmic "
                f"slider can show; got {start!r} within {abbreviation!r}"
            )
        for value in self.ends:
            self.apply(experiment, value)  # a range that the experiment refuses fails here
        self.box = self.widget
        if self.is_slider:
            self.box = widgets.HBox([self.widget, Readout(self, refused)])

    def apply(self, experiment: Experiment, value: Any) -> Experiment:
        """Return the experiment with this control at that value."""
        changed = self._dial.change(experiment, value)
        if not isinstance(changed, Experiment):
            raise TypeError(f"{self.name}'s change must return an Experiment; got {changed!r}")
        return changed

    @property
    def value(self) -> Any:
        """What the experiment gets: of a logarithmic slider, the two digits that it shows."""
        return self._shown(self.widget.value)

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is a slider on a logarithmic scale."""
        return isinstance(self.widget, widgets.FloatLogSlider)

    @property
    def ends(self) -> list[Any]:
        """First and last value of a slider, all values of a dropdown or checkbox."""
        widget = self.widget
        if isinstance(widget, widgets.Checkbox):
            return [False, True]
        if isinstance(widget, widgets.Dropdown):
            return [value for _, value in widget.options]
        ends = (widget.min, widget.max)
        return [self._shown(10.0**end if self.is_logarithmic else end) for end in ends]

    def survey(self, points: int = _SURVEYED) -> list[Any]:
        """Values over a slider's range, from coarse to fine and from the middle to the ends."""
        low, high = self.ends
        spaced = np.geomspace if self.is_logarithmic else np.linspace
        places = spaced(low, high, points)
        whole = isinstance(self.widget, widgets.IntSlider)
        values = [self._shown(round(point) if whole else float(point)) for point in places]
        middle = len(values) / 2  # the ends are where runs take longest
        coarse_to_fine = sorted(
            range(len(values)),
            key=lambda place: (_PASSES.index(place % 8), abs(place - middle)),
        )
        return list(dict.fromkeys(values[place] for place in coarse_to_fine))

    def _shown(self, value: Any) -> Any:
        if not self.is_logarithmic:
            return value
        rounded = float(f"{value:.2g}")
        return int(rounded) if self.name == "max_updates" else rounded


def _log_step(low: float, start: float) -> float:
    """Return about a twentieth of a decade, so that a whole number of steps leads to the start.

    A browser moves a slider that stands between two steps to one of them.
    """
    steps = round(_STEPS_A_DECADE * math.log10(start / low))
    if steps == 0 or float(f"{low * 10 ** (steps / _STEPS_A_DECADE):.2g}") == start:
        return 1 / _STEPS_A_DECADE
    return math.log10(start / low) / steps


class Readout(widgets.Text):
    """The number beside a slider, which can also be typed; what can't be taken is refused aloud."""

    def __init__(self, control: Control, refused: Callable[[Exception], None]) -> None:
        super().__init__(
            _number(control.value),
            continuous_update=False,
            layout={"width": "5.5em"},
            tooltip=f"{_words(control.name)}, typed",
        )
        self._control = control
        self._refused = refused
        self.add_class("nnlab-readout")
        control.widget.observe(self._on_slider, "value")
        self.observe(self._on_typed, "value")

    def _on_slider(self, _change: Any) -> None:
        self.value = _number(self._control.value)

    def _on_typed(self, change: dict[str, Any]) -> None:
        if change["new"] == _number(self._control.value):
            return
        try:
            self._control.widget.value = self._typed(change["new"])
        except ValueError as error:
            self._refused(error)
        self.value = _number(self._control.value)

    def _typed(self, text: str) -> float:
        low, high = self._control.ends
        whole = isinstance(self._control.widget, widgets.IntSlider)
        kind = "a whole number" if whole else "a number"
        words = f"{_words(self._control.name)} must be {kind} from {low:g} to {high:g}"
        try:
            number = int(text.replace(",", "")) if whole else float(text.replace(",", ""))
        except ValueError:
            raise ValueError(f"{words}; got {text!r}") from None
        if not low <= number <= high:
            raise ValueError(f"{words}; got {text!r}")
        return number


def _number(value: float) -> str:
    """Return a slider's value as its readout shows it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _field(experiment: Experiment, name: str, abbreviation: Any) -> Dial:
    checks.choice("a control's field", name, FIELDS)
    return Dial(
        abbreviation,
        lambda experiment, value: experiment.replace(**{name: value}),
        start=getattr(experiment, name),
        logarithmic=name in LOGARITHMIC,
    )


def _words(field: str) -> str:
    return field.replace("_", " ")


def _dropdown(field: str, options: Sequence[Any], start: Any) -> widgets.Dropdown:
    if start not in options:
        raise ValueError(f"{field} starts at {start!r}, which must be among {options!r}")
    named = [(option if isinstance(option, str) else repr(option), option) for option in options]
    return widgets.Dropdown(options=named, value=start, description=_words(field), style=_STYLE)


def _slider(
    field: str, abbreviation: tuple[Any, ...], start: Any, logarithmic: bool
) -> widgets.Widget:
    numbers = all(isinstance(part, Real) and not isinstance(part, bool) for part in abbreviation)
    if len(abbreviation) not in (2, 3) or not numbers or not abbreviation[0] < abbreviation[1]:
        raise ValueError(
            f"{field} must be (min, max) or (min, max, step) with min below max; "
            f"got {abbreviation!r}"
        )
    if isinstance(start, bool) or not isinstance(start, Real):
        raise TypeError(f"{field} starts at {start!r}, which no slider can show; use a list")
    low, high = abbreviation[:2]
    if len(abbreviation) == 3:
        checks.number(f"{field}'s step", abbreviation[2], above=0.0)
    if not low <= start <= high:
        raise ValueError(f"{field} starts at {start!r}, which must be within {low!r} and {high!r}")
    given = {
        "description": _words(field),
        "style": _STYLE,
        "layout": {"width": "24em"},
        "readout": False,
    }
    if logarithmic:
        if low <= 0:
            raise ValueError(f"{field} is logarithmic: its min must be above 0; got {low!r}")
        step = abbreviation[2] if len(abbreviation) == 3 else _log_step(float(low), float(start))
        return widgets.FloatLogSlider(
            value=start,
            min=math.log10(low),
            max=math.log10(high),
            step=step,
            **given,
        )
    if all(isinstance(part, Integral) for part in (*abbreviation, start)):
        step = abbreviation[2] if len(abbreviation) == 3 else 1
        return widgets.IntSlider(value=start, min=low, max=high, step=step, **given)
    step = abbreviation[2] if len(abbreviation) == 3 else (high - low) / 50
    return widgets.FloatSlider(value=start, min=low, max=high, step=step, **given)
