"""From the server's word about a person to a local account.

The *subject* decides, never the name: a local account that merely has the same name or
e-mail address is somebody else's, and stays untouched (OpenID Connect Core, section 5.7).
Password, staff and superuser flags, and ``is_active`` are the client's own business.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any, TypeGuard

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from .. import defences, statements
from ..defences import Defence
from ..exceptions import AccessDenied, MessageRefused, NameClash
from ..groups import group_names
from .models import Identity

PROFILE_FIELDS = ("email", "first_name", "last_name")
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # JSON can say these, databases can't keep them

log = logging.getLogger("sso_kit.client")


def subject_at_stock(username: str) -> str:
    """What names a person of a stock server, which says no subject."""
    return f"name:{username}"


class Accounts:
    """Finds, makes and updates the local accounts of one identity server's people.

    Parameters:
        issuer: the server's URL; subjects are unique within it.
        on_name_clash: ``"refuse"`` with an explanation, or ``"rename"``: make the account
            under a free name (``alice-2``). Where e-mail addresses are names, always refuse.
        group_map: the server's group -> local group. Mapped local groups are given and
            taken at each log-in; all others are left alone.
    """

    def __init__(
        self, issuer: str, on_name_clash: str = "refuse", group_map: dict[str, str] | None = None
    ) -> None:
        if on_name_clash not in ("refuse", "rename"):
            raise ValueError('on_name_clash is "refuse" or "rename"')
        self.issuer = issuer
        self.on_name_clash = on_name_clash
        self.group_map = group_map or {}

    def account_for(self, data: dict[str, Any]) -> Any:
        """The local account of a person, brought up to date.

        Raises:
            NameClash: the account would need a name or address that is somebody else's.
            AccessDenied: the local account is deactivated.
            MessageRefused: no subject, or nothing to name the account by.
        """
        subject, name = data.get("subject"), data.get(_name_field())
        if not _is_text(subject) or not _is_text(name):
            raise MessageRefused("The identity server did not say who this is.")
        user = self._known(subject, name, data) or self._new(subject, name, data)
        if not user.is_active:
            raise AccessDenied("Your account in this app is deactivated.")
        self._update(user, data)
        self._sync_groups(user, data)
        return user

    def _known(self, subject: str, name: str, data: dict[str, Any]) -> Any:
        if not defences.on(Defence.SUBJECT_IDENTITY):
            return _by_name(name)
        model = get_user_model()
        found = statements.instance(model, _account_of(model), [self.issuer, subject])
        return found or self._rename_subject(subject, data) or self._adopt(subject, name)

    def _rename_subject(self, subject: str, data: dict[str, Any]) -> Any:
        """The account of a person whom this server, while it was stock, knew by name only."""
        username = data.get("username")
        if not _is_text(username):
            return None
        by_name = Identity.objects.filter(issuer=self.issuer, subject=subject_at_stock(username))
        if not by_name.update(subject=subject):
            return None
        return Identity.objects.get(issuer=self.issuer, subject=subject).user

    def _adopt(self, subject: str, name: str) -> Any:
        """An account that stock had made for this name, given over once."""
        user = _by_name(name)
        if user is None or user.has_usable_password():
            return None
        left = Identity.objects.filter(user=user, subject=None)
        return user if left.update(issuer=self.issuer, subject=subject) else None

    def _new(self, subject: str, name: str, data: dict[str, Any]) -> Any:
        model = get_user_model()
        try:
            user = model(**{model.USERNAME_FIELD: self._free_name(name)})
        except NameClash as clash:
            return self._made_meanwhile(subject, clash)
        for field, value in _profile(user, data).items():
            setattr(user, field, value)
        user.set_unusable_password()
        try:
            user.clean_fields(exclude=["password"])
            with transaction.atomic():
                user.save()
                Identity.objects.create(issuer=self.issuer, subject=subject, user=user)
        except ValidationError as error:
            raise MessageRefused(f"This app can't keep the account: {error.messages[0]}") from error
        except IntegrityError as error:
            return self._made_meanwhile(subject, error)
        log.info("account made", extra={"subject": subject, "user": user.get_username()})
        return user

    def _made_meanwhile(self, subject: str, error: Exception) -> Any:
        """Two first log-ins at once: the other one made it. Else a name or address is taken."""
        made = Identity.objects.filter(issuer=self.issuer, subject=subject).first()
        if made is None and isinstance(error, NameClash):
            raise error
        if made is None:
            raise NameClash(
                "This app already has an account with your name or e-mail address, "
                "and it isn't linked to you."
            ) from error
        return made.user

    def _free_name(self, name: str) -> str:
        if _by_name(name) is None:
            return name
        if self.on_name_clash == "refuse" or _name_field() != "username":
            raise NameClash(
                f"This app already has a local account called {name!r}, and it isn't linked to you."
            )
        for number in range(2, 1000):
            if _by_name(f"{name}-{number}") is None:
                return f"{name}-{number}"
        raise NameClash(f"No free name like {name!r} is left in this app.")

    def _update(self, user: Any, data: dict[str, Any]) -> None:
        changed = {
            field: value
            for field, value in _profile(user, data).items()
            if getattr(user, field) != value
        }
        if not changed:
            return
        for field, value in changed.items():
            setattr(user, field, value)
        try:
            with transaction.atomic():
                user.save(update_fields=list(changed))
        except IntegrityError:
            user.refresh_from_db(fields=list(changed))
            log.warning("profile not updated: address taken", extra={"user": user.get_username()})

    def _sync_groups(self, user: Any, data: dict[str, Any]) -> None:
        extra = data.get("extra_data")
        names = extra.get("groups") if isinstance(extra, dict) else None
        if not self.group_map or not isinstance(names, list):
            return
        wanted = {local for name, local in self.group_map.items() if name in names}
        present = set(group_names(user)) & set(self.group_map.values())
        if wanted - present:
            user.groups.add(
                *(Group.objects.get_or_create(name=name)[0] for name in wanted - present)
            )
        if present - wanted:
            user.groups.remove(*Group.objects.filter(name__in=present - wanted))


@cache
def _account_of(model: Any) -> str:
    """SQL: the local account of an issuer's subject."""
    return (
        f"SELECT u.* FROM {statements.table(model)} u JOIN {statements.table(Identity)} i "
        f"ON i.user_id = u.{statements.key(model)} WHERE i.issuer = %s AND i.subject = %s"
    )


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and not UNSTORABLE.search(value)


def _name_field() -> str:
    """What the server's data calls the local model's name: an e-mail address where that is it."""
    field: str = get_user_model().USERNAME_FIELD
    return field if field in PROFILE_FIELDS else "username"


def _by_name(name: str) -> Any:
    model = get_user_model()
    return model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()


def _profile(user: Any, data: dict[str, Any]) -> dict[str, str]:
    """The profile fields that the local user model has, cut to its lengths."""
    fields = {field.name: field for field in user._meta.concrete_fields}
    return {
        name: data[name][: fields[name].max_length]
        for name in PROFILE_FIELDS
        if name in fields
        and isinstance(fields[name], models.CharField)
        and (data.get(name) == "" or _is_text(data.get(name)))
        and name != type(user).USERNAME_FIELD
    }
