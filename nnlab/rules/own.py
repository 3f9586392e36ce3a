"""Rules of the reader's own: a plain Python function, held so that it can stand beside ours.

What is held never changes: the function's code and the values of all names that it refers to, as
they are at that moment. So two cells with the same lines make equal rules, a rule can be kept,
compared and sent to another process, and the reference and the engine run the same.
"""

from __future__ import annotations

import hashlib
import linecache
import marshal
import math
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.rules.elementary import select

_STEP = 2.0**-17  # of differences: what it leaves out and what rounding adds are both some 1e-11


class Function:
    """A reader's function of numbers, to be called with numbers or arrays.

    It may use ``math``, ``np``, what ``nnlab.rules.elementary`` has, numbers, and other functions
    of the same reader. What works on arrays is called with them; all else, as with an ``if``, for
    each number by itself.

    Args:
        field: of the experiment, for error messages.
        function: a plain one.
        takes: its arguments in words.

    Attributes:
        held: the function and all that it refers to, other functions of the reader as ``Function``.
        key: a hash that only a function with the same lines has.
    """

    def __init__(self, field: str, function: FunctionType, takes: str) -> None:
        def hold(value: Any) -> Any:
            reader = isinstance(value, FunctionType) and value.__module__ == function.__module__
            return Function(field, value, takes) if reader else value

        self.field, self.takes = field, takes
        self.__name__, self.__code__ = function.__name__, function.__code__
        self.held = rebuilt(function, hold)
        parts = (self.__name__, function.__defaults__, _essence(self.__code__))
        values = [_identity(value) for value in referred(self.held)]
        self.key = hashlib.sha256(repr((parts, values)).encode()).hexdigest()
        self._python = rebuilt(self.held, _for_arrays)
        self._each = False

    def __call__(self, *arguments: Any) -> Any:
        """Return what it makes of numbers or arrays; an error names the line."""
        try:
            with np.errstate(all="ignore"):
                return self._one_by_one(arguments) if self._each else self._python(*arguments)
        except Exception as error:
            raise self._failure(error) from error

    def take_arrays(self, *arguments: Any) -> Any:
        """Find out whether it takes arrays such as these as it takes numbers; return its result."""
        self._each = True
        result = self(*arguments)  # an error in it shows up here
        self._each = False
        try:
            pairs = zip(_leaves(result), _leaves(self(*arguments)), strict=True)
            self._each = not all(
                np.shape(one) == np.shape(other) and np.allclose(one, other, equal_nan=True)
                for one, other in pairs
            )
        except Exception:  # whatever an array makes of lines that were written for a number
            self._each = True
        return result

    def _one_by_one(self, arguments: tuple) -> Any:
        """Call it for each number of the arrays, wherever these stand in its arguments."""
        each = np.broadcast(*_leaves(arguments))
        results = [self._python(*_like(arguments, iter(map(np.float64, row)))) for row in each]
        if not results:
            return np.empty(each.shape)
        columns = zip(*map(_leaves, results), strict=True)
        arrays = (np.array(column, np.float64).reshape(each.shape)[()] for column in columns)
        return _like(results[0], arrays)

    def _failure(self, error: Exception) -> Exception:
        """Return the error to be raised in its place, which names the line."""
        where, trace = f"called with {self.takes}", error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.__code__.co_filename:
                where = line_of(trace.tb_frame.f_code, trace.tb_lineno)
            trace = trace.tb_next
        said = f"{self.field} {self} fails, {where}: {type(error).__name__}: {error}"
        return (TypeError if isinstance(error, TypeError) else ValueError)(said)

    def refuse(self, wanted: str, got: Any) -> ValueError:
        """Return the error that says what it must do."""
        return ValueError(f"{self.field} {self} must {wanted}; got {checks.shown(got)}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.__name__

    def __reduce__(self) -> Any:
        held = self.held  # not by the name of its module, which may be a notebook
        names = [(name, _packed(value)) for name, value in _used(held)]
        cells = [_packed(cell.cell_contents) for cell in held.__closure__ or ()]
        about = (self.field, self.takes, self._each)
        parts = (marshal.dumps(held.__code__), held.__name__, held.__defaults__)
        return _unpickled, (*parts, names, cells, *about)


@dataclass(frozen=True)
class Differences:
    """The slope of an activation that has none of its own."""

    function: Callable

    def __call__(self, z: Any, a: Any) -> Any:
        """Return it at ``z``; the activation there, ``a``, is not needed."""
        return differences(self.function)(z, a)


def differences(function: Callable) -> Callable:
    """Return a function's slope by central differences, right to about ten digits."""

    def slope(z, a):
        size = np.abs(z)
        step = _STEP * select(size > 1.0, size, 1.0)
        above, below = z + step, z - step
        return (function(above) - function(below)) / (above - below)

    return slope


def own(field: str, function: Any, takes: str) -> Function:
    """Hold a reader's function, if it is not held already; it needs a name to be called by."""
    if isinstance(function, Function):
        return function
    if not isinstance(function, FunctionType) or function.__name__ == "<lambda>":
        given = checks.shown(function)
        raise TypeError(f"{field} must be a name or a function {takes} made by def; got {given}")
    return Function(field, function, takes)


def is_ours(function: Any) -> bool:
    """Whether it stands in these files."""
    return isinstance(function, FunctionType) and function.__module__.startswith("nnlab.rules.")


def rebuilt(function: FunctionType, replace: Callable[[Any], Any]) -> FunctionType:
    """Return a copy with all global and enclosing values that it refers to replaced."""
    names = {name: replace(value) for name, value in _used(function)}
    cells = tuple(CellType(replace(cell.cell_contents)) for cell in function.__closure__ or ())
    names["__name__"] = function.__module__
    kept = function.__name__, function.__defaults__, cells
    return FunctionType(function.__code__, names, *kept)


def line_of(code: CodeType, number: int) -> str:
    """Name a line of a function as its reader sees it, counted from its ``def``."""
    text = linecache.getline(code.co_filename, number).strip()
    place = f"line {number - code.co_firstlineno + 1} of {code.co_name}"
    return f"{place}, {text!r}" if text else place


def _used(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the global names that a function refers to, with their values of now."""
    codes = [function.__code__]
    for code in codes:
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
        for name in code.co_names:  # among them attributes, which may share a global's name
            if name in function.__globals__:
                yield name, function.__globals__[name]


def referred(function: FunctionType) -> Iterator[Any]:
    """Yield all that a function refers to, in an order of names."""
    yield from (value for _, value in sorted(_used(function), key=lambda pair: pair[0]))
    yield from (cell.cell_contents for cell in function.__closure__ or ())


def _essence(code: CodeType) -> Any:
    """What a code does, without where it stands."""
    constants = [_essence(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_argcount)
    return code.co_code, repr(constants), names


def _identity(value: Any) -> Any:
    """Something that differs if a value does."""
    if isinstance(value, tuple):
        return [_identity(each) for each in value]
    if isinstance(value, Function | ModuleType):
        return value.key if isinstance(value, Function) else value.__name__
    try:
        return pickle.dumps(value)
    except Exception:  # what can't be sent anywhere is what it is
        return id(value)


def _for_arrays(value: Any) -> Any:
    """Replace ``math``, which takes single numbers and raises where they end, by NumPy's."""
    if isinstance(value, Function):
        return value._python
    if value is math:
        return SimpleNamespace(**{name: _for_arrays(each) for name, each in vars(math).items()})
    if isinstance(value, BuiltinFunctionType) and value.__module__ == "math":
        return getattr(np, value.__name__, None) or np.vectorize(value, otypes=[np.float64])
    return value


def _leaves(value: Any) -> Iterator[Any]:
    for each in value if isinstance(value, tuple) else (value,):
        yield from _leaves(each) if isinstance(each, tuple) else (each,)


def _like(value: Any, leaves: Iterator[Any]) -> Any:
    """Return other leaves in the same tuples."""
    return (
        tuple(_like(each, leaves) for each in value) if isinstance(value, tuple) else next(leaves)
    )


def _packed(value: Any) -> Any:
    """Modules travel by their names."""
    return (True, value.__name__) if isinstance(value, ModuleType) else (False, value)


def _unpacked(packed: Any) -> Any:
    is_module, value = packed
    return import_module(value) if is_module else value


def _unpickled(code, name, defaults, names, cells, field, takes, each):
    values = {each: _unpacked(value) for each, value in names} | {"__name__": "reader"}
    closure = tuple(CellType(_unpacked(value)) for value in cells)
    held = FunctionType(marshal.loads(code), values, name, defaults, closure)
    made = Function(field, held, takes)
    made._each = each
    return made
