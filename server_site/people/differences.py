"""What the database has otherwise than ``lab.toml``, and how to bring it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from simple_sso.sso_server.models import Consumer

from lab import table
from sso_kit.keys import fingerprint
from sso_kit.server.policy import find_policy
from sso_kit.server.provisioning import find_consumer, overwrite_consumer

from .models import Attribute, Person
from .provisioning import (
    callback_of,
    fields_of,
    make_attribute_again,
    make_person,
    set_attributes,
)


@dataclass(frozen=True)
class Row:
    """One row of the table that the database has otherwise.

    Attributes:
        differs: what differs -> (as it is, as the table has it), in words, never a secret.
            Nothing: the row is missing.
        restore: makes it what the table says. Raises ``ValidationError`` where it can't.
    """

    name: str
    differs: Mapping[str, tuple[str, str]]
    restore: Callable[[], object]

    @property
    def lines(self) -> list[str]:
        if not self.differs:
            return [f"{self.name} is missing"]
        return [
            f"{self.name}: {what} is {here}; lab.toml says {there}"
            for what, (here, there) in self.differs.items()
        ]


def rows_that_differ(lab: table.Table) -> list[Row]:
    """Without passwords: those are people's own, also where the first was in the table."""
    rows = [_consumer(client) for client in lab.clients]
    if settings.LAB_MODE:
        rows += [_person(demo) for demo in lab.people]
    return [row for row in rows if row is not None]


def key_differs(client: table.Site) -> bool:
    """Whether the app signs with another key than the server knows, or will know, it by."""
    consumer = find_consumer(client.title, settings.CONSUMER_KEYS[client.name][0])
    keys = (consumer.public_key, consumer.private_key) if consumer else None
    return keys not in (None, settings.CONSUMER_KEYS[client.name])


def _consumer(client: table.Site) -> Row | None:
    public_key, private_key = settings.CONSUMER_KEYS[client.name]
    found = find_consumer(client.title, public_key)

    def restore() -> None:
        overwrite_consumer(
            found or Consumer(),
            client.title,
            public_key,
            private_key,
            origins=[callback_of(client)],
            granted=client.granted,
            required_groups=client.required_groups,
        )

    wanted = {
        "name": client.title,
        "public key": fingerprint(public_key),
        "private key": fingerprint(private_key),
        "origins": [callback_of(client)],
        "granted": client.granted,
        "required groups": client.required_groups,
        "restricted": bool(client.required_groups),
        "takes stock messages": False,
    }
    return _row(f"consumer {client.title}", found and _described(found), wanted, restore)


def _described(consumer: Consumer) -> dict[str, Any]:
    policy = find_policy(pk=consumer.pk)
    assert policy is not None
    return {
        "name": consumer.name,
        "public key": fingerprint(consumer.public_key),
        "private key": fingerprint(consumer.private_key),
        "origins": policy.origins,
        "granted": policy.granted,
        "required groups": _names(policy.required_groups),
        "restricted": not policy.admits_everybody,
        "takes stock messages": policy.legacy,
    }


def _person(demo: table.Person) -> Row | None:
    found = Person.objects.filter(username=demo.username).first()
    fields, here = fields_of(demo), None
    if found is not None:
        here = {field: getattr(found, field) for field in fields}
        here["groups"] = _names(found.groups)
        here |= _attributes(found, demo)

    def restore() -> None:
        if found is None:
            make_person(demo)
        _overwrite_person(Person.objects.get(username=demo.username), demo)

    wanted = {**fields, "groups": demo.groups, **demo.attributes}
    return _row(f"person {demo.username}", here, wanted, restore)


def _attributes(person: Person, demo: table.Person) -> dict[str, str]:
    """Those that the table speaks of."""
    values = person.attribute_values.filter(attribute__name__in=demo.attributes)
    found = dict(values.values_list("attribute__name", "value"))
    return {name: found.get(name, "") for name in demo.attributes}


@transaction.atomic
def _overwrite_person(person: Person, demo: table.Person) -> None:
    for field, value in fields_of(demo).items():
        setattr(person, field, value)
    person.save()
    person.groups.set([Group.objects.get_or_create(name=name)[0] for name in demo.groups])
    for name in demo.attributes:
        if not Attribute.objects.filter(name=name).exists():
            make_attribute_again(name)
    set_attributes(person, demo.attributes)


def _row(
    name: str,
    here: Mapping[str, Any] | None,
    wanted: Mapping[str, Any],
    restore: Callable[[], object],
) -> Row | None:
    if here is None:
        return Row(name, {}, restore)
    both = {what: (_in_words(here[what]), _in_words(wanted[what])) for what in wanted}
    differs = {what.replace("_", " "): pair for what, pair in both.items() if pair[0] != pair[1]}
    return Row(name, differs, restore) if differs else None


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else ", ".join(sorted(value))
    return text or "none"


def _names(groups: Any) -> list[str]:
    return [group.name for group in groups.all()]
