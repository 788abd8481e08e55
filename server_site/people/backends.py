"""How people are authenticated: by allauth, and found again without building a query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from sso_kit.store import people

from .models import Person


class PeopleBackend(AuthenticationBackend):
    def get_user(self, user_id: Any) -> Person | None:
        person: Person | None = people.find(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
