"""The benchmark's crowd fits the tables as they are."""

from __future__ import annotations

from typing import Any

from django.db import connection

from bench.crowd import Crowd, client_statements, written
from client_b.tickets.models import Author
from sso_kit.client.models import AppSession, Identity

SMALL = Crowd(people=3, sessions=3, sign_ins=3)


def test_a_small_crowd_can_be_written(db: Any) -> None:
    with connection.cursor() as cursor:
        for statement in written(client_statements(SMALL)):
            cursor.execute(statement)

    known = Identity.objects.filter(user__username__startswith="crowd")
    assert [each.count() for each in (AppSession.objects, known, Author.objects)] == [3, 3, 3]
