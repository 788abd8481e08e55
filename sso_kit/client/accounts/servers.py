"""What an identity server is called here, for ever, and how it is told from another one.

Its people's accounts hang on that name. A server says it (``iss``), so that its URL may change
and its database may move; one that says none, as stock, is called by the first URL that it had.
What a server says is no proof: another one, whose people are others, could say the same. So a
name that is known counts from the origin that it was last heard from, or from whoever shares a
private key with this project that the server of that name has shared. On first contact a name
is taken as it comes, as SSH takes a host's key (RFC 4251, 4.1).

URLs and keys are kept as digests, its *marks*: most log-ins are by marks that are known, and
that is a part of the one statement that finds the account (``store.client.account_of``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError

from ... import commands, databases, events, keys
from ...errors import ServerUnrecognised
from ...events import Step
from ...origins import origin_of
from ..models import Adoption, Identity, KnownServer, LinkRequest

TRIES = 3  # of two first contacts at once, one finds the other's row
URL, KEY = "u", "k"  # what a mark is of
MOST = 16  # marks of a server: the oldest go


class Server:
    """One client's identity server.

    Parameters:
        server_url: as browsers reach it.
        private_keys: that count between it and the client, the current one first.
    """

    def __init__(self, server_url: str, private_keys: Sequence[str]) -> None:
        self.url = server_url
        self.place = _mark(URL, server_url)
        self.keys = [_mark(KEY, key) for key in private_keys]

    @property
    def marks(self) -> tuple[str, str]:
        """What it is known by at present: its URL, and the current key."""
        return self.place, self.keys[0]

    def issuer(self) -> str:
        """What its people are kept under at present, as far as is known here."""
        all_known = _all()
        known = self._at_url(all_known) or self._with_key(all_known)
        return known.issuer if known else self.url

    def confirm(self, said: str) -> str:
        """What its people are kept under, after an answer of its own.

        Parameters:
            said: what it calls itself; empty where it doesn't say.

        Raises:
            ServerUnrecognised: that name is another server's, or another one is at its URL.
        """
        for _ in range(TRIES):
            try:
                with databases.atomic(KnownServer):
                    return self._recognised(said)
            except IntegrityError as error:
                failed = error
        raise failed

    def _recognised(self, said: str) -> str:
        all_known = _all()
        here = self._at_url(all_known)
        name = said or (here.issuer if here else self.url)
        if here and here.issuer == name:
            return self._note(here)
        if here and here.named:
            raise _changed(here, name)
        namesake = _called(name, all_known)
        if namesake and not self._is_from(namesake):
            raise _claimed(namesake, self.url)
        if namesake:
            if here:  # it had no name yet, at this URL
                rename(here.issuer, name)
                here.delete()
            return self._note(namesake)
        known = here or self._with_key(all_known)
        if known is None or (said and known.named):
            url_is_a_name = _called(self.url, all_known) is not None
            return self._meet(name, named=bool(said), inherits=bool(said) and not url_is_a_name)
        return self._note(known, said)

    def _meet(self, name: str, *, named: bool, inherits: bool) -> str:
        """For the first time; what was kept under its URL is its own, unless that's a name."""
        marks = " ".join(self.marks)
        new = KnownServer(issuer=name, named=named, server_url=self.url, marks=marks)
        if inherits:
            rename(self.url, name)
        new.save(force_insert=True)
        events.tell(Step.SERVER_KNOWN, issuer=name, server=self.url)
        return name

    def _note(self, known: KnownServer, said: str = "") -> str:
        """It is at this URL now, shares this key, and is called so if it said that only now."""
        noted = known.marks.split()
        if set(self.marks) <= set(noted) and not said:
            return known.issuer
        if said:
            rename(known.issuer, said)
            known.issuer, known.named = said, True
            events.tell(Step.SERVER_KNOWN, issuer=said, server=self.url)
        if not self._is_at_origin_of(known):  # where it was, somebody else may be some day
            noted = [mark for mark in noted if mark.startswith(KEY)]
            events.tell(Step.SERVER_MOVED, issuer=known.issuer, server=self.url)
        known.server_url = self.url
        marks = [*(mark for mark in noted if mark not in self.marks), *self.marks]
        known.marks = " ".join(marks[-MOST:])
        known.save()
        return known.issuer

    def _at_url(self, all_known: Iterable[KnownServer]) -> KnownServer | None:
        return next((known for known in all_known if self.place in known.marks.split()), None)

    def _with_key(self, all_known: Iterable[KnownServer]) -> KnownServer | None:
        """The one that shares a key with this client, if it is one only."""
        found = [known for known in all_known if self._shares_a_key(known)]
        return found[0] if len(found) == 1 else None

    def _is_from(self, known: KnownServer) -> bool:
        """A project with two ``Server``s has them at one origin, and the same people.

        Whoever has a path of an origin has the origin, as browsers see it (RFC 6454, 8.2): so
        nothing is kept from them there.
        """
        return self._is_at_origin_of(known) or self._shares_a_key(known)

    def _is_at_origin_of(self, known: KnownServer) -> bool:
        return origin_of(self.url) == origin_of(known.server_url)

    def _shares_a_key(self, known: KnownServer) -> bool:
        return not set(self.keys).isdisjoint(known.marks.split())


