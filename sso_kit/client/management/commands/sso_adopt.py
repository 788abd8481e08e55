"""Hand local accounts over to people of the identity server. A dry run unless told otherwise."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from .... import clock, commands, databases
from ...accounts import adoption
from ...accounts.candidates import (
    Selection,
    Summary,
    candidates,
    describe,
    has_date_joined,
    local,
)
from ...accounts.names import is_address
from ...models import Adoption
from ..choice import add_server, client_at, name

DAYS, MOST_DAYS = 30, 365
SHOWN = 100  # allowances
ONE_BY_ONE = "Give it to one person: sso_accounts --link --name=ACCOUNT --subject=SUBJECT"


def day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date; write it as 2026-01-31") from None
    if not 1900 <= found.year <= 2999:  # its neighbours exist in every time zone
        raise ArgumentTypeError(f"{text} is not within 1900 and 2999")
    return found


def days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_DAYS):
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)


class Command(BaseCommand):
    help = (
        "List the local accounts that people of the same name at the identity server could take "
        "over, and allow it with --yes. For one account and one person: sso_accounts."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--name", type=name, action="append", default=[], help="an account (repeatable)"
        )
        parser.add_argument(
            "--joined-before", type=day, metavar="DATE", help="accounts made before this day"
        )
        parser.add_argument(
            "--joined-after", type=day, metavar="DATE", help="accounts made on this day or later"
        )
        parser.add_argument(
            "--days", type=days, help=f"until it expires: {DAYS}, at most {MOST_DAYS}"
        )
        add_server(parser)
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--yes", action="store_true", help="do it; without this, only look")
        act.add_argument(
            "--withdraw", action="store_true", help="take allowances back: the named, or all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with databases.atomic(Adoption):
            self._handle(**options)

    def _handle(self, **options: Any) -> None:
        self.client = client_at(options["server"])
        self.issuer: str = self.client.accounts.server.issuer()
        selection = Selection(
            tuple(options["name"]), options["joined_before"], options["joined_after"]
        )
        named = _named(selection)
        if options["withdraw"]:
            self._withdraw(selection)
        else:
            self._allow(selection, named, options["days"] or DAYS, options["yes"])

    def _allow(self, selection: Selection, named: list[Any], days: int, yes: bool) -> None:
        if is_address(""):
            raise CommandError(
                "Accounts are named by e-mail addresses here, and people type those in "
                f"themselves, so no name is enough to take an account over. {ONE_BY_ONE}"
            )
        if yes and not (selection.names or selection.by_date):
            raise CommandError("Say which: --name=NAME, --joined-before=DATE or --joined-after.")
        self._check_obstacles(named)
        found = Summary()
        shown = self._shown(candidates(selection, self.issuer, self.client.legacy_server), found)
        if yes:
            adoption.allow(shown, self.issuer, clock.now() + timedelta(days=days))
        else:
            deque(shown, maxlen=0)
        self._conclude(selection, found, days, yes)
        self._show_pending()

    def _shown(self, users: Iterable[Any], summary: Summary) -> Iterator[Any]:
        for user in users:
            self.stdout.write(f"  {describe(user, self.issuer)}")
            summary.add(user)
            yield user

    def _check_obstacles(self, named: list[Any]) -> None:
        """An account that is asked for by its name, and may not be had by it, is an error."""
        wrong = [
            f"{user.get_username()} {reason}."
            for user in named
            if (reason := adoption.obstacle(user, self.issuer))
        ]
        if wrong:
            raise CommandError(f"{' '.join(wrong)} {ONE_BY_ONE}")

    def _conclude(self, selection: Selection, found: Summary, days: int, yes: bool) -> None:
        who = f"whoever has the same name at {self.client.server_url}"
        if not found.count:
            self.stdout.write("No account here is one that stock made and nobody has yet.")
        elif yes:
            self.stdout.write(f"{found.count} may be taken over within {days} days, by {who}.")
        else:
            self.stdout.write(
                f"Nothing was changed. {found.count} could be taken over, each once, by {who}. "
                f"To allow it for {days} days:"
            )
            self._next([*selection.options(found), f"--days={days}"])

    def _show_pending(self) -> None:
        pending = Adoption.objects.order_by("expires").select_related("user__sso_identity")
        for allowed in pending[:SHOWN]:
            expired = "expired" if allowed.expires <= clock.now() else "allowed"
            reason = adoption.obstacle(allowed.user, allowed.issuer)
            but = f", but it {reason}" if reason else ""
            until = f"{local(allowed.expires):%Y-%m-%d %H:%M}"
            self.stdout.write(
                f"Pending: {allowed.user.get_username()}, {expired} until {until}{but}"
            )
        more = pending.count() - SHOWN
        if more > 0:
            self.stdout.write(f"... and {more} more.")

    def _withdraw(self, selection: Selection) -> None:
        allowed = Adoption.objects.filter(user__in=selection.accounts().values("pk"))
        count = allowed.count()
        adoption.withdraw(list(allowed.select_related("user")), by=commands.operator_name())
        self.stdout.write(f"{count} allowances withdrawn.")

    def _next(self, options: list[str]) -> None:
        self.stdout.write(f"  {commands.to_run('sso_adopt', *options, '--yes')}")


def _named(selection: Selection) -> list[Any]:
    """The accounts that are asked for by name. Raises ``CommandError`` where there is none."""
    if selection.by_date and not has_date_joined():
        raise CommandError(f"{get_user_model().__name__} has no date_joined; use --name=NAME.")
    if not selection.names:
        return []
    there = {user.get_username(): user for user in Selection(names=selection.names).accounts()}
    unknown = [name for name in selection.names if name not in there]
    if unknown:
        raise CommandError(f"No account is called {', '.join(map(repr, unknown))} in this app.")
    return list(there.values())
