"""Handing a local account over to a person at the identity server.

Nothing is handed over by itself. An administrator runs ``manage.py sso_adopt``: either for
one account and one subject, or for accounts whose bearers of the same name at the server
may take them over, once each and until a date. The second way is for accounts that stock
django-simple-sso made, as far as that can be told, and for those that a stock server's
people had by name before it was migrated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from ... import clock, commands, events
from ...events import Step
from ...messages.stock import AT_STOCK, subject_at_stock
from ..models import Adoption, Identity
from .names import by_name, is_address


def command(name: str = "", subject: str = "") -> str:
    """The command to run, quoted for a shell. ``--name=``: a name may begin with a dash."""
    options = {"--name": name, "--subject": subject}
    given = [f"{key}={value}" for key, value in options.items() if value]
    return commands.to_run("sso_adopt", *given)


def known_by_name(issuer: str, username: str) -> Any:
    """The account of a person whom this server, while it was stock, knew by name only."""
    identities = Identity.objects.filter(issuer=issuer, subject=subject_at_stock(username))
    identity = identities.select_related("user").first()
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


def allow(user: Any, issuer: str, expires: datetime) -> None:
    """Let the bearer of its name take an account over, until ``expires``."""
    Adoption.objects.update_or_create(user=user, defaults={"issuer": issuer, "expires": expires})
    until = expires.isoformat()
    events.tell(Step.TAKE_OVER_ALLOWED, user=user.get_username(), expires=until)


def withdraw(allowance: Adoption) -> None:
    """Take ``allow`` back."""
    allowance.delete()
    events.tell(Step.TAKE_OVER_WITHDRAWN, user=allowance.user.get_username())


def link(user: Any, issuer: str, subject: str) -> None:
    """Make an account a subject's. Raises ``IntegrityError`` where the subject has another."""
    with transaction.atomic():
        Adoption.objects.filter(user=user).delete()
        Identity.objects.update_or_create(
            user=user, defaults={"issuer": issuer, "subject": subject}
        )
    events.tell(Step.HANDED_OVER, user=user.get_username(), subject=subject)


def take(issuer: str, subject: str, username: str) -> Any:
    """The account that a person may take over now, made theirs; else ``None``.

    The allowance is used up by the attempt, so of two at once one finds it; and the account
    is looked at again, because much can have changed since the administrator looked.
    """
    claimed = known_by_name(issuer, username) or by_name(username)
    if claimed is None:
        return None
    try:
        with transaction.atomic():
            if not _use_up(claimed, issuer):
                return None
            users = get_user_model()._default_manager.select_for_update()
            user = users.filter(pk=claimed.pk).first()
            if user is None or not _is_still_theirs(user, issuer, username):
                return None
            link(user, issuer, subject)
            return user
    except IntegrityError:  # this subject has got another account meanwhile
        return None


def _use_up(user: Any, issuer: str) -> bool:
    pending = Adoption.objects.filter(user=user, issuer=issuer, expires__gt=clock.now())
    return bool(pending.delete()[0])


def _is_still_theirs(user: Any, issuer: str, username: str) -> bool:
    reason = obstacle(user, issuer)
    if name_at_server(user, issuer) != username:  # a database's "equal" can be another's
        reason = reason or "has another name"
    if reason:
        events.tell(Step.NOT_HANDED_OVER, user=user.get_username(), reason=reason)
    return not reason
