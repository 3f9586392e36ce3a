"""Update rules: how far each weight moves, given its gradient.

A rule is one plain function ``rule(gradient, memory, learning_rate, t, knobs)`` of numbers that
also works on arrays. It returns the step to subtract and the new memory. ``memory`` is a tuple of
three numbers a weight, all 0 at the start; ``t`` counts updates from 1; ``knobs`` is a tuple of
the rule's own constants, filled up with zeros to ``KNOBS``.

Formulas and defaults are PyTorch's, except the learning rate's, which is the experiment's own;
SMORMS3, which PyTorch lacks, follows its author. Weight decay happens outside of the rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.rules.elementary import power, select
from nnlab.rules.own import Function, own

KNOBS = 4  # as many as any rule has, so that compiled code sees tuples of one length


@dataclass(frozen=True)
class Rule:
    """One update rule, its constants' names with their defaults, and its formula in TeX.

    Where ``decoupled``, weight decay shrinks the weight itself instead of joining the gradient.
    """

    name: str
    step: Callable
    knobs: dict[str, float]
    formula: str
    decoupled: bool = False


def sgd(gradient, memory, learning_rate, t, knobs):
    """Plain gradient descent (Robbins and Monro 1951)."""
    return learning_rate * gradient, memory


def momentum(gradient, memory, learning_rate, t, knobs):
    """Heavy ball (Polyak 1964): the gradient is added to the velocity at full weight."""
    share = knobs[0]
    velocity = share * memory[0] + gradient
    return learning_rate * velocity, (velocity, memory[1], memory[2])


def nesterov(gradient, memory, learning_rate, t, knobs):
    """Nesterov's momentum in the form of Sutskever et al. (2013), as PyTorch writes it."""
    share = knobs[0]
    velocity = share * memory[0] + gradient
    return learning_rate * (gradient + share * velocity), (velocity, memory[1], memory[2])


def adagrad(gradient, memory, learning_rate, t, knobs):
    """A rate for each weight, which only ever falls (Duchi et al. 2011)."""
    squares = memory[0] + gradient * gradient
    return learning_rate * gradient / (np.sqrt(squares) + knobs[0]), (squares, memory[1], memory[2])


def rmsprop(gradient, memory, learning_rate, t, knobs):
    """Divide by a running root mean square (Hinton 2012, lecture 6e); epsilon outside the root."""
    smoothing, epsilon = knobs[0], knobs[1]
    square = smoothing * memory[0] + (1.0 - smoothing) * gradient * gradient
    step = learning_rate * gradient / (np.sqrt(square) + epsilon)
    return step, (square, memory[1], memory[2])


def smorms3(gradient, memory, learning_rate, t, knobs):
    """Squared mean over root mean square cubed (Funk 2015, sifter.org/~simon/journal/20150420).

    The learning rate is a limit: where mean²/square, the share of the gradient that is not noise,
    is below it, the weight moves by that share instead. Each weight's memory grows by one an
    update and shrinks by that share. The author starts it at 1; what is kept here is the excess.
    """
    epsilon = knobs[0]
    mean, square, span = memory[0], memory[1], 1.0 + memory[2]
    newest = 1.0 / (span + 1.0)
    mean = (1.0 - newest) * mean + newest * gradient
    square = (1.0 - newest) * square + newest * gradient * gradient
    certainty = mean * mean / (square + epsilon)
    limit = select(learning_rate < certainty, learning_rate, certainty)
    step = gradient * limit / (np.sqrt(square) + epsilon)
    return step, (mean, square, span * (1.0 - certainty))


def adam(gradient, memory, learning_rate, t, knobs):
    """Running mean over running root mean square, both unbiased (Kingma and Ba 2014)."""
    beta1, beta2, epsilon = knobs[0], knobs[1], knobs[2]
    mean = beta1 * memory[0] + (1.0 - beta1) * gradient
    square = beta2 * memory[1] + (1.0 - beta2) * gradient * gradient
    spread = np.sqrt(square) / np.sqrt(1.0 - power(beta2, t)) + epsilon
    return learning_rate / (1.0 - power(beta1, t)) * mean / spread, (mean, square, memory[2])


def adadelta(gradient, memory, learning_rate, t, knobs):
    """Steps as large as recent steps were (Zeiler 2012); the paper's learning rate is 1."""
    smoothing, epsilon = knobs[0], knobs[1]
    square = smoothing * memory[0] + (1.0 - smoothing) * gradient * gradient
    step = np.sqrt(memory[1] + epsilon) / np.sqrt(square + epsilon) * gradient
    moved = smoothing * memory[1] + (1.0 - smoothing) * step * step
    return learning_rate * step, (square, moved, memory[2])


def nadam(gradient, memory, learning_rate, t, knobs):
    """Adam with Nesterov's look ahead (Dozat 2016), with the paper's schedule of momentum.

    The third memory is 1 minus the product of all momentums so far.
    """
    beta1, beta2, epsilon, decay = knobs[0], knobs[1], knobs[2], knobs[3]
    now = beta1 * (1.0 - 0.5 * power(0.96, t * decay))
    following = beta1 * (1.0 - 0.5 * power(0.96, (t + 1.0) * decay))
    product = (1.0 - memory[2]) * now
    mean = beta1 * memory[0] + (1.0 - beta1) * gradient
    square = beta2 * memory[1] + (1.0 - beta2) * gradient * gradient
    spread = np.sqrt(square / (1.0 - power(beta2, t))) + epsilon
    ahead = following / (1.0 - product * following) * mean
    step = ((1.0 - now) / (1.0 - product) * gradient + ahead) / spread
    return learning_rate * step, (mean, square, 1.0 - product)


