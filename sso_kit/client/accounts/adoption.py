"""Handing a local account over to a person at the identity server.

Nothing is handed over by itself. Either an administrator links one account to one subject
(``manage.py sso_accounts``, or the admin), or allows that accounts are taken over by whoever
bears their names at the server, once each and until a date (``manage.py sso_adopt``). The
second way is for accounts that stock django-simple-sso made, as far as that can be told, and
for those that a stock server's people had by name before it was migrated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import IntegrityError

from ... import clock, commands, databases, events
from ...events import Step
from ...messages.stock import AT_STOCK, subject_at_stock
from ..models import Adoption, Identity
from . import waiting
from .names import by_name, is_address

Each = TypeVar("Each")
BATCH = 500  # rows by one statement


def command(account: Any = None, subject: str = "") -> str:
    """What an administrator runs to see an account and who waits for it, or to link them.

    Quoted for a shell, and with ``--name=``, as a name may begin with a dash.

    Parameters:
        account: ``None`` where there is none to be named.
    """
    link = ["--link"] if subject else []
    name = [f"--name={account.get_username()}"] if account else ["--name=NAME"] if subject else []
    whose = [f"--subject={subject}"] if subject else []
    return commands.to_run("sso_accounts", *link, *name, *whose)


def in_batches(items: Iterable[Each]) -> Iterator[list[Each]]:
    """As many as one statement takes, again and again."""
    iterator = iter(items)
    while some := list(islice(iterator, BATCH)):
        yield some


def known_by_name(issuer: str, username: str) -> Any:
    """The account of a person whom this server, while it was stock, knew by name only."""
    at_stock = {"issuer": issuer, "subject": subject_at_stock(username)}
    identity = databases.written(Identity).filter(**at_stock).select_related("user").first()
    return identity and identity.user


def name_at_server(user: Any, issuer: str) -> str | None:
    """What the person is called whom an account was made for; ``None``: it has its owner."""
    identity = getattr(user, "sso_identity", None)
    if identity is None:
        name: str = user.get_username()
        return name
    by_name_only = identity.issuer == issuer and identity.subject.startswith(AT_STOCK)
    return identity.subject.removeprefix(AT_STOCK) if by_name_only else None


def obstacle(user: Any, issuer: str) -> str:
    """Why an account is nothing for whoever bears its name; empty if that may be allowed."""
    name = name_at_server(user, issuer)
    if name is None:
        return "belongs to somebody already"
    if is_address(name) or is_address(user.get_username()):
        return "is named by an e-mail address, which people type in themselves"
    reasons = {
        "is staff": getattr(user, "is_staff", False),
        "is a superuser": getattr(user, "is_superuser", False),
        "has a password of its own": user.has_usable_password(),
        "is deactivated": not user.is_active,
        "was never signed in to, so stock did not make it": _never_used(user),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _never_used(user: Any) -> bool:
    """Stock makes an account at a log-in. Not every user model notes when the last one was."""
    noted = any(field.name == "last_login" for field in user._meta.concrete_fields)
    return noted and user.last_login is None


def allow(users: Iterable[Any], issuer: str, expires: datetime) -> None:
    """Let the bearers of their names take accounts over, until ``expires``."""
    for some in in_batches(users):
        with databases.atomic(Adoption):
            Adoption.objects.filter(user__in=some).delete()
            Adoption.objects.bulk_create(
                Adoption(user=user, issuer=issuer, expires=expires) for user in some
            )
        for user in some:
            until = expires.isoformat()
            events.tell(Step.TAKE_OVER_ALLOWED, user=user.get_username(), expires=until)


def withdraw(allowances: Iterable[Adoption], by: str = "") -> None:
    """Take ``allow`` back."""
    for some in in_batches(allowances):
        Adoption.objects.filter(pk__in=[allowance.pk for allowance in some]).delete()
        for allowance in some:
            name = allowance.user.get_username()
            events.tell(Step.TAKE_OVER_WITHDRAWN, user=name, by=by)


def link(user: Any, issuer: str, subject: str, by: str = "") -> Identity:
    """Make an account a subject's. Raises ``IntegrityError`` where the subject has another.

    Parameters:
        by: who decided it, where that isn't the person's own log-in.
    """
    with databases.atomic(Identity):
        Adoption.objects.filter(user=user).delete()
        identity, _ = Identity.objects.update_or_create(
            user=user, defaults={"issuer": issuer, "subject": subject}
        )
        waiting.no_longer(issuer, subject)
    events.tell(Step.HANDED_OVER, user=user.get_username(), subject=subject, by=by)
    return identity


def unlink(identity: Identity, by: str) -> None:
    """Make an account nobody's. It stays, with what belongs to it, and its sessions go on."""
    identity.delete()
    name = identity.user.get_username()
    events.tell(Step.TAKEN_AWAY, user=name, subject=identity.subject, by=by)


def take(issuer: str, subject: str, username: str) -> Any:
    """The account that a person may take over now, made theirs; else ``None``.

    The allowance is used up by the attempt, so of two at once one finds it; and the account
    is looked at again, because much can have changed since the administrator looked.
    """
    claimed = known_by_name(issuer, username) or by_name(username)
    if claimed is None:
        return None
    try:
        with databases.atomic(Adoption):
            if not _use_up(claimed, issuer):
                return None
            users = databases.written(get_user_model()).select_for_update()
            user = users.filter(pk=claimed.pk).first()
            if user is None or not _is_still_theirs(user, issuer, username):
                return None
            link(user, issuer, subject)
            return user
    except IntegrityError:  # this subject has got another account meanwhile
        return None


def _use_up(user: Any, issuer: str) -> bool:
    pending = databases.written(Adoption).filter(user=user, issuer=issuer, expires__gt=clock.now())
    return bool(pending.delete()[0])


def _is_still_theirs(user: Any, issuer: str, username: str) -> bool:
    reason = obstacle(user, issuer)
    if name_at_server(user, issuer) != username:  # a database's "equal" can be another's
        reason = reason or "has another name"
    if reason:
        events.tell(Step.NOT_HANDED_OVER, user=user.get_username(), reason=reason)
    return not reason
