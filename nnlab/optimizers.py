"""Update rules: how far each weight moves, given its gradient.

A rule is one plain function ``rule(gradient, memory, learning_rate, t, knobs)`` of numbers that
also works on arrays. It returns the step to subtract and the new memory. ``memory`` is a tuple of
three numbers a weight, all 0 at the start; ``t`` counts updates from 1; ``knobs`` is a tuple of
the rule's own constants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One update rule, its constants' names with their defaults, and its formula in TeX."""

    name: str
    step: Callable
    knobs: dict[str, float]
    formula: str


def sgd(gradient, memory, learning_rate, t, knobs):
    """Plain gradient descent (Robbins and Monro 1951)."""
    return learning_rate * gradient, memory


OPTIMIZERS: dict[str, Rule] = {
    rule.name: rule for rule in (Rule("sgd", sgd, {}, r"w \leftarrow w - \eta g"),)
}
