"""What tests of panels share: finding a control, waiting for what it asked for."""

import io
import time

import numpy as np
from PIL import Image

from nnlab.plots import style


def all_widgets(widget):
    """A widget and all within it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_widgets(child)


def find(panel, description):
    """The first widget of a panel with this description, on the page or in what is not open."""
    places = [panel, *panel.tools.everything]
    found = (each for place in places for each in all_widgets(place))
    return next(each for each in found if getattr(each, "description", "") == description)


def until(condition, seconds=10.0):
    """Wait for a condition; whether it came true."""
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            return False
        time.sleep(0.005)
    return True


def pixels(panel):
    """The figure on screen as it would be saved, (height, width, 3)."""
    with panel.drawing:
        picture = style.png(panel.figure)
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=int)
