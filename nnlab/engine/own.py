"""Rules of the reader's own for the compiled loop, which calls them by their address.

The loop is compiled once and kept; a reader's rule is compiled by itself, in some tenths of a
second, and its address stands in the plan where else a rule's code does. What Numba can't compile
is called as Python, from the same place: the run is the same, and slower.
"""

from __future__ import annotations

import ctypes
import dis
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import cfunc, types

from nnlab.engine.compiler import compiled
from nnlab.engine.kernels import over_slopes, over_units
from nnlab.engine.updates import looks_at_the_time, over_weights
from nnlab.experiment import Experiment
from nnlab.rules.activations import OUTPUTS, Activation, activation_of
from nnlab.rules.optimizers import KNOBS, OPTIMIZERS, Optimizer
from nnlab.rules.own import Differences, Function, differences, line_of, referred

_NUMBERS, _WHOLE = types.CPointer(types.float64), types.intp
_C = {_NUMBERS: ctypes.c_void_p, _WHOLE: ctypes.c_ssize_t, types.float64: ctypes.c_double}
_FUNCTION = (*[_NUMBERS] * 2, *[_WHOLE] * 5)
_SLOPE = (*[_NUMBERS] * 3, *[_WHOLE] * 5)
_STEP = (*[_NUMBERS] * 5, *[types.float64] * KNOBS, *[_WHOLE] * 2)

_made: dict[Any, _Entry] = {}  # kept for good, as plans hold their addresses
_making = threading.RLock()
_failed = threading.local()  # what was raised below the loop that this thread is in


@dataclass(frozen=True)
class _Entry:
    """What can be called at an address, and what to say if it is not compiled."""

    address: int
    callable: Any
    reason: str


def function_of(activation: str | Activation) -> int:
    """Return an activation's code, or the address of a reader's own as a loop over a layer."""
    if isinstance(activation, str):
        return OUTPUTS.index(activation)
    rule = activation.function
    return _entry("function", rule, _FUNCTION, lambda: over_units(rule), _Calls(rule).function)


def slope_of(activation: str | Activation) -> int:
    """Return its slope's code or address."""
    if isinstance(activation, str):
        return OUTPUTS.index(activation)
    rule = activation.slope

    def loop() -> Any:
        if isinstance(rule, Differences):
            return over_slopes(differences(compiled(rule.function)))
        return over_slopes(rule)

    return _entry("slope", rule, _SLOPE, loop, _Calls(rule).slope)


def step_of(optimizer: Optimizer) -> int:
    """Return an optimizer's code, or the address of a reader's own as a loop over parameters."""
    if isinstance(optimizer.name, str):
        return list(OPTIMIZERS).index(optimizer.name)
    rule = optimizer.name

    def loop() -> Any:
        move = over_weights(rule, looks_at_the_time(rule))

        @compiled
        def flat(weights, gradient, moments, rates, times, a, b, c, d, count, lanes):
            move(weights, gradient, moments, rates, times, (a, b, c, d), count, lanes)

        return flat

    return _entry("step", rule, _STEP, loop, _Calls(rule).step)


def in_python(experiment: Experiment) -> Iterator[str]:
    """Say of each rule of an experiment that runs in Python why."""
    activation, step = activation_of(experiment.activation), experiment.update_rule.name
    for key in (("function", activation.function), ("slope", activation.slope), ("step", step)):
        told = key[0] == "slope" and isinstance(key[1], Differences)  # with its function
        if not told and (entry := _made.get(key)) and entry.reason:
            yield entry.reason


def raise_failure() -> None:
    """Raise what a rule in Python has raised in this thread since it was last asked."""
    error, _failed.error = getattr(_failed, "error", None), None
    if error is not None:
        raise error


# --- how entries are made ------------------------------------------------------------------------


def _entry(kind: str, rule: Any, takes: tuple, loop: Callable, in_python: Callable) -> int:
    with _making:
        if (kind, rule) not in _made:
            try:
                _refuse_to_raise(_by_hand(rule))
                made: Any = cfunc(types.void(*takes), error_model="numpy")(loop())
                address, reason = made.address, ""
            except Exception as error:  # Numba's are not all of one kind
                made = ctypes.CFUNCTYPE(None, *[_C[each] for each in takes])(_guarded(in_python))
                address = ctypes.cast(made, ctypes.c_void_p).value
                reason = _reason(_by_hand(rule), error)
            _made[kind, rule] = _Entry(int(address or 0), made, reason)
        return _made[kind, rule].address


def _reason(rule: Function, error: Exception) -> str:
    """Say that a rule runs in Python, as Numba can't compile it, and the line where it stopped."""
    where = type(error).__name__
    for each in _with_callees(rule):
        file = re.escape(Path(each.__code__.co_filename).name)
        for line in re.findall(rf'{file}", line (\d+)', str(error)):
            inside = [number for *_, number in each.__code__.co_lines()]
            where = line_of(each.__code__, int(line)) if int(line) in inside else where
    return f"{rule.field} {rule} runs in Python, not compiled and so slowly: Numba stops at {where}"


def _by_hand(rule: Any) -> Any:
    return rule.function if isinstance(rule, Differences) else rule


def _with_callees(rule: Function) -> Iterator[Function]:
    yield rule
    for each in referred(rule.held):
        if isinstance(each, Function):
            yield from _with_callees(each)


def _refuse_to_raise(rule: Function) -> None:
    """Raise if a rule may: compiled code that is called by its address can't tell anybody."""
    for each in _with_callees(rule):
        for step in dis.get_instructions(each.__code__):
            if step.opname == "RAISE_VARARGS":
                line = step.positions.lineno if step.positions else 0
                raise ValueError(f'File "{each.__code__.co_filename}", line {line}')


def _guarded(call: Callable) -> Callable:
    """Keep what is raised for ``raise_failure``: no exception can cross the compiled loop."""

    def guarded(*arguments: Any) -> None:
        if getattr(_failed, "error", None) is None:
            try:
                call(*arguments)
            except BaseException as error:  # an interrupt of the kernel too
                _failed.error = error

    return guarded


class _Calls:
    """The loops of ``kernels`` and ``updates`` around a rule that stays in Python."""

    def __init__(self, rule: Any) -> None:
        self._rule = rule

    def function(self, sums, activations, size, way, start, stop, lanes):
        z, filled = (_numbers(each, size, way)[:, start:stop] for each in (sums, activations))
        filled[...] = self._rule(z)

    def slope(self, sums, activations, deltas, size, way, start, stop, lanes):
        three = (_numbers(each, size, way)[:, start:stop] for each in (sums, activations, deltas))
        z, a, slopes = three
        slopes *= self._rule(z, a)

    def step(self, weights, gradient, moments, rates, times, a, b, c, d, count, lanes):
        memories = _numbers(moments, 3, count)
        flat = (_numbers(each, 1, count)[0] for each in (weights, gradient, rates))
        moved, slopes, own_rates = flat
        for lane, t in enumerate(_numbers(times, 1, lanes)[0]):
            at = slice(lane, None, lanes)
            change, memory = self._rule(
                slopes[at], tuple(memories[:, at]), own_rates[at], t, (a, b, c, d)
            )
            memories[:, at] = np.stack(np.broadcast_arrays(*memory))
            moved[at] -= change


def _numbers(address: int, rows: int, columns: int) -> np.ndarray:
    """The numbers that stand there, not a copy."""
    return np.ctypeslib.as_array(
        (ctypes.c_double * (rows * columns)).from_address(address)
    ).reshape(rows, columns)
