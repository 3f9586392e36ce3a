"""Numbers side by side: what one run is made of, or the same number of several runs at once.

A *lane* is a run that trains in lock step with others. Every array of the engine holds, for each
place, the numbers of all lanes side by side, so that the machine treats them by one instruction.
Numba has no such value; this file gives it one, ``Abreast``, that knows +, -, *, / and the root,
and is loaded from an array and stored there. A kernel is written once: it loads ``like`` what it
was given, a plain number for a single run or numbers abreast for lanes. Places count single numbers
and are not checked.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import extending
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    type_callable,
)

intrinsic: Any = extending.intrinsic  # which takes its first argument, ``typing``, for itself
LANES = 8  # two vectors of four numbers on most machines, so that one works while one waits


class Abreast(types.Type):
    """So many float64 side by side."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"Abreast({count})")


@register_model(Abreast)
class _Vector(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Abreast) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.DoubleType(), kind.count))


def _of_count(count: int) -> types.Type:
    return types.float64 if count == 1 else Abreast(count)


def _count(kind: types.Type) -> int:
    return kind.count if isinstance(kind, Abreast) else 1


def _spread(builder: Any, number: Any, kind: types.Type) -> Any:
    """The same number in every place."""
    if not isinstance(kind, Abreast):
        return number
    vector = ir.VectorType(ir.DoubleType(), kind.count)
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), number, cgutils.int32_t(0))
    places = ir.Constant(ir.VectorType(cgutils.int32_t, kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), places)


def _at(context: Any, builder: Any, numbers: Any, place: Any, count: int) -> Any:
    wide = context.get_value_type(_of_count(count))
    return builder.bitcast(builder.gep(numbers, [place]), wide.as_pointer())


@intrinsic
def abreast(typing: Any) -> Any:
    """Zeros in all ``LANES``: what ``like`` is for them.

    The function that asks for them uses the widest vectors of the machine, where compilers by
    themselves leave half of a wide one unused: an attribute that llvmlite has no name for says so.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        set.add(builder.function.attributes, f'"prefer-vector-width"="{64 * LANES}"')
        zero = ir.Constant(ir.DoubleType(), 0.0)
        return _spread(builder, zero, signature.return_type)

    return Abreast(LANES)(), make


@intrinsic
def lanes_of(typing: Any, like: Any) -> Any:
    """How many numbers stand side by side, as an index; the compiler knows it."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.intp, _count(like))

    return types.intp(like), make


