"""nnlab: feel what a neural network's hyperparameters do, one slider at a time."""

from nnlab import plots, reference
from nnlab.activations import ACTIVATIONS
from nnlab.after import After
from nnlab.data import Dataset, parity
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.initializers import INITIALIZERS, Initializer
from nnlab.live import live
from nnlab.losses import LOSSES
from nnlab.optimizers import OPTIMIZERS, Optimizer
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
    "Experiment",
    "Exponential",
    "History",
    "Initializer",
    "Interrupted",
    "OneCycle",
    "Optimizer",
    "Run",
    "Schedule",
    "Step",
    "Sweep",
    "WarmupCosine",
    "live",
    "parity",
    "plots",
    "reference",
    "sweep",
]
