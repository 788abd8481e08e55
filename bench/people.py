"""Runs inside a site's ``shell``: people to measure with, already signed in at the server.

Sessions are written, not earned, so that stock's hash doesn't cost 0.3 s for each of them.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from bench.plan import PASSWORD


def make(count: int) -> None:
    """Make ``user0`` and so on; print their session keys as JSON."""
    encoded = make_password(PASSWORD)
    keys = [_session(_person(f"user{number}", encoded)) for number in range(count)]
    print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "keys": keys}))


def _person(name: str, encoded: str) -> Any:
    fields = {"password": encoded, "first_name": name, "last_name": "Bench"}
    fields["email"] = f"{name}@bench.example"
    person, _ = get_user_model()._default_manager.update_or_create(username=name, defaults=fields)
    person.groups.add(*Group.objects.filter(name="helpdesk-users"))
    return person


def _session(person: Any) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.create()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)
