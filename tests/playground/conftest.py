"""Fixtures for the playground: its engine and its page, built once a session."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tools.playground import build


@pytest.fixture(scope="session")
def node() -> str:
    """Node's path; without one the test is skipped, under CI it fails."""
    path = shutil.which("node")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Node on this machine; under CI nothing is skipped", pytrace=False)
        pytest.skip("no Node on this machine")
    return path


@pytest.fixture(scope="session")
def engine_folder() -> Path:
    """The folder of the engine compiled for the web."""
    return build.compile_engine()


@pytest.fixture(scope="session")
def page(node: str) -> Path:
    """The built page."""
    return build.build()
