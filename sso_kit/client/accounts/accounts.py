"""From the server's word about a person to a local account.

The *subject* decides, never the name: a local account that merely has the same name or
e-mail address is somebody else's, and stays untouched (OpenID Connect Core, section 5.7).
Password, staff and superuser flags, and ``is_active`` are the client's own business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from ... import databases, defences, events
from ...defences import Defence
from ...errors import AccessDenied, MessageRefused, NameClash, NotConfigured
from ...events import Step
from ...messages import Person
from ...store import client as store
from ...store import people
from ..models import Identity
from . import adoption, waiting
from .names import by_name, name_field
from .profile import UNSTORABLE, is_text, profile
from .servers import Server

MAX_SUBJECT_LENGTH = MAX_ISSUER_LENGTH = 255  # characters, as of the columns


class Accounts:
    """Finds, makes and updates the local accounts of one identity server's people.

    Parameters:
        server_url, private_keys: see ``servers.Server``.
        on_name_clash: ``"refuse"`` with an explanation, or ``"rename"``: make the account
            under a free name (``alice-2``). Where e-mail addresses are names, always refuse.
        group_map: the server's group -> local group. At each log-in a mapped local group is
            given where the server vouches for the membership, and taken away where it
            doesn't, be it without a word. All others are left alone.
        prepare: called with a new account, before it is first saved, and the server's data.
    """

    def __init__(
        self,
        server_url: str,
        private_keys: Sequence[str],
        on_name_clash: str = "refuse",
        group_map: dict[str, str] | None = None,
        prepare: Callable[[Any, dict[str, Any]], None] | None = None,
    ) -> None:
        if on_name_clash not in ("refuse", "rename"):
            raise ValueError('on_name_clash is "refuse" or "rename"')
        self.server = Server(server_url, private_keys)
        self.prepare = prepare
        self.on_name_clash = on_name_clash
        self.group_map = group_map or {}

    def account_for(self, person: Person) -> Any:
        """The local account of whom the server vouches for, brought up to date.

        Raises:
            NameClash: the account would need a name or address that is somebody else's.
            AccessDenied: the local account is deactivated, or hidden by its model's manager.
            MessageRefused: no subject, or nothing to name the account by.
            NotConfigured: the user model has a field that nobody fills.
            ServerUnrecognised: see ``servers.Server.confirm``.
        """
        subject, name = person.subject, person.profile.get(name_field())
        if not is_text(subject) or not is_text(name) or len(subject) > MAX_SUBJECT_LENGTH:
            raise MessageRefused("The identity server did not say who this is.")
        if len(person.issuer) > MAX_ISSUER_LENGTH or UNSTORABLE.search(person.issuer):
            raise MessageRefused("The identity server did not say who it is.")
        user = self._known(person, name) or self._stranger(person, name)
        if not user.is_active or people.is_hidden(user):
            raise AccessDenied("Your account in this app is deactivated.")
        self._update(user, profile(user, person))
        self._sync_groups(user, person.profile)
        return user

    def _known(self, person: Person, name: str) -> Any:
        if not defences.on(Defence.SUBJECT_IDENTITY):
            return by_name(name)
        return store.account_of(self.server.marks, person.issuer, person.subject)

    def _stranger(self, person: Person, name: str) -> Any:
        """Whoever isn't known by this server's present URL and key, or not at all."""
        issuer, subject = self.server.confirm(person.issuer), person.subject
        try:
            return (
                self._known(person, name)
                or adoption.take(issuer, subject, _username(person))
                or self._new(issuer, person, name)
            )
        except NameClash as clash:
            waiting.note(issuer, person, name, clash.account)
            events.tell(
                Step.ACCOUNT_NOT_LINKED,
                command=adoption.command(clash.account, subject),
                subject=subject,
            )
            raise

    def _new(self, issuer: str, person: Person, name: str) -> Any:
        model, subject = get_user_model(), person.subject
        try:
            user = model(**{model.USERNAME_FIELD: self._free_name(issuer, name, _username(person))})
        except NameClash as clash:
            return self._made_meanwhile(issuer, subject, clash)
        kept = profile(user, person)
        for field, value in kept.items():
            setattr(user, field, value)
        user.set_unusable_password()
        if self.prepare:
            self.prepare(user, person.profile)
        try:
            user.clean_fields(exclude=_all_but(model, {model.USERNAME_FIELD, *kept}))
            with databases.atomic(model):
                user.save()
                Identity.objects.create(issuer=issuer, subject=subject, user=user)
        except ValidationError as error:
            raise MessageRefused(f"This app can't keep the account: {_in_words(error)}") from error
        except IntegrityError as error:
            _name_what_is_empty(user, error)
            return self._made_meanwhile(issuer, subject, error)
        events.tell(Step.ACCOUNT_MADE, subject=subject, user=user.get_username())
        return user

    def _made_meanwhile(self, issuer: str, subject: str, error: Exception) -> Any:
        """Two first log-ins at once: the other one made it. Else a name or address is taken."""
        made = databases.written(Identity).filter(issuer=issuer, subject=subject).first()
        if made is None and isinstance(error, NameClash):
            raise error
        if made is None:
            raise NameClash(
                "This app already has an account with your name or e-mail address, "
                "and it isn't linked to you."
            ) from error
        return made.user

    def _free_name(self, issuer: str, name: str, username: str) -> str:
        earlier = adoption.known_by_name(issuer, username)
        if earlier is not None:  # a second account beside her own would be no help
            reason = f"This app has an account of {username!r} from before its server was migrated"
            raise _clash(reason, username, earlier)
        there = by_name(name)
        if there is None:
            return name
        if self.on_name_clash == "refuse" or name_field() != "username":
            raise _clash(f"This app already has a local account called {name!r}", name, there)
        for number in range(2, 1000):
            if by_name(f"{name}-{number}") is None:
                return f"{name}-{number}"
        raise NameClash(f"No free name like {name!r} is left in this app.")

    def _update(self, user: Any, kept: dict[str, Any]) -> None:
        changed = {field: value for field, value in kept.items() if getattr(user, field) != value}
        if not changed:
            return
        for field, value in changed.items():
            setattr(user, field, value)
        try:
            with databases.atomic(type(user)):
                user.save(update_fields=list(changed))
        except IntegrityError:
            user.refresh_from_db(fields=list(changed))
            events.tell(Step.ADDRESS_TAKEN, user=user.get_username())
            if "email" in changed:
                rest = {field: value for field, value in kept.items() if field != "email"}
                self._update(user, rest | dict.fromkeys(rest.keys() & {"email_verified"}, False))

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


def _username(person: Person) -> str:
    name = person.profile.get("username")
    return name if is_text(name) else ""


def _clash(reason: str, name: str, account: Any) -> NameClash:
    """Refused for a person of this name, because of an account that may be called otherwise."""
    command = adoption.command(account if account.get_username() == name else None)
    advice = f"Ask whoever runs this app to link the account to you. For them: {command}"
    return NameClash(f"{reason}, and it isn't linked to you.", account, advice)


def _all_but(model: Any, filled: set[str]) -> set[str]:
    """The fields that are none of the server's business: stock saved accounts unchecked."""
    return {field.name for field in model._meta.concrete_fields} - filled


def _in_words(error: ValidationError) -> str:
    by_field = getattr(error, "error_dict", None)
    if not by_field:
        return error.messages[0]
    return " ".join(f"{field}: {each.messages[0]}" for field, (each, *_) in by_field.items())


def _name_what_is_empty(user: Any, error: IntegrityError) -> None:
    """Raise ``NotConfigured`` where a column that wants a value has been given none."""
    empty = [
        field.name
        for field in user._meta.concrete_fields
        if not field.null and not field.primary_key and getattr(user, field.attname) is None
    ]
    if empty:
        names = " and ".join(map(repr, empty))
        raise NotConfigured(
            f"This app can't make an account: {user._meta.object_name} wants {names}.",
            remedy=f"Give {names} a default, or fill it: Client.prepare_user(user, user_data) is "
            "called with each new account before it is saved.",
        ) from error
