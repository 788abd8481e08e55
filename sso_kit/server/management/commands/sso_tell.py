"""Tell the apps again what they haven't confirmed; with ``--watch`` for ever, as a service does."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from ... import telling

EVERY = 2.0  # seconds between two looks


class Command(BaseCommand):
    help = "Tell the apps again which sign-ins have ended. Server processes do it by themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on till it is interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        told = self._tell()
        while options["watch"]:
            connections.close_all()
            time.sleep(EVERY)
            told += self._tell()
        left = list(telling.pending())
        self.stdout.write(f"{told} told again, {len(left)} pending.")
        for ending in left:
            self.stdout.write(f"  {ending}: {ending.problem or 'not told yet'}")

    def _tell(self) -> int:
        told = 0
        while count := telling.tell_due():
            told += count
        return told
