"""Figures: views of a run, charts of many runs, marks, and how all of them look.

A view is called as ``view(axes, run)`` and returns the artists that move; called again with those
it only moves them to another run or moment, which is how a live panel shows a dozen frames a
second. Matplotlib lives here and where a panel draws, and nowhere else; no widget is known here.
"""

from nnlab.plots import style
from nnlab.plots.boundary import boundary
from nnlab.plots.charts import (
    band,
    bars,
    heat_map,
    interval,
    outcome_map,
    outcome_rows,
    rates,
    spread,
)
from nnlab.plots.functions import curve, function
from nnlab.plots.gradient_noise import gradient_noise
from nnlab.plots.layers import activations, gradients
from nnlab.plots.marks import arrow, end_labels, log_ticks, note, plain_log_ticks, tag
from nnlab.plots.network import network
from nnlab.plots.outputs import outputs
from nnlab.plots.parabola import look_ahead, parabola
from nnlab.plots.style import label, paint, picture
from nnlab.plots.sums import hidden_sums, sums
from nnlab.plots.surface import surface
from nnlab.plots.training import accuracy, errors, errors_apart, training
from nnlab.plots.units import distinct_units, flat_shares, saturation
from nnlab.plots.view import (
    MAX_PATTERNS,
    SCALES,
    UNITS,
    Look,
    View,
    clock,
    grow,
    largest,
    reach,
    rows_to_draw,
    time_axis,
)
from nnlab.plots.weights import EVERY_WEIGHT, first_weights, last_weights, steps, weights

__all__ = [
    "EVERY_WEIGHT",
    "MAX_PATTERNS",
    "SCALES",
    "UNITS",
    "Look",
    "View",
    "accuracy",
    "activations",
    "arrow",
    "band",
    "bars",
    "boundary",
    "clock",
    "curve",
    "distinct_units",
    "end_labels",
    "errors",
    "errors_apart",
    "first_weights",
    "flat_shares",
    "function",
    "gradient_noise",
    "gradients",
    "grow",
    "heat_map",
    "hidden_sums",
    "interval",
    "label",
    "largest",
    "last_weights",
    "log_ticks",
    "look_ahead",
    "network",
    "note",
    "outcome_map",
    "outcome_rows",
    "outputs",
    "paint",
    "parabola",
    "picture",
    "plain_log_ticks",
    "rates",
    "reach",
    "rows_to_draw",
    "saturation",
    "spread",
    "steps",
    "style",
    "sums",
    "surface",
    "tag",
    "time_axis",
    "training",
    "weights",
]
