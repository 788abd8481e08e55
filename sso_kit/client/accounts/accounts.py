"""From the server's word about a person to a local account.

The *subject* decides, never the name: a local account that merely has the same name or
e-mail address is somebody else's, and stays untouched (OpenID Connect Core, section 5.7).
Password, staff and superuser flags, and ``is_active`` are the client's own business.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ... import defences, events
from ...defences import Defence
from ...errors import AccessDenied, MessageRefused, NameClash
from ...events import Step
from ...store import client as store
from ...store import people
from ..models import Identity
from . import adoption
from .names import by_name, name_field
from .profile import is_text, profile

MAX_SUBJECT_LENGTH = 255  # characters, as of the column


class Accounts:
    """Finds, makes and updates the local accounts of one identity server's people.

    Parameters:
        issuer: the server's URL; subjects are unique within it.
        on_name_clash: ``"refuse"`` with an explanation, or ``"rename"``: make the account
            under a free name (``alice-2``). Where e-mail addresses are names, always refuse.
        group_map: the server's group -> local group. At each log-in a mapped local group is
            given where the server vouches for the membership, and taken away where it
            doesn't, be it without a word. All others are left alone.
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
            AccessDenied: the local account is deactivated, or hidden by its model's manager.
            MessageRefused: no subject, or nothing to name the account by.
        """
        subject, name = data.get("subject"), data.get(name_field())
        if not is_text(subject) or not is_text(name) or len(subject) > MAX_SUBJECT_LENGTH:
            raise MessageRefused("The identity server did not say who this is.")
        try:
            user = self._known(subject, name, data) or self._new(subject, name, data)
        except NameClash as clash:
            _say_what_to_run(clash, subject)
            raise
        if not user.is_active or people.is_hidden(user):
            raise AccessDenied("Your account in this app is deactivated.")
        self._update(user, data)
        self._sync_groups(user, data)
        return user

    def _known(self, subject: str, name: str, data: dict[str, Any]) -> Any:
        if not defences.on(Defence.SUBJECT_IDENTITY):
            return by_name(name)
        known = store.account_of(self.issuer, subject)
        return known or adoption.take(self.issuer, subject, _username(data))

    def _new(self, subject: str, name: str, data: dict[str, Any]) -> Any:
        model = get_user_model()
        try:
            user = model(**{model.USERNAME_FIELD: self._free_name(name, _username(data))})
        except NameClash as clash:
            return self._made_meanwhile(subject, clash)
        for field, value in profile(user, data).items():
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
        events.tell(Step.ACCOUNT_MADE, subject=subject, user=user.get_username())
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

    def _free_name(self, name: str, username: str) -> str:
        earlier = adoption.known_by_name(self.issuer, username)
        if earlier is not None:  # a second account beside her own would be no help
            reason = f"This app has an account of {username!r} from before its server was migrated"
            raise _clash(reason, username, earlier.get_username())
        if by_name(name) is None:
            return name
        if self.on_name_clash == "refuse" or name_field() != "username":
            raise _clash(f"This app already has a local account called {name!r}", name, name)
        for number in range(2, 1000):
            if by_name(f"{name}-{number}") is None:
                return f"{name}-{number}"
        raise NameClash(f"No free name like {name!r} is left in this app.")

    def _update(self, user: Any, data: dict[str, Any]) -> None:
        changed = {
            field: value
            for field, value in profile(user, data).items()
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
            events.tell(Step.ADDRESS_TAKEN, user=user.get_username())
            if "email" in changed:
                self._update(user, {**data, "email": None})

    def _sync_groups(self, user: Any, data: dict[str, Any]) -> None:
        if not self.group_map or not people.has_groups():
            return
        extra = data.get("extra_data")
        said = extra.get("groups") if isinstance(extra, dict) else None
        names = said if isinstance(said, list) else []  # no word of groups vouches for none
        wanted = {local for name, local in self.group_map.items() if name in names}
        present = set(people.group_names(user)) & set(self.group_map.values())
        if wanted == present:
            return
        user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in wanted - present))
        user.groups.remove(*Group.objects.filter(name__in=present - wanted))


def _username(data: dict[str, Any]) -> str:
    name = data.get("username")
    return name if is_text(name) else ""


def _clash(reason: str, name: str, account: str) -> NameClash:
    """Refused for a person of this name, because of an account that may be called otherwise."""
    command = adoption.command(name if name == account else "")
    advice = f"Ask whoever runs this app to link the account to you. For them: {command}"
    return NameClash(f"{reason}, and it isn't linked to you.", account, advice)


def _say_what_to_run(clash: NameClash, subject: str) -> None:
    command = adoption.command(clash.account or "NAME", subject)
    events.tell(Step.ACCOUNT_NOT_LINKED, command=command, subject=subject)
