"""System checks of either half: ``manage.py check --deploy``. Each has its own in ``checks``."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from . import defences

SHORTEST_KEY = 43  # characters of a private key: 256 bits


@register(Tags.security)
def defences_are_on(**_: Any) -> list[CheckMessage]:
    problem = defences.refused_setting()
    return [Error(problem, id="sso_kit.E001")] if problem else []
