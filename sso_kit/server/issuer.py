"""What this identity server is called for ever, whatever its URL: ``iss`` in its answers.

OpenID Connect Core 1.0, 2 and 5.7: a subject is unique within its issuer, and the two together
name a person. There the issuer is a URL, so that a move locks everybody out; here it is a
random ``urn:uuid:`` (RFC 9562) in the server's own database, which moves with the people.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps as all_there_are

from .. import clock, conf, databases
from .models import Issuer

THE_ONE = 1  # primary key
SECONDS = 60  # that a process goes by what it has read: another database may be restored there


class _Read:
    """What this process has read: the name, and until when it counts, by the monotonic clock."""

    last = ("", 0.0)


def issuer() -> str:
    """``SSO_KIT["ISSUER"]``, or the name that was made when the tables were."""
    return conf.issuer() or _own()


def _own() -> str:
    """Remembered once it was read, and not when it was made: that may be taken back yet."""
    name, until = _Read.last
    if clock.monotonic() < until:
        return name
    found = Issuer.objects.using(databases.alias(Issuer)).filter(pk=THE_ONE).first()
    if found is None:
        return make()
    _Read.last = found.name, clock.monotonic() + SECONDS
    return found.name


def make(using: str | None = None) -> str:
    """The name, made where there is none.

    Parameters:
        using: alias of the database; default: where the rows of this table are written.
    """
    there = Issuer.objects.using(using or databases.alias(Issuer))
    return there.get_or_create(pk=THE_ONE, defaults={"name": uuid.uuid4().urn})[0].name


def make_after_migrate(using: str, apps: Any = all_there_are, **_: Any) -> None:
    """Signal receiver: after ``migrate``, and after ``flush``, which makes this another server."""
    try:
        apps.get_model("sso_kit_server", "Issuer")
    except LookupError:  # back before there was a table
        return
    if databases.alias(Issuer) == using:
        read_again()
        make(using)


def read_again() -> None:
    """At the next question: it may have changed."""
    _Read.last = "", 0.0
