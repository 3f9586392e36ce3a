"""A picture that screen readers can read out."""

from __future__ import annotations

import ipywidgets as widgets
from traitlets import Unicode


class DescribedImage(widgets.Image):
    """An image whose ``tooltip`` becomes its title, which serves as its alternative text.

    The front end of ipywidgets 8 shows a tooltip only for widgets with a description: without one
    the image fails to appear at all.
    """

    description = Unicode("").tag(sync=True)
