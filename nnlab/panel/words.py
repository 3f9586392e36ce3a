"""What a panel says: its status line, settings in short, errors."""

from __future__ import annotations

import html
import re
from typing import Any

from nnlab import checks
from nnlab.rules.activations import Activation
from nnlab.rules.own import Function
from nnlab.run import Run

_OUTCOMES = {
    "converged": "<b>converged</b> after",
    "diverged": "<b>diverged</b> after",
    "out of updates": "<b>not learned</b> within",
    "stopped": "<b>stopped</b> after",
    "running": "training …",
}
HELP = """
<b>A slider with the focus</b>: ← → one step, Page Up and Page Down five, Home and End to its ends.
Tab goes on to the number beside it: type any number within the range, 0.5 or 0,5, then Enter.<br>
<b>The picture</b>: orange-red is this run, grey what is pinned.
<i>moment</i> below it goes back in the run's time; Play shows it as a film.<br>
<b>New seed</b>: other random starts, orders and dropout.
<b>100 seeds</b>: a hundred of them at once; median, band and solve rate.<br>
<b>Pin</b> keeps what you see to compare with; names, and all that was tried, stand under
<b>Compare</b>.<br>
<b>Map</b>: any control against any other; a click opens the run there.
<b>Export</b>: the line of code, the picture as PNG or SVG.
"""


def status(run: Run) -> str:
    """Say in one line of HTML what became of a run."""
    counts = f"{run.updates:,} updates ({run.epochs:,} epochs) in {duration(run.seconds)}"
    line = f"{_OUTCOMES[run.outcome]} {counts}"
    if run.outcome != "running" and (more := run.diagnosis()):
        line += f"; {html.escape(more)}"
    return line


def error(raised: Exception) -> str:
    """Return an exception as a reader sees it, in HTML."""
    return f"<b>{html.escape(f'{type(raised).__name__}: {raised}')}</b>"


def plain(marked_up: str) -> str:
    """Return words without their HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", marked_up)).split())


def setting(values: dict[str, Any]) -> str:
    """Return the values of all controls in one short line."""
    return ", ".join(f"{name.replace('_', ' ')} {short(value)}" for name, value in values.items())


def short(value: Any) -> str:
    """Return a value as a reader would write it."""
    if isinstance(value, float):
        return f"{value:.12g}"
    name = getattr(value, "name", None)  # of a reader's own rule, where nothing more is to be told
    if isinstance(value, Activation) or (isinstance(name, Function) and value == type(value)(name)):
        return str(name)
    return value if isinstance(value, str) else repr(value)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, to two digits."""
    checks.number("seconds", seconds, at_least=0.0)
    if seconds < 1.0:
        return f"{float(f'{1000 * seconds:.2g}'):g} ms"
    return f"{seconds:.1f} s"
