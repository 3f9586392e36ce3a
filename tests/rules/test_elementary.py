"""Elementary functions against mpmath, and the same bits from numbers, arrays and compiled code."""

import os
import re

import mpmath
import numpy as np
import pytest
from numba import njit

from nnlab.engine.compiler import compiled
from nnlab.rules import elementary

POINTS = int(os.environ.get("NNLAB_POINTS", 3_000))  # of each kind; `make elsewhere` takes more
SPECIAL = np.array(
    [
        *(0.0, 1.0, np.inf, np.nan, 5e-324, 1e-320, 2.0**-1022, 1e-300, 1e-16, 0.5, 2.0, 22.0),
        *(40.0, 709.78, 709.79, 745.1, 746.0, 1e6, 1e300, np.finfo(float).max),
    ]
)
SPECIAL = np.concatenate([SPECIAL, -SPECIAL])
RANDOM = np.random.default_rng(0)
OLD = os.environ.get("NUMBA_CPU_NAME") == "x86-64"  # the machine of 2008, see tools/elsewhere.py


def near(middle, width):
    return RANDOM.uniform(middle - width, middle + width, POINTS)


def sizes(low, high, sign=0):
    """Numbers of all sizes between these powers of ten, of both signs or one."""
    signs = RANDOM.choice([-1.0, 1.0], POINTS) if sign == 0 else sign
    return signs * 10.0 ** RANDOM.uniform(low, high, POINTS)


CASES = {  # the error allowed, in units of the last place, and where it is looked for
    "exp": (1.0, [near(-18.0, 728.0), near(0.0, 1.0), sizes(-310, 2.8)]),
    "expm1": (1.0, [near(340.0, 370.0), near(0.0, 1.1), sizes(-310, 1.5), near(0.35, 0.01)]),
    "tanh": (2.0, [near(0.0, 3.0), near(0.0, 20.0), sizes(-310, 1.2), near(0.12, 0.01)]),
    "log": (1.0, [sizes(-323, 308, 1), near(1.0, 0.6), 1.0 + sizes(-15, -0.1)]),
    "log1p": (
        1.0,
        [sizes(-323, 308, 1), near(0.0, 0.999), sizes(-310, 0), sizes(-15, 0, 1) - 1],
    ),
    "cos": (1.0, [near(0.0, 7.0), near(0.0, 1e6), np.arange(1, POINTS) * np.pi / 2]),
    "sin": (1.0, [near(0.0, 7.0), near(0.0, 1e6), np.arange(1, POINTS) * np.pi, sizes(-310, 0)]),
}
BASES = np.concatenate([near(0.5, 0.5), 1 - sizes(-16, -1, 1), sizes(-323, 308, 1), near(1, 0.1)])
EXPONENTS = np.concatenate([near(0, 700), sizes(0, 7, 1), sizes(-3, 1), near(0, 7000)])


def worst(got, *arguments, exact):
    """The largest error, in units of the last place that the exact result would have."""
    largest = 0.0
    with mpmath.workprec(200):
        for value, *point in zip(got.tolist(), *(each.tolist() for each in arguments), strict=True):
            wanted = exact(*map(mpmath.mpf, point))
            if abs(wanted) >= mpmath.mpf(2) ** 1024:
                assert abs(value) == np.inf, (point, value)
                continue
            exponent = int(mpmath.frexp(wanted)[1]) if wanted else -1073
            unit = mpmath.mpf(2) ** max(exponent - 53, -1074)
            error = float(abs(value - wanted) / unit)
            assert error == error, (point, value)
            largest = max(largest, error)
    return largest


def same(left, right):
    """Whether two arrays hold the same bits; one NaN is as good as another."""
    left, right = np.asarray(left), np.asarray(right)
    return bool(
        ((left.view(np.int64) == right.view(np.int64)) | (np.isnan(left) & np.isnan(right))).all()
    )


