"""Bridges between rules written as plain Python functions and code compiled by Numba."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from numba import njit


def compiled(function: Callable) -> Callable:
    """Compile with NumPy's arithmetic: overflow gives infinity, never an exception."""
    return njit(function, error_model="numpy", nogil=True, forceinline=True)


def switch(functions: Sequence[Callable]) -> Callable:
    """Return one compiled function that passes its arguments to ``functions[code]``.

    Numba compiles a choice among functions only if it is spelled out; this spells it out from a
    registry. All functions take and return the same types; a code past the end means the last.
    """
    first, *others = functions
    if not others:

        @compiled
        def last(code, *arguments):
            return first(*arguments)

        return last
    rest = switch(others)

    @compiled
    def choose(code, *arguments):
        if code == 0:
            return first(*arguments)
        return rest(code - 1, *arguments)

    return choose


def source_fingerprint() -> str:
    """Hash of all of nnlab's source.

    Numba's cache on disk notices a change in the file of the function that it caches, not in the
    files of the functions called from there. A compiled function whose closure holds this value is
    cached under it, so no change of a rule is ever missed.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
