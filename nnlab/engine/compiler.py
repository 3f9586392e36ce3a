"""Bridges between rules written as plain Python functions and code compiled by Numba."""

from __future__ import annotations

import hashlib
import inspect
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from numba import config, njit
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import register_jitable

if config.DISABLE_JIT:  # type: ignore[attr-defined]  # Numba sets its options at run time
    raise ImportError("nnlab trains in compiled code: unset NUMBA_DISABLE_JIT and start anew")

_callable: set[FunctionType] = set()


def compiled(function: Callable) -> Callable:
    """Compile with NumPy's arithmetic: overflow gives infinity, never an exception.

    What calls it takes it in whole and is optimized then. Numba would optimize each function also by
    itself, and again within each function on the way up, which takes several times as long.
    """
    _let_call(function)
    dispatcher = njit(function, error_model="numpy", nogil=True, forceinline=True)
    compile_and_optimize = dispatcher.compile

    def only_compile(signature: Any) -> Any:
        with global_compiler_lock:
            level, config.OPT = config.OPT, type(config.OPT)(0)
            try:
                return compile_and_optimize(signature)
            finally:
                config.OPT = level

    dispatcher.compile = only_compile
    return dispatcher


def _let_call(function: Any) -> None:
    """Let Numba compile along the plain functions of nnlab's that a function calls.

    Rules call each other as plain functions and know nothing of Numba, which is slow to import.
    """
    names = function.__code__.co_names
    known = [function.__globals__.get(name) for name in names]
    modules = [each for each in known if isinstance(each, ModuleType)]
    known += [getattr(module, name, None) for module in modules for name in names]
    for callee in known:
        ours = isinstance(callee, FunctionType) and callee.__module__.startswith("nnlab.")
        if ours and callee not in _callable:
            _callable.add(callee)
            _let_call(callee)
            register_jitable(callee)


def kept_on_disk(function: Callable) -> Any:
    """Compile, and keep the result on disk; where no disk takes it, only compile.

    A cache that is read-only, full or broken costs the time to compile, and nothing else.
    """
    _let_call(function)
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
    _let_call(function)
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
