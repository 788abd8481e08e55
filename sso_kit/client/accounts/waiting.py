"""Who came and couldn't be given an account: kept for an administrator, who finds them here.

One row a person, few rows in all, and none that is shown after a month: they name people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ... import clock, databases
from ...messages import Person
from ..models import LinkRequest
from .profile import is_text

KEEP = timedelta(days=30)
MOST = 1000  # rows; beyond them the oldest go


def note(issuer: str, person: Person, name: str, account: Any) -> None:
    """Keep that somebody waits.

    Parameters:
        name: what an account of theirs would be called.
        account: the local one that is in the way; ``None``: not known.
    """
    email = person.profile.get("email")
    values = {
        "name": name[:255],
        "email": email[:255] if is_text(email) else "",
        "account": account,
        "asked": clock.now(),
    }
    with databases.atomic(LinkRequest):
        LinkRequest.objects.update_or_create(issuer=issuer, subject=person.subject, defaults=values)
        purge()
        _drop_the_oldest()


def no_longer(issuer: str, subject: str) -> None:
    """They have an account now."""
    LinkRequest.objects.filter(issuer=issuer, subject=subject).delete()


def purge() -> None:
    """As one comes, and whenever somebody looks."""
    databases.written(LinkRequest).filter(asked__lt=clock.now() - KEEP).delete()


def _drop_the_oldest() -> None:
    kept = databases.written(LinkRequest)
    newest = kept.order_by("-asked", "-pk").values_list("asked", flat=True)
    for oldest in newest[MOST - 1 : MOST]:
        kept.filter(asked__lt=oldest).delete()
