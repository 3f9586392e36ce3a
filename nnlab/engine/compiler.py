"""Bridges between rules written as plain Python functions and code compiled by Numba."""

from __future__ import annotations

import hashlib
import inspect
import re
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import binding, ir
from numba import config, extending, njit
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

from nnlab.rules.elementary import select
from nnlab.rules.own import Function, is_ours, rebuilt, referred

intrinsic: Any = extending.intrinsic  # which takes its first argument, ``typing``, for itself

if config.DISABLE_JIT:  # type: ignore[attr-defined]  # Numba sets its options at run time
    raise ImportError("nnlab trains in compiled code: unset NUMBA_DISABLE_JIT and start anew")


_ARITHMETIC: dict[str, Any] = {"error_model": "numpy", "nogil": True}


@cache
def compiled(function: Any) -> Callable:
    """Compile with NumPy's arithmetic: overflow gives infinity, never an exception.

    Plain functions of the rules that it calls by name are compiled along. What calls it takes it in
    whole and is optimized then: Numba would optimize each function also by itself, and again within
    each function on the way up, and make machine code of them all, which takes several times as
    long.
    """
    if function is select:
        function = _select
    else:
        function = getattr(function, "held", function)
        if any(map(_is_rule, referred(function))):
            function = rebuilt(
                function, lambda value: compiled(value) if _is_rule(value) else value
            )
    dispatcher = njit(function, forceinline=True, pipeline_class=_PartCompiler, **_ARITHMETIC)
    parts = dispatcher.overloads

    def add_overload(result: Any) -> None:  # Numba's own would hand it to Python, too
        parts[tuple(result.signature.args)] = result

    dispatcher.add_overload = add_overload
    return dispatcher


class _Part(JITCodeLibrary):
    """Code that is linked into its callers: hardly optimized, no machine code of its own."""

    def _optimize_functions(self, module: Any) -> None:
        """Turn what Numba keeps on the stack into values, so that there is less to link."""
        module.data_layout = self.codegen._data_layout
        builder = self.codegen._pass_builder(opt=0)
        passes = binding.create_new_function_pass_manager()
        passes.add_simplify_cfg_pass()
        passes.add_sroa_pass()
        for function in module.functions:
            passes.run(function, builder)

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalized = True


class _PartCompiler(Compiler):
    """Compiles a function up to the point where its callers can take it in."""

    def __init__(self, typing_context, target_context, library, args, returns, flags, names):
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        library = _Part(target_context.codegen(), "part")
        super().__init__(typing_context, target_context, library, args, returns, flags, names)

    def compile_extra(self, function: Any) -> Any:
        by_itself = njit(function, **_ARITHMETIC)  # compiled when Python calls it, if ever
        result = super().compile_extra(function)._replace(entry_point=by_itself)
        result.target_context.insert_user_function(by_itself, result.fndesc, [result.library])
        return result


def _is_rule(value: Any) -> bool:
    return is_ours(value) or isinstance(value, Function)


def _select(condition, this, other):
    """``select`` for compiled numbers, where ``np.where`` would make arrays of them."""
    return this if condition else other


def kept_on_disk(function: Callable) -> Any:
    """Compile, and keep the result on disk; where no disk takes it, only compile.

    A cache that is read-only, full or broken costs the time to compile, and nothing else.
    """
    try:
        dispatcher = njit(function, cache=True, **_ARITHMETIC)
    except RuntimeError:  # no folder can be written to
        return njit(function, **_ARITHMETIC)
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
    return njit(function, inline="always", **_ARITHMETIC)


