"""Elementary functions in plain arithmetic: the same bits on every machine.

A processor's or a library's own ``exp`` may differ from another's in the last bit, and training
amplifies that until whole counts differ. What stands here is made of +, −, ×, ÷, comparisons and
powers of two only, which IEEE 754 rounds in one way everywhere (as it does the square root, so
``np.sqrt`` may stay), in an order that no compiler may change. The same source works on numbers, on
arrays and compiled, and has no branches, so that a compiler can do several numbers at a time.

No error exceeds 1 unit in the last place (tanh: 2) against mpmath. The reductions are the textbook
ones (Muller, Elementary Functions, 2016): a multiple of log 2 or π/2 is taken away in parts, a
polynomial does the rest, and what rounding took from the largest term is added to the smaller ones.
The constants come from ``tools/fit_elementary.py``. GELU is in its tanh form here, so no erf.
"""

from __future__ import annotations

import numpy as np

_LOG2_E = 1.4426950408889634
_LN2 = (
    0.6931471805592082,
    7.371002565167799e-13,
)  # in parts, for exact products with whole numbers
_EXP = (
    *(0.16666666666666669, 0.041666666666666664, 0.008333333333330065, 0.0013888888888886554),
    *(0.00019841269863040545, 2.4801587317135164e-05, 2.755726848030944e-06),
    *(2.755728298405546e-07, 2.5100375832840034e-08, 2.091122972995766e-09),
)
_ATANH = (
    *(0.6666666666666666, 0.4000000000000088, 0.28571428570801954, 0.22222222392089008),
    *(0.18181795600060793, 0.15386241881938595, 0.13268714792348096, 0.1308723619665962),
)
_ATANH_FIFTH = (
    *(0.2, 0.14285714285714685, 0.11111111110827367, 0.0909090916782708),
    *(0.07692297467298959, 0.06667403106050301, 0.05853097844940682, 0.058618018114527055),
)
_THIRD = (0.3333333333333333, 1.850371707708594e-17)
_TWO_OVER_PI = 0.6366197723675814
_HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32)
_COS = (
    *(0.041666666666666664, -0.001388888888888889, 2.4801587301587298e-05, -2.755731922398349e-07),
    *(2.0876756986340012e-09, -1.1470745069228943e-11, 4.779376050867781e-14),
    -1.5518085424641837e-16,
)
_SIN = (
    *(-0.16666666666666666, 0.008333333333333333, -0.00019841269841269839),
    *(2.7557319223981094e-06, -2.5052108382387075e-08, 1.605904278031844e-10),
    *(-7.646961254064752e-13, 2.791239354246268e-15),
)
_ROUND = 6755399441055744.0  # 1.5 · 2^52: added and taken away again, it rounds to a whole number
_SPLIT = 134217729.0  # 2^27 + 1
_ONE_BITS = 0x3FF0000000000000  # how 1.0 is stored,
_ROOT_BITS = 0x3FE6A09E667F3BCD  # the square root of 1/2,
_WHOLE_BITS = 0x4330000000000000  # and 2^52, whose last bits count ones
_FRACTION = 0x000FFFFFFFFFFFFF


def select(condition, this, other):
    """Return ``this`` where the condition holds, else ``other``; compiled without a branch."""
    return np.where(condition, this, other)[()]


def total(values, axis):
    """Sum of an array over an axis, which stays as one of length 1, from the first to the last.

    ``np.sum`` and BLAS add in an order of their own, which another machine may change.
    """
    return np.add.accumulate(values, axis=axis).take([-1], axis=axis)


def _bits(x):
    """The 64 bits that a number is stored in, as a whole number."""
    return np.float64(x).view(np.int64)


def _from_bits(bits):
    return np.int64(bits).view(np.float64)


def exp(x):
    """Natural exponential; infinity from 709.79 on, 0 below -745.14."""
    x = np.float64(x)
    k, high, tail = _less_log2(_within(x, -746.0, 710.0), 0.0)
    return _times_power_of_two(1.0, high, tail, k)


