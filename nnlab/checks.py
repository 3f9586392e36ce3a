"""Checks of values that a reader passes in.

Every error names the field, says what is allowed and shows the value received.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any


def number(
    field: str, value: Any, *, above: float = -math.inf, at_least: float = -math.inf
) -> float:
    """Return ``value`` as a float if it is a finite number above or at the given bound."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{field} must be a number; got {value!r}")
    allowed = "a finite number" + _bound(above, at_least)
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        finite = False
    if not finite or value <= above or value < at_least:
        raise ValueError(f"{field} must be {allowed}; got {value!r}")
    return float(value)


def whole_number(field: str, value: Any, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int if it is a whole number within the given bounds."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{field} must be a whole number; got {value!r}")
    whole = int(value)
    if whole < at_least or (at_most is not None and whole > at_most):
        top = "" if at_most is None else f" and at most {at_most}"
        raise ValueError(f"{field} must be at least {at_least}{top}; got {value!r}")
    return whole


def flag(field: str, value: Any) -> bool:
    """Return ``value`` if it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{field} must be True or False; got {value!r}")
    return value


def choice(field: str, value: Any, names: Iterable[str | None]) -> Any:
    """Return ``value`` if it is one of ``names``; otherwise suggest the closest one."""
    allowed = list(names)
    if any(value is name or (isinstance(value, str) and value == name) for name in allowed):
        return value
    words = [name for name in allowed if name is not None]
    close = difflib.get_close_matches(str(value), words, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(map(repr, allowed))
    one_of = f"one of {listed}" if len(allowed) > 1 else listed
    raise ValueError(f"{field} must be {one_of}; got {value!r}.{hint}")


def _bound(above: float, at_least: float) -> str:
    if above > -math.inf:
        return f" above {above:g}"
    return f" of at least {at_least:g}" if at_least > -math.inf else ""
