"""Bridges between rules written as plain Python functions and code compiled by Numba."""

from __future__ import annotations

import hashlib
import inspect
import warnings
from collections.abc import Callable, Sequence
from dis import get_instructions
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from numba import config, njit
from numba.core.compiler_lock import global_compiler_lock

from nnlab.rules.elementary import select

if config.DISABLE_JIT:  # type: ignore[attr-defined]  # Numba sets its options at run time
    raise ImportError("nnlab trains in compiled code: unset NUMBA_DISABLE_JIT and start anew")


@cache
def compiled(function: Callable) -> Callable:
    """Compile with NumPy's arithmetic: overflow gives infinity, never an exception.

    Plain functions of the rules that it calls by name are compiled along. What calls it takes it in
    whole and is optimized then: Numba would optimize each function also by itself, and again within
    each function on the way up, which takes several times as long.
    """
    function = _select if function is select else _calling_compiled(function)
    dispatcher = njit(function, error_model="numpy", nogil=True, forceinline=True)
    compile_and_optimize = dispatcher.compile

    def only_compile(signature: Any) -> Any:
        with global_compiler_lock:
            level, config.OPT = config.OPT, type(config.OPT)(0)  # type: ignore[attr-defined]
            try:
                return compile_and_optimize(signature)
            finally:
                config.OPT = level  # type: ignore[attr-defined]

    dispatcher.compile = only_compile
    return dispatcher


def _calling_compiled(function: Callable) -> Callable:
    """Return a copy of the function that calls rules compiled, or itself if it calls none."""
    names = {each.argval for each in get_instructions(function) if each.opname == "LOAD_GLOBAL"}
    called = {name: function.__globals__.get(name) for name in names}
    rules = {
        name: compiled(rule)
        for name, rule in called.items()
        if inspect.isfunction(rule) and rule.__module__.startswith("nnlab.rules.")
    }
    if not rules:
        return function
    copy = FunctionType(
        function.__code__,
        function.__globals__ | rules,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__module__ = function.__module__
    return copy


def _select(condition, this, other):
    """``select`` for compiled numbers, where ``np.where`` would make arrays of them."""
    return this if condition else other


def kept_on_disk(function: Callable) -> Any:
    """Compile, and keep the result on disk; where no disk takes it, only compile.

    A cache that is read-only, full or broken costs the time to compile, and nothing else.
    """
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True}
    try:
        dispatcher = njit(function, cache=True, **options)
    except RuntimeError:  # no folder can be written to
        return njit(function, **options)
    cache = dispatcher._cache  # Numba lets errors of the disk through; there is no public way
    cache.save_overload = _forgiving(cache.save_overload)
    cache.load_overload = _forgiving(cache.load_overload)
    return dispatcher


def _forgiving(method: Callable) -> Callable:
    def attempt(*arguments: Any) -> Any:
        try:
            return method(*arguments)
        except Exception as error:  # what stands in a broken file may fail in any way
            warnings.warn(f"the compile cache is of no use: {error}", stacklevel=2)
            return None

    return attempt


def pasted(function: Callable) -> Callable:
    """Compile as part of whatever calls it, and never by itself.

    That saves compiling time where a large function has one caller; it must not return early.
    """
    return njit(function, error_model="numpy", nogil=True, inline="always")


def switch(functions: Sequence[Any]) -> Callable:
    """Return one compiled function that passes its arguments to ``functions[code]``.

    Numba compiles a choice among functions only if it is spelled out; this spells it out from a
    registry. All functions take and return the same types; a code past the end means the last.
    """
    arguments = ", ".join(inspect.signature(functions[0].py_func).parameters)
    lines = [f"def choose(code, {arguments}):"]
    for code in range(len(functions) - 1):
        lines.append(f"    if code == {code}: return function_{code}({arguments})")
    lines.append(f"    return function_{len(functions) - 1}({arguments})")
    names = {f"function_{code}": function for code, function in enumerate(functions)}
    exec("\n".join(lines), names)
    return compiled(names["choose"])


ROOMS = ("rules", "engine")  # where all that is compiled stands


def source_fingerprint() -> str:
    """Hash of the source of all that is compiled.

    Numba's cache on disk notices a change in the file of the function that it caches, not in the
    files of the functions called from there. A compiled function whose closure holds this value is
    cached under it, so no change of a rule is ever missed.
    """
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(path for room in ROOMS for path in (package / room).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