def expm1(x):
    """Natural exponential less 1, exact to the last place around 0 too."""
    x = np.float64(x)
    k, high, tail = _less_log2(_within(x, -40.0, 710.0), 0.0)
    part = _power_of_two(-select(k > 64.0, 64.0, k))
    one = 1.0 - part  # times 2^k it is 2^k - 1
    result = _times_power_of_two(one, high, tail + ((1.0 - one) - part), k)
    return select(x == 0.0, x, result)  # -0 stays -0


def tanh(x):
    """Hyperbolic tangent."""
    x = np.float64(x)
    rise = expm1(2.0 * _within(np.abs(x), 0.0, 22.0))
    large = rise > 2.0
    below = 2.0 + rise
    share = select(large, 2.0, rise) / below
    lost = select(large, 0.0, rise - (below - 2.0))
    share = share - share * lost * (0.5 - 0.5 * share)  # which is 1 / below
    size = select(large, 1.0 - share, share)
    return select(x == 0.0, x, select(x < 0.0, -size, size))


def log(x):
    """Natural logarithm; -infinity at 0, NaN below."""
    x = np.float64(x)
    k, f = _fraction(_positive(x))
    return _where_log_ends(x, _log(k, f, 0.0))


def log1p(x):
    """Natural logarithm of 1 + x, exact to the last place around 0 too; -infinity at -1."""
    x = np.float64(x)
    more = _positive(1.0 + x)
    small = select(more == 1.0 + x, x, 0.0)
    lost = select(small > 1.0, 1.0 - (more - small), small - (more - 1.0))
    k, f = _fraction(more)
    return select(x == 0.0, x, _where_log_ends(1.0 + x, _log(k, f, lost / more)))


def power(base, exponent):
    """``base`` to any exponent, for a base of at least 0; NaN below.

    The logarithm and its product with the exponent have twice the digits, as the error of either
    would grow with the exponent.
    """
    base, exponent = np.float64(base), np.float64(exponent)
    k, f = _fraction(_positive(base))
    times = _within(exponent, -1e25, 1e25)  # beyond, nothing is left but 0, 1 and infinity
    log_high, log_low = _long_log(k, f)
    high, low = _product(times, log_high)
    low = low + times * log_low
    within = _within(high, -746.0, 710.0)
    k, high, tail = _less_log2(within, select(within == high, low, 0.0))
    result = _times_power_of_two(1.0, high, tail, k)
    grows = (exponent > 0.0) == (base > 1.0)
    result = select((base == 0.0) | (base == np.inf), select(grows, np.inf, 0.0), result)
    result = select((base >= 0.0) & (exponent == exponent), result, np.nan)
    return select((exponent == 0.0) | (base == 1.0), 1.0, result)


def cos(x):
    """Cosine of an angle of at most a million in size; NaN beyond."""
    return _wave(np.float64(x), 0.0)


def sin(x):
    """Sine of an angle of at most a million in size; NaN beyond."""
    x = np.float64(x)
    return select(x == 0.0, x, _wave(x, -1.0))


# --- parts of exp --------------------------------------------------------------------------------


def _within(x, low, high):
    """Clamp, but let NaN through."""
    return select(x < low, low, select(x > high, high, x))


def _less_log2(x, low):
    """Write e^(x + low) as 2^k (1 + high + tail), where high has no error."""
    k = (x * _LOG2_E + _ROUND) - _ROUND
    high = x - k * _LN2[0]
    tail = low - k * _LN2[1]
    r = high + tail
    lost = (high - r) + tail
    r2 = r * r
    r4 = r2 * r2
    rest = _eight_terms(r, _EXP) + r4 * r4 * (_EXP[8] + _EXP[9] * r)
    return k, high, (tail + r * lost) + (0.5 * r2 + r2 * r * rest)


def _times_power_of_two(one, high, tail, k):
    """Return (one + high + tail) 2^k, in two steps, so that it may end below all normal numbers."""
    whole = one + high
    tail = tail + ((one - whole) + high)
    half = (0.5 * k + _ROUND) - _ROUND
    return (whole + tail) * _power_of_two(half) * _power_of_two(k - half)


def _power_of_two(k):
    """Return 2^k for whole k from -1022 to 1023: k goes where a number keeps its exponent."""
    return _from_bits((_bits(k + _ROUND) + 1023) << 52)


