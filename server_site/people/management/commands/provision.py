"""Bring an empty or older data folder up to the lab's table; harmless to repeat."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from lab import table
from server_site.people.models import Person
from sso_kit.server.provisioning import ensure_consumer


class Command(BaseCommand):
    help = "Migrate, then make the groups, the consumers and, in lab mode, the demo people."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        lab = table.load()
        for client in lab.clients:
            register(client)
        if settings.LAB_MODE:
            for demo in lab.people:
                ensure_person(demo)


def register(client: table.Site) -> None:
    public_key, private_key = settings.CONSUMER_KEYS[client.name]
    ensure_consumer(
        client.title,
        public_key,
        private_key,
        origins=[settings.APP_URLS[client.name]],
        granted=client.granted,
        required_groups=client.required_groups,
    )


def ensure_person(demo: table.Person) -> None:
    """Create a demo person once. Later changes, the password's too, are theirs to keep."""
    if Person.objects.filter(username=demo.username).exists():
        return
    # Before the transaction: hashing takes long, and SQLite has one writer.
    password = make_password(demo.password)
    with transaction.atomic():
        person = Person.objects.create(
            username=demo.username,
            password=password,
            first_name=demo.first_name,
            last_name=demo.last_name,
            email=demo.email,
            is_active=demo.active,
            is_staff=demo.superuser,
            is_superuser=demo.superuser,
        )
        person.groups.set([Group.objects.get_or_create(name=name)[0] for name in demo.groups])
