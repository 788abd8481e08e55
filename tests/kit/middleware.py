"""For a project that is both: server and client."""

from __future__ import annotations

from sso_kit.client.middleware import SessionMiddleware as Clients
from sso_kit.server.middleware import SessionMiddleware as Servers


class SessionMiddleware(Clients, Servers):
    pass
