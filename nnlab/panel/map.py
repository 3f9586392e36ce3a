"""The map beside a panel's picture: any control against any other, a click opens that run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import ipywidgets as widgets
from ipyevents import Event

from nnlab.panel.controls import Control
from nnlab.panel.image import DescribedImage
from nnlab.panel.map_picture import MOST_UPDATES, MapScreen
from nnlab.panel.scan import updates_needed
from nnlab.panel.setting import Setting

_BETWEEN_FRAMES = 0.3  # seconds


class MapBox(widgets.VBox):
    """Two dropdowns for the axes and the map's picture; hidden until the switch is on.

    Args:
        controls: of the panel.
        size: of the picture.
        changed: called when the map has to be drawn anew.
    """

    def __init__(self, controls: list[Control], size: float, changed: Callable[[], None]) -> None:
        self._controls = {control.name: control for control in controls}
        self._size = size
        self._changed = changed
        self.possible = len(controls) > 1
        self.switch = widgets.ToggleButton(
            description="Map",
            tooltip="a map of outcomes over two of the controls; a click opens the run there",
            layout={"width": "5em"},
        )
        names = list(self._controls)
        self._x = _axis("across", names, names[0])
        self._y = _axis("up", names, names[-1])
        self._picture = DescribedImage(format="png", layout={"max_width": "100%"})
        super().__init__(
            [widgets.HBox([self._x, self._y]), self._picture], layout={"display": "none"}
        )
        self._screen: MapScreen | None = None
        self._known: dict[tuple[Any, ...], dict[tuple[Any, Any], int]] = {}
        self._clicks = Event(source=self._picture, watched_events=["click"])
        self._clicks.on_dom_event(self.on_click)
        self.switch.observe(self._on_switch, "value")
        for widget in (self._x, self._y):
            widget.observe(lambda _: changed(), "value")

    def close(self) -> None:
        """Take it off the page."""
        self._screen = None
        for each in (self._clicks, self.switch, self.switch.layout, self.switch.style):
            each.close()
        super().close()

    @property
    def on(self) -> bool:
        """Whether the map is shown."""
        return bool(self.switch.value)

    def fill(
        self,
        setting: Setting,
        at: Callable[..., Setting],
        stale: Callable[[], bool],
        drawing: Lock,
        pinned: Sequence[Setting] = (),
    ) -> None:
        """Train the runs of the map that are not known yet, and show it from time to time.

        Args:
            setting: what the controls show; all but the map's axes holds for every cell.
            at: returns a setting for the controls' values given by name.
            stale: asked often; True ends it.
            drawing: held while a picture is drawn.
            pinned: settings to mark.
        """
        x, y = self._x.value, self._y.value
        if x == y:
            return
        with drawing:
            if self._screen is None or (self._screen.x.name, self._screen.y.name) != (x, y):
                self._screen = MapScreen(self._controls[x], self._controls[y], self._size)
        known = self._known.setdefault((x, y, *setting.others(x, y)), {})
        shown_at = 0.0
        for across, up in self._screen.cells():
            if (across, up) not in known:
                updates = _updates(at, setting.values | {x: across, y: up}, stale)
                if updates is None:
                    return
                known[across, up] = updates
            if time.perf_counter() - shown_at > _BETWEEN_FRAMES:
                self._show(known, setting, drawing, pinned)
                shown_at = time.perf_counter()
        self._show(known, setting, drawing, pinned)

    def on_click(self, event: dict[str, Any]) -> None:
        """Set the two controls to the cell under the mouse; called by the browser's event."""
        if self._screen is None:
            return
        across = event["relativeX"] / event["boundingRectWidth"]
        down = event["relativeY"] / event["boundingRectHeight"]
        values = self._screen.values_at(across, down)
        if values is not None:
            for control, value in zip((self._screen.x, self._screen.y), values, strict=True):
                control.widget.value = value

    def _on_switch(self, change: dict[str, Any]) -> None:
        self.layout.display = None if change["new"] else "none"
        if change["new"]:
            self._changed()

    def _show(
        self,
        known: dict[tuple[Any, Any], int],
        setting: Setting,
        drawing: Lock,
        pinned: Sequence[Setting],
    ) -> None:
        if self._screen is None:
            return
        names = self._screen.x.name, self._screen.y.name
        (x, y), *others = [
            (each.values[names[0]], each.values[names[1]]) for each in (setting, *pinned)
        ]
        with drawing:
            self._picture.value = self._screen.show(known, x, y, others)
        learned = sum(updates > 0 for updates in known.values())
        self._picture.tooltip = (
            f"Map of updates until learned over {self._screen.x.name} and {self._screen.y.name}: "
            f"{learned} of {len(known)} cells learned within {MOST_UPDATES:,} updates"
        )


def _axis(description: str, names: list[str], value: str) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=names,
        value=value,
        description=description,
        layout={"width": "13em"},
        style={"description_width": "3.5em"},
    )


def _updates(
    at: Callable[..., Setting], values: dict[str, Any], stale: Callable[[], bool]
) -> int | None:
    """Updates until learned, 0 if it was not learned or can't be trained; None if stale."""
    try:
        experiment = at(**values).experiment
    except (ValueError, TypeError):
        return 0  # two values that don't go together
    budget = min(experiment.max_updates, MOST_UPDATES)
    return updates_needed(experiment.replace(max_updates=budget), stale)
