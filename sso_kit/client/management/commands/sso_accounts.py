"""Which local account is whose at the identity server: list, link, unlink, follow a server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from django.db.models import Count, QuerySet

from .... import commands, databases
from ...accounts import adoption, servers, waiting
from ...accounts.candidates import Selection, describe, local
from ...installed import clients
from ...models import Identity, KnownServer, LinkRequest
from ..choice import add_server, client_at, issuer, name, subject

SHOWN = 100  # of each kind
NOTHING_DONE = "Nothing was changed."
ACTIONS = ("link", "unlink", "move", "forget")


class Command(BaseCommand):
    help = (
        "List which local account is whose at the identity server, and who waits for one; link an "
        "account to a person, or unlink it; follow a server that has another name now. Only looks "
        "unless --yes is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", type=name, help="the account of this name")
        parser.add_argument(
            "--subject", type=subject, help="the person, as the refused log-in's log line has it"
        )
        parser.add_argument("--unlinked", action="store_true", help="accounts that are nobody's")
        act = parser.add_mutually_exclusive_group()
        act.add_argument(
            "--link", action="store_true", help="make the account (--name) the person's (--subject)"
        )
        act.add_argument(
            "--unlink", action="store_true", help="make the account (--name) nobody's; it stays"
        )
        act.add_argument(
            "--move",
            type=issuer,
            nargs=2,
            metavar=("OLD", "NEW"),
            help="the server that was called OLD is called NEW, and its people are the same",
        )
        act.add_argument(
            "--forget",
            type=issuer,
            metavar="ISSUER",
            help="take the server of this name, or at its URL, as it comes at the next log-in",
        )
        add_server(parser)
        parser.add_argument("--yes", action="store_true", help="do it; without this, only look")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = next((action for action in ACTIONS if options[action]), "list")
        with databases.atomic(Identity):
            getattr(self, f"_{chosen}")(options)

    # --- look ---
    def _list(self, options: dict[str, Any]) -> None:
        if options["yes"]:
            raise CommandError(f"--yes does one of: --{', --'.join(ACTIONS)}.")
        self._list_servers()
        accounts = self._accounts(options)
        self._write_some("Accounts", accounts, _account)
        self._write_some("Waiting for an account", self._requests(options), self._request)

    def _list_servers(self) -> None:
        counted = Identity.objects.values_list("issuer").annotate(Count("pk")).order_by("issuer")
        counts, met = dict(counted), set(servers.issuers_of(clients()))
        shown = servers.with_urls({*counts, *met})
        self.stdout.write("Identity servers:")
        for each in sorted(shown):
            lost = "" if each in met else "; no client here signs in there"
            self.stdout.write(f"  {shown[each]}: {counts.get(each, 0)} accounts{lost}")
        if len(met) == 1 and counts.keys() - met:
            old, new = min(counts.keys() - met), min(met)
            self.stdout.write(f"If the people of {old} have the same subjects at {new}:")
            self._next("--move", old, new)

    def _accounts(self, options: dict[str, Any]) -> QuerySet[Any]:
        accounts = Selection(names=(options["name"],) if options["name"] else ()).accounts()
        if options["subject"]:
            accounts = accounts.filter(sso_identity__subject=options["subject"])
        if options["unlinked"]:
            return accounts.filter(sso_identity=None)
        return accounts if options["name"] else accounts.exclude(sso_identity=None)

    def _requests(self, options: dict[str, Any]) -> QuerySet[LinkRequest]:
        waiting.purge()
        found = LinkRequest.objects.order_by("-asked").select_related("account__sso_identity")
        if options["subject"]:
            found = found.filter(subject=options["subject"])
        if options["name"]:
            field = f"account__{get_user_model().USERNAME_FIELD}"
            found = found.filter(**{field: options["name"]})
        return found

    def _request(self, one: LinkRequest) -> str:
        address = f", {one.email}" if one.email else ""
        lines = [
            f"{one.name!r}{address}, subject {one.subject} of {one.issuer}, "
            f"came {local(one.asked):%Y-%m-%d %H:%M}"
        ]
        if one.account:
            link = adoption.command(one.account, one.subject)
            lines += [f"  in the way: {_account(one.account)}", f"  to give it to them: {link}"]
            if adoption.name_at_server(one.account, one.issuer) is None:
                lines.append(f"  and before that, to take it away: {_unlinking(one.account)}")
            if not adoption.obstacle(one.account, one.issuer):
                by_name = commands.to_run("sso_adopt", f"--name={one.account.get_username()}")
                lines.append(f"  to whoever bears its name, as for many at once: {by_name}")
        return "\n  ".join(lines)

    def _write_some(self, title: str, found: Any, line: Any) -> None:
        count = found.count()
        self.stdout.write(f"{title}: {count or 'none'}")
        for each in found[:SHOWN]:
            self.stdout.write(f"  {line(each)}")
        if count > SHOWN:
            self.stdout.write(f"  ... and {count - SHOWN} more; --name or --subject finds one.")

    # --- link and unlink ---
    def _link(self, options: dict[str, Any]) -> None:
        user, wanted = self._named(options), options["subject"]
        if not wanted or options["unlinked"]:
            raise CommandError("--link gives one account to one person: --name and --subject.")
        client = client_at(options["server"])
        of = client.accounts.server.issuer()
        self._check_free(user, of, wanted)
        self.stdout.write(describe(user, of))
        if not options["yes"]:
            self.stdout.write(
                f"{NOTHING_DONE} Make sure, at the identity server, who the person with the "
                f"subject {wanted!r} is. To give them this account:"
            )
            server = [f"--server={options['server']}"] if options["server"] else []
            self._next("--link", f"--name={options['name']}", f"--subject={wanted}", *server)
            return
        try:
            adoption.link(user, of, wanted, by=commands.operator_name())
        except IntegrityError:
            raise CommandError("That person has got an account just now; look again.") from None
        self.stdout.write(f"It now belongs to {wanted} of {of}.")

    def _check_free(self, user: Any, of: str, wanted: str) -> None:
        if adoption.name_at_server(user, of) is None:
            raise CommandError(
                f"{user.get_username()} belongs to {user.sso_identity}. If that is wrong: "
                + _unlinking(user)
            )
        other = Identity.objects.filter(issuer=of, subject=wanted).select_related("user").first()
        if other is not None and other.user != user:
            raise CommandError(
                f"{wanted} of {of} has the account {other.user.get_username()}. If they are to "
                f"have this one in its place: {_unlinking(other.user)}"
            )

    def _unlink(self, options: dict[str, Any]) -> None:
        user = self._named(options)
        identity = Identity.objects.filter(user=user).select_related("user").first()
        if identity is None:
            raise CommandError(f"{user.get_username()} is nobody's at an identity server.")
        if options["subject"] not in (None, identity.subject):
            raise CommandError(f"{user.get_username()} belongs to {identity}.")
        self.stdout.write(_account(user))
        if not options["yes"]:
            self.stdout.write(
                f"{NOTHING_DONE} Unlinked, it stays as it is, {identity.subject} can't sign in to "
                "it any more, and who is signed in stays so. To do it:"
            )
            self._next("--unlink", f"--name={options['name']}")
            return
        adoption.unlink(identity, by=commands.operator_name())
        self.stdout.write(f"It no longer belongs to {identity}.")

    def _named(self, options: dict[str, Any]) -> Any:
        if not options["name"]:
            raise CommandError("Say which account: --name=NAME.")
        found = Selection(names=(options["name"],)).accounts().first()
        if found is None:
            raise CommandError(f"No account is called {options['name']!r} in this app.")
        return found

    # --- follow a server ---
    def _move(self, options: dict[str, Any]) -> None:
        old, new = options["move"]
        count = Identity.objects.filter(issuer=old).count()
        if old == new or not (count or KnownServer.objects.filter(issuer=old).exists()):
            raise CommandError(f"This app knows no server called {old!r} that could be {new!r}.")
        if not options["yes"]:
            self.stdout.write(
                f"{NOTHING_DONE} {count} accounts belong to people of {old}. If {new} is that "
                "server, and each of its subjects is whom it was:"
            )
            self._next("--move", old, new)
            return
        moved = servers.move(old, new, by=commands.operator_name())
        self.stdout.write(f"{moved} accounts belong to people of {new} now.")
        if moved < count:
            self.stdout.write(
                f"{count - moved} stay with {old}: their subjects have an account already."
            )

    def _forget(self, options: dict[str, Any]) -> None:
        known = KnownServer.objects.filter(issuer=options["forget"]).first()
        if known is None:
            raise CommandError(f"This app knows no server called {options['forget']!r}.")
        self.stdout.write(f"{known}")
        if not options["yes"]:
            self.stdout.write(
                f"{NOTHING_DONE} Forgotten, whichever server answers next with its name, or at its "
                "URL, is taken for it, or for a new one. Its people's accounts stay theirs. To do "
                "it:"
            )
            self._next("--forget", known.issuer)
            return
        servers.forget(known, by=commands.operator_name())
        self.stdout.write("Forgotten.")

    def _next(self, *arguments: str) -> None:
        self.stdout.write(f"  {commands.to_run('sso_accounts', *arguments, '--yes')}")


def _unlinking(user: Any) -> str:
    return commands.to_run("sso_accounts", "--unlink", f"--name={user.get_username()}")


def _account(user: Any) -> str:
    identity = getattr(user, "sso_identity", None)
    whose = f"belongs to {identity}" if identity else "nobody's at an identity server"
    return f"{describe(user, '')}; {whose}"
