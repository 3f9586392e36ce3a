"""The front door: whatever is brought is taken as its plain value, or refused by name."""

import datetime
import decimal
import fractions
import math
import re
import subprocess
import sys
import warnings
from collections import OrderedDict, deque
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.experiment import FIELDS

ROOT = Path(nnlab.__file__).parents[1]
BITS = nnlab.parity().inputs
ODD = nnlab.parity().targets
SHORT = nnlab.Experiment(max_updates=6)
RUN = SHORT.run()


# --- other libraries' objects, as far as they can be met without them ----------------------------


class Tensor:
    """Converts itself, and fails as a tensor with gradients does."""

    shape = (6, 3)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Frame:
    """What of a pandas DataFrame nnlab relies on: it turns itself into an array."""

    def __init__(self, values):
        self.values = values

    @property
    def shape(self):
        return np.shape(self.values)

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter("abc")  # a DataFrame runs through its columns' names

    def __getitem__(self, key):
        raise KeyError(key)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


class Series(Frame):
    """As a DataFrame, but it runs through its values."""

    def __iter__(self):
        return iter(self.values)


class Sparse:
    shape = (6, 3)

    def toarray(self):
        raise AssertionError("nobody asked for a dense copy")


class Unspeakable:
    """Has no repr, no truth, no length and no equality."""

    def __repr__(self):
        raise RecursionError("repr")

    def __len__(self):
        raise OSError("len")

    def __bool__(self):
        raise ArithmeticError("bool")

    def __eq__(self, other):
        raise LookupError("==")

    __hash__ = None


# --- the kinds -----------------------------------------------------------------------------------

DTYPES = "bool int8 uint8 int32 int64 uint64 float16 float32 float64 longdouble"
STRANGE_DTYPES = "complex64 complex128 S3 U3 M8[D] M8[ns] m8[ns] V8 object"
SCALARS = [
    *(np.dtype(name).type(1) for name in DTYPES.split()),
    *(np.array(1, dtype=name) for name in DTYPES.split()),
    *(0, 1, 2, 3, -1, 0.5, 1.0, -0.0, True, False, None, 1e-320, 5e-324, 1e308, -1e308),
    *(np.float32(1e-45), np.float16(6e-8), np.longdouble("1e-4900"), np.longdouble("1e4900")),
    *(math.nan, math.inf, -math.inf, np.nan, np.float32("inf"), np.array(np.nan)),
    *(10**18, 10**18 + 1, 2**63, 2**64, 2**128, 10**400, -(10**400), 10**5000, np.uint64(2**64 - 1)),
    *(1j, np.complex128(1), decimal.Decimal("0.5"), decimal.Decimal("NaN")),
    *(fractions.Fraction(1, 2), fractions.Fraction(1, 10**400)),
    *("adam", "sigmoid", "zeros", "full", "", "x" * 10**6, "0.5", "½", "\n", np.str_("tanh")),
    *(b"adam", np.bytes_(b"adam"), bytearray(b"1"), memoryview(b"1")),
    *(datetime.date(2020, 1, 1), np.datetime64("2020-01-01"), np.timedelta64(5, "ns")),
    *(np.datetime64("2020-01-01", "ns"), np.datetime64("NaT"), datetime.timedelta(1)),
    *(np.ma.masked, np.ma.array(1.0, mask=True), np.ma.array(1.0), np.void(b"1234")),
]
ROWS = [
    *((), [], [1], (1, 2), [3, 5, 1], (3, 5, 1), [3, [5], 1], [0.1, 0.2], (0.1, "0.2")),
    *(range(3), range(10**9), deque([3, 5, 1]), {3, 5, 1}, frozenset([1]), {3: 5}),
    *(OrderedDict(a=1), iter([3, 5, 1]), (k for k in (3, 5, 1)), map(int, "351"), [None] * 3),
    *(np.array([3, 5, 1], dtype=name) for name in DTYPES.split()),
    *(np.zeros(3, dtype=name) for name in STRANGE_DTYPES.split()),
    *(np.ma.array([3, 5, 1]), np.ma.array([3, 5, 1], mask=[0, 1, 0]), np.array([]), [np.ma.masked]),
    *(Series([3, 5, 1]), Series([0.1, 0.2]), Frame([3, 5, 1]), ["a", "b"], (1, 2, 1, 2, 1)),
]
TABLES = [
    *(BITS.astype(name) for name in DTYPES.split()),
    *(np.zeros((6, 3), dtype=name) for name in STRANGE_DTYPES.split()),
    *(BITS, ODD, BITS.tolist(), tuple(map(tuple, BITS)), [np.array(row) for row in BITS]),
    *(BITS[:, 0], BITS[:0], BITS[:, :0], BITS[np.newaxis], BITS.T, BITS[::-1], np.asfortranarray(BITS)),
    *(BITS.view(np.recarray), np.broadcast_to(0.0, (10**9, 10**9))),
    *(np.ma.array(BITS), np.ma.masked_equal(BITS, 0), [np.ma.masked_equal(row, 0) for row in BITS]),
    *([[1.0, np.ma.masked, 0.0]] * 6, [[1.0], [1.0, 2.0]], [[]], [[[1.0]]], [[None] * 3] * 6),
    *([["1", "0", "1"]] * 6, [[1, "a", 2.0]] * 6, [[10**400, 0, 0]] * 6, [[True, False, 0.5]] * 6),
    *(BITS * np.nan, np.where(BITS, np.inf, 0), BITS * 1e308, BITS * 1e-310, BITS + 1e16),
    *(np.full((6, 3), np.longdouble("1e4900")), [[decimal.Decimal(1)] * 3] * 6, [{1, 2, 3}] * 6),
    *(np.full((6, 3), np.float32(1), dtype=object), np.full((6, 3), np.datetime64("2020"), object)),
    *(Frame(BITS), Frame(BITS.astype(object)), Frame([["a"] * 3] * 6), Tensor(), Sparse()),
]
OBJECTS = [object(), Unspeakable(), type, int, print, lambda *a: 1.0, Ellipsis, NotImplemented, re]
OBJECTS += [nnlab.parity(), nnlab.Experiment(), nnlab.Cosine(0.1, 5), nnlab.Initializer("he")]
OBJECTS += [nnlab.Optimizer("adam"), nnlab.Experiment, nnlab.After(SHORT, 2), SHORT.run]
LOOP: list = []
LOOP.append(LOOP)
BROUGHT = [*SCALARS, *ROWS, *TABLES, *OBJECTS, LOOP]


