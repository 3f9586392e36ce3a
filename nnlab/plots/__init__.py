"""Figures of runs. Each function draws on given axes and returns its artists.

Called again with those artists, a function moves them to the new run and draws nothing anew; that
is how a live panel shows a dozen frames a second.
"""

from nnlab.plots.curves import band, outcome_map, rates
from nnlab.plots.diagram import network
from nnlab.plots.look import (
    SCALES,
    UNITS,
    Look,
    clock,
    largest,
    only,
    reach,
    rows_to_draw,
    time_axis,
)
from nnlab.plots.surface import EVERY_WEIGHT, steps, surface
from nnlab.plots.time import (
    MAX_PATTERNS,
    accuracy,
    errors,
    first_weights,
    last_weights,
    training,
    weights,
)

__all__ = [
    "EVERY_WEIGHT",
    "MAX_PATTERNS",
    "SCALES",
    "UNITS",
    "Look",
    "accuracy",
    "band",
    "clock",
    "errors",
    "first_weights",
    "largest",
    "last_weights",
    "network",
    "only",
    "outcome_map",
    "rates",
    "reach",
    "rows_to_draw",
    "steps",
    "surface",
    "time_axis",
    "training",
    "weights",
]
