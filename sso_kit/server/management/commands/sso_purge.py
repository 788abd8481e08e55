"""Clear away now what has expired; the server does it in small steps by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from .... import clock
from ... import records
from ...housekeeping import purge


class Command(BaseCommand):
    help = "Delete expired access tokens, and put on record which sign-ins have expired."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while gone := purge(5000, clock.now()):
            total += gone
        self.stdout.write(f"{total} expired access tokens deleted")
        total = 0
        while gone := records.purge(5000, clock.now()):
            total += gone
        self.stdout.write(f"{total} expired sign-ins and old records cleared away")