_ADAM = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
_ADAM_FORMULA = r"w \leftarrow w - \eta \hat m / (\sqrt{\hat v} + \epsilon)"

OPTIMIZERS: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("sgd", sgd, {}, r"w \leftarrow w - \eta g"),
        Rule(
            "momentum",
            momentum,
            {"momentum": 0.9},
            r"v \leftarrow \mu v + g, \; w \leftarrow w - \eta v",
        ),
        Rule(
            "nesterov",
            nesterov,
            {"momentum": 0.9},
            r"v \leftarrow \mu v + g, \; w \leftarrow w - \eta (g + \mu v)",
        ),
        Rule(
            "adagrad",
            adagrad,
            {"epsilon": 1e-10},
            r"s \leftarrow s + g^2, \; w \leftarrow w - \eta g / (\sqrt{s} + \epsilon)",
        ),
        Rule(
            "rmsprop",
            rmsprop,
            {"smoothing": 0.99, "epsilon": 1e-8},
            r"v \leftarrow \alpha v + (1 - \alpha) g^2,"
            r" \; w \leftarrow w - \eta g / (\sqrt{v} + \epsilon)",
        ),
        Rule(
            "smorms3",
            smorms3,
            {"epsilon": 1e-16},
            r"w \leftarrow w - g \min(\eta, m^2 / v) / (\sqrt{v} + \epsilon)",
        ),
        Rule("adam", adam, _ADAM, _ADAM_FORMULA),
        Rule("adamw", adam, _ADAM, _ADAM_FORMULA + r" - \eta \lambda w", decoupled=True),
        Rule(
            "adadelta",
            adadelta,
            {"smoothing": 0.9, "epsilon": 1e-6},
            r"w \leftarrow w - \eta g \sqrt{u + \epsilon} / \sqrt{v + \epsilon}",
        ),
        Rule(
            "nadam",
            nadam,
            {**_ADAM, "momentum_decay": 4e-3},
            r"w \leftarrow w - \eta (\mu' \hat m + (1 - \mu) \hat g) / (\sqrt{\hat v} + \epsilon)",
        ),
    )
}
_SHARES = ("momentum", "smoothing", "beta1", "beta2")  # knobs that must stay below 1


@dataclass(frozen=True, repr=False, init=False)
class Optimizer:
    """An update rule with constants of its own, as in ``Optimizer("adam", beta1=0.8)``.

    Args:
        name: a key of ``OPTIMIZERS``, or a reader's own step, a function as the rules of this file
            are, whose knobs are then what is given here, at most four and of any size.
        **knobs: the rule's constants that shall differ from its defaults, at least 0;
            ``momentum``, ``smoothing``, ``beta1`` and ``beta2`` below 1.

    Raises:
        TypeError, ValueError: naming the constant, the value and what is allowed.
    """

    name: str | Function
    changed: tuple[tuple[str, float], ...]

    def __init__(self, name: Any, **knobs: float) -> None:
        if not isinstance(name, str) and callable(name):
            self._hold(name, knobs)
            return
        name = checks.choice("optimizer", name, OPTIMIZERS)
        known = OPTIMIZERS[name].knobs
        for knob in knobs:
            if not known:
                others = [rule.name for rule in OPTIMIZERS.values() if knob in rule.knobs]
                hint = f"; {knob!r} is one of {', '.join(map(repr, others))}" if others else ""
                raise ValueError(f"optimizer {name!r} has no constants; got {knob!r}{hint}")
            checks.choice(f"a constant of {name!r}", knob, known)
        values = {knob: _checked(knob, value) for knob, value in knobs.items()}
        object.__setattr__(self, "name", name)  # the dataclass is frozen for everybody else
        object.__setattr__(self, "changed", tuple(sorted(values.items())))

    def _hold(self, given: Callable, knobs: dict[str, float]) -> None:
        """Take a reader's own step, if it does what ours do."""
        step: Function = own("optimizer", given, "(gradient, memory, learning_rate, t, knobs)")
        if len(knobs) > KNOBS:
            raise ValueError(f"optimizer {step} may have {KNOBS} constants; got {len(knobs)}")
        values = tuple((knob, checks.number(knob, value)) for knob, value in knobs.items())
        object.__setattr__(self, "name", step)
        object.__setattr__(self, "changed", values)
        gradient, memory = np.array([[0.5, -0.25, 2.0], [0.0, 1.0, -3.0]]), (0.0, 0.0, 0.0)
        for t in (1, 2):
            result = step.take_arrays(gradient, memory, 0.1, t, self.knobs)
            pair = isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple)
            if not (pair and len(result[1]) == 3 and np.shape(result[0]) == gradient.shape):
                wanted = "return the change and the memory, a tuple of three numbers"
                raise step.refuse(wanted, result)
            memory = result[1]

    @property
    def rule(self) -> Rule:
        """The rule of that name, or the reader's own."""
        if isinstance(self.name, Function):
            return Rule(str(self.name), self.name, dict(self.changed), "")
        return OPTIMIZERS[self.name]

    @property
    def knobs(self) -> tuple[float, ...]:
        """All constants in the rule's order, then zeros up to ``KNOBS``."""
        values = [float(value) for value in (self.rule.knobs | dict(self.changed)).values()]
        return (*values, *[0.0] * (KNOBS - len(values)))

    def __repr__(self) -> str:
        parts = [repr(self.name), *(f"{knob}={value!r}" for knob, value in self.changed)]
        return f"nnlab.Optimizer({', '.join(parts)})"


def _checked(knob: str, value: Any) -> float:
    return checks.number(knob, value, at_least=0.0, below=1.0 if knob in _SHARES else math.inf)
