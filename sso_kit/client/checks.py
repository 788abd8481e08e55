"""System checks of a client: ``manage.py check --deploy``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import Resolver404

from .. import commands, conf
from ..checks import SHORTEST_KEY, is_of_one_process
from ..routes import front_page, match_of
from ..store import people
from .installed import clients, has_stocks


@register(Tags.security)
def client_is_complete(**_: Any) -> list[CheckMessage]:
    found = clients()
    if not found and not has_stocks():  # of those ``overrides`` tells
        return [
            Warning(
                "sso_kit.client is installed, but no Client's URLs are included.",
                hint='path("sso/", include(sso.get_urls()))',
                id="sso_kit.W010",
            )
        ]
    at_front: list[CheckMessage] = [
        Warning(
            f"The SSO client of {client.server_url} is at the front page: a sign-in that ends "
            "there begins again, for ever.",
            hint='Include it below a path of its own: path("sso/", include(sso.get_urls())).',
            id="sso_kit.W028",
        )
        for client in found
        if _is_at_the_front(client)
    ]
    if people.has_groups() or not any(client.accounts.group_map for client in found):
        return at_front
    return [
        *at_front,
        Warning(
            f"The SSO client has a group_map, and {settings.AUTH_USER_MODEL} has no groups.",
            hint="Give it django.contrib.auth's PermissionsMixin, or leave the map out.",
            id="sso_kit.W016",
        ),
    ]


def _is_at_the_front(client: Any) -> bool:
    """Whether whoever comes to the front page comes to this client's log-in view."""
    try:
        match = match_of(front_page())
    except Resolver404:
        return False
    return getattr(match.func, "view_initkwargs", {}).get("client") is client


@register(Tags.security, deploy=True)
def cached_users_are_shared(**_: Any) -> list[CheckMessage]:
    if any(conf.problems()) or not conf.users_in_cache():
        return []
    if not is_of_one_process(conf.users_cache()):
        return []
    return [
        Error(
            "Users are in a cache that isn't there, or that each process has for itself.",
            hint='Let SSO_KIT["USERS_CACHE"] name one of CACHES that all processes share.',
            id="sso_kit.E033",
        )
    ]


@register(Tags.security, deploy=True)
def client_is_safe(**_: Any) -> list[CheckMessage]:
    return [message for client in clients() for message in _unsafe(client)]


def _unsafe(client: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not client.base_url and not settings.DEBUG:
        found.append(
            Error(
                "The SSO client has no base_url.",
                hint='Client(..., base_url="https://this.site"), or SSO_KIT = {"BASE_URL": '
                '"https://this.site"}: it is never taken from the request.',
                id="sso_kit.E011",
            )
        )
    if not client.server_url.startswith("https://"):
        found.append(
            Warning(
                "The SSO server's URL is not https.",
                hint="Tokens and log-ins go there: serve it with https and change server_url.",
                id="sso_kit.W012",
            )
        )
    if client.base_url and not client.base_url.startswith("https://"):
        found.append(
            Warning(
                "The SSO client's base_url is not https.",
                hint="Access tokens come back there: serve the app with https and change it.",
                id="sso_kit.W013",
            )
        )
    if len(client.private_key) < SHORTEST_KEY:
        new = commands.to_run("sso_consumer", "NAME", "--rotate-key", "--write-key", "FILE")
        found.append(
            Error(
                "The SSO private key has fewer than 256 bits.",
                hint=f"At the server: {new}",
                id="sso_kit.E014",
            )
        )
    if client.legacy_server:
        found.append(
            Warning(
                "The SSO server is spoken to in stock's weaker format.",
                hint="When the server is migrated, take legacy_server=True out of Client(...).",
                id="sso_kit.W015",
            )
        )
    return found
