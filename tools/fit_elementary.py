"""Work out the constants of nnlab/rules/elementary.py and print them as Python.

    python tools/fit_elementary.py

Polynomials interpolate at Chebyshev's nodes, within a small factor of the best possible; mpmath
computes with 60 digits. A constant in parts is cut after so many bits that its products with
the whole numbers which the file takes are exact.
"""

import mpmath as mp

mp.mp.dps = 60
TERMS = 8
END = mp.mpf("0.617")  # of the squares of angles, (π/4)²


def fitted(function, end, start=None, terms=TERMS):
    """Coefficients, lowest first, of the polynomial through Chebyshev's nodes."""
    low, high = (-end if start is None else start), end
    nodes = [
        (low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * terms))
        for i in range(terms)
    ]
    powers = mp.matrix(terms, terms)
    for row, node in enumerate(nodes):
        for column in range(terms):
            powers[row, column] = node**column
    solved = mp.lu_solve(powers, mp.matrix([function(node) for node in nodes]))
    return tuple(float(value) for value in solved)


def in_parts(value, *bits):
    """Cut a constant into parts of so many bits and a rest of full precision."""
    parts = []
    for count in bits:
        unit = mp.mpf(2) ** (mp.floor(mp.log(abs(value), 2)) + 1 - count)
        parts.append(float(mp.floor(value / unit) * unit))
        value -= mp.mpf(parts[-1])
    return (*parts, float(value))


def series(function, limit):
    """The function, but for about 0, where it would divide by 0."""
    return lambda x: mp.mpf(limit) if abs(x) < 1e-30 else function(mp.mpf(x))


def atanh_rest(first):
    """(atanh(√z)/√z - 1 - z/3 ...) over the power of z at which the rest begins."""

    def rest(z):
        return mp.nsum(lambda n: z**n / (2 * n + 2 * first + 1), [0, mp.inf])

    return rest


CONSTANTS = {
    "_LOG2_E": float(1 / mp.log(2)),
    "_LN2": in_parts(mp.log(2), 40),
    "_EXP": fitted(
        series(lambda r: (mp.exp(r) - 1 - r - r**2 / 2) / r**3, mp.mpf(1) / 6),
        mp.log(2) / 2 + 1e-9,
        terms=10,
    ),
    "_ATANH": tuple(2 * c for c in fitted(atanh_rest(1), mp.mpf("0.02945"), 0)),
    "_ATANH_FIFTH": fitted(atanh_rest(2), mp.mpf("0.02945"), 0),
    "_THIRD": in_parts(mp.mpf(1) / 3, 53),
    "_TWO_OVER_PI": float(2 / mp.pi),
    "_HALF_PI": in_parts(mp.pi / 2, 33, 33, 33),
    "_COS": fitted(series(lambda z: (mp.cos(z**0.5) - 1 + z / 2) / z**2, mp.mpf(1) / 24), END, 0),
    "_SIN": fitted(series(lambda z: (mp.sin(z**0.5) / z**0.5 - 1) / z, -mp.mpf(1) / 6), END, 0),
}

if __name__ == "__main__":
    for name, value in CONSTANTS.items():
        print(f"{name} = {value!r}")
