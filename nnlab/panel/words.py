"""What a panel says: its status line, its picture in words, settings in short."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.panel.seeds import Crowd
from nnlab.run import Run

_OUTCOMES = {
    "converged": "<b>converged</b> after",
    "diverged": "<b>diverged</b> after",
    "out of updates": "<b>not learned</b> within",
    "stopped": "<b>stopped</b> after",
    "running": "training …",
}


def status(run: Run) -> str:
    """Say in one or two lines of HTML what became of a run."""
    counts = f"{run.updates:,} updates ({run.epochs:,} epochs) in {duration(run.seconds)}"
    line = f"{_OUTCOMES[run.outcome]} {counts}"
    if run.outcome != "running" and (more := run.diagnosis()):
        line += f"<br>{html.escape(more)}"
    return _said(line)


def status_at(run: Run, row: int) -> str:
    """Say at which moment of a run the picture stands."""
    update = run.history.updates[row]
    return _said(f"at update <b>{update:,}</b> of {run.updates:,}")


def crowd_status(crowd: Crowd) -> str:
    """Say in HTML what became of many starts."""
    done = len(crowd.runs)
    if not done:
        return _said(f"training {crowd.seeds} starts …")
    learned = np.sum([run.converged for run in crowd.runs])
    words = f"<b>{learned} of {done} starts learned</b> within {crowd.budget:,} updates"
    low, middle, high = crowd.percentiles()
    if np.isfinite(middle):
        upper = f"{high:,.0f}" if np.isfinite(high) else "never"
        words += f"; median {middle:,.0f} updates (10–90 %: {low:,.0f} to {upper})"
    if crowd.running:
        words = f"training {crowd.seeds} starts … {words}"
    if not crowd.experiment.start.uses_seed:
        words += "<br>this start is the same for every seed: choose a random one"
    return _said(words)


def cells(seen: Run | Crowd) -> tuple[str, str, str]:
    """Return outcome, updates and time in short; of many starts the share and the median."""
    if isinstance(seen, Run):
        return seen.outcome, f"{seen.updates:,}", duration(seen.seconds)
    learned, middle = np.isfinite(seen.updates).sum(), seen.percentiles()[1]
    median = f"median {middle:,.0f}" if np.isfinite(middle) else "median: never"
    seconds = duration(sum(run.seconds for run in seen.runs))
    return f"{learned} of {len(seen.runs)} starts learned", median, seconds


def brief(seen: Run | Crowd) -> str:
    """Return what became of a run, or of many starts, in a few words."""
    outcome, updates, _ = cells(seen)
    return f"{outcome}, {updates} updates" if isinstance(seen, Run) else f"{outcome}, {updates}"


def picture(run: Run, values: dict[str, Any], views: list[str]) -> str:
    """Return what the picture shows, for those who can't see it."""
    end = f"{run.outcome} after {run.updates:,} updates"
    losses = run.history.loss[[0, -1]]
    return (
        f"Charts of {', '.join(views)} at {setting(values)}: {end}; "
        f"mean loss from {losses[0]:.3g} to {losses[1]:.3g}."
    )


def plain(marked_up: str) -> str:
    """Return a status line without its HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", marked_up)).split())


def setting(values: dict[str, Any]) -> str:
    """Return the values of all controls in one short line."""
    return ", ".join(f"{name.replace('_', ' ')} {short(value)}" for name, value in values.items())


def short(value: Any) -> str:
    """Return a value as a reader would write it."""
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else repr(value)


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it, to two digits."""
    checks.number("seconds", seconds, at_least=0.0)
    if seconds < 1.0:
        return f"{float(f'{1000 * seconds:.2g}'):g} ms"
    return f"{seconds:.1f} s"


def _said(words: str) -> str:
    return f'<div role="status">{words}</div>'