def where_known(function: Callable, choose: Callable[[dict[str, Any]], Any]) -> Any:
    """Compile, for plans of which the compiler knows nothing; for others take what is chosen.

    What is never called is never compiled then, where a branch that is never taken would be.

    Args:
        function: one of whose arguments is named ``plan``, a ``nnlab.engine.lanes.View``.
        choose: returns, from values known by names of the plan's fields, a compiled function of the
            same arguments, or None for ``function``.
    """
    dispatcher: Any = compiled(function)
    place = list(inspect.signature(function).parameters).index("plan")
    template, overload = dispatcher.get_call_template, dispatcher.get_overload

    def of_template(arguments: Any, keywords: Any) -> Any:
        other = choose(arguments[place].fixed)
        return (other.get_call_template if other else template)(arguments, keywords)

    def of_overload(arguments: Any) -> Any:
        other = choose(arguments[place].fixed)
        return (other.get_overload if other else overload)(arguments)

    dispatcher.get_call_template, dispatcher.get_overload = of_template, of_overload
    return dispatcher


def spared(**absent: Any) -> Callable[[Callable], Callable]:
    """Compile a function that gives nothing back, but not where a plan is known not to need it.

    Args:
        **absent: a plan's field and the value with which the function is never called.
    """

    def decorate(function: Callable) -> Callable:
        nothing = compiled(_written(_arguments(function), "pass"))
        return where_known(
            function, lambda known: nothing if absent.items() <= known.items() else None
        )

    return decorate


def _arguments(function: Callable) -> str:
    return ", ".join(inspect.signature(function).parameters)


def _written(arguments: str, *lines: str, **names: Any) -> Any:
    """Return a function of these arguments and lines, which know these names."""
    exec("\n    ".join([f"def written({arguments}):", *lines]), names)
    return names["written"]


def switch(functions: Sequence[Any], where: str = "code", own: bool = False) -> Callable:
    """Return one compiled function that passes its arguments to ``functions[code]``.

    Numba compiles a choice among functions only if it is spelled out; this spells it out from a
    registry. All functions take and return the same types. A code past the end means the last, or,
    where there may be rules of a reader's own, is the address of one compiled by itself.

    Args:
        functions: compiled ones.
        where: what stands before their arguments: ``code`` itself, or where it is found,
            ``plan.field`` or ``plan.field[layer]``. If the compiler knows it, there is no choice.
        own: whether there may be rules of a reader's own.
    """
    arguments, last = _arguments(functions[0].py_func), len(functions) - 1
    given = [name for name in ("code", "plan", "layer") if name in re.split(r"\W", where)]
    all_of_them = ", ".join([*given, arguments])
    choose = _written(
        all_of_them,
        f"code = {where}",
        *(f"if code == {code}: return function_{code}({arguments})" for code in range(last)),
        f"if code > {last}: return call(code, ({arguments}))" if own else "",
        f"return function_{last}({arguments})",
        call=call,
        **{f"function_{code}": function for code, function in enumerate(functions)},
    )
    if where == "code":
        return compiled(choose)
    only = [
        compiled(_written(all_of_them, f"return one({arguments})", one=each)) for each in functions
    ]
    field, by_layer = where.removeprefix("plan.").removesuffix("[layer]"), "[layer]" in where

    def known_one(known: dict[str, Any]) -> Any:
        if field not in known:
            return None
        codes = set(known[field] if by_layer else [known[field]])
        return only[codes.pop()] if len(codes) == 1 else None

    return where_known(choose, known_one)


@intrinsic
def call(typing: Any, address: Any, arguments: Any) -> Any:
    """Call what is compiled at an address with a tuple's entries, those of tuples in it in line.

    A page without Python has no rules of a reader's own: for WebAssembly nothing is called.
    """

    def make(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        leaves = _leaves(builder, signature.args[1], values[1])
        if not str(builder.module.triple).startswith("wasm"):
            kind = ir.FunctionType(ir.VoidType(), [leaf.type for leaf in leaves])
            builder.call(builder.inttoptr(values[0], kind.as_pointer()), leaves)
        return context.get_dummy_value()

    return types.void(types.intp, arguments), make


def _leaves(builder: Any, kind: Any, value: Any) -> list[Any]:
    if not isinstance(kind, types.Tuple | types.UniTuple):
        return [value]
    parts = [builder.extract_value(value, place) for place in range(len(kind))]
    return [
        leaf
        for each, part in zip(kind.types, parts, strict=True)
        for leaf in _leaves(builder, each, part)
    ]


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
