"""Hand local accounts over to people of the identity server. A dry run unless told otherwise."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from .... import clock, commands
from ...accounts import adoption
from ...accounts.accounts import MAX_SUBJECT_LENGTH
from ...accounts.candidates import Selection, candidates, describe, has_date_joined, local
from ...accounts.names import by_name, is_address
from ...accounts.profile import is_text
from ...installed import current_client
from ...models import Adoption, Identity

DAYS, MOST_DAYS = 30, 365
ONE_BY_ONE = "Give it to one person: sso_adopt --name=ACCOUNT --subject=SUBJECT"


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


def name(text: str) -> str:
    if not is_text(text):
        raise ArgumentTypeError(f"{text!r} is nobody's name")
    return text


def subject(text: str) -> str:
    if not is_text(text) or len(text) > MAX_SUBJECT_LENGTH:
        raise ArgumentTypeError(f"a subject has 1 to {MAX_SUBJECT_LENGTH} characters")
    return text


class Command(BaseCommand):
    help = (
        "List the local accounts that people of the same name at the identity server could take "
        "over, and allow it with --yes; or give one account to one person with --subject."
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
        parser.add_argument(
            "--subject", type=subject, help="the person, as the refused log-in's log line has it"
        )
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--yes", action="store_true", help="do it; without this, only look")
        act.add_argument(
            "--withdraw", action="store_true", help="take allowances back: the named, or all"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        self.client = _client()
        self.issuer: str = self.client.server_url
        selection = Selection(
            tuple(options["name"]), options["joined_before"], options["joined_after"]
        )
        _check(selection)
        if options["subject"]:
            self._give(selection, options)
        elif options["withdraw"]:
            self._withdraw(selection)
        else:
            self._allow(selection, options["days"] or DAYS, options["yes"])

    def _give(self, selection: Selection, options: dict[str, Any]) -> None:
        """Exactly one account to exactly one subject; no name is compared."""
        if len(selection.names) != 1 or selection.by_date or options["days"]:
            raise CommandError("--subject gives one account: with one --name, and no dates.")
        if options["withdraw"]:
            raise CommandError("--withdraw takes allowances by name back; leave --subject out.")
        user = by_name(selection.names[0])
        self._check_free(user, options["subject"])
        self.stdout.write(describe(user, self.issuer))
        if not options["yes"]:
            self.stdout.write(
                "Nothing was changed. Make sure, at the identity server, who the person with the "
                f"subject {options['subject']!r} is. To give them this account:"
            )
            self._next([f"--name={selection.names[0]}", f"--subject={options['subject']}"])
            return
        try:
            adoption.link(user, self.issuer, options["subject"])
        except IntegrityError:
            raise CommandError("That person has got an account just now; look again.") from None
        self.stdout.write(f"It now belongs to {options['subject']} of {self.issuer}.")

    def _check_free(self, user: Any, subject: str) -> None:
        if adoption.name_at_server(user, self.issuer) is None:
            raise CommandError(
                f"{user.get_username()} belongs to {user.sso_identity}. If that is wrong, delete "
                "that row of sso_kit_client's Identity first."
            )
        other = Identity.objects.filter(issuer=self.issuer, subject=subject).first()
        if other is not None and other.user != user:
            raise CommandError(
                f"{subject} of {self.issuer} has the account {other.user.get_username()}. If "
                "nothing of that is to be kept, delete it first."
            )

    def _allow(self, selection: Selection, days: int, yes: bool) -> None:
        if is_address(""):
            raise CommandError(
                "Accounts are named by e-mail addresses here, and people type those in "
                f"themselves, so no name is enough to take an account over. {ONE_BY_ONE}"
            )
        if yes and not (selection.names or selection.by_date):
            raise CommandError("Say which: --name=NAME, --joined-before=DATE or --joined-after.")
        self._check_named(selection)
        found = candidates(selection, self.issuer, self.client.legacy_server)
        expires = clock.now() + timedelta(days=days)
        for user in found:
            self.stdout.write(f"  {describe(user, self.issuer)}")
            if yes:
                adoption.allow(user, self.issuer, expires)
        self._conclude(selection, found, days, yes)
        self._show_pending()

    def _check_named(self, selection: Selection) -> None:
        """An account that is asked for by its name, and may not be had by it, is an error."""
        named = [by_name(name) for name in selection.names]
        wrong = [
            f"{user.get_username()} {reason}."
            for user in named
            if (reason := adoption.obstacle(user, self.issuer))
        ]
        if wrong:
            raise CommandError(f"{' '.join(wrong)} {ONE_BY_ONE}")

    def _conclude(self, selection: Selection, found: list[Any], days: int, yes: bool) -> None:
        who = f"whoever has the same name at {self.issuer}"
        if not found:
            self.stdout.write("No account here is one that stock made and nobody has yet.")
        elif yes:
            self.stdout.write(f"{len(found)} may be taken over within {days} days, by {who}.")
        else:
            self.stdout.write(
                f"Nothing was changed. {len(found)} could be taken over, each once, by {who}. "
                f"To allow it for {days} days:"
            )
            self._next([*selection.options(found), f"--days={days}"])

    def _show_pending(self) -> None:
        pending = Adoption.objects.order_by("expires").select_related("user__sso_identity")
        for allowed in pending:
            expired = "expired" if allowed.expires <= clock.now() else "allowed"
            reason = adoption.obstacle(allowed.user, allowed.issuer)
            but = f", but it {reason}" if reason else ""
            until = f"{local(allowed.expires):%Y-%m-%d %H:%M}"
            self.stdout.write(
                f"Pending: {allowed.user.get_username()}, {expired} until {until}{but}"
            )

    def _withdraw(self, selection: Selection) -> None:
        allowed = Adoption.objects.filter(user__in=selection.accounts()).select_related("user")
        for allowance in allowed:
            adoption.withdraw(allowance)
        self.stdout.write(f"{len(allowed)} allowances withdrawn.")

    def _next(self, options: list[str]) -> None:
        self.stdout.write(f"  {commands.to_run('sso_adopt', *options, '--yes')}")


def _client() -> Any:
    try:
        client = current_client()
    except LookupError as error:
        raise CommandError(str(error)) from None
    if client.shares_accounts:
        raise CommandError("This project is its own identity server: the accounts are the same.")
    return client


def _check(selection: Selection) -> None:
    unknown = [name for name in selection.names if by_name(name) is None]
    if unknown:
        raise CommandError(f"No account is called {', '.join(map(repr, unknown))} in this app.")
    if selection.by_date and not has_date_joined():
        raise CommandError(f"{get_user_model().__name__} has no date_joined; use --name=NAME.")
