"""Migrate; on the server also register ``CONSUMERS`` and make ``PEOPLE``."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if settings.ROLE == "client":
            return
        for line in filter(None, settings.CONSUMERS.split(";")):
            register(*line.split("="))
        users = get_user_model().objects
        for number in range(settings.PEOPLE):
            name = f"user{number}"
            if not users.filter(username=name).exists():
                users.create_user(name, f"{name}@twin.example", name, first_name=name)


def register(name: str, public_key: str, private_key: str, origin: str, group: str = "") -> None:
    """A consumer in the way of the flavour; only the kit can ask for a group."""
    if settings.FLAVOUR == "kit":
        from sso_kit.server.provisioning import ensure_consumer

        groups = [group] if group else []
        ensure_consumer(name, public_key, private_key, origins=[origin], required_groups=groups)
        mode = "--legacy" if settings.LEGACY else "--modern"
        call_command("sso_consumer", name, mode, stdout=StringIO())
    else:
        from simple_sso.sso_server.models import Consumer

        keys = {"public_key": public_key, "private_key": private_key}
        Consumer.objects.get_or_create(name=name, defaults=keys)
