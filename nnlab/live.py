"""The front door of the live panels: move a slider and the network is trained anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    tools: Sequence[str] | None = None,
    marks: Mapping[float, str] | None = None,
    **fields: Any,
) -> Panel:
    """Return a panel with a control a field; every change retrains the network and redraws.

    Args:
        experiment: what to start from; fields without a control keep its values.
        views: what to show, up to six names of ``nnlab.panel.views.VIEWS``, or "curve": the updates
            needed over the first slider's range.
        size: of text and lines; 1.5 suits a projector.
        tools: what stands beside the controls, from ``nnlab.panel.panel.TOOLS``; an empty list
            makes a small panel of nothing but controls, words and picture.
        marks: labels by number, as in ``{0.05: "the article"}``: ticks at the first slider; a
            click goes there.
        **fields: abbreviations as in ``ipywidgets.interact``: ``learning_rate=(0.01, 50.0)`` is a
            slider (logarithmic for a learning rate), ``init=["alternating", "xavier"]`` a
            dropdown, ``shuffle=True`` a checkbox; a ``Dial`` changes what is no field of its own.
            They are applied in the order given.

    Raises:
        ValueError, TypeError: naming the field, the value and what is allowed.
    """
    scale = checks.number("size", size, at_least=0.5)
    return Panel(experiment, fields, checked(views), scale, tools, marks)
