from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest


class PersonsRequest(HttpRequest):
    """A request that an app's ``login_required`` let through."""

    # The server, whose types are looked at with this folder's, has people of another model.
    user: User  # type: ignore[assignment, unused-ignore]
