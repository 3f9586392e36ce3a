"""The border between two kinds of outcomes on a map: where it runs, and how rough it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlab import checks
from nnlab.rules.random import Stream

__all__ = ["border", "box_dimension", "coin_flips", "uncertain"]


def border(outcome: np.ndarray) -> np.ndarray:
    """Return where a cell of a map differs from its right or upper neighbour, (rows - 1, ...)."""
    here = outcome[:-1, :-1]
    return (here != outcome[1:, :-1]) | (here != outcome[:-1, 1:])


def box_dimension(marked: np.ndarray, sizes: tuple[int, ...] = (1, 2, 4, 8, 16)) -> float:
    """Return how fast the number of boxes that hold a mark grows as the boxes shrink.

    It is 1 for a smooth line and 2 for a filled area; a border with detail at every scale lies
    between (box counting). So does one of mere coin flips: compare with ``coin_flips``.
    """
    counts = []
    for size in sizes:
        rows, columns = (length // size * size for length in marked.shape)
        boxes = marked[:rows, :columns].reshape(rows // size, size, columns // size, size)
        counts.append(boxes.any(axis=(1, 3)).sum())
    return float(-np.polyfit(np.log(sizes), np.log(counts), 1)[0])


def coin_flips(outcome: np.ndarray, window: int = 9, seed: int = 0) -> np.ndarray:
    """Return a map as blurred as this one, but without any order: a control for ``border``.

    Each cell is drawn by itself, True as often as the cells of a window around it are. What this
    map's border shows, too, is no sign of a pattern.

    Args:
        outcome: (rows, columns) True or False.
        window: cells of its side, an odd number; at the map's edges cells are repeated.
        seed: of the random numbers.

    Returns:
        (rows, columns) True or False.
    """
    if checks.whole_number("window", window, at_least=1) % 2 == 0:
        raise ValueError(f"window must be odd, so that it has a middle; got {window!r}")
    padded = np.pad(np.asarray(outcome, dtype=np.float64), window // 2, mode="edge")
    chance = np.lib.stride_tricks.sliding_window_view(padded, (window, window)).mean(axis=(2, 3))
    rng = Stream(checks.seed("seed", seed))
    return np.asarray(rng.random(chance.shape) < chance)


def uncertain(
    fate: Callable[[np.ndarray], np.ndarray], places: np.ndarray, distance: float, seed: int = 0
) -> float:
    """Return the share of places whose fate changes when they are moved a little.

    Near a smooth border it falls in proportion to the distance; near a fractal one, of dimension
    2 - α on a plane, like its power α (McDonald et al. 1985); for coin flips it doesn't fall.

    Args:
        fate: takes (n, 2) places and returns (n,) outcomes.
        places: (n, 2) positive numbers, as learning rates.
        distance: relative, of each coordinate, up or down by chance.
        seed: of these chances.
    """
    checks.number("distance", distance, above=0.0)
    rng = Stream(checks.seed("seed", seed))
    up = rng.random(places.shape) < 0.5
    moved = places * np.where(up, 1.0 + distance, 1.0 / (1.0 + distance))
    return float((np.asarray(fate(moved)) != np.asarray(fate(places))).mean())