def issuers_of(clients: Iterable[Any]) -> list[str]:
    """What a project's clients keep their people under."""
    return [client.accounts.server.issuer() for client in clients if not client.shares_accounts]


def with_urls(issuers: Iterable[str]) -> dict[str, str]:
    """Each of them as somebody is shown it, and every other that this project has known."""
    return {each: each for each in issuers} | {known.issuer: str(known) for known in _all()}


def rename(old: str, new: str) -> int:
    """Keep everybody under another name of their server; who is there already, stays twice.

    Returns:
        How many accounts.
    """
    with databases.atomic(Identity):
        moving, there = (Identity.objects.filter(issuer=name) for name in (old, new))
        if there.exists():  # MySQL can't update by what it finds in the same table
            moving = moving.exclude(subject__in=there.values("subject"))
        moved = moving.update(issuer=new)
        Adoption.objects.filter(issuer=old).update(issuer=new)
        LinkRequest.objects.filter(issuer=old).delete()
    return moved


def move(old: str, new: str, by: str) -> int:
    """An administrator's word that the server of one name is the one of another now.

    Returns:
        How many accounts.
    """
    with databases.atomic(Identity):
        moved = rename(old, new)
        known = KnownServer.objects.filter(issuer=old)
        if KnownServer.objects.filter(issuer=new).exists():
            known.delete()
        else:
            known.update(issuer=new, named=True)
    events.tell(Step.SERVER_KNOWN, issuer=new, by=by)
    return moved


def forget(known: KnownServer, by: str) -> None:
    """Take the next server that has its name, or is at its URL, as it comes.

    Accounts stay whose they are.
    """
    known.delete()
    events.tell(Step.SERVER_FORGOTTEN, issuer=known.issuer, server=known.server_url, by=by)


def _mark(of: str, text: str) -> str:
    return of + keys.digest(f"sso-kit known server {text}")


def _called(name: str, all_known: Iterable[KnownServer]) -> KnownServer | None:
    return next((known for known in all_known if known.issuer == name), None)


def _all() -> list[KnownServer]:
    """A handful: the servers that this project has ever had."""
    return list(databases.written(KnownServer))


def _changed(known: KnownServer, name: str) -> ServerUnrecognised:
    same = commands.to_run("sso_accounts", "--move", known.issuer, name)
    other = commands.to_run("sso_accounts", "--forget", known.issuer)
    return ServerUnrecognised(
        f"The identity server at {known.server_url} is another one than before.",
        remedy=f"It called itself {known.issuer} and is {name} now. If its people have the "
        f"subjects that they had: {same}. If it was set up anew, so that a subject may be "
        f"somebody else: {other}",
    )


def _claimed(known: KnownServer, url: str) -> ServerUnrecognised:
    moved = commands.to_run("sso_accounts", "--forget", known.issuer)
    return ServerUnrecognised(
        f"The identity server at {url} calls itself as another one does.",
        remedy=f"This app knows {known.issuer} at {known.server_url}, and shares other keys with "
        f"it. Only if that has moved, and you got a new key with it: {moved}",
    )
