"""A person's browsers at the identity server, what they entered from each, and how that ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ua_parser
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from sso_kit.server import ending, sign_ins
from sso_kit.server.ending import Act
from sso_kit.server.models import Ending, Reason, SignIn

from .models import Person

ALL = ("others", "everything")
MOST_SHOWN = 50  # browsers
UNDER_WAY = timedelta(minutes=1)  # a log-in notes its browser, and writes its session at the end
MOST_ENDED = 20  # lines of the record that a page shows


@dataclass(frozen=True)
class Browser:
    """One session at the server, or a sign-in that serves one app only.

    Attributes:
        key: of the form that ends it: ``browser 3`` or ``app 7``.
        device: in words.
    """

    key: str
    device: str
    address: str
    since: datetime
    seen: datetime
    apps: tuple[SignIn, ...]
    is_this_one: bool = False
    is_one_app: bool = False


def note(request: HttpRequest, user: Person, **_: object) -> None:
    """Signal receiver: somebody has logged in."""
    _forget_ended(user)
    UserSession.objects.create_from_request(request)


def _forget_ended(person: Person) -> None:
    """By one statement, whatever their number."""
    noted = UserSession.objects.filter(user=person, created_at__lt=timezone.now() - UNDER_WAY)
    noted.exclude(session_key__in=_live()).delete()


def _live() -> QuerySet[Any, Any]:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def of(person: Person, request: HttpRequest) -> tuple[list[Browser], int]:
    """This one first, then by when they were last used; and how many more there are."""
    theirs = UserSession.objects.filter(user=person, session_key__in=_live())
    here = request.session.session_key
    this_one, others = theirs.filter(session_key=here), theirs.exclude(session_key=here)
    latest = [*this_one, *others.order_by("-last_seen_at")[:MOST_SHOWN]]
    more = theirs.count() - len(latest)
    entered: dict[str | None, list[SignIn]] = {}
    for sign_in in sign_ins.at_apps(person):
        entered.setdefault(sign_in.session, []).append(sign_in)
    found = [
        _browser(session, entered.get(session.session_key, []), request)
        for session in latest
        if not session.purge()  # of another password
    ]
    alone = [
        Browser(
            key=f"app {sign_in.pk}",
            device=f"A log-in for {sign_in.consumer.name} only",
            address="",
            since=sign_in.since,
            seen=sign_in.seen,
            apps=(sign_in,),
            is_one_app=True,
        )
        for sign_in in entered.get(None, [])
    ]
    shown = sorted(found + alone, key=lambda one: (not one.is_this_one, -one.seen.timestamp()))
    return shown, more


def _browser(session: UserSession, apps: Iterable[SignIn], request: HttpRequest) -> Browser:
    entered = tuple(sorted(apps, key=lambda sign_in: sign_in.consumer.name))
    return Browser(
        key=f"browser {session.pk}",
        device=in_words(session.user_agent),
        address=session.ip,
        since=session.created_at,
        seen=max([session.last_seen_at, *(sign_in.seen for sign_in in entered)]),
        apps=entered,
        is_this_one=session.session_key == request.session.session_key,
    )


def in_words(user_agent: str) -> str:
    """``Firefox on Windows``, as far as a browser says."""
    found = ua_parser.parse(user_agent)
    browser = found.user_agent.family if found.user_agent else "A browser"
    system = found.os.family if found.os and found.os.family != "Other" else ""
    device = (
        found.device.model if found.device and found.device.model not in (None, "Other") else ""
    )
    where = " on ".join(filter(None, [browser, system]))
    return f"{where} ({device})" if device and device not in where else where


def end(person: Person, request: HttpRequest, which: str) -> Act:
    """End one of somebody's own by its key, all ``others``, or ``everything``.

    What isn't theirs, or is over already, is left alone.
    """
    act = Act(Reason.BY_PERSON)
    here, signed_in = request.session.session_key, SignIn.objects.filter(user=person)
    noted, alone = UserSession.objects.filter(user=person), signed_in.filter(session=None)
    keys = set(_named(noted, which, "browser").values_list("session_key", flat=True))
    if which in ALL:  # also one that no browser is noted for
        keys |= set(signed_in.exclude(session=None).values_list("session", flat=True)) | {here}
    if which == "others":
        keys.remove(here)
    for key in keys:
        ending.end_session(key, act)
        noted.filter(session_key=key).delete()
    if here in keys:
        logout(request)
    ending.end(_named(alone, which, "app").select_related("consumer", "user"), act)
    return act


def _named(found: QuerySet[Any], which: str, kind: str) -> QuerySet[Any]:
    """Of these all, or the one that a form names by kind and number."""
    if which in ALL:
        return found
    name, _, number = which.partition(" ")
    is_one = name == kind and number.isascii() and number.isdecimal()
    return found.filter(pk=number) if is_one else found.none()


def leave(person: Person, consumer: int) -> Act:
    """Sign out of one app, from every browser."""
    act = Act(Reason.BY_PERSON)
    found = SignIn.objects.filter(user=person, consumer=consumer)
    ending.end(found.select_related("consumer", "user"), act)
    return act


def record_of(person: Person) -> list[Ending]:
    """What of theirs has ended lately, and why."""
    return list(Ending.objects.filter(subject=str(person.subject))[:MOST_ENDED])
