from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand

from client_b.tickets.models import AGENTS


class Command(BaseCommand):
    help = "Make Helpdesk ready to serve; does nothing the second time."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        Group.objects.get_or_create(name=AGENTS)
