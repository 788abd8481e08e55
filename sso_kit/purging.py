"""Old rows go away by themselves, a small batch now and then.

Every ``EVERY`` rows that it writes a process deletes up to ``BATCH`` old ones, oldest first,
by index: more than come in, so a backlog shrinks, and at a cost that doesn't depend on how
large it is.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

EVERY = 64
BATCH = 256


def purge(old: QuerySet[Any], by: str, limit: int) -> int:
    """Delete up to ``limit`` of the old rows; returns how many went.

    Parameters:
        by: the field that says how old a row is, with an index.
    """
    batch = list(old.order_by(by).values_list("pk", flat=True)[:limit])
    # Still old: a request that began in time may have prolonged one since.
    return old.filter(pk__in=batch).delete()[0] if batch else 0
