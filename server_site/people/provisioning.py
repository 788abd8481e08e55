"""Make what ``lab.toml`` lists, once. What became of it since is the administrators' business.

A row that was made before is left alone, also where it was changed, renamed or deleted; one
that is new in the table is made at the next start. ``differences`` compares the two.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from lab import table
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.provisioning import ensure_consumer, find_consumer

from .models import Attribute, AttributeValue, Person, Provisioned

logger = logging.getLogger(__name__)
Kind = Provisioned.Kind


def make_what_is_new(lab: table.Table) -> None:
    """Make the groups, the consumers and, in lab mode, the demo people that never were."""
    for client in lab.clients:
        if not _was_made(Kind.CONSUMER, client.name):
            make_consumer(client)
        follow_address(client)
    for name in {name for demo in lab.people for name in demo.attributes}:
        if not _was_made(Kind.ATTRIBUTE, name):
            make_attribute(name)
    for demo in lab.people if settings.LAB_MODE else ():
        if not _was_made(Kind.PERSON, demo.username):
            make_person(demo)


def callback_of(client: table.Site) -> str:
    """Where tokens for this app may be sent: one address, not all of its origin."""
    return f"{settings.APP_URLS[client.name]}/sso/authenticate/"


@transaction.atomic
def make_consumer(client: table.Site) -> None:
    """Unless one of that name is there. Its groups are made, empty: else everybody enters."""
    address = callback_of(client)
    ensure_consumer(
        client.title,
        *settings.CONSUMER_KEYS[client.name],
        origins=[address],
        granted=client.granted,
        required_groups=client.required_groups,
    )
    for group in client.required_groups:
        Provisioned.objects.get_or_create(kind=Kind.GROUP, name=group)
    Provisioned.objects.create(kind=Kind.CONSUMER, name=client.name, address=address)


@transaction.atomic
def follow_address(client: table.Site) -> None:
    """The address that was registered here moves along with the lab's port.

    One that an administrator changed or took away is theirs, and stays as it is.
    """
    made = Provisioned.objects.get(kind=Kind.CONSUMER, name=client.name)
    old, made.address = made.address, callback_of(client)
    if old == made.address:
        return
    made.save(update_fields=["address"])
    policy = policy_of(client)
    if policy is not None and old in policy.origins:
        moved = [made.address if origin == old else origin for origin in policy.origins]
        policy.origins = list(dict.fromkeys(moved))
        policy.save(update_fields=["origins"])
        logger.info("address of a consumer moved", extra={"consumer": client.title, "from": old})


def policy_of(client: table.Site) -> ConsumerPolicy | None:
    consumer = find_consumer(client.title, settings.CONSUMER_KEYS[client.name][0])
    return ConsumerPolicy.objects.filter(consumer=consumer).first() if consumer else None


@transaction.atomic
def make_attribute(name: str) -> None:
    """What ``lab.toml`` says of people, unless there is one of that name."""
    make_attribute_again(name)
    Provisioned.objects.create(kind=Kind.ATTRIBUTE, name=name)


def make_attribute_again(name: str) -> None:
    label = name.replace("_", " ").capitalize()
    Attribute.objects.get_or_create(name=name, defaults={"label": label})


def set_attributes(person: Person, values: Mapping[str, str]) -> None:
    """Those that the administrators have left there."""
    for attribute in Attribute.objects.filter(name__in=values):
        defaults = {"value": values[attribute.name]}
        AttributeValue.objects.update_or_create(
            person=person, attribute=attribute, defaults=defaults
        )


def make_person(demo: table.Person) -> None:
    """Unless somebody has that name."""
    # Before the transaction: hashing takes long, and SQLite has one writer.
    password = make_password(demo.password)
    with transaction.atomic():
        made, _ = Provisioned.objects.get_or_create(kind=Kind.PERSON, name=demo.username)
        fields: dict[str, Any] = {"password": password, **fields_of(demo)}
        if made.subject and not Person.objects.filter(subject=made.subject).exists():
            fields["subject"] = made.subject  # made anew: the apps know them by it
        person, created = Person.objects.get_or_create(username=demo.username, defaults=fields)
        if created:
            person.groups.set(groups_that_were_not_deleted(demo.groups))
            set_attributes(person, demo.attributes)
            made.subject = person.subject
            made.save(update_fields=["subject"])


def fields_of(demo: table.Person) -> dict[str, str | bool]:
    return {
        "first_name": demo.first_name,
        "last_name": demo.last_name,
        "email": demo.email,
        "verified_email": demo.email,
        "is_active": demo.active,
        "is_staff": demo.superuser,
        "is_superuser": demo.superuser,
    }


def groups_that_were_not_deleted(names: Sequence[str]) -> list[Group]:
    """Those that exist, and new ones for names that never did."""
    groups = []
    for name in names:
        if not _was_made(Kind.GROUP, name):
            groups.append(Group.objects.get_or_create(name=name)[0])
            Provisioned.objects.create(kind=Kind.GROUP, name=name)
        else:
            groups += Group.objects.filter(name=name)
    return groups


def _was_made(kind: str, name: str) -> bool:
    return Provisioned.objects.filter(kind=kind, name=name).exists()
