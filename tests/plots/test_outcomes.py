"""Outcomes by name: rows of colours, spreads over seeds."""

import numpy as np

from nnlab import plots
from nnlab.plots import style


def axes():
    """Fresh axes."""
    return style.picture()[1]


def test_outcome_rows_hold_updates_and_mask_what_was_not_learned():
    where = axes()
    updates = np.array([[10.0, np.inf, 1000.0], [np.inf, 50.0, np.inf]])
    mesh = plots.outcome_rows(where, [0.1, 1.0, 10.0], ["sigmoid", "tanh"], updates)
    shown = mesh.get_array().reshape(2, 3)
    assert np.array_equal(shown.mask, np.isinf(updates))
    assert shown.compressed().tolist() == [10.0, 1000.0, 50.0]
    assert [text.get_text() for text in where.get_yticklabels()] == ["sigmoid", "tanh"]
    assert where.get_ylim()[0] > where.get_ylim()[1]  # the first row on top


def test_spread_draws_medians_and_writes_solve_rates():
    where = axes()
    samples = np.array([np.arange(1.0, 12.0), [*np.arange(1.0, 8.0), *[np.inf] * 4]])
    plots.spread(where, ["a", "b"], samples, style.INK)
    assert where.lines[0].get_xdata().tolist() == [6.0, 6.0]
    assert [text.get_text() for text in where.get_yticklabels()] == ["a  100 %", "b  64 %"]
    bars = where.collections[0].get_segments()
    assert bars[0][:, 0].tolist() == [2.0, 10.0]
    assert bars[1][1, 0] == where.get_xlim()[1]  # open to the right