@intrinsic
def load(typing: Any, array: Any, place: Any, like: Any) -> Any:
    """The numbers from that place on."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _at(context, builder, arguments[0], arguments[1], _count(like))
        return builder.load(pointer, align=8)

    return _of_count(_count(like))(array, place, like), make


@intrinsic
def store(typing: Any, array: Any, place: Any, numbers: Any) -> Any:
    """Put the numbers there."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _at(context, builder, arguments[0], arguments[1], _count(numbers))
        builder.store(arguments[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, place, numbers), make


@intrinsic
def spread(typing: Any, array: Any, place: Any, like: Any, block: Any) -> Any:
    """One number of each lane, to be multiplied by a ``block``: of a single run, the same in it."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _at(context, builder, arguments[0], arguments[1], _count(like))
        numbers = builder.load(pointer, align=8)
        return numbers if isinstance(like, Abreast) else _spread(builder, numbers, block)

    return _of_count(_count(block))(array, place, like, block), make


@intrinsic
def at(typing: Any, numbers: Any, place: Any) -> Any:
    """The address of what stands there."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return numbers(numbers, place), make


@intrinsic
def block(typing: Any, like: Any) -> Any:
    """What neighbouring numbers of one sample are treated in: zeros, four of a single run."""
    kind = like if isinstance(like, Abreast) else Abreast(4)

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _spread(builder, ir.Constant(ir.DoubleType(), 0.0), kind)

    return kind(like), make


def _arithmetic(operation: Any, instruction: str) -> None:
    """Let numbers abreast be combined with their like, or with one number for all of them."""

    @type_callable(operation)
    def result(context: Any) -> Any:
        def typer(left: Any, right: Any) -> Any:
            kinds = [kind for kind in (left, right) if isinstance(kind, Abreast)]
            if kinds and all(kind in (kinds[0], types.float64) for kind in (left, right)):
                return kinds[0]
            return None

        return typer

    @lower_builtin(operation, Abreast, Abreast)
    @lower_builtin(operation, Abreast, types.Float)
    @lower_builtin(operation, types.Float, Abreast)
    def combine(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.return_type
        both = [
            value if isinstance(each, Abreast) else _spread(builder, value, kind)
            for value, each in zip(arguments, signature.args, strict=True)
        ]
        return getattr(builder, instruction)(*both)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_operation, _instruction)


@type_callable(np.sqrt)
def _type_of_root(context: Any) -> Any:
    return lambda numbers: numbers if isinstance(numbers, Abreast) else None


@lower_builtin(np.sqrt, Abreast)
def _root_of_each(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    vector = arguments[0].type
    name = f"llvm.sqrt.v{vector.count}f64"
    root = builder.module.declare_intrinsic(name, (), ir.FunctionType(vector, [vector]))
    return builder.call(root, arguments)


# --- arrays without their owners -----------------------------------------------------------------


class View(types.Type):
    """A named tuple that is passed on as one address, and whose arrays of numbers are addresses.

    To pass an array on costs Numba a reference count, seven numbers and a test of each index. For
    what is called millions of times a second by a caller who owns all of it, none is needed.

    Args:
        kind: the named tuple's type.
        fixed: values of attributes, by name, that the compiler may rely on: whole numbers, floats
            and tuples of whole numbers.
    """

    def __init__(self, kind: types.NamedTuple, fixed: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.fixed = fixed or {}
        super().__init__(f"View({kind}, {self.fixed})")

    def attribute(self, name: str) -> types.Type:
        """Return an attribute's type: that of an address, for an array of numbers."""
        kind = self.kind.types[self.kind.fields.index(name)]
        plain = isinstance(kind, types.Array) and not isinstance(kind.dtype, types.Record)
        return types.CPointer(kind.dtype) if plain else kind


@register_model(View)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: View) -> None:
        super().__init__(manager, kind, manager[kind.kind].get_value_type().as_pointer())


def view_with(scratch: dict[str, int] | None = None, **fixed: Any) -> Any:
    """Return a function that makes views of a named tuple in which some attributes are known.

    Args:
        scratch: names of arrays whose contents nobody needs after the call, which then live where
            the compiler can keep them in registers, and how many floats they have room for.
            Names joined by a space share one array.
        **fixed: see ``View``.
    """
    rooms = scratch or {}

    @intrinsic
    def view(typing: Any, arrays: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            whole = arguments[0]
            for names, count in rooms.items():
                room = cgutils.alloca_once(builder, ir.ArrayType(ir.DoubleType(), count))
                address = builder.bitcast(room, ir.DoubleType().as_pointer())
                for name in names.split():
                    place = arrays.fields.index(name)
                    item = builder.extract_value(whole, place)
                    array = context.make_array(arrays.types[place])(context, builder, item)
                    array.data = address
                    whole = builder.insert_value(whole, array._getvalue(), place)
            return cgutils.alloca_once_value(builder, whole)

        return View(arrays, fixed)(arrays), make

    return view


view = view_with()  # for as long as the call lasts in which it is made


@infer_getattr
class _Attributes(AttributeTemplate):
    key = View

    def generic_resolve(self, value: View, attr: str) -> Any:  # type: ignore[override]
        return value.attribute(attr)


@lower_getattr_generic(View)
def _get(context: Any, builder: Any, kind: View, value: Any, name: str) -> Any:
    place = kind.kind.fields.index(name)
    whole, result = kind.kind.types[place], kind.attribute(name)
    if name in kind.fixed:
        return _constant(context, builder, result, kind.fixed[name])
    item = builder.load(cgutils.gep_inbounds(builder, value, 0, place))
    if not isinstance(whole, types.Array):
        return item
    array = context.make_array(whole)(context, builder, item)
    if isinstance(result, types.CPointer):
        return array.data
    array.meminfo = ir.Constant(array.meminfo.type, None)
    return array._getvalue()


def _constant(context: Any, builder: Any, kind: types.Type, value: Any) -> Any:
    if not isinstance(value, tuple):
        return context.get_constant(kind, value)
    array = ir.Constant(ir.ArrayType(cgutils.intp_t, len(value)), list(value))
    address = cgutils.global_constant(builder, f"fixed.{value}", array)
    return builder.bitcast(address, cgutils.intp_t.as_pointer())
