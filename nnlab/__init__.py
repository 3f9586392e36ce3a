"""nnlab: feel what a neural network's hyperparameters do, one slider at a time."""

from nnlab import analysis, plots, reference
from nnlab.analysis.range_test import RangeTest, range_test
from nnlab.data import Dataset, circles, digits, moons, parity, ravine, spirals
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.live import live
from nnlab.panel.controls import Dial
from nnlab.rules.activations import ACTIVATIONS
from nnlab.rules.derived_starts import Nudged, Tied
from nnlab.rules.initializers import INITIALIZERS, Initializer
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
from nnlab.run import After, Interrupted, Run
from nnlab.sweep import Sweep, sweep

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
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
    "Step",
    "Sweep",
    "Tied",
    "WarmupCosine",
    "analysis",
    "circles",
    "digits",
    "live",
    "moons",
    "parity",
    "plots",
    "range_test",
    "ravine",
    "reference",
    "spirals",
    "sweep",
]
