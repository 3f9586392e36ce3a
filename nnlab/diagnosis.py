"""A finished run in plain words: what a teacher would say at a glance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.engine import own
from nnlab.history import History
from nnlab.reference import forward

SATURATED = 0.01  # a sigmoid or tanh unit within 1 % of its range's end counts as saturated
_LOW: dict[Any, float] = {"sigmoid": 0.0, "tanh": -1.0}  # end of their ranges


def findings(history: History, outcome: str) -> Iterator[str]:
    """Yield the sentences that apply, the most telling first."""
    yield from own.in_python(history.experiment)
    if outcome == "diverged":
        yield f"diverged at update {history.updates[-1]:,}"
        yield from _nothing_over_nothing(history)
        return
    if outcome == "converged":
        yield from _worse_in_use(history)
    if outcome == "out of updates":
        yield from _unlearned(history)
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


def _unlearned(history: History) -> Iterator[str]:
    """Classes are wrong if another one is answered; what is right may still be far off."""
    if not history.experiment.data.is_classification:
        yield from _named("not within tolerance", _far(history))
        return
    wrong = _wrong(history)
    yield from _named("still wrong", wrong)
    yield from _named("right, but not within tolerance", _far(history) & ~wrong)


def _worse_in_use(history: History) -> Iterator[str]:
    """Every pattern was within tolerance as presented; batch norm and dropout differ in use.

    Elsewhere an answer in use is a few updates away from that, which is worth no word.
    """
    experiment, wrong = history.experiment, _wrong(history)
    yield from _named("learned as presented, yet wrong in use", wrong)
    if experiment.normalization == "batch" or experiment.dropout:
        far = _far(history) & ~wrong
        yield from _named("learned as presented, yet not within tolerance in use", far)


def _wrong(history: History) -> np.ndarray:
    """Which patterns are answered by another class, in use; none where targets aren't classes."""
    data = history.experiment.data
    return data.is_classification & (
        data.class_of(history.outputs[-1]) != data.class_of(data.targets)
    )


def _far(history: History) -> np.ndarray:
    """Which patterns' answers, in use, are not within tolerance; of a tolerance of 0, none."""
    tolerance = history.experiment.tolerance
    errors = ((history.outputs[-1] - history.experiment.data.targets) ** 2).sum(axis=-1)
    return ~(errors < tolerance) & (tolerance > 0.0)


def _named(what: str, patterns: np.ndarray) -> Iterator[str]:
    """Name some of the patterns, or count them where they are many."""
    some = np.flatnonzero(patterns)
    if len(some) and len(patterns) <= 16:
        yield f"{what}: {', '.join(f'tr:{pattern}' for pattern in some)}"
    elif len(some):
        yield f"{what}: {len(some)} of {len(patterns)} patterns"


def _nothing_over_nothing(history: History) -> Iterator[str]:
    optimizer = history.experiment.update_rule
    values = dict(zip(optimizer.rule.knobs, optimizer.knobs, strict=False))
    if values.get("epsilon") == 0.0 and np.isnan(history.flat_weights[-1]).any():
        yield (
            f"{optimizer.name}'s epsilon is 0, so where a gradient is 0 its step is 0/0, no number"
        )


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
    low = _LOW.get(history.experiment.activation)
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
