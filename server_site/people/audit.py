"""What the log says about people: who signed in and out, and what became of their accounts.

Receivers of signals, so that every way is seen: a page, the administration, a command (whose
lines go where it is run). Each line names the person, the address it came from and, where it
is somebody else, who did it.
Changes of groups and of single rights are in the administration's own history.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.signals import password_reset
from allauth.account.utils import filter_users_by_username
from allauth.core import context
from allauth.core.internal import httpkit
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import Signal
from django.http import HttpRequest

from .models import Person

logger = logging.getLogger(__name__)

CHANGES = {
    "username": "user name changed",
    "password": "password changed",
    "email": "e-mail address changed",
    "verified_email": "verified e-mail address changed",
    "is_active": "account activated or deactivated",
    "is_staff": "staff status changed",
    "is_superuser": "superuser status changed",
}


signed_in_once = Signal()  # for one app only: request, user
asked_for_reset = Signal()  # by mail: request, users who were sent one


def listen() -> None:
    """Connect the receivers, once."""
    signed_in_once.connect(for_one_app, dispatch_uid="people.signed_in_once")
    asked_for_reset.connect(reset_asked_for, dispatch_uid="people.asked_for_reset")
    password_reset.connect(reset_by_mail, dispatch_uid="people.reset_by_mail")
    user_logged_in.connect(signed_in, dispatch_uid="people.signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="people.signed_out")
    pre_save.connect(note_changes, Person, dispatch_uid="people.note_changes")
    post_save.connect(log_changes, Person, dispatch_uid="people.log_changes")
    post_delete.connect(log_deletion, Person, dispatch_uid="people.log_deletion")


def name_of_account(typed: str) -> str:
    """The account's name if there is one of the name typed, else nothing.

    People type their password into the wrong field: what isn't a name is never logged.
    """
    found = filter_users_by_username(typed).first() if typed else None
    return found.get_username() if found else ""


def where(request: HttpRequest | None) -> dict[str, str]:
    """The browser's network address for the log, where it is known."""
    address = httpkit.get_client_ip(request) if request else None
    return {"address": address} if address else {}


def signed_in(request: HttpRequest | None, user: Any, **_: object) -> None:
    _say("signed in", user, request)


def for_one_app(request: HttpRequest, user: Any, **_: object) -> None:
    _say("signed in for one app", user, request)


def reset_asked_for(request: HttpRequest, users: Any, **_: object) -> None:
    """Somebody asked for a link. An address that nobody has isn't written down."""
    for user in users:
        _say("password reset asked for", user, request)
    if not users:
        logger.info("password reset asked for, by nobody known", extra=where(request))


def reset_by_mail(request: HttpRequest | None, user: Any, **_: object) -> None:
    _say("password reset by mail", user, request)


def signed_out(request: HttpRequest | None, user: Any, **_: object) -> None:
    if user is not None:
        _say("signed out", user, request)


def note_changes(instance: Person, update_fields: Any, **_: object) -> None:
    """Remember what a save is about to change; a save of other fields costs no query."""
    fields = [name for name in CHANGES if update_fields is None or name in update_fields]
    instance.noted_changes = []
    # Django stores a password anew when the hasher's costs changed: the same password.
    typed = instance._password  # type: ignore[attr-defined]  # the stubs leave it out
    rehashed = fields == ["password"] and typed is None
    if instance._state.adding or rehashed or not fields:
        return
    before = Person.objects.filter(pk=instance.pk).values(*fields).first() or {}
    instance.noted_changes = [name for name in before if before[name] != getattr(instance, name)]


def log_changes(instance: Person, created: bool, **_: object) -> None:
    for event in ["account made"] * created + [CHANGES[name] for name in instance.noted_changes]:
        _say(event, instance, context.request)


def log_deletion(instance: Person, **_: object) -> None:
    _say("account deleted", instance, context.request)


def _say(event: str, person: Any, request: HttpRequest | None) -> None:
    details = {"person": person.get_username()} | where(request)
    actor = getattr(request, "user", None)
    if actor is not None and actor.is_authenticated and actor.pk != person.pk:
        details["by"] = actor.get_username()
    logger.info(event, extra=details)
