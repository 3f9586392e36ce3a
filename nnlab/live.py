"""The front door of the live panels: move a slider and the network is trained anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnlab import checks
from nnlab.experiment import Experiment
from nnlab.panel.panel import Panel
from nnlab.panel.views import DEFAULT_VIEWS, checked


def live(
    experiment: Experiment,
    *,
    views: Sequence[str] = DEFAULT_VIEWS,
    size: float = 1.0,
    **fields: Any,
) -> Panel:
    """Return a panel with a control a field; every change retrains the network and redraws.

    Args:
        experiment: what to start from; fields without a control keep its values.
        views: what to show, up to six names of ``nnlab.panel.views.VIEWS``, or "curve": the updates
            needed over the first slider's range.
        size: of the picture, 1 is 880 pixels wide; 1.5 suits a projector.
        **fields: abbreviations as in ``ipywidgets.interact``: ``learning_rate=(0.01, 50.0)`` is a
            slider (logarithmic for a learning rate), ``init=["alternating", "xavier"]`` a
            dropdown, ``shuffle=True`` a checkbox; a ``Dial`` changes what is no field of its own.
            They are applied in the order given.

    Raises:
        ValueError, TypeError: naming the field, the value and what is allowed.
    """
    return Panel(experiment, fields, checked(views), checks.number("size", size, at_least=0.5))
