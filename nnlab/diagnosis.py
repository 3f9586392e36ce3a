"""A finished run in plain words: what a teacher would say at a glance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.history import History
from nnlab.reference import forward

SATURATED = 0.01  # a sigmoid or tanh unit within 1 % of its range's end counts as saturated


def findings(history: History, outcome: str) -> Iterator[str]:
    """Yield the sentences that apply, the most telling first."""
    if outcome == "diverged":
        yield f"diverged at update {history.updates[-1]:,}"
        return
    if outcome == "out of updates":
        yield from _wrong_patterns(history)
        yield from _plateau(history)
    yield from _identical_units(history)
    yield from _saturated_units(history)
    yield from _dead_units(history)


def identical_groups(matrix: np.ndarray) -> list[list[int]]:
    """Return groups of two or more units (columns) whose incoming weights are equal."""
    groups: dict[bytes, list[int]] = {}
    for unit, column in enumerate(matrix.T):
        groups.setdefault(np.ascontiguousarray(column).tobytes(), []).append(unit)
    return [units for units in groups.values() if len(units) > 1]


def _wrong_patterns(history: History) -> Iterator[str]:
    errors = ((history.outputs[-1] - history.experiment.data.targets) ** 2).sum(axis=-1)
    wrong = np.flatnonzero(errors >= history.experiment.tolerance)
    if len(wrong) and len(errors) <= 16:
        named = ", ".join(f"tr:{pattern}" for pattern in wrong)
        yield f"still wrong: {named}"
    elif len(wrong):
        yield f"still wrong: {len(wrong)} of {len(errors)} patterns"


def _plateau(history: History) -> Iterator[str]:
    loss = history.loss
    moved = np.flatnonzero(np.abs(loss - loss[-1]) > 0.01 * abs(loss[-1]) + 1e-12)
    since = int(moved[-1]) + 1 if len(moved) else 0
    if since < 0.5 * len(history):
        near_half = np.abs(history.outputs[-1] - 0.5).max() < 0.1
        what = "all outputs near 0.5" if near_half else "the loss has hardly moved"
        yield f"{what} since update {history.updates[since]:,}"


def _identical_units(history: History) -> Iterator[str]:
    experiment, last = history.experiment, [each[-1] for each in history.parameters]
    for layer, matrix in enumerate(last[: len(experiment.layers) - 2]):
        own = experiment.normalizers(last, layer)[:2]  # of a norm, gamma and beta
        for units in identical_groups(np.vstack([matrix, *own])):
            named = ", ".join(str(unit + 1) for unit in units)
            yield f"hidden units {named} of layer {layer + 1} are identical"


def _hidden(history: History) -> Iterator[tuple[int, np.ndarray]]:
    last = [each[-1] for each in history.parameters]
    with np.errstate(all="ignore"):
        layers = forward(history.experiment, last, history.experiment.data.inputs)
    yield from enumerate(layers[1:-1], start=1)


def _saturated_units(history: History) -> Iterator[str]:
    low = {"sigmoid": 0.0, "tanh": -1.0}.get(history.experiment.activation)
    if low is None:
        return
    for layer, units in _hidden(history):
        margin = SATURATED * (1.0 - low)
        at_end = ((units < low + margin) | (units > 1.0 - margin)).all(axis=0)
        if at_end.any():
            yield f"{at_end.sum()} of {units.shape[1]} units of layer {layer} are saturated"


def _dead_units(history: History) -> Iterator[str]:
    if history.experiment.activation != "relu":
        return
    for layer, units in _hidden(history):
        dead = (units == 0.0).all(axis=0)
        if dead.any():
            yield f"{dead.sum()} of {units.shape[1]} ReLUs of layer {layer} are dead"
