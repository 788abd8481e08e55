"""The identity server of the lab: the kit's, which knows how allauth has let somebody in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from sso_kit.server import Server

METHODS = {"server_site.people.backends.PeopleBackend": "pwd"}  # RFC 8176


class IdentityServer(Server):
    def get_amr(self, request: HttpRequest, user: Any) -> tuple[str, ...]:
        """By the back end that took somebody's word."""
        method = METHODS.get(getattr(user, "backend", ""))
        return (method,) if method else ()


sso = IdentityServer(auth_view_name="account_login")
