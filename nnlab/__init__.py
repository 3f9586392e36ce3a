"""nnlab: feel what a neural network's hyperparameters do, one slider at a time.

What a reader describes an experiment with is here at once. What compiles, sweeps, draws or shows
it needs libraries that take a second to import, so it comes when it is first asked for.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nnlab import reference
from nnlab.data import Dataset
from nnlab.datasets import circles, digits, moons, parity, ravine, spirals
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.rules.activations import ACTIVATIONS, Activation
from nnlab.rules.derived_starts import Nudged, Tied
from nnlab.rules.initializers import INITIALIZERS, Initializer, Start
from nnlab.rules.losses import LOSSES
from nnlab.rules.optimizers import OPTIMIZERS, Optimizer
from nnlab.rules.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Schedule,
    Step,
    WarmupCosine,
)

if TYPE_CHECKING:  # at run time from the modules in _LATER
    from nnlab import analysis, plots
    from nnlab.analysis.exercise import exercise
    from nnlab.analysis.range_test import RangeTest, range_test
    from nnlab.live import live
    from nnlab.panel.controls import Dial
    from nnlab.panel.playground import playground
    from nnlab.run import After, Interrupted, Run
    from nnlab.sweep import Sweep, sweep

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "After",
    "Constant",
    "Cosine",
    "Dataset",
    "Dial",
    "Experiment",
    "Exponential",
    "History",
    "Initializer",
    "Interrupted",
    "Nudged",
    "OneCycle",
    "Optimizer",
    "RangeTest",
    "Run",
    "Schedule",
    "Start",
    "Step",
    "Sweep",
    "Tied",
    "WarmupCosine",
    "analysis",
    "circles",
    "digits",
    "exercise",
    "live",
    "moons",
    "parity",
    "playground",
    "plots",
    "range_test",
    "ravine",
    "reference",
    "spirals",
    "sweep",
]

_LATER = {
    "After": "nnlab.run",
    "Dial": "nnlab.panel.controls",
    "Interrupted": "nnlab.run",
    "RangeTest": "nnlab.analysis.range_test",
    "Run": "nnlab.run",
    "Sweep": "nnlab.sweep",
    "exercise": "nnlab.analysis.exercise",
    "live": "nnlab.live",
    "playground": "nnlab.panel.playground",
    "range_test": "nnlab.analysis.range_test",
    "sweep": "nnlab.sweep",
}
_ROOMS = ("analysis", "engine", "panel", "plots", "run", "sweeps")  # imported when asked for


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"nnlab.{name}")
    if name not in _LATER:
        raise AttributeError(f"module 'nnlab' has no attribute {name!r}")
    value = getattr(import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})


class _FrontDoor(ModuleType):
    """The modules ``nnlab.sweep`` and ``nnlab.live`` go by the name of what they are there for."""

    def __setattr__(self, name: str, value: Any) -> None:
        # An import of such a module sets it here as an attribute, in front of its function.
        front = name in _LATER and isinstance(value, ModuleType)
        super().__setattr__(name, getattr(value, name) if front else value)


sys.modules[__name__].__class__ = _FrontDoor
