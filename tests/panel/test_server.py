"""Jupyter's server passes on at once what a kernel says."""

import json
import re
import subprocess
import sys
import types
from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from nnlab.panel import server

CLASS = "kernel_websocket_connection_class"


def loaded_into(settings):
    """A server's settings after our extension was loaded into it."""
    app = types.SimpleNamespace(web_app=types.SimpleNamespace(settings=settings))
    server._load_jupyter_server_extension(app)
    return settings


def test_it_takes_the_place_of_the_servers_own_connections():
    own = {CLASS: ZMQChannelsWebsocketConnection, "other": 1}
    assert loaded_into(own) == {CLASS: server.PromptConnection, "other": 1}


def test_it_leaves_connections_that_somebody_chose():
    chosen = {CLASS: type("Gateway", (), {})}
    assert loaded_into(dict(chosen)) == chosen


def test_a_connection_waits_for_no_acknowledgement_before_it_begins(monkeypatch):
    did = []
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "connect", lambda self: did.append("connect")
    )
    connection = server.PromptConnection.__new__(server.PromptConnection)
    handler = types.SimpleNamespace(set_nodelay=lambda value: did.append(("nodelay", value)))
    monkeypatch.setattr(server.PromptConnection, "websocket_handler", handler)
    connection.connect()
    assert did == [("nodelay", True), "connect"]


def test_installing_nnlab_turns_it_on():
    """Also where nnlab is installed to be worked on, which is what `make` does."""
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "server", "extension", "list"],
        capture_output=True,
        text=True,
        check=True,
    )
    coloured = rf"{re.escape(server.__name__)}\s+(\x1b\[\d+m)?enabled"
    assert re.search(coloured, listed.stdout + listed.stderr)


def test_what_turns_it_on_names_it():
    path = Path(server.__file__).with_name("nnlab.json")
    assert json.loads(path.read_text())["ServerApp"]["jpserver_extensions"] == {
        name: True
        for name in [each["module"] for each in server._jupyter_server_extension_points()]
    }
