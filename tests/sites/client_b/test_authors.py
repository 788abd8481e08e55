"""Who has written a ticket is Helpdesk's own record, brought up to date at a log-in."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import RequestFactory

from client_b.tickets.models import Author, Ticket

pytestmark = pytest.mark.django_db


def test_an_author_is_made_once_and_brought_up_to_date(bob: User) -> None:
    first = Author.of(bob, {"department": "Accounts", "phone": "1"})
    bob.last_name = "Butcher"
    again = Author.of(bob, {"department": "Sales"})

    assert first.pk == again.pk
    assert (again.name, again.department, again.phone) == ("Bob Butcher", "Sales", "")


def test_a_log_in_brings_up_to_date_who_has_written_and_makes_nobody(
    bob: User, ticket: Ticket
) -> None:
    carol = User.objects.create_user("carol")
    request = RequestFactory().get("/")
    request.session = import_module("sso_kit.contrib.sessions").SessionStore()
    bob.first_name = "Robert"

    for user in (bob, carol):
        user_logged_in.send(sender=User, request=request, user=user)

    assert Author.objects.get(key=str(bob.pk)).name == "Robert Baker"
    assert not Author.objects.filter(key=str(carol.pk)).exists()


@pytest.mark.django_db(transaction=True)
def test_tickets_from_before_keep_who_wrote_them_there_and_back() -> None:
    def at(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("tickets", name)])
        return executor.loader.project_state([("tickets", name)]).apps

    try:
        old = at("0001_initial")
        user = User.objects.create_user("vera", first_name="Vera", last_name="Voss")
        ticket = old.get_model("tickets", "Ticket").objects.create(
            reporter_id=user.pk, subject="Old", description="x"
        )
        old.get_model("tickets", "Comment").objects.create(
            ticket=ticket, author_id=user.pk, body="y"
        )
        new = at("0002_authors")
        kept = new.get_model("tickets", "Ticket").objects.get()
        assert (kept.reporter.key, kept.reporter.name) == (str(user.pk), "Vera Voss")
        assert kept.comments.get().author_id == kept.reporter_id
        back = at("0001_initial")
        assert back.get_model("tickets", "Ticket").objects.get().reporter_id == user.pk
    finally:
        at("0002_authors")
        Ticket.objects.all().delete()
        assert apps.ready