def plain(value):
    """The plain value that a NumPy scalar, a list or an array stands for."""
    if isinstance(value, np.ma.MaskedArray):
        return value
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufUg":
        value = value.astype(np.float64) if value.dtype == np.longdouble else value
        value = value.tolist()
    if isinstance(value, deque | Series | range) and len(value) < 10:
        value = list(value)
    return tuple(map(plain, value)) if isinstance(value, list) and value is not LOOP else value


def experiment_field(field):
    def make(value):
        built = nnlab.Experiment(**{field: value})
        assert eval(repr(built), {"nnlab": nnlab, built.data.code: built.data}) == built
        hash(built)
        return built

    return make


def values(data):
    """What a set consists of, to be compared."""
    return data._key


def arguments():
    """Every public argument: how it is called, and a function that brings a value there."""
    for field in FIELDS:
        yield field, experiment_field(field)
        yield field, lambda value, field=field: SHORT.replace(**{field: value})
    yield "inputs", lambda value: nnlab.Dataset(value, ODD)
    yield "targets", lambda value: nnlab.Dataset(BITS, value)
    yield "name", lambda value: nnlab.Dataset(BITS, ODD, value)
    yield "validation_", lambda value: nnlab.Dataset(BITS, ODD, validation_inputs=value)
    yield "validation_targets", lambda v: nnlab.Dataset(BITS, ODD, "a", BITS, validation_targets=v)
    yield "classes", lambda value: nnlab.Dataset(BITS, ODD, classes=value)
    yield "inputs", lambda value: nnlab.Dataset.from_labels(value, list("ababab"))
    yield "labels", lambda value: nnlab.Dataset.from_labels(BITS, value)
    yield "name", lambda value: nnlab.Dataset.from_labels(BITS, list("ababab"), name=value)
    yield "held_out", lambda v: nnlab.Dataset.from_labels(BITS, list("ababab"), held_out=v)
    yield "seed", lambda v: nnlab.Dataset.from_labels(BITS, list("ababab"), held_out=0.3, seed=v)
    yield "optimizer", nnlab.Optimizer
    yield "epsilon", lambda value: nnlab.Optimizer("adam", epsilon=value)
    yield "beta1", lambda value: nnlab.Optimizer("adam", beta1=value)
    yield "init", nnlab.Initializer
    yield "scale", lambda value: nnlab.Initializer("gaussian", scale=value)
    for start in (lambda v: nnlab.Nudged(v, 0.1), lambda v: nnlab.Tied(v, (1, 2))):
        yield "init", start
    yield "size", lambda value: nnlab.Nudged("zeros", value)
    yield "place", lambda value: nnlab.Nudged("zeros", 0.1, value)
    yield "units", lambda value: nnlab.Tied("zeros", value)
    yield "experiment", lambda value: nnlab.After(value, 2)
    yield "updates", lambda value: nnlab.After(SHORT, value)
    for schedule, given in SCHEDULES.items():
        for name in given:
            yield name, lambda v, s=schedule, g=given, n=name: s(**g | {n: v})
        yield "t", lambda value, s=schedule, g=given: s(**g)(value)
    yield "angle", nnlab.ravine
    for make in (nnlab.circles, nnlab.moons, nnlab.spirals):
        yield "patterns", lambda value, make=make: make(patterns=capped(value))
        yield "noise", lambda value, make=make: make(10, noise=value)
        yield "seed", lambda value, make=make: make(10, seed=value)
    yield "turns", lambda value: nnlab.spirals(10, turns=value)
    yield "seed", nnlab.digits
    yield "experiment", lambda value: nnlab.range_test(value, updates=2).losses.tolist()
    yield "low", lambda value: nnlab.range_test(SHORT, low=value, updates=3).losses.tolist()
    yield "high", lambda value: nnlab.range_test(SHORT, high=value, updates=3).losses.tolist()
    yield "updates", lambda value: nnlab.range_test(SHORT, updates=value).losses.tolist()
    yield "x", lambda value: RUN.predict(value).tolist()
    yield "progress", lambda value: SHORT.replace(max_updates=1).run(progress=value).outcome
    yield "stop", lambda value: SHORT.replace(max_updates=1).run(stop=value).outcome


