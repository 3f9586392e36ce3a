"""nnlab: feel what a neural network's hyperparameters do, one slider at a time."""

from nnlab import plots, reference
from nnlab.activations import ACTIVATIONS
from nnlab.after import After
from nnlab.data import Dataset, parity
from nnlab.experiment import Experiment
from nnlab.history import History
from nnlab.initializers import INITIALIZERS, Initializer
from nnlab.live import live
from nnlab.run import Interrupted, Run
from nnlab.sweep import Sweep, sweep

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "After",
    "Dataset",
    "Experiment",
    "History",
    "Initializer",
    "Interrupted",
    "Run",
    "Sweep",
    "live",
    "parity",
    "plots",
    "reference",
    "sweep",
]
