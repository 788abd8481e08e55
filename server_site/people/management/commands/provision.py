"""Make what ``lab.toml`` lists and never was; say, or bring back, what differs from it."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from lab import table
from server_site.people.differences import key_differs, rows_that_differ
from server_site.people.provisioning import make_what_is_new
from sso_kit.commands import operator_name

logger = logging.getLogger(__name__)
AS_LISTED = "Everything is as lab.toml says."
ADVICE = 'make manage SITE=server ARGS="provision --diff" shows what, --restore brings it back'


class Command(BaseCommand):
    help = (
        "Migrate, then make the groups, the consumers and, in lab mode, the demo people that "
        "were never made. Runs at every start; what is there, or was there, is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--diff", action="store_true", help="only print what differs")
        either.add_argument(
            "--restore", action="store_true", help="bring back what differs, and print it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        lab = table.load()
        if options["diff"]:
            self._show(lab)
        elif options["restore"]:
            self._restore(lab)
        else:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            make_what_is_new(lab)
            log_what_differs(lab)

    def _show(self, lab: table.Table) -> None:
        lines = [line for row in rows_that_differ(lab) for line in row.lines]
        self.stdout.write("\n".join(lines) or AS_LISTED)

    def _restore(self, lab: table.Table) -> None:
        rows, left = rows_that_differ(lab), list[str]()
        for row in rows:
            try:
                row.restore()
            except ValidationError as error:
                left.append(f"{row.name}: {' '.join(error.messages)}")
                continue
            details = {"row": row.name, "changes": row.lines, "by": operator_name()}
            logger.warning("restored as lab.toml says", extra=details)
            self.stdout.write("\n".join(f"restored: {line}" for line in row.lines))
        if left:
            raise CommandError("Not restored:\n" + "\n".join(left))
        if not rows:
            self.stdout.write(AS_LISTED)


def log_what_differs(lab: table.Table) -> None:
    rows = rows_that_differ(lab)
    if rows:
        names = [row.name for row in rows]
        logger.info("not everything is as lab.toml says: %s", ADVICE, extra={"rows": names})
    for client in filter(key_differs, lab.clients):
        logger.warning(
            "another key than the app's: sign-in is refused, or will be: %s",
            ADVICE,
            extra={"consumer": client.title},
        )
