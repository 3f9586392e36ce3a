"""What a panel is asked for: the values of its controls, and how their run is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnlab.experiment import Experiment
from nnlab.panel.controls import Control

if TYPE_CHECKING:
    from nnlab.panel.subjects import Subject


@dataclass(frozen=True)
class Setting:
    """The value of each control by its name, and the experiment they make.

    Args:
        base: the experiment whose fields hold where no control changes them.
        controls: applied in their order.
        values: by control's name.
        experiment: what comes of it.
    """

    base: Experiment
    controls: tuple[Control, ...]
    values: dict[str, Any]
    experiment: Experiment

    @classmethod
    def of(cls, base: Experiment, controls: Iterable[Control], values: dict[str, Any]) -> Setting:
        """Make the experiment; raises what the experiment, or a dial's function, raises."""
        experiment, controls = base, tuple(controls)
        for control in controls:
            experiment = control.apply(experiment, values[control.name])
        return cls(base, controls, values, experiment)

    def at(self, **values: Any) -> Setting:
        """Return this setting with some controls at other values; raises as ``of``."""
        return Setting.of(self.base, self.controls, self.values | values)

    def others(self, *names: str) -> tuple[Any, ...]:
        """Return what holds whatever the named controls say: under this their curve is kept."""
        rest = tuple(_key(value) for name, value in self.values.items() if name not in names)
        return (*rest, self.base.init_seed, self.base.order_seed)


@dataclass(frozen=True, eq=False)
class Pinned:
    """What stays in the picture, faded.

    Args:
        name: a letter or word for it.
        subject: a run, or the runs of many seeds, that has ended.
    """

    name: str
    subject: Subject


@dataclass(frozen=True)
class Paper:
    """What a picture is drawn on.

    Args:
        width: of all views together, CSS pixels.
        scale: of text and lines; 1.5 suits a projector.
        ratio: device pixels a CSS pixel.
        theme: "light" or "dark".
    """

    width: int = 1110
    scale: float = 1.0
    ratio: float = 1.0
    theme: str = "light"


@dataclass(frozen=True)
class Request:
    """All that a controller needs to know of its panel.

    Args:
        setting: what the controls show.
        seeds: whether it is to be trained from many seeds instead of one.
        unit: of the axis of time, as in ``plots.UNITS``.
        scale: of the axis of time, as in ``plots.SCALES``.
        moment: share of the run's way at which it is looked at, 0 to 1.
        pinned: what stays in the picture.
        map: the two controls that a map of outcomes is asked for, across and up; or None.
        paper: what the picture is drawn on.
    """

    setting: Setting
    seeds: bool = False
    unit: str = "updates"
    scale: str = "log"
    moment: float = 1.0
    pinned: tuple[Pinned, ...] = ()
    map: tuple[str, str] | None = None
    paper: Paper = Paper()


def _key(value: Any) -> Any:
    """Return a value, or its repr if it can be no key."""
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value
