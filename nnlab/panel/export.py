"""What a reader takes away from a panel: the line of code, the picture as PNG or SVG."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable

import ipywidgets as widgets
from matplotlib.figure import Figure

from nnlab.experiment import Experiment
from nnlab.plots.style import png

_TYPES = {"PNG": "image/png", "SVG": "image/svg+xml"}


class Keepsake(widgets.VBox):
    """Buttons for the code and for the picture, and what they bring.

    Args:
        current: returns the experiment and the figure on screen.
    """

    def __init__(self, current: Callable[[], tuple[Experiment, Figure]]) -> None:
        self._current = current
        code = _button("Code", "show the line of code that rebuilds this experiment")
        code.on_click(self._on_code)
        saves = []
        for kind in _TYPES:
            button = _button(f"Save {kind}", f"make a {kind} file of the picture")
            button.on_click(lambda _, kind=kind: self._on_save(kind))
            saves.append(button)
        self._shown = widgets.HTML()
        super().__init__([widgets.HBox([code, *saves]), self._shown])

    def _on_code(self, _button: widgets.Button) -> None:
        experiment, _ = self._current()
        self._shown.value = f"<pre tabindex='0'>{html.escape(repr(experiment))}</pre>"

    def _on_save(self, kind: str) -> None:
        _, figure = self._current()
        data = base64.b64encode(png(figure) if kind == "PNG" else _svg(figure)).decode()
        name = f"nnlab.{kind.lower()}"
        self._shown.value = (
            f"<a download='{name}' href='data:{_TYPES[kind]};base64,{data}'>Download {name}</a>"
        )


def _svg(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="svg")
    return stream.getvalue()


def _button(description: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=description, tooltip=tooltip, layout={"width": "7em"})
