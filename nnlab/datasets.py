"""Data sets that come with nnlab: the article's six patterns, a ravine, 2-D sets and digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlab import checks
from nnlab.data import Dataset
from nnlab.rules.elementary import cos, sin
from nnlab.rules.random import Stream

_MOONS_CENTRE = np.array([[0.5], [0.25]])
_MOST_PATTERNS = 1_000_000
_MOST_DIGITS_SEED = 2**32 - 1  # as large a seed as scikit-learn takes


def parity() -> Dataset:
    """Return the article's six patterns of 3-bit parity, in its order.

    The target is 1 where the number of ones is odd. The article's text says "even"; with swapped
    targets and every sign of the output weights' start flipped, a run is the mirror image of
    this one, with the same counts.

    Returns:
        Inputs of shape (6, 3) and targets of shape (6, 1).
    """
    bits = ["000", "101", "110", "100", "001", "111"]
    inputs = np.array([[float(bit) for bit in pattern] for pattern in bits])
    return made_by("nnlab.parity()", inputs, inputs.sum(axis=1, keepdims=True) % 2)


def ravine(angle: float = 0.0) -> Dataset:
    """Return two points on a line, which one linear neuron is to learn: its loss is a ravine.

    The mean squared-error loss of a network of ``layers=(1, 1)`` and ``output="linear"`` over its
    weight and bias is k/2 · (x²/20 + y²), where x is the distance from the minimum along the
    ravine, y the distance across it, and k makes the curvature along the bias 1. An input of small
    scale gives a ravine along the weight; a mean away from 0 turns it.

    Args:
        angle: between the ravine and the axis of the weight, 0 to 90 degrees.

    Returns:
        Inputs and targets of shape (2, 1). From the article's start, weight -1 and bias +1, the
        minimum is 7 away along the ravine and 2 across it, at weight 6 and bias -1 for angle 0.
    """
    angle = checks.number("angle", angle, at_least=0.0, at_most=90.0)
    given = f"{angle:g}" if float(f"{angle:g}") == angle else repr(angle)
    cosine, sine = cos(np.radians(angle)), sin(np.radians(angle))
    flatness = 1.0 / 20.0
    k = 1.0 / (flatness * sine**2 + cosine**2)
    mean = k * (1.0 - flatness) * sine * cosine
    deviation = np.sqrt(k * (flatness * cosine**2 + sine**2) - mean**2)
    along, across = np.array([cosine, -sine]), np.array([sine, cosine])
    weight, bias = np.array([-1.0, 1.0]) + 7.0 * along - 2.0 * across
    inputs = mean + deviation * np.array([[-1.0], [1.0]])
    return made_by(f"nnlab.ravine({given})", inputs, weight * inputs + bias)


def circles(patterns: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two rings around the origin, of radius 1/2 (target 1) and 1 (target 0).

    Args:
        patterns: how many to learn, an even number; as many others are held out.
        noise: standard deviation of what is added to both coordinates.
        seed: of the random numbers.

    Returns:
        Inputs of shape (patterns, 2) and targets of shape (patterns, 1), the classes in turn.
    """

    def points(rng: Stream, kind: np.ndarray) -> np.ndarray:
        angle = rng.uniform(0.0, 2.0 * np.pi, len(kind))
        return (1.0 - 0.5 * kind) * np.array([cos(angle), sin(angle)])

    return _plane("circles", points, patterns, noise, seed)


def moons(patterns: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return two half circles, each with its end inside the other; as for ``circles``."""

    def points(rng: Stream, kind: np.ndarray) -> np.ndarray:
        angle, side = rng.uniform(0.0, np.pi, len(kind)), 1.0 - 2.0 * kind
        return np.array([side * cos(angle) + kind, side * sin(angle) + 0.5 * kind]) - _MOONS_CENTRE

    return _plane("moons", points, patterns, noise, seed)


def spirals(patterns: int = 200, noise: float = 0.05, seed: int = 0, turns: float = 1.5) -> Dataset:
    """Return two arms that wind around the origin so many turns; as for ``circles``."""
    turns = checks.number("turns", turns, above=0.0, at_most=1e6)

    def points(rng: Stream, kind: np.ndarray) -> np.ndarray:
        way = np.sqrt(rng.uniform(0.01, 1.0, len(kind)))  # evenly along the arm, about
        angle = 2.0 * np.pi * turns * way + np.pi * kind
        return way * np.array([cos(angle), sin(angle)])

    return _plane("spirals", points, patterns, noise, seed, turns=turns)


def digits(seed: int = 0) -> Dataset:
    """Return 1,797 handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak 1998, UCI).

    They come with scikit-learn. A fifth, 360, is held out, with every digit in its due share.

    Args:
        seed: of the split, below 2³².

    Returns:
        Inputs of shape (1437, 64), ink from 0 to 1, and one-hot targets of shape (1437, 10).
    """
    seed = checks.whole_number("seed", seed, at_least=0, at_most=_MOST_DIGITS_SEED)
    from sklearn.datasets import load_digits  # costs a second: only those pay who want digits
    from sklearn.model_selection import train_test_split

    inputs, classes = load_digits(return_X_y=True)
    parts = train_test_split(
        inputs / 16.0, np.eye(10)[classes], test_size=360, random_state=seed, stratify=classes
    )
    return made_by(f"nnlab.digits(seed={seed})", parts[0], parts[2], parts[1], parts[3])


def _plane(
    kind_of_set: str,
    points: Callable[[Stream, np.ndarray], np.ndarray],
    patterns: int,
    noise: float,
    seed: int,
    **shape: float,
) -> Dataset:
    """Draw patterns to learn and as many to hold out; ``points`` returns (2, patterns)."""
    patterns = checks.whole_number("patterns", patterns, at_least=2, at_most=_MOST_PATTERNS)
    if patterns % 2:
        raise ValueError(f"patterns must be even, half of each class; got {patterns!r}")
    noise = checks.number("noise", noise, at_least=0.0, at_most=1e100)
    seed = checks.seed("seed", seed)
    rng = Stream(seed)
    classes = np.arange(2 * patterns) % 2.0
    inputs = points(rng, classes).T + noise * rng.standard_normal((2 * patterns, 2))
    given = {"patterns": patterns, "noise": noise, "seed": seed, **shape}
    call = ", ".join(f"{name}={value!r}" for name, value in given.items())
    targets = classes[:, np.newaxis]
    learned, held_out = slice(patterns), slice(patterns, None)
    parts = [part[cut] for cut in (learned, held_out) for part in (inputs, targets)]
    return made_by(f"nnlab.{kind_of_set}({call})", *parts)


def made_by(
    call: str, inputs: np.ndarray, targets: np.ndarray, *held_out: np.ndarray | None
) -> Dataset:
    """Return a set whose name and repr are the call that makes it, as a reader would write it."""
    validation_inputs, validation_targets = held_out or (None, None)
    data = Dataset(inputs, targets, call, validation_inputs, validation_targets)
    object.__setattr__(data, "_call", call)  # a reader's own set cannot claim to be another
    return data
