"""Figures of runs. Each function draws on given axes and returns its artists.

Called again with those artists, a function moves them to the new run and draws nothing anew; that
is how a live panel shows a dozen frames a second.
"""

from nnlab.plots.bars import bars
from nnlab.plots.boundary import boundary
from nnlab.plots.distinct_units import distinct_units
from nnlab.plots.functions import (
    curve,
    flat_shares,
    function,
    outcome_rows,
    saturation,
    spread,
)
from nnlab.plots.gradient_noise import gradient_noise
from nnlab.plots.heat_map import heat_map
from nnlab.plots.layers import activations, gradients
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
from nnlab.plots.network import network
from nnlab.plots.normalization import hidden_sums, sums
from nnlab.plots.outputs import outputs
from nnlab.plots.surface import EVERY_WEIGHT, steps, surface
from nnlab.plots.sweeps import band, outcome_map, rates
from nnlab.plots.ticks import log_ticks, plain_log_ticks
from nnlab.plots.training import (
    MAX_PATTERNS,
    accuracy,
    errors,
    first_weights,
    grow,
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
    "activations",
    "band",
    "bars",
    "boundary",
    "clock",
    "curve",
    "distinct_units",
    "errors",
    "first_weights",
    "flat_shares",
    "function",
    "gradient_noise",
    "gradients",
    "grow",
    "heat_map",
    "hidden_sums",
    "largest",
    "last_weights",
    "log_ticks",
    "network",
    "only",
    "outcome_map",
    "outcome_rows",
    "outputs",
    "plain_log_ticks",
    "rates",
    "reach",
    "rows_to_draw",
    "saturation",
    "spread",
    "steps",
    "sums",
    "surface",
    "time_axis",
    "training",
    "weights",
]
