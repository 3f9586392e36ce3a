"""An extension of Jupyter's server: what a kernel says goes to the page at once.

The server leaves Nagle's algorithm on (RFC 896): a short message waits until the browser's machine
has acknowledged the one before, and that machine waits, up to 40 ms on Linux, for something to send
along (RFC 1122, 4.2.3.2). In a drag each picture follows a kernel's "busy" by 20 ms, so each would
wait: 20 of them a second in place of 27.

``nnlab.json`` beside this file turns it on; installing nnlab puts that where Jupyter looks.
``jupyter server extension disable nnlab.panel.server`` turns it off.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

_CLASS = "kernel_websocket_connection_class"


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Between a kernel and a page, as Jupyter's own, but without waiting."""

    def connect(self) -> Any:
        """Begin to pass messages on."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    settings = server.web_app.settings
    if settings[_CLASS] is ZMQChannelsWebsocketConnection:  # others, as to a gateway, know better
        settings[_CLASS] = PromptConnection
