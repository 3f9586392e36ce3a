"""Checks of values that a reader passes in: each returns the plain value, or refuses it by name.

A NumPy scalar or an array without axes becomes the Python number, flag or text that it holds, a
list or one-dimensional array the tuple, a table of any library a read-only array. Every error names
the field, says what is allowed, shows the value received and, where it is known, the remedy.
"""

from __future__ import annotations

import difflib
import math
import reprlib
from collections.abc import Callable, Iterable, Mapping, Set
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

MOST_UPDATES = 10**18  # the engine counts in 64 bits
MOST_SEED = 2**128 - 1  # as large a seed as NumPy draws by itself

_MOST_ROWS = 10**7
_SHORT = reprlib.Repr()
_SHORT.maxtuple = _SHORT.maxlist = _SHORT.maxdict = _SHORT.maxset = 12
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 100

Kind = TypeVar("Kind")


def shown(value: Any) -> str:
    """Return the value as an error shows it: on one line, shortened where it is huge."""
    try:
        words = " ".join(_SHORT.repr(value).split())
        return words if len(words) <= 200 else f"{words[:197]}..."
    except Exception:  # a foreign repr may fail in any way, and a whole number be too long for one
        return f"a value of type {type(value).__name__}"


def plain(value: Any) -> Any:
    """Return what a NumPy scalar or an array without axes holds; anything else as it is.

    What is masked has no value, and a date or a duration is no number: they stay what they are.
    """
    if not isinstance(value, np.generic | np.ndarray) or value.shape or value.dtype.kind in "mM":
        return value
    if isinstance(value, np.ma.MaskedArray):
        return value
    held = value.item()
    return float(held) if isinstance(held, np.longdouble) else held


def number(
    field: str,
    value: Any,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    below: float = math.inf,
    at_most: float = math.inf,
) -> float:
    """Return ``value`` as a float if it is a finite number within the given bounds."""
    if type(value) is float and above < value < below and at_least <= value <= at_most:
        return value  # at once, as a sweep may have a hundred thousand
    value = plain(value)
    if isinstance(value, bool) or not _is_number(value):
        raise TypeError(f"{field} must be a number; got {shown(value)}")
    try:
        held = float(value)
    except OverflowError:  # a whole number that no float can hold
        held = math.inf
    if not (math.isfinite(held) and above < held < below and at_least <= held <= at_most):
        bounds = {"above": above, "of at least": at_least, "below": below, "of at most": at_most}
        words = [f"{word} {bound:g}" for word, bound in bounds.items() if math.isfinite(bound)]
        allowed = " ".join(["a finite number", " and ".join(words)]).rstrip()
        raise ValueError(f"{field} must be {allowed}; got {shown(value)}")
    return held


