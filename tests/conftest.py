"""Which tests `make quick` leaves out."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
# What starts processes, waits for panels or draws a lot; single tests elsewhere carry the mark.
SLOW = (
    "notebooks",
    "panel",
    "playground",
    "plots",
    "sweeps",
    "engine/test_compiling.py",
    "engine/test_warm.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of the slow folders and files."""
    slow = [HERE / name for name in SLOW]
    for item in items:
        if any(item.path.is_relative_to(path) for path in slow):
            item.add_marker("slow")
