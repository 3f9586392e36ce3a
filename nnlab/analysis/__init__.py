"""What notebooks ask of a network: its signals, landscape and noise; of many: how sure we are.

Numbers in, numbers out: nothing here draws, and nothing changes the run that it is asked about.
"""

from nnlab.analysis import (
    borders,
    dials,
    intervals,
    landscape,
    layers,
    linear,
    noise,
    orders,
    passage,
    saturation,
    scores,
    signals,
)
from nnlab.analysis.best import OwnBest, own_best, own_bests
from nnlab.analysis.exercise import exercise

__all__ = [
    "OwnBest",
    "borders",
    "dials",
    "exercise",
    "intervals",
    "landscape",
    "layers",
    "linear",
    "noise",
    "orders",
    "own_best",
    "own_bests",
    "passage",
    "saturation",
    "scores",
    "signals",
]
