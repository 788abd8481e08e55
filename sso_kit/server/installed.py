"""Where this project has its identity server."""

from __future__ import annotations

from typing import Any

from ..routes import places

AUTHORIZE, SIGNED_OUT = "simple-sso-authorize", "sso-signed-out-everywhere"
TIME_LEFT = "sso-time-left-at-the-server"


def current_server() -> Any:
    """The ``Server`` whose URLs this project includes; of several the last one, else ``None``."""
    found = [place.given("server") for place in places(AUTHORIZE)]
    return next((server for server in reversed(found) if hasattr(server, "sign_in_once")), None)


def signed_out_page(batch: str) -> str:
    """The path of the page that says what became of the sign-ins that one act ended."""
    found = places(SIGNED_OUT)
    return f"{found[-1].address}?of={batch}" if found else ""
