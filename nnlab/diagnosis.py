"""A finished run in plain words: what a teacher would say at a glance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlab.engine import own
from nnlab.history import History
from nnlab.reference import forward

SATURATED = 0.01  # a sigmoid or tanh unit within 1 % of its range's end counts as saturated
_SOME_PATTERNS = 64
_LOW: dict[Any, float] = {"sigmoid": 0.0, "tanh": -1.0}  # end of their ranges


def findings(history: History, outcome: str) -> Iterator[str]:
    """Yield the sentences that apply, the most telling first."""
    yield from own.in_python(history.experiment)
    if outcome == "diverged":
        yield f"diverged at update {history.updates[-1]:,}"
        yield from _nothing_over_nothing(history)
        return
    end = history.at([-1])
    if outcome == "converged":
        yield from _worse_in_use(end)
    if outcome == "out of updates":
        yield from _unlearned(end)
        yield from _plateau(history, end)
    yield from _identical_units(end)
    yield from _saturated_units(end)
    yield from _dead_units(end)


def identical_groups(matrix: np.ndarray) -> list[list[int]]:
    """Return groups of two or more units (columns) whose incoming weights are equal."""
    groups: dict[bytes, list[int]] = {}
    for unit, column in enumerate(matrix.T):
        groups.setdefault(np.ascontiguousarray(column).tobytes(), []).append(unit)
    return [units for units in groups.values() if len(units) > 1]


def _unlearned(end: History) -> Iterator[str]:
    """Classes are wrong if another one is answered; what is right may still be far off."""
    if not end.experiment.data.is_classification:
        yield from _named("not within tolerance", _far(end))
        return
    wrong = _wrong(end)
    yield from _named("still wrong", wrong)
    yield from _named("right, but not within tolerance", _far(end) & ~wrong)


def _worse_in_use(end: History) -> Iterator[str]:
    """Every pattern was within tolerance as presented; batch norm and dropout differ in use.

    Elsewhere an answer in use is a few updates away from that, which is worth no word.
    """
    experiment, wrong = end.experiment, _wrong(end)
    yield from _named("learned as presented, yet wrong in use", wrong)
    if experiment.normalization == "batch" or experiment.dropout:
        far = _far(end) & ~wrong
        yield from _named("learned as presented, yet not within tolerance in use", far)


def _wrong(end: History) -> np.ndarray:
    """Which patterns are answered by another class, in use; none where targets aren't classes."""
    data = end.experiment.data
    return data.is_classification & (data.class_of(end.outputs[-1]) != data.class_of(data.targets))


def _far(end: History) -> np.ndarray:
    """Which patterns' answers, in use, are not within tolerance; of a tolerance of 0, none."""
    tolerance = end.experiment.tolerance
    errors = ((end.outputs[-1] - end.experiment.data.targets) ** 2).sum(axis=-1)
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


def _plateau(history: History, end: History) -> Iterator[str]:
    """Go back from the end, in growing steps: most runs moved just before, and losses cost time."""
    last, since, step = end.loss[-1], len(history) - 1, 1
    while since > 0:
        loss = history.at(np.arange(max(0, since - step), since)).loss
        moved = np.flatnonzero(np.abs(loss - last) > 0.01 * abs(last) + 1e-12)
        since -= len(loss) - (int(moved[-1]) + 1 if len(moved) else 0)
        if len(moved):
            break
        step *= 2
    if since < 0.5 * len(history):
        near_half = np.abs(end.outputs[-1] - 0.5).max() < 0.1
        what = "all outputs near 0.5" if near_half else "the loss has hardly moved"
        yield f"{what} since update {history.updates[since]:,}"


def _identical_units(end: History) -> Iterator[str]:
    experiment, last = end.experiment, [each[-1] for each in end.parameters]
    for layer, matrix in enumerate(last[: len(experiment.layers) - 2]):
        own = experiment.normalizers(last, layer)[:2]  # of a norm, gamma and beta
        for units in identical_groups(np.vstack([matrix, *own])):
            named = ", ".join(str(unit + 1) for unit in units)
            yield f"hidden units {named} of layer {layer + 1} are identical"


def _units_that_always(
    end: History, answer: Callable[[np.ndarray], np.ndarray]
) -> Iterator[tuple[int, int, int]]:
    """Yield a layer, how many of its units answer so to all patterns, and how many there are.

    Args:
        end: whose units.
        answer: which of some answers (patterns, units) are meant.
    """
    last = [each[-1] for each in end.parameters]
    inputs = end.experiment.data.inputs
    # Seldom does a unit answer so to the first of them, which then is all one has to know.
    for count in sorted({min(_SOME_PATTERNS, len(inputs)), len(inputs)}):
        with np.errstate(all="ignore"):
            layers = forward(end.experiment, last, inputs[:count])[1:-1]
        always: list[np.ndarray] = [np.all(answer(units), axis=0) for units in layers]
        if not any(each.any() for each in always):
            return
    for layer, each in enumerate(always, start=1):
        if each.any():
            yield layer, int(each.sum()), len(each)


def _saturated_units(end: History) -> Iterator[str]:
    low = _LOW.get(end.experiment.activation)
    if low is None:
        return
    margin = SATURATED * (1.0 - low)
    found = _units_that_always(end, lambda units: (units < low + margin) | (units > 1.0 - margin))
    for layer, saturated, count in found:
        yield f"{saturated} of {count} units of layer {layer} are saturated"


def _dead_units(end: History) -> Iterator[str]:
    if end.experiment.activation != "relu":
        return
    for layer, dead, count in _units_that_always(end, lambda units: units == 0.0):
        yield f"{dead} of {count} ReLUs of layer {layer} are dead"
