"""Learning rate schedules: a rate for each update.

Each is one plain function ``rule(t, knobs)`` of numbers, t counting updates from 1, which the
reference calls and the engine compiles; a small dataclass around it names the constants. Formulas
are PyTorch's, whose schedulers count ``t - 1``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnlab import checks
from nnlab.rules.elementary import cos, power

KNOBS = 5  # as many as any schedule has, so that compiled code sees tuples of one length


def constant(t, knobs):
    """The same rate for every update."""
    return knobs[0]


def step(t, knobs):
    """Rate times factor after every so many updates."""
    rate, every, factor = knobs[0], knobs[1], knobs[2]
    return rate * power(factor, np.floor((t - 1.0) / every))


def exponential(t, knobs):
    """Rate times factor after every update."""
    rate, factor = knobs[0], knobs[1]
    return rate * power(factor, t - 1.0)


def half_wave(start, end, share):
    """From start to end along half a cosine."""
    return end + 0.5 * (start - end) * (1.0 + cos(np.pi * share))


def cosine(t, knobs):
    """Half a cosine down to the lowest rate, which then stays."""
    rate, updates, lowest = knobs[0], knobs[1], knobs[2]
    return half_wave(rate, lowest, min((t - 1.0) / updates, 1.0))


def warmup_cosine(t, knobs):
    """In equal steps up to the rate, then half a cosine down to the lowest, which then stays."""
    rate, warmup, updates, lowest = knobs[0], knobs[1], knobs[2], knobs[3]
    if t < warmup:
        return rate * t / warmup
    return half_wave(rate, lowest, min((t - warmup) / (updates - warmup), 1.0))


def one_cycle(t, knobs):
    """Half a cosine up to the peak, half a cosine down to nearly nothing, which then stays."""
    peak, updates, rise, divisor, final = knobs[0], knobs[1], knobs[2], knobs[3], knobs[4]
    first, top, last = peak / divisor, rise * updates - 1.0, updates - 1.0
    done = min(t - 1.0, last)
    if done <= top:
        return half_wave(first, peak, done / top)
    return half_wave(peak, first / final, (done - top) / (last - top))


@dataclass(frozen=True)
class Schedule:
    """A learning rate that changes with the updates; call it with t, from 1, for the rate."""

    rule: ClassVar[Callable]

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            object.__setattr__(self, item.name, self._checked(item.name))

    def __call__(self, t: int) -> float:
        """Return the rate of update t, from 1."""
        now = np.float64(checks.number("t", t, at_least=1.0))  # a plain float's power may raise
        with np.errstate(all="ignore"):
            return float(type(self).rule(now, self.knobs))

    @property
    def knobs(self) -> tuple[float, ...]:
        """The constants in their order, then zeros up to ``KNOBS``."""
        values = [float(value) for value in dataclasses.astuple(self)]
        return (*values, *[0.0] * (KNOBS - len(values)))

    def _checked(self, name: str) -> float:
        value = getattr(self, name)
        if name in ("updates", "every", "warmup"):
            return checks.whole_number(name, value, at_least=1, at_most=checks.MOST_UPDATES)
        if name == "lowest":
            return checks.number(name, value, at_least=0.0)
        return checks.number(name, value, above=0.0)

    def __repr__(self) -> str:
        items = dataclasses.fields(self)
        values = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in items)
        return f"nnlab.{type(self).__name__}({values})"


@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """The same rate for every update, as a plain number means too."""

    rate: float
    rule = staticmethod(constant)


@dataclass(frozen=True, repr=False)
class Step(Schedule):
    """``rate``, times ``factor`` after ``every`` updates, and again; PyTorch's StepLR."""

    rate: float
    every: int
    factor: float = 0.1
    rule = staticmethod(step)


@dataclass(frozen=True, repr=False)
class Exponential(Schedule):
    """``rate``, times ``factor`` after every update; PyTorch's ExponentialLR."""

    rate: float
    factor: float
    rule = staticmethod(exponential)


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """From ``rate`` to ``lowest`` in so many ``updates``; PyTorch's CosineAnnealingLR.

    Afterwards the rate stays at ``lowest``, where PyTorch's would climb again.
    """

    rate: float
    updates: int
    lowest: float = 0.0
    rule = staticmethod(cosine)


@dataclass(frozen=True, repr=False)
class WarmupCosine(Schedule):
    """Up to ``rate`` in ``warmup`` updates, down to ``lowest`` one update after ``updates``.

    PyTorch spells it SequentialLR of LinearLR from rate / warmup and CosineAnnealingLR.
    """

    rate: float
    warmup: int
    updates: int
    lowest: float = 0.0
    rule = staticmethod(warmup_cosine)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.updates <= self.warmup:
            raise ValueError(f"updates must be more than warmup={self.warmup}; got {self.updates}")


@dataclass(frozen=True, repr=False)
class OneCycle(Schedule):
    """Up to ``peak`` and down again in so many ``updates`` (Smith and Topin 2017).

    PyTorch's OneCycleLR with cosines and ``cycle_momentum=False``: it starts at ``peak / divisor``
    and ends at that over ``final_divisor``; ``rise`` is the share of updates on the way up.
    """

    peak: float
    updates: int
    rise: float = 0.3
    divisor: float = 25.0
    final_divisor: float = 1e4
    rule = staticmethod(one_cycle)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.rise < 1.0 and self.rise * self.updates > 1.0):
            raise ValueError(
                f"rise must be a share below 1 and more than one of {self.updates} updates; "
                f"got {self.rise!r}"
            )


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "step": Step,
    "exponential": Exponential,
    "cosine": Cosine,
    "warmup_cosine": WarmupCosine,
    "one_cycle": OneCycle,
}
