"""Compile the engine's entry points to one WebAssembly module.

    python -m tools.playground.compile FOLDER

LLVM's relocatable object is a valid module already, so no linker is needed; a function is exported
if it carries a "wasm-export-name". Each exported function takes one address, of a block in memory
where its arguments lie; ``layout`` tells which argument lies where.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.playground import target  # isort: skip - first of all, as it changes Numba's target

import llvmlite.binding as llvm
import numpy as np
from numba import njit, typeof, types
from numba.core.registry import cpu_target

from nnlab.engine import layout, loop, starts
from nnlab.engine.records import Questions
from nnlab.experiment import Experiment

_UNUSED = (
    ".meminfo",
    ".parent",
    ".nitems",
    ".itemsize",
    ".shape1",
    ".shape2",
    ".strides1",
    ".strides2",
)  # of arrays
_PARAMETER = r"(?:^|, )(ptr|i\d+|double)\b"
_SHARED = ("memory.activations.data", "memory.passed.data")  # one array, but for dropout
# A layer's few units stand in a loop that LLVM would leave rolled, by itself; only what is unrolled
# can be paired in vectors, and each number of a pair is rounded as it would be alone.
_UNROLL = "-unroll-threshold=600"
_SIZE = {"ptr": 4, "i8": 1, "i64": 8, "double": 8}
# The engine uses arrays by their addresses: what Numba has in C for their owners is never needed.
# A root is an instruction, but Numba calls a library's for it, trusting the compiler to know.
_HELPERS = """
declare double @llvm.sqrt.f64(double)
define double @sqrt(double %x) alwaysinline {
  %root = call double @llvm.sqrt.f64(double %x)
  ret double %root
}
define void @NRT_MemInfo_call_dtor(ptr %info) {
  ret void
}
"""


def main(folder: Path) -> None:
    """Write ``engine.wasm`` and ``layout.json`` into a folder."""
    parts = [_entry(*each) for each in _entries()]
    names = [name for name, *_ in parts]
    module, binary = _linked([part for _, part, _ in parts], names)
    outside = re.findall(r"^declare .*?@([\w.]+)\(", str(module), re.M)
    foreign = [name for name in outside if not name.startswith("llvm.")]
    if foreign:
        raise SystemExit(f"the engine must need nothing from outside; it calls {foreign}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "engine.wasm").write_bytes(binary)
    (folder / "layout.json").write_text(json.dumps({name: about for name, _, about in parts}))


def _entries() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the functions that the page calls, with arguments of the types that it will pass."""
    article = Experiment()
    weights = np.zeros((1, 26))
    plan = layout.plan_for(article, lanes=1, dense_rows=0)
    memory = layout.memory_for(article, lanes=1, parameters=26, batch=1)
    jobs = layout.jobs_for(article, weights, None, None, rows=0)
    run = {"plan": plan, "memory": memory, "jobs": jobs, "steps": 1}
    for name in ("advance", "advance_usual", "advance_lanes"):
        yield getattr(loop, name).py_func, run
    questions = Questions(1, weights, np.zeros((1, 6, 1)))
    yield loop.answer.py_func, {"plan": plan, "memory": memory, "questions": questions}
    whole, flat = np.zeros(1, np.int64), np.zeros(1)
    yield starts.fill, {"rule": 0, "scale": 1.0, "seeds": whole, "layers": whole, "weights": flat}
    yield starts.order_states, {"seeds": whole, "states": whole.view(np.uint64)}


def _leaves(kind: types.Type, path: str) -> Iterator[tuple[str, str]]:
    """Yield the numbers and addresses that an argument is made of, in Numba's order."""
    if isinstance(kind, types.Array):
        for name in ("meminfo", "parent"):
            yield f"{path}.{name}", "ptr"
        for name in ("nitems", "itemsize"):
            yield f"{path}.{name}", "i64"
        yield f"{path}.data", "ptr"
        for name in ("shape", "strides"):
            for axis in range(kind.ndim):
                yield f"{path}.{name}{axis}", "i64"
    elif isinstance(kind, types.NamedTuple | types.NamedUniTuple):
        for name, each in zip(kind.fields, kind.types, strict=True):
            yield from _leaves(each, f"{path}.{name}")
    elif isinstance(kind, types.BaseTuple):
        for place, each in enumerate(kind.types):
            yield from _leaves(each, f"{path}.{place}")
    else:
        names = {types.boolean: "i8", types.float64: "double", types.int64: "i64"}
        yield path, names[kind]


