"""Fixtures for the playground: its engine and its page, built once a session."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def in_node(node: str, engine_folder: Path) -> Callable[[str, Any], Any]:
    """Give a script of this folder, by name, something to work on; return what it prints."""

    def run(script: str, asked: Any) -> Any:
        done = subprocess.run(
            [node, str(Path(__file__).with_name(script)), str(engine_folder)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def page_code(in_node: Callable[[str, Any], Any]) -> Callable[..., Any]:
    """Ask the page's own code for settings, links and words; see ``fields.mjs``."""
    return lambda **asked: in_node("fields.mjs", asked)