def whole_number(field: str, value: Any, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int if it is a whole number within the given bounds."""
    value = plain(value)
    if isinstance(value, bool | np.generic) or not isinstance(value, Integral):
        raise TypeError(f"{field} must be a whole number; got {shown(value)}")
    whole = int(value)
    if whole < at_least or (at_most is not None and whole > at_most):
        top = "" if at_most is None else f" and at most {at_most}"
        raise ValueError(f"{field} must be at least {at_least}{top}; got {shown(value)}")
    return whole


def seed(field: str, value: Any) -> int:
    """Return ``value`` as an int if it is a whole number from 0 to 2¹²⁸ - 1."""
    return whole_number(field, value, at_least=0, at_most=MOST_SEED)


def flag(field: str, value: Any) -> bool:
    """Return ``value`` if it is True or False."""
    value = plain(value)
    if not isinstance(value, bool):
        raise TypeError(f"{field} must be True or False; got {shown(value)}")
    return value


def text(field: str, value: Any) -> str:
    """Return ``value`` as a plain string if it is one."""
    value = plain(value)
    if not isinstance(value, str):
        raise TypeError(f"{field} must be text; got {shown(value)}")
    return str.__str__(value)


def choice(field: str, value: Any, names: Iterable[str | None]) -> Any:
    """Return that of ``names`` which ``value`` is; otherwise suggest the closest one."""
    value, allowed = plain(value), list(names)
    for name in allowed:
        if value is name or (isinstance(value, str) and value == name):
            return name
    words = [name for name in allowed if name is not None]
    brief = value if isinstance(value, str) and len(value) < 100 else ""
    close = difflib.get_close_matches(brief, words, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(map(repr, allowed))
    one_of = f"one of {listed}" if len(allowed) > 1 else listed
    raise ValueError(f"{field} must be {one_of}; got {shown(value)}.{hint}")


def instance(field: str, value: Any, kind: type[Kind]) -> Kind:
    """Return ``value`` if it is of that class."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        got = value.__name__ if isinstance(value, type) else type(value).__name__
        raise TypeError(f"{field} must be {article} {kind.__name__}; got {got}")
    return value


def function(field: str, value: Any) -> Any:
    """Return ``value`` if it can be called or is None."""
    if value is not None and not callable(value):
        raise TypeError(f"{field} must be a function or None; got {shown(value)}")
    return value


def row(
    field: str, value: Any, entry: Callable[[str, Any], Kind], what: str, most: int = 1000
) -> tuple[Kind, ...]:
    """Return a tuple of what ``entry`` returns for each entry of a list, tuple or 1-D array.

    Args:
        field: how the value is called.
        value: anything that has a length and an order.
        entry: the check of a single entry, given the field and the entry.
        what: the entries in words, "whole numbers".
        most: longer ones are refused.
    """
    if not is_row(value):
        raise TypeError(f"{field} must be a tuple of {what}; got {shown(value)}")
    if len(value) > most:
        raise ValueError(f"{field} must have at most {most:,} entries; got {len(value):,}")
    return tuple(entry(field, each) for each in value)


def is_row(value: Any) -> bool:
    """Whether a value is a list or the like: ordered, of a known length, nothing masked."""
    if isinstance(value, str | bytes | bytearray | memoryview | Mapping | Set | type):
        return False
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and not isinstance(value, np.ma.MaskedArray)
    shape = getattr(value, "shape", (0,))  # of other libraries' arrays and tables
    return (
        all(hasattr(value, name) for name in ("__len__", "__getitem__", "__iter__"))
        and isinstance(shape, tuple)
        and len(shape) == 1
    )


def table(field: str, value: Any, remedy: str = "") -> np.ndarray:
    """Return numbers in rows and columns as a read-only float64 copy, shape (rows, columns).

    Lists of lists, arrays of NumPy and of others, and pandas objects are taken. Refused are entries
    that are missing, masked, not finite or no numbers: complex numbers, dates and text.

    Args:
        field: how the value is called.
        value: what a reader has.
        remedy: what to do with a single row of numbers.
    """
    raw = _array(field, value)
    foreign = (each for each in raw.flat if not _is_number(each))
    if raw.dtype.kind not in "biuf" and (first := next(foreign, raw)) is not raw:
        raise TypeError(f"{field} must be a matrix of numbers; got {shown(plain(first))} in it")
    if raw.ndim != 2 or raw.size == 0:
        hint = f"; {remedy}" if remedy and raw.ndim == 1 and raw.size else ""
        raise ValueError(
            f"{field} must be a matrix with at least one row and one column; "
            f"got shape {raw.shape}{hint}"
        )
    matrix = _converted(field, raw, np.float64)
    if not np.isfinite(matrix).all():
        at = int(np.argmin(np.isfinite(matrix).all(axis=1)))
        raise ValueError(f"{field} must be finite; got {matrix[at]} in row {at}")
    matrix.flags.writeable = False
    return matrix


def column(field: str, value: Any) -> np.ndarray:
    """Return one value a row as an array (rows,) of any dtype; a single column counts as that."""
    raw = _array(field, value, object if isinstance(value, list | tuple) else None)
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]
    if raw.ndim != 1 or raw.size == 0:
        raise ValueError(f"{field} must be one value a row; got shape {raw.shape}")
    return raw


def _is_number(value: Any) -> bool:
    value = plain(value)
    return isinstance(value, Real) and not isinstance(value, np.generic)


def _array(field: str, value: Any, dtype: Any = None) -> np.ndarray:
    """Return whatever array a value is, unless parts of it are masked or it is sparse."""
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part) for part in parts):
        raise ValueError(f"{field} must have no masked entries; fill them, or drop their rows")
    if isinstance(value, range) and len(value) > _MOST_ROWS:  # the only list that costs no memory
        raise ValueError(f"{field} must have at most {_MOST_ROWS:,} rows; got {shown(value)}")
    if hasattr(value, "toarray"):
        raise TypeError(f"{field} must be dense; got {type(value).__name__}, see its toarray()")
    return _converted(field, value, dtype)


def _converted(field: str, value: Any, dtype: Any) -> np.ndarray:
    """Return a copy as an array; where it fails or overflows, say so."""
    try:
        with np.errstate(over="raise", invalid="raise"):
            return np.array(value, dtype=dtype, order="C")
    except Exception as error:  # other libraries' arrays convert themselves, and fail in their way
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ValueError(f"{field} must be a matrix of numbers; {reason}") from None
