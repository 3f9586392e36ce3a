"""nnlab: feel what a neural network's hyperparameters do, one slider at a time."""

from nnlab import inside, plots, reference
from nnlab.activations import ACTIVATIONS
from nnlab.after import After
from nnlab.controls import Dial
from nnlab.data import Dataset, circles, digits, moons, parity, ravine, spirals
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.initializers import INITIALIZERS, Initializer
from nnlab.live import live
from nnlab.losses import LOSSES
from nnlab.optimizers import OPTIMIZERS, Optimizer
from nnlab.range_test import RangeTest, range_test
from nnlab.run import Interrupted, Run
from nnlab.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Schedule,
    Step,
    WarmupCosine,
)
from nnlab.starts import Nudged, Tied
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
    "circles",
    "digits",
    "inside",
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