@pytest.mark.parametrize("name", CASES)
@np.errstate(over="ignore")
def test_the_error_is_within_one_unit_in_the_last_place(name):
    allowed, ranges = CASES[name]
    x = np.concatenate(ranges)
    assert worst(getattr(elementary, name)(x), x, exact=getattr(mpmath, name)) <= allowed


@np.errstate(over="ignore")
def test_powers_are_within_one_unit_in_the_last_place():
    got = elementary.power(BASES, EXPONENTS)
    assert worst(got, BASES, EXPONENTS, exact=mpmath.power) <= 1.0


@pytest.mark.parametrize("name", CASES)
@np.errstate(all="ignore")
def test_special_values_are_those_of_the_c_library(name):
    x = SPECIAL if name not in ("sin", "cos") else SPECIAL[~(np.abs(SPECIAL) > 1e6)]
    got, known = getattr(elementary, name)(x), getattr(np, name)(x)
    plain = (known == 0.0) | ~np.isfinite(known)
    assert same(got[plain], known[plain])
    np.testing.assert_allclose(got, known, rtol=1e-14, atol=1e-323)
    assert (np.signbit(got) == np.signbit(known))[~np.isnan(known)].all()


@np.errstate(all="ignore")
def test_special_powers_are_those_of_the_c_library():
    bases, exponents = (each.ravel() for each in np.meshgrid(np.abs(SPECIAL), SPECIAL))
    known = np.power(bases, exponents)
    got = elementary.power(bases, exponents)
    np.testing.assert_allclose(got, known, rtol=1e-14, atol=1e-323)
    assert np.isnan(elementary.power(-2.0, 2.0))


def test_waves_end_at_a_million():
    assert np.isnan(elementary.cos([1.1e6, -np.inf])).all()
    assert np.isnan(elementary.sin(-1.1e6))


@pytest.fixture(scope="module")
def loops():
    """Compiled loops over an array, one a function; a power takes 1.7 or so for its exponent."""

    def over(name):
        function = compiled(getattr(elementary, name))
        if name == "power":

            def loop(x, out):
                for k in range(len(x)):
                    out[k] = function(x[k], 1.7)
        else:

            def loop(x, out):
                for k in range(len(x)):
                    out[k] = function(x[k])

        return njit(loop, error_model="numpy")

    return {name: over(name) for name in (*CASES, "power")}


@pytest.mark.parametrize("name", [*CASES, "power"])
@np.errstate(all="ignore")
def test_numbers_arrays_and_compiled_code_give_the_same_bits(name, loops):
    x = np.concatenate([SPECIAL, *CASES.get(name, (0, [BASES]))[1]])
    more = (1.7,) if name == "power" else ()
    function = getattr(elementary, name)
    together, out = function(x, *more), np.empty_like(x)
    loops[name](x, out)
    assert same(out, together)
    some = x[:: max(1, len(x) // 500)]
    assert same([function(float(each), *more) for each in some], function(some, *more))


@pytest.mark.parametrize("name", ["exp", "tanh", "log"])
def test_a_compiled_loop_takes_several_numbers_at_a_time_and_fuses_none(name, loops):
    """Fused multiplication and addition would round once where another machine rounds twice."""
    loops[name](np.ones(3), np.ones(3))
    code = next(iter(loops[name].inspect_llvm().values()))
    if name != "log" or not OLD:  # whose vectors don't shift whole numbers of 64 bits by sign
        assert re.search(r"fmul <\d x double>", code)
    assert "fmuladd" not in code and "llvm.fma" not in code
    assert not re.search(r"f(mul|add|sub|div) (fast|contract|reassoc)", code)


def test_a_total_adds_from_the_first_to_the_last():
    values = near(0.0, 1.0)
    by_hand = 0.0
    for value in values.tolist():
        by_hand += value
    assert by_hand != values.sum()
    assert elementary.total(values.reshape(1, -1), axis=1).tolist() == [[by_hand]]
    assert elementary.total(values.reshape(-1, 1), axis=0).tolist() == [[by_hand]]