def _eight_terms(x, c):
    """Polynomial with the first eight coefficients, in an order that leaves few waiting."""
    x2 = x * x
    low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * x2
    high = (c[4] + c[5] * x) + (c[6] + c[7] * x) * x2
    return low + high * (x2 * x2)


# --- parts of log --------------------------------------------------------------------------------


def _positive(x):
    """Replace what has no finite logarithm by 1."""
    return select((x > 0.0) & (x < np.inf), x, 1.0)


def _where_log_ends(x, result):
    result = select(x == 0.0, -np.inf, select(x == np.inf, np.inf, result))
    return select(x >= 0.0, result, np.nan)


def _fraction(x):
    """Write a positive x as 2^k (1 + f), where 1 + f is between the roots of 1/2 and 2."""
    tiny = x < 2.0**-1022
    bits = _bits(select(tiny, x * 2.0**54, x)) + (_ONE_BITS - _ROOT_BITS)
    k = _from_bits((bits >> 52) + _WHOLE_BITS) - 2.0**52
    f = _from_bits((bits & _FRACTION) + _ROOT_BITS) - 1.0
    return k - select(tiny, 1077.0, 1023.0), f


def _log(k, f, correction):
    """Return k log 2 + log(1 + f) + a small correction, by log(1 + f) = 2 atanh(f / (2 + f))."""
    s = f / (2.0 + f)
    z = s * s
    half = 0.5 * f * f
    whole = k * _LN2[0] + f
    lost = (k * _LN2[0] - whole) + f
    rest = half - s * (half + z * _eight_terms(z, _ATANH))
    return whole + (lost + ((k * _LN2[1] + correction) - rest))


def _long_log(k, f):
    """Return k log 2 + log(1 + f) in two parts, the second beyond the first one's digits."""
    below, lost = _sum(f, 2.0)
    s = f / below
    product, error = _product(s, below)
    s_low = (((f - product) - error) - s * lost) / below
    z, z_low = _product(s, s)
    z_low = z_low + 2.0 * s * s_low
    inner, inner_low = _sum(_THIRD[0], _THIRD[1] + z * _eight_terms(z, _ATANH_FIFTH))
    g, g_low = _product(z, inner)
    g_low = g_low + (z * inner_low + z_low * inner)
    t, t_low = _product(s, g)
    t_low = t_low + (s * g_low + s_low * g)
    part, part_low = _sum(s, t)
    part_low = part_low + (s_low + t_low)
    whole, low = _sum(k * _LN2[0], 2.0 * part)
    return _sum(whole, low + (2.0 * part_low + k * _LN2[1]))


def _sum(a, b):
    """Return the sum and what rounding took from it (Knuth)."""
    total = a + b
    second = total - a
    return total, (a - (total - second)) + (b - second)


def _product(a, b):
    """Return the product and what rounding took from it (Dekker, Veltkamp)."""
    a_high = _SPLIT * a - (_SPLIT * a - a)
    b_high = _SPLIT * b - (_SPLIT * b - b)
    a_low, b_low = a - a_high, b - b_high
    product = a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


# --- the waves -----------------------------------------------------------------------------------


def _wave(x, quarters):
    """Return the cosine of x plus so many right angles."""
    near = select(np.abs(x) <= 1e6, x, np.nan)
    n = (near * _TWO_OVER_PI + _ROUND) - _ROUND
    r, lost = _sum(near - n * _HALF_PI[0], -n * _HALF_PI[1])
    r, more = _sum(r, -n * _HALF_PI[2])
    r, tail = _sum(r, (lost + more) - n * _HALF_PI[3])
    z = r * r
    half = 0.5 * z
    whole = 1.0 - half
    lost = (1.0 - whole) - half
    even = whole + (lost + (z * z * _eight_terms(z, _COS) - r * tail))
    odd = r + (r * z * _eight_terms(z, _SIN) + tail * whole)
    turned = n + quarters
    quarter = turned - 4.0 * ((0.25 * turned + _ROUND) - _ROUND)  # -2 to 2
    way = np.abs(quarter)
    return select(way == 1.0, -quarter * odd, (1.0 - way) * even)
