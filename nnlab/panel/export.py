"""What a reader takes away from a panel: the line of code, the picture as PNG or SVG."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable
from threading import Lock

import ipywidgets as widgets
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image, ImageChops

from nnlab.panel import words
from nnlab.panel.setting import Setting
from nnlab.plots import few_colours, style

_ROOM = 1.5  # inches around a figure: its caption and the names at lines' ends lie there
_MARGIN = 10  # pixels that are left of it
_TYPES = {"PNG": "image/png", "SVG": "image/svg+xml"}


class Export(widgets.VBox):
    """Buttons for the code and for the picture, and what they bring.

    Args:
        current: returns the setting and the figure on screen.
        drawing: held while the figure is drawn.
    """

    def __init__(self, current: Callable[[], tuple[Setting, Figure]], drawing: Lock) -> None:
        self._current = current
        self._drawing = drawing
        code = _button("Code", "show the line of code that rebuilds this experiment")
        code.on_click(self._on_code)
        saves = []
        for kind in _TYPES:
            button = _button(f"Save {kind}", f"make a {kind} file of the picture")
            button.on_click(lambda _, kind=kind: self._on_save(kind))
            saves.append(button)
        self.shown = widgets.HTML()
        super().__init__([widgets.HBox([code, *saves]), self.shown])

    def _on_code(self, _button: widgets.Button) -> None:
        setting, _ = self._current()
        code = html.escape(repr(setting.experiment))
        self.shown.value = f"<pre tabindex='0'>{code}</pre>"

    def _on_save(self, kind: str) -> None:
        setting, figure = self._current()
        with self._drawing:
            data = captioned(figure, setting, kind.lower())
        name = f"nnlab.{kind.lower()}"
        link = f"data:{_TYPES[kind]};base64,{base64.b64encode(data).decode()}"
        self.shown.value = f"<a download='{name}' href='{link}'>Download {name}</a>"


def captioned(figure: Figure, setting: Setting, kind: str = "png", colours: int = 128) -> bytes:
    """Return a picture as a file, with the controls as they stood in a line above it.

    Args:
        figure: the picture.
        setting: what the controls show.
        kind: of file, "png" or "svg".
        colours: of a PNG: a third of the size, no visible loss.
    """
    caption = figure.text(0.01, 1.01, words.setting(setting.values), fontsize=10, parse_math=False)
    try:
        return _svg(figure, caption) if kind == "svg" else _png(figure, colours)
    finally:
        caption.remove()


def _svg(figure: Figure, caption: Text) -> bytes:
    named = [text for axes in figure.axes for text in axes.texts if text.get_text()]
    stream = io.BytesIO()
    figure.savefig(
        stream,
        format="svg",
        dpi=style.DPI,
        bbox_inches="tight",
        bbox_extra_artists=[caption, *named],  # names at lines' ends lie beside their axes
    )
    return stream.getvalue()


def _png(figure: Figure, colours: int) -> bytes:
    """Drawn with room for all, then cut: for a tight box it would be drawn twice."""
    width, height = figure.get_size_inches()
    room = Bbox.from_extents(-_ROOM, -_ROOM, width + _ROOM, height + _ROOM)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=style.DPI, bbox_inches=room)
    image = Image.open(stream).convert("RGB")
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    drawn = ImageChops.difference(image, ground).getbbox() or (0, 0, *image.size)
    left, top, right, bottom = drawn
    cut = image.crop((left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN))
    return few_colours.png(cut, colours)


def _button(description: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=description, tooltip=tooltip, layout={"width": "7em"})
