"""What the compiled loop is given and what it changes: named tuples of arrays, and their records.

How the numbers of several lanes lie is told in ``nnlab.engine.kernels``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

OUTCOMES = ("running", "converged", "diverged", "out of updates")
RUNNING, CONVERGED, DIVERGED, OUT_OF_UPDATES = range(len(OUTCOMES))
MOST_PATTERNS = 64  # up to so many errors are kept one by one; updates an epoch likewise
IDLE = -1
NEVER = 2**62

CLOCK = np.dtype(
    [
        ("steps", "i8"),  # done since the first run began
        ("position", "i8"),  # of the next batch's first pattern within the epoch's order
        ("next_run", "i8"),  # the first one that no lane has taken yet
        ("busy", "i8"),  # lanes
        ("end_due", "i8"),  # the step before which a run's budget is spent
        ("row_due", "i8"),  # the step after which a row of history is due
    ]
)
LANE = np.dtype(
    [
        ("run", "i8"),  # or IDLE
        ("began", "i8"),  # at which step
        ("random", "u8"),  # state of its generator of orders and dropout
        ("rows", "i8"),  # of the history in use
        ("stride", "i8"),  # updates between two rows
        ("next_row", "i8"),  # the update at which the next row is due
    ]
)
END = np.dtype([("outcome", "i8"), ("updates", "i8"), ("rows", "i8")])


class Plan(NamedTuple):
    """What all runs are given. Places count single numbers, lanes included."""

    units: Any  # (layers,)
    units_at: Any  # (layers,) place of a layer's first unit
    weights_at: Any  # (layers,) place of the weights into layer l + 1, and the end
    layers: int  # of weights
    activation: Any  # (layers - 1,) codes
    slope: Any  # (layers - 1,) codes of slopes, the last one as the loss needs it
    way: int  # numbers of a sample
    gammas: int  # plus the place of a unit's number it is that of its gamma,
    betas: int  # of its beta
    trainable: int  # numbers that an optimizer moves
    parameters: int  # of one run
    loss: int
    optimizer: int
    knobs: tuple  # the optimizer's constants
    schedule: int
    schedule_knobs: tuple
    normalization: int  # of hidden layers
    in_use: bool  # whether batch norm takes running statistics, instead of the batch's own
    weight_decay: float
    decoupled: bool
    dropout: float
    inputs: Any  # (patterns, n_in)
    targets: Any  # (patterns, n_out)
    patterns: int
    batch_size: int
    shuffle: bool
    tolerance: float
    max_updates: int
    beat: int  # updates between two rows at the start
    dense_rows: int


class Memory(NamedTuple):
    """What training changes, all lanes side by side."""

    clock: Any  # (1,) record of CLOCK
    state: Any  # (lanes,) records of LANE
    times: Any  # (lanes,) the number of the update, as a float
    weights: Any  # (parameters,)
    gradient: Any  # (trainable parameters,)
    moments: Any  # (3 times trainable parameters,) the optimizer's memory
    rates: Any  # (trainable parameters,) learning rate of each
    order: Any  # (lanes, patterns)
    sums: Any  # (batch times all units,) what an activation receives
    activations: Any  # (batch times all units,)
    passed: Any  # (batch times all units,) the same array, but for dropout
    keep: Any  # (batch times all units,) dropout's factors
    normal: Any  # (batch times all units,) normalized sums
    variances: Any  # (batch times all units,) before that, where a line of sums begins
    means: Any  # (batch times all units,)
    deltas: Any  # (batch times all units,) slope of the batch's mean loss in each sum
    wanted: Any  # (batch times outputs,) the targets
    errors: Any  # (patterns,) squared error of each as it was last presented


class Jobs(NamedTuple):
    """The runs, and what becomes of them."""

    runs: int
    weights: Any  # (runs, parameters) at the start; of runs that have ended, at the end
    rates: Any  # (runs, columns)
    columns: int
    rate_of: Any  # (trainable parameters of a run,) the column of each
    random: Any  # (runs,) first state of the generator
    ends: Any  # (runs,) records of END
    rows: int  # of history there is room for, the last moment of a run included; or 0
    row_updates: Any  # (runs, rows)
    row_weights: Any  # (runs, rows, parameters)
    row_errors: Any  # (runs, rows, errors)
    row_patterns: int  # errors in a row: none for large data


class Questions(NamedTuple):
    """Networks that are asked for their outputs; the inputs stand in the plan."""

    networks: int
    weights: Any  # (networks, parameters)
    outputs: Any  # (networks, patterns, outputs), to be filled
