"""Many log-outs while one app hangs: the others are told at once, and nothing piles up.

With servers of their own on this machine, over HTTP: what is tried is the time that it takes. A few
here; a thousand with ``MATRIX=all`` (``make soak``).
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import clock
from sso_kit.messages import Purpose
from sso_kit.server import ending, telling
from sso_kit.server.ending import Act
from sso_kit.server.models import ConsumerPolicy, Ending, Reason, SignIn
from tests.kit.consumers import person, signed
from tests.kit.odd_server import Behaviour, OddServer, hangs, odd_server

pytestmark = pytest.mark.django_db(transaction=True)
LOG_OUTS = 1000 if os.environ.get("MATRIX") == "all" else 60
KEY = "private-key-of-the-app-" * 3
NAMES = ("well", "hanging")


def confirms(server: list[OddServer]) -> Behaviour:
    """An app that answers as the kit's does."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        body = server[0].requests[-1].partition(b"\r\n\r\n")[2].decode()
        nonce = json.loads(body.rpartition(".")[0])["nonce"]
        payload = {"nonce": nonce, "aud": "well", "iat": int(time.time()), "ended": True}
        answer = signed(KEY + "well", Purpose.ENDED_ANSWER, payload).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
        connection.sendall(head + answer)

    return behave


def sign_in(app: Consumer, user: User, session: str) -> None:
    now = clock.now()
    SignIn.objects.create(
        ref=f"{app.name}-{session}", session=session, consumer=app, user=user, began=1, since=now,
        seen=now, expires=now + timedelta(hours=1), tell_at="http://app.example/sso/session-ended/",
    )  # fmt: skip


def test_the_others_are_told_within_a_second_and_nothing_piles_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = person("alice")
    apps = {
        name: Consumer.objects.create(name=name, public_key=name, private_key=KEY + name)
        for name in NAMES
    }
    for app in apps.values():
        ConsumerPolicy.objects.create(consumer=app, origins=["http://app.example"])
    monkeypatch.setattr(telling, "_offices", {})
    one: list[OddServer] = []
    with odd_server(confirms(one)) as well, odd_server(hangs) as hanging:
        one.append(well)
        ways = {"well": well.url.removesuffix("sso/"), "hanging": hanging.url.removesuffix("sso/")}
        settings.SSO_KIT = {"APP_BACK_CHANNELS": ways, "TELL_AGAIN": False}
        before, took = threading.active_count(), []
        for number in range(LOG_OUTS):
            for app in apps.values():
                sign_in(app, alice, f"session-{number}")
            begun = time.monotonic()
            ending.end_session(f"session-{number}", Act(Reason.LOG_OUT))
            took.append(time.monotonic() - begun)

        threads = threading.active_count() - before
    told = Ending.objects.filter(app="well", told__isnull=False)
    waits = [(each.told - each.when).total_seconds() for each in told if each.told]

    assert told.count() == LOG_OUTS
    assert max(waits) < 2.0  # the page waits for the hanging one, a second and a half at most
    assert sorted(waits)[len(waits) // 2] < 0.5
    assert max(took) < 3.0
    assert threads <= 2 * (telling.AT_ONCE + 8)  # the servers' own among them
    pending = Ending.objects.filter(app="hanging", told=None, next_try__isnull=False)
    assert pending.count() == LOG_OUTS  # none is lost
    assert hanging.calls < LOG_OUTS  # and it isn't asked again and again
    connection.close()
