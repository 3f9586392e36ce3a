"""What a panel's controls are set to, and the experiment that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnlab.experiment import Experiment
from nnlab.panel.seeds import Crowd
from nnlab.run import Run


@dataclass(frozen=True)
class Setting:
    """The value of each control by its name, and the experiment they make."""

    values: dict[str, Any]
    experiment: Experiment

    def others(self, *names: str) -> tuple[Any, ...]:
        """Return the values of all controls but these, and the seeds: the key of a survey."""
        rest = tuple(value for name, value in self.values.items() if name not in names)
        return (*rest, self.experiment.init_seed, self.experiment.order_seed)


@dataclass(frozen=True, eq=False)
class Pinned:
    """What stays in the picture, faded.

    Args:
        name: a letter or word for it.
        setting: what it was trained with.
    """

    name: str
    setting: Setting


@dataclass(frozen=True, eq=False)
class Ghost(Pinned):
    """A pinned run."""

    run: Run


@dataclass(frozen=True, eq=False)
class CrowdGhost(Pinned):
    """Many pinned runs of one setting."""

    crowd: Crowd
