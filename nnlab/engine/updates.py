"""Compiled loops over all parameters: what an update makes of a gradient."""

from __future__ import annotations

import dis
from typing import Any

from nnlab.engine.compiler import compiled, spared, switch
from nnlab.rules.optimizers import OPTIMIZERS
from nnlab.rules.schedules import SCHEDULES

_rate = switch([compiled(schedule.rule) for schedule in SCHEDULES.values()], "plan.schedule")


def looks_at_the_time(step: Any) -> bool:
    """Whether it reads its fourth argument, the number of the update."""
    name = step.__code__.co_varnames[3]
    read = [each.argval for each in dis.get_instructions(step.__code__)]
    return any(name == each or (isinstance(each, tuple) and name in each) for each in read)


def over_weights(step: Any, lanes_apart: bool) -> Any:
    """Return a loop over all parameters, of all lanes at once or of one lane after the other."""
    step = compiled(step)

    @compiled
    def move(weights, gradient, moments, rates, t, knobs, k, count):
        memory = (moments[k], moments[k + count], moments[k + 2 * count])
        change, memory = step(gradient[k], memory, rates[k], t, knobs)
        # In this order the compiler sees that a rule without memory writes what it has read.
        moments[k], moments[k + count], moments[k + 2 * count] = memory
        weights[k] -= change

    @compiled
    def together(weights, gradient, moments, rates, times, knobs, count, lanes):
        for k in range(count):
            move(weights, gradient, moments, rates, 0.0, knobs, k, count)

    @compiled
    def one_by_one(weights, gradient, moments, rates, times, knobs, count, lanes):
        for lane in range(lanes):
            t = times[lane]
            for k in range(lane, count, lanes):
                move(weights, gradient, moments, rates, t, knobs, k, count)

    return one_by_one if lanes_apart else together


_step = switch(
    [over_weights(rule.step, looks_at_the_time(rule.step)) for rule in OPTIMIZERS.values()],
    "plan.optimizer",
    own=True,
)


@compiled
def update(plan, memory, lanes):
    """Move all parameters by the gradient, as schedule, weight decay and optimizer want it."""
    weights, gradient, rates, times = memory.weights, memory.gradient, memory.rates, memory.times
    for lane in range(lanes):
        times[lane] += 1.0
    if plan.schedule > 0:
        _schedule(plan, rates, times, lanes)
    if plan.weight_decay > 0.0:
        _decay(plan, weights, gradient, rates)
    _step(plan, weights, gradient, memory.moments, rates, times, plan.knobs, plan.trainable, lanes)


@spared(schedule=0)
def _schedule(plan, rates, times, lanes):
    """Give every parameter its lane's rate of this update."""
    for lane in range(lanes):
        rate = _rate(plan, times[lane], plan.schedule_knobs)
        for k in range(lane, plan.trainable, lanes):
            rates[k] = rate


@spared(weight_decay=0.0)
def _decay(plan, weights, gradient, rates):
    """Decoupled it shrinks the weights, else it joins their gradient."""
    amount = plan.weight_decay
    for k in range(plan.trainable):
        if plan.decoupled:
            weights[k] -= rates[k] * amount * weights[k]
        else:
            gradient[k] += amount * weights[k]
