"""The benchmark's crowd fits the tables as they are."""

from __future__ import annotations

from typing import Any

from django.db import connection
from simple_sso.sso_server.models import Consumer

from bench.crowd import Crowd, server_statements, written
from sso_kit.server.models import AccessToken, ConsumerPolicy, SignIn

SMALL = Crowd(people=1000, old_tokens=3, sessions=3, consumers=3, sign_ins=3)


def test_a_small_crowd_can_be_written(db: Any) -> None:
    Consumer.objects.create(name="first", public_key="first", private_key="first")

    with connection.cursor() as cursor:
        for statement in written(server_statements(SMALL)):
            cursor.execute(statement)

    kinds = (ConsumerPolicy, AccessToken, SignIn)
    assert [kind.objects.count() for kind in kinds] == [3, 3, 3]
