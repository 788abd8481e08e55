from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command

from client_b.tickets.models import AGENTS
from site_common.management.commands import provision


class Command(provision.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        call_command("createcachetable", verbosity=0)
        Group.objects.get_or_create(name=AGENTS)
