"""A start that another run has prepared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.initializers import Start


@dataclass(frozen=True, repr=False)
class After(Start):
    """The weights that an experiment has reached after some of its updates.

    ``article.replace(learning_rate=5.0, init=After(article, 600))`` trains the article's network
    for 600 updates at its own rate and goes on at 5.0. Only weights are taken over: an optimizer's
    memory and the order of the patterns start anew.

    Args:
        experiment: what to train first; its layers must be those of the experiment that goes on.
        updates: how far, at least 1; if it ends earlier, its last weights are taken.
    """

    experiment: Experiment
    updates: int

    def __post_init__(self) -> None:
        if not isinstance(self.experiment, Experiment):
            raise TypeError(f"experiment must be an Experiment; got {self.experiment!r}")
        checks.whole_number("updates", self.updates, at_least=1)

    @property
    def uses_seed(self) -> bool:
        """Never: the experiment that comes first has its own."""
        return False

    def weights(self, shapes: Sequence[tuple[int, int]], seed: int) -> list[np.ndarray]:
        """Train and return the weights; ``seed`` is not used, the experiment has its own."""
        if list(shapes) != self.experiment.weight_shapes:
            raise ValueError(
                f"init must lead to weights of shapes {list(shapes)}; "
                f"got {self.experiment.weight_shapes} from {self.experiment!r}"
            )
        return self.experiment.replace(max_updates=self.updates).run().weights

    def __repr__(self) -> str:
        return f"nnlab.After({self.experiment!r}, updates={self.updates})"
