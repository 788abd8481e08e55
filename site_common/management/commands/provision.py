from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Make the site ready to serve; does nothing the second time."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