def _entry(function: Any, example: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    """Compile a function; return its name, its module and where its arguments lie."""
    name, signature = function.__name__, tuple(map(typeof, example.values()))
    dispatcher = njit(function, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
    dispatcher.compile(signature)
    compiled = dispatcher.overloads[signature]
    text = compiled.library.get_llvm_str().replace(" = common ", " = internal ")
    inner = compiled.fndesc.llvm_func_name
    leaves = [
        leaf
        for argument, kind in zip(example, signature, strict=True)
        for leaf in _leaves(kind, argument)
    ]
    declared = re.search(rf'^define.*@"?{re.escape(inner)}"?\((.*)\)', text, re.M)
    kinds = re.findall(_PARAMETER, declared[1]) if declared else []
    if kinds[2:] != [kind for _, kind in leaves]:
        raise SystemExit(f"{name} takes other arguments than expected: {kinds}")
    text = text.replace(declared[0], _apart(declared, leaves)) if declared else text
    wrapper, places, size = _wrapper(name, inner, leaves)
    module = llvm.parse_assembly(f"{text}\n{wrapper}")
    _keep_inside(module, [name])
    needed = {path: place for path, place in places.items() if not path.endswith(_UNUSED)}
    return name, module, {"size": size, "places": needed}


def _apart(declared: re.Match[str], leaves: list[tuple[str, str]]) -> str:
    """Return a function's head that says of its arrays that they don't overlap.

    Numba tests that as it runs, or not at all; the page lays them out one behind the other.
    """
    paths = iter([("", ""), ("", ""), *leaves])  # the first two are Numba's own

    def mark(found: re.Match[str]) -> str:
        path, _ = next(paths)
        return f"{found[0]} noalias" if path.endswith(".data") and path not in _SHARED else found[0]

    begin, end = (place - declared.start() for place in declared.span(1))
    head = declared[0]
    return head[:begin] + re.sub(_PARAMETER, mark, head[begin:end]) + head[end:]


def _wrapper(
    name: str, inner: str, leaves: list[tuple[str, str]]
) -> tuple[str, dict[str, tuple[int, str]], int]:
    """Return a function that loads the arguments from a block, their places, and its size."""
    places, at = {}, 8  # the inner function puts its result, nothing, first
    lines = [f'define i32 @{name}(ptr %block) "wasm-export-name"="{name}" {{']
    lines.append("  %exception = alloca ptr, align 8")
    arguments = ["ptr %block", "ptr %exception"]
    for number, (path, kind) in enumerate(leaves):
        size = _SIZE[kind]
        at = -(-at // size) * size
        places[path] = (at, kind)
        lines.append(f"  %p{number} = getelementptr i8, ptr %block, i32 {at}")
        lines.append(f"  %v{number} = load {kind}, ptr %p{number}, align {size}")
        arguments.append(f"{kind} %v{number}")
        at += size
    lines.append(f'  %status = call i32 @"{inner}"({", ".join(arguments)})')
    lines += ["  ret i32 %status", "}", ""]
    return "\n".join(lines), places, at


def _keep_inside(module: Any, exports: list[str]) -> None:
    for each in (*module.functions, *module.global_variables):
        if (
            not each.is_declaration
            and each.name not in exports
            and not each.name.startswith("llvm.")
        ):
            each.linkage = llvm.Linkage.internal


def _linked(modules: list[Any], exports: list[str]) -> tuple[Any, bytes]:
    codegen = cpu_target.target_context.codegen()
    head = f'target triple = "{target.TRIPLE}"\ntarget datalayout = "{codegen._data_layout}"\n'
    whole = llvm.parse_assembly(head + _HELPERS)
    for module in modules:
        whole.link_in(module)
    _keep_inside(whole, exports)
    llvm.set_option("", _UNROLL)
    passes, builder = codegen._module_pass_manager(slp_vectorize=True)
    passes.run(whole, builder)
    whole.verify()
    return whole, codegen._tm.emit_object(whole)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
