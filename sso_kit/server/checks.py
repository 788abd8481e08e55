"""System checks of the identity server: ``manage.py check --deploy``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from .. import commands
from ..checks import SHORTEST_KEY
from .models import ConsumerPolicy


@register(Tags.security, deploy=True)
def sessions_survive_a_link(**_: Any) -> list[CheckMessage]:
    if settings.SESSION_COOKIE_SAMESITE != "Strict":
        return []
    return [
        Error(
            "SESSION_COOKIE_SAMESITE = 'Strict' hides the session from the apps' redirects.",
            hint="Use 'Lax'; else nobody is ever signed in silently.",
            id="sso_kit.E002",
        )
    ]


@register(Tags.database, deploy=True)
def consumers_are_safe(databases: Any = None, **_: Any) -> list[CheckMessage]:
    try:
        policies = list(ConsumerPolicy.objects.select_related("consumer"))
    except DatabaseError:
        return []  # not migrated yet
    return [warning for policy in policies for warning in _warnings(policy)]


def _warnings(policy: Any) -> list[CheckMessage]:
    name = policy.consumer.name
    found: list[CheckMessage] = []
    if not policy.origins:
        found.append(
            Warning(
                f"Consumer {name!r} has no origin: its log-ins are refused.",
                hint=commands.to_run("sso_consumer", name, "--origin", "https://..."),
                id="sso_kit.W003",
            )
        )
    if policy.restricted and not policy.required_groups.exists():
        found.append(
            Warning(
                f"Consumer {name!r} is restricted, and no group is named: nobody may enter.",
                hint="Name groups, or take the restriction off, in the admin.",
                id="sso_kit.W006",
            )
        )
    if policy.legacy:
        migrated = commands.to_run("sso_consumer", name, "--modern")
        found.append(
            Warning(
                f"Consumer {name!r} is marked legacy: HMAC-SHA1, no browser binding.",
                hint=f"Migrate its client, then: {migrated}",
                id="sso_kit.W004",
            )
        )
    if len(policy.consumer.private_key) < SHORTEST_KEY:
        new = commands.to_run("sso_consumer", name, "--rotate-key", "--write-key", "FILE")
        found.append(
            Warning(
                f"Consumer {name!r} has a key under 256 bits.",
                hint=f"{new}, then give the app that file's content.",
                id="sso_kit.W005",
            )
        )
    return found
