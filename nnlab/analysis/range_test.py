"""The learning rate range test: one short run in which the rate rises from far too small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.reference import backward, epochs, forward, running_statistics, step
from nnlab.rules.losses import loss_for
from nnlab.rules.schedules import Exponential


@dataclass(frozen=True, eq=False, repr=False)
class RangeTest:
    """What a range test saw.

    Args:
        rates: (n,) learning rate of each update, rising.
        losses: (n,) mean loss of the batch that each update is about to learn from, as presented.
    """

    rates: np.ndarray
    losses: np.ndarray

    def smoothed(self, window: int, every: int = 1) -> RangeTest:
        """Return means over so many updates in a row, of the rates by their logarithm.

        Args:
            window: updates, from 1 to all; those of an epoch take out what the patterns differ by.
            every: of these means, how many updates apart those are that are kept.
        """
        count = checks.whole_number("window", window, at_least=1, at_most=len(self.rates))
        step, kernel = checks.whole_number("every", every, at_least=1), np.ones(count) / count
        rates = np.exp(np.convolve(np.log(self.rates), kernel, mode="valid"))
        return RangeTest(rates[::step], np.convolve(self.losses, kernel, mode="valid")[::step])

    @property
    def lowest(self) -> float:
        """The rate at which the loss is least, a common advice; of a smoothed test."""
        return float(self.rates[self.losses.argmin()])

    @property
    def steepest(self) -> float:
        """The rate at which the loss falls fastest by the rate's logarithm, another advice.

        Looked for before the loss is within 2 % of its least, over a tenth of the test at a time.
        """
        span = max(2, len(self.rates) // 10)
        floor = int(np.argmax(self.losses < 1.02 * self.losses.min()))
        places = range(max(1, floor - span))
        steps, losses = np.log(self.rates), self.losses
        falls = [np.polyfit(steps[k : k + span], losses[k : k + span], 1)[0] for k in places]
        best = int(np.argmin(falls))
        return float(self.rates[best : best + span].mean())

    def __repr__(self) -> str:
        ends = f"{self.rates[0]:g} to {self.rates[-1]:g}" if len(self.rates) else "none"
        return f"<RangeTest: {len(self.rates)} updates, rates {ends}>"


def range_test(
    experiment: Experiment, low: float = 1e-4, high: float = 100.0, updates: int = 200
) -> RangeTest:
    """Raise the learning rate by the same factor after every update and watch the loss.

    Where the loss falls fastest the rate is good; where it begins to rise the rate is too large
    (Smith 2015). The experiment's own rate plays no part, and nothing of it changes: weights and
    random numbers are those of a run of its own.

    Args:
        experiment: all its other fields hold.
        low: rate of the first update, above 0.
        high: rate of the last update, above ``low``.
        updates: how many, 2 to 100,000; fewer take place if the loss is no longer finite.
    """
    checks.instance("experiment", experiment, Experiment)
    low = checks.number("low", low, above=0.0)
    high = checks.number("high", high, above=0.0)
    if not (low < high and math.isfinite(high / low)):
        raise ValueError(f"high must be above low={low!r}, and below 1e308 times it; got {high!r}")
    updates = checks.whole_number("updates", updates, at_least=2, at_most=100_000)
    rising = Exponential(low, factor=(high / low) ** (1.0 / (updates - 1)))
    with np.errstate(all="ignore"):
        losses = _losses(experiment.replace(learning_rate=rising), updates)
    rates = np.array([rising(t) for t in range(1, len(losses) + 1)])
    return RangeTest(rates, np.array(losses))


def _losses(experiment: Experiment, updates: int) -> list[float]:
    """Train as ``reference.train`` does, and keep every batch's mean loss as it was presented."""
    data, loss = experiment.data, loss_for(experiment.loss, experiment.output)
    parameters, losses = experiment.initial_parameters(), []
    memories = [(0.0, 0.0, 0.0) for _ in parameters]
    batches = islice(chain.from_iterable(epochs(experiment)), updates)
    for t, (batch, keep) in enumerate(batches, start=1):
        targets = data.targets[batch]
        layers = forward(experiment, parameters, data.inputs[batch], keep, training=True)
        mean = float(loss.function(layers[-1], targets).sum(axis=1).mean())
        if not np.isfinite(mean):
            break
        losses.append(mean)
        running = running_statistics(experiment, parameters, layers)
        gradients = backward(experiment, parameters, layers, targets, keep)
        parameters = step(experiment, parameters, gradients, memories, t) + running
    return losses
