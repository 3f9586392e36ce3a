"""What notebooks ask of a network: its signals, landscape and noise; of many: how sure we are.

Numbers in, numbers out: nothing here draws, and nothing changes the run that it is asked about.
"""

from nnlab.analysis import (
    borders,
    intervals,
    landscape,
    layers,
    noise,
    passage,
    saturation,
    scores,
    signals,
)
from nnlab.analysis.best import OwnBest, own_best
from nnlab.analysis.exercise import exercise

__all__ = [
    "OwnBest",
    "borders",
    "exercise",
    "intervals",
    "landscape",
    "layers",
    "noise",
    "own_best",
    "passage",
    "saturation",
    "scores",
    "signals",
]
