"""Extra data that the server told of somebody at their last log-in: department, phone, ...

    from sso_kit.client.attributes import attributes_of

    attributes_of(request).get("department")

What the server grants to this app, of what its ``Client`` asks for (``user_extra_data``). The same
wherever the app keeps its users; with users in the cache it is on ``request.user`` as well.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from ..messages import Person
from . import sessions, under_way

GROUPS = "groups"  # are no attribute: see ``group_map``


def attributes_of(request: HttpRequest) -> dict[str, Any]:
    """By name; nothing for a visitor, and for somebody who signed in without a hand-shake."""
    passage = under_way.current()
    if passage is not None and passage.person is not None:
        return said_of(passage.person)
    state = sessions.look(request, used=False)
    if state is None:
        return {}
    found: dict[str, Any] = json.loads(state.row.attributes or "{}")
    return found


def said_of(person: Person) -> dict[str, Any]:
    """What an answer says beyond the profile and the groups."""
    extra = person.profile.get("extra_data")
    extra = extra if isinstance(extra, dict) else {}
    return {name: value for name, value in extra.items() if name != GROUPS}