SCHEDULES = {
    nnlab.Constant: {"rate": 0.1},
    nnlab.Step: {"rate": 0.1, "every": 3, "factor": 0.5},
    nnlab.Exponential: {"rate": 0.1, "factor": 0.9},
    nnlab.Cosine: {"rate": 0.1, "updates": 10, "lowest": 0.0},
    nnlab.WarmupCosine: {"rate": 0.1, "warmup": 2, "updates": 10, "lowest": 0.0},
    nnlab.OneCycle: {"peak": 0.1, "updates": 10, "rise": 0.3, "divisor": 25.0, "final_divisor": 1e4},
}
ARGUMENTS = list(arguments())


def capped(patterns):
    """A million points are allowed, but not worth the wait."""
    return patterns


def outcome(bring, value):
    """What comes of a value: what it makes, or the error that refuses it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Warning: converting a masked element to nan")
        try:
            return bring(value), None
        except (TypeError, ValueError) as error:
            return None, error


@pytest.mark.parametrize(
    ("name", "bring"), ARGUMENTS, ids=[f"{k}-{name}" for k, (name, _) in enumerate(ARGUMENTS)]
)
def test_each_argument_takes_the_plain_value_or_refuses_by_name(name, bring):
    for value in BROUGHT:
        made, error = outcome(bring, value)
        kind = type(value).__name__
        if error is not None:
            message = str(error)
            assert re.search(rf"\b{name}", message), (kind, message)
            assert len(message) < 700 and "\n" not in message, (kind, message)
            continue
        same, refused = outcome(bring, plain(value))
        assert refused is None, (kind, made, refused)
        assert made == same and repr(made) == repr(same), (kind, made, same)
