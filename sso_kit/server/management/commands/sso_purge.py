"""Delete every expired access token now; the server does it in small steps by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from .... import clock
from ...housekeeping import purge


class Command(BaseCommand):
    help = "Delete expired access tokens."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while gone := purge(5000, clock.now()):
            total += gone
        self.stdout.write(f"{total} expired access tokens deleted")
