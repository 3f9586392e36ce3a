"""What a control may be set to and what it changes, from ``interact``'s abbreviations."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.experiment import FIELDS, Experiment

LOGARITHMIC = ("learning_rate", "max_updates", "tolerance")
_STEPS_A_DECADE = 20
_GRID = 30  # points that a curve over a slider's range is drawn with, about
_PASSES = (0, 4, 2, 6, 1, 3, 5, 7)  # every eighth point first, then those half-way between
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")


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


@dataclass(frozen=True)
class Range:
    """The numbers of a slider: those at its steps, and any other one that is typed.

    Args:
        low: the first.
        high: the last.
        step: between two positions; of a logarithmic slider in decades.
        start: where the slider stands at first, one of its positions.
        logarithmic: whether the positions are evenly spaced in the logarithm.
        whole: whether all numbers are whole.
    """

    low: Any
    high: Any
    step: float
    start: Any
    logarithmic: bool = False
    whole: bool = False

    @classmethod
    def of(cls, name: str, given: tuple[Any, ...], start: Any, logarithmic: bool) -> Range:
        """Read (min, max) or (min, max, step).

        Raises:
            ValueError, TypeError: naming the control, the value and what is allowed.
        """
        numbers = all(isinstance(part, Real) and not isinstance(part, bool) for part in given)
        if len(given) not in (2, 3) or not numbers or not given[0] < given[1]:
            raise ValueError(
                f"{name} must be (min, max) or (min, max, step) with min below max; got {given!r}"
            )
        if isinstance(start, bool) or not isinstance(start, Real):
            raise TypeError(f"{name} starts at {start!r}, which no slider can show; use a list")
        low, high = given[:2]
        for end in (low, high):
            checks.number(name, end)
        if not low <= start <= high:
            raise ValueError(
                f"{name} starts at {start!r}, which must be within {low!r} and {high!r}"
            )
        if logarithmic and low <= 0:
            raise ValueError(f"{name} is logarithmic: its min must be above 0; got {low!r}")
        whole = all(isinstance(part, Integral) for part in (low, high, start))
        if len(given) == 3:
            step = checks.number(f"{name}'s step", given[2], above=0.0)
            whole = whole and (logarithmic or step == int(step))
        elif logarithmic:
            step = _log_step(float(low), float(start))
        else:
            step = 1 if whole else (high - low) / 50
        return cls(low, high, step, start, logarithmic, whole)

    def at(self, position: float) -> Any:
        """Return the number at a position: a round one, or an end or the start if it is there."""
        for known in (self.low, self.high, self.start):
            if math.isclose(position, known, rel_tol=1e-6, abs_tol=1e-6 * self.step):
                return known
        digits = self._digits if self.logarithmic else 12
        rounded = float(f"{position:.{digits}g}")
        return int(rounded) if self.whole else min(max(rounded, self.low), self.high)

    def position(self, value: float) -> float:
        """Return the position nearest to a number; a browser moves a slider there, unasked."""
        first, last, place = (self._scaled(number) for number in (self.low, self.high, value))
        steps = round((place - first) / self.step)
        nearest = min(first + steps * self.step, last)
        if self.logarithmic:
            return 10.0**nearest
        return round(nearest) if self.whole else nearest

    def agree(self, position: float, value: float) -> bool:
        """Whether a position is the one of a number; no other is nearer than a step."""
        apart = self._scaled(position) - self._scaled(self.position(value))
        return abs(apart) < 1e-3 * self.step

    def grid(self, points: int = _GRID) -> list[Any]:
        """Numbers all over the range, from coarse to fine and from the middle to the ends."""
        spaced = np.geomspace if self.logarithmic else np.linspace
        places = spaced(float(self.low), float(self.high), points)
        numbers = [self.at(round(place) if self.whole else float(place)) for place in places]
        middle = len(numbers) / 2  # the ends are where runs take longest
        order = sorted(
            range(len(numbers)),
            key=lambda place: (_PASSES.index(place % 8), abs(place - middle)),
        )
        return list(dict.fromkeys(numbers[place] for place in order))

    def parse(self, name: str, text: str) -> Any:
        """Return the number that was typed, as it was typed.

        A comma is a decimal comma, or stands before groups of three digits; what could be both is
        refused.

        Raises:
            ValueError: naming the control, the text and what is allowed.
        """
        kind = "a whole number" if self.whole else "a number"
        words = f"{name} must be {kind} from {self.low:g} to {self.high:g}; got {text!r}"
        plain = re.sub(r"[\s_]", "", text)
        if "," in plain:
            grouped = bool(_THOUSANDS.fullmatch(plain))
            decimal = not self.whole and plain.count(",") == 1 and "." not in plain
            if grouped and decimal:
                readings = f"{plain.replace(',', '.')} or {plain.replace(',', '')}"
                raise ValueError(f"{words}, which could be {readings}")
            plain = plain.replace(",", "") if grouped else plain
            plain = plain.replace(",", ".") if decimal else plain
        try:
            number = float(plain)
        except ValueError:
            raise ValueError(words) from None
        if not self.low <= number <= self.high or (self.whole and number != int(number)):
            raise ValueError(words)
        return int(number) if self.whole else number

    def share(self, value: float) -> float:
        """Return where a number stands between the ends, 0 to 1."""
        first, last, place = (self._scaled(number) for number in (self.low, self.high, value))
        return (place - first) / (last - first)

    @property
    def _digits(self) -> int:
        """How many tell neighbouring positions of a logarithmic slider apart, at least 2."""
        return max(2, math.ceil(1.0 - math.log10(10.0**self.step - 1.0)))

    def _scaled(self, number: float) -> float:
        return math.log10(number) if self.logarithmic else float(number)


class Control:
    """One field of an experiment, or one dial: what it may be set to, and what that changes.

    Args:
        experiment: whose field it is; its value is where the control starts.
        name: the field's name, or what the dial is to be called.
        given: (min, max) or (min, max, step) for a slider, logarithmic for ``LOGARITHMIC``
            fields; a list for a dropdown; True or False for a checkbox; a ``Dial``.

    Attributes:
        start: the first value.
        range: of a slider; None of others.
        ends: first and last value of a slider, all values of a dropdown or checkbox.

    Raises:
        ValueError, TypeError: naming the field, the value and what is allowed.
    """

    def __init__(self, experiment: Experiment, name: str, given: Any) -> None:
        self.name = name
        dial = given if isinstance(given, Dial) else _field(experiment, name, given)
        self._change, self.start = dial.change, dial.start
        self.range: Range | None = None
        if isinstance(dial.abbreviation, bool):
            checks.flag(f"{name} as a checkbox", dial.start)
            self.ends: list[Any] = [False, True]
        elif isinstance(dial.abbreviation, list) and dial.abbreviation:
            self.ends = dial.abbreviation
            if self.start not in self.ends:
                raise ValueError(
                    f"{name} starts at {self.start!r}, which must be among {self.ends!r}"
                )
        elif isinstance(dial.abbreviation, tuple):
            self.range = Range.of(name, dial.abbreviation, dial.start, dial.logarithmic)
            self.ends = [self.range.low, self.range.high]
        else:
            raise TypeError(
                f"{name} must be (min, max), (min, max, step), a list, True/False or a Dial; "
                f"got {dial.abbreviation!r}"
            )
        self.is_flag = isinstance(dial.abbreviation, bool)
        for value in self.ends:
            self.apply(experiment, value)  # a range that the experiment refuses fails here

    @property
    def words(self) -> str:
        """Its name as a reader sees it."""
        return self.name.replace("_", " ")

    def apply(self, experiment: Experiment, value: Any) -> Experiment:
        """Return the experiment with this control at that value."""
        changed = self._change(experiment, value)
        if not isinstance(changed, Experiment):
            raise TypeError(f"{self.name}'s change must return an Experiment; got {changed!r}")
        return changed

    def places(self, most: int) -> list[Any]:
        """Values along a map's side: all of a list, at most so many of a slider, in order."""
        return sorted(self.range.grid(most)) if self.range else self.ends


def _log_step(low: float, start: float) -> float:
    """Return about a twentieth of a decade, so that a whole number of steps leads to the start."""
    steps = round(_STEPS_A_DECADE * math.log10(start / low))
    if steps == 0 or float(f"{low * 10 ** (steps / _STEPS_A_DECADE):.2g}") == start:
        return 1 / _STEPS_A_DECADE
    return math.log10(start / low) / steps


def _field(experiment: Experiment, name: str, abbreviation: Any) -> Dial:
    checks.choice("a control's field", name, FIELDS)

    def change(experiment: Experiment, value: Any) -> Experiment:
        return experiment.replace(**{name: value})

    if isinstance(abbreviation, list):  # as the experiment keeps them, to be found among them
        abbreviation = [getattr(change(experiment, value), name) for value in abbreviation]
    start = getattr(experiment, name)
    return Dial(abbreviation, change, start, logarithmic=name in LOGARITHMIC)
