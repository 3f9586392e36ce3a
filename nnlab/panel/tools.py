"""A panel's tools: buttons beside the controls, what opens beside the picture, time below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

import ipywidgets as widgets

from nnlab import checks
from nnlab.panel import words
from nnlab.panel.export import Export
from nnlab.panel.pins import Pins, Tried
from nnlab.panel.setting import Pinned
from nnlab.plots import SCALES, UNITS

TOOLS = ("new seed", "seeds", "pin", "compare", "map", "export", "help", "time")
_WRAPPED = {"flex_flow": "row wrap"}
_END = 100  # of the scrubber: the end of the run


class Asked(TypedDict):
    """What a request takes from the tools; see ``nnlab.panel.setting.Request``."""

    seeds: bool
    unit: str
    scale: str
    moment: float
    pinned: tuple[Pinned, ...]
    map: tuple[str, str] | None


class Tools:
    """The widgets, and what they stand at.

    Args:
        names: from ``TOOLS``; the others are not made.
        axes: names of the controls, for the map's axes.
        changed: called when something else is to be seen.
        actions: called when a button is pressed, by the tool's name.
        export: what the code and the pictures are taken from.
        picture_of_map: shows the map.

    Attributes:
        row: the buttons.
        drawer: what is open beside the picture.
        time: the row below the picture.
        everything: all widgets, shown or not.
    """

    def __init__(
        self,
        names: Sequence[str],
        axes: list[str],
        changed: Callable[[], None],
        actions: dict[str, Callable[[], None]],
        export: Export,
        picture_of_map: widgets.Widget,
    ) -> None:
        self._names, self._changed, self.export = names, changed, export
        self.pins, self.tried = Pins(changed), Tried()
        self.seeds = _toggle(
            "100 seeds", "train a hundred seeds at each setting: median, band and solve rate"
        )
        buttons = {
            "new seed": _button("New seed", "other random starts, orders and dropout from now on"),
            "seeds": self.seeds,
            "pin": _button("Pin", "keep what is on screen, faded, to compare with"),
        }
        for name, action in actions.items():
            buttons[name].on_click(lambda _, action=action: action())
        self._make_time()
        self._across, self._up = _axis("across", axes, axes[0]), _axis("up", axes, axes[-1])
        map_axes = widgets.HBox([self._across, self._up])
        self.switches = {
            "compare": _toggle("Compare", "pinned runs, and all settings tried"),
            "map": _toggle("Map", "outcomes over two controls; a click opens the run there"),
            "export": _toggle("Export", "the code, and the picture as a file"),
            "help": _toggle("?", words.plain(words.HELP)),
        }
        self._contents = {
            "compare": widgets.VBox([self.pins, self.tried]),
            "map": widgets.VBox([map_axes, picture_of_map]),
            "export": export,
            "help": widgets.HTML(words.HELP),
        }
        shown = [each for name, each in {**buttons, **self.switches}.items() if name in names]
        self.row = widgets.HBox(shown, layout=_WRAPPED)
        self.drawer = widgets.VBox(layout={"display": "none"})
        self.drawer.add_class("nnlab-drawer")
        for widget in (self.unit, self.scale, self.seeds, self.moment, self._across, self._up):
            widget.observe(lambda _: changed(), "value")
        for name, switch in self.switches.items():
            switch.observe(lambda change, name=name: self._on_switch(name, change["new"]), "value")
        self.everything = [
            *(self.row, self.time, self.drawer, *self._contents.values()),
            *(*buttons.values(), *self.switches.values()),
        ]

    @property
    def open(self) -> bool:
        """Whether something is open beside the picture."""
        return any(switch.value for switch in self.switches.values())

    @property
    def asked(self) -> Asked:
        """What is to be seen."""
        mapped = self.switches["map"].value
        return {
            "seeds": self.seeds.value,
            "unit": self.unit.value,
            "scale": self.scale.value,
            "moment": self.moment.value / _END,
            "pinned": self.pins.pinned,
            "map": (self._across.value, self._up.value) if mapped else None,
        }

    def look_at_end(self) -> None:
        """Go to the end of the run: a new one is looked at as a whole first."""
        if self.moment.value != _END:
            self._play.playing = False
            self.moment.value = _END

    def close(self) -> None:
        """Untie the page's widgets from one another."""
        self._link.close()

    def _make_time(self) -> None:
        self.unit = widgets.Dropdown(
            options=UNITS,
            description="against",
            tooltip="what the axis of time counts",
            layout={"width": "11em"},
            style={"description_width": "4em"},
        )
        self.scale = widgets.ToggleButtons(
            options=[(f"{scale} axis", scale) for scale in SCALES],
            tooltips=[f"draw time on a {scale} axis" for scale in SCALES],
            style={"button_width": "7em"},
        )
        self._play = widgets.Play(max=_END, value=_END, interval=80, tooltip="play the run")
        self.moment = widgets.IntSlider(
            max=_END,
            value=_END,
            description="moment",
            readout=False,
            tooltip="from the start of the run to its end",
            layout={"width": "26em"},
            style={"description_width": "5em"},
        )
        self._link = widgets.jslink((self._play, "value"), (self.moment, "value"))
        parts = [self._play, self.moment, self.unit, self.scale]
        self.time = widgets.HBox(parts, layout=_WRAPPED)
        if "time" not in self._names:
            self.time.layout.display = "none"

    def _on_switch(self, name: str, opened: bool) -> None:
        if opened:
            for other, switch in self.switches.items():
                switch.value = other == name
            self.drawer.children = (self._contents[name],)
        elif self.open:
            return  # another one has opened
        self.drawer.layout.display = None if opened else "none"
        self._changed()


def checked_tools(names: Sequence[str] | None, controls: int) -> tuple[str, ...]:
    """Return the names of the tools; by default all, but a map only where it has two axes.

    Raises:
        ValueError, TypeError: naming the tool and what is allowed.
    """
    if names is None:
        return tuple(name for name in TOOLS if name != "map" or controls > 1)
    if isinstance(names, str):
        raise TypeError(f"tools must be a list of names; got {names!r}")
    for name in names:
        checks.choice("a tool", name, TOOLS)
    if "map" in names and controls < 2:
        raise ValueError(f"the map needs two controls for its axes; got {controls}")
    return tuple(names)


def _button(description: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=description, tooltip=tooltip)


def _toggle(description: str, tooltip: str) -> widgets.ToggleButton:
    return widgets.ToggleButton(description=description, tooltip=tooltip)


def _axis(description: str, names: list[str], value: str) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=names,
        value=value,
        description=description,
        layout={"width": "13em"},
        style={"description_width": "3.5em"},
    )
