"""The playground's page in a notebook, open at a part.

JupyterLab opens a link to a page in a viewer of its own, which drops the part and runs no scripts.
In an output's frame the page runs as it does by itself; what the output holds is its address.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from nnlab import checks

PAGE = Path(__file__).parents[2] / "build" / "play" / "index.html"
PARTS = 7


class Playground:
    """What ``playground`` returns: as a notebook's output, the page in a frame."""

    def __init__(self, part: int, height: int) -> None:
        self.part, self.height = part, height

    @property
    def address(self) -> str:
        """The page's address for any browser."""
        return f"{PAGE.as_uri()}#part={self.part}"

    def __repr__(self) -> str:
        if not PAGE.exists():
            return "the playground's page is not built yet: run `make play` first"
        return self.address

    def _repr_html_(self) -> str:
        if not PAGE.exists():
            return f"<p>{escape(repr(self))}</p>"
        # A server of notebooks knows its own folders, from the notebook's on, and no other address.
        place = Path(os.path.relpath(PAGE, Path.cwd())).as_posix()
        return (
            f'<iframe src="{escape(place)}#part={self.part}" title="nnlab playground" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )


def playground(part: int = 1, *, height: int = 760) -> Playground:
    """Return the page that ``make play`` has built, open at a part, to be looked at in a notebook.

    It needs no kernel once it is there. Printed, it tells its address for any browser.

    Args:
        part: from 1, the learning rate, to 7, normalization.
        height: of its frame, in pixels.

    Raises:
        TypeError, ValueError: for a part or a height that cannot be.
    """
    return Playground(
        checks.whole_number("part", part, at_least=1, at_most=PARTS),
        checks.whole_number("height", height, at_least=100, at_most=10_000),
    )
