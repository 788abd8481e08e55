"""An authentication back end for sites whose people sign in through SSO only.

AUTHENTICATION_BACKENDS = ["sso_kit.client.backends.AccountBackend"]
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from .. import conf
from ..store import people
from .accounts import cached


class AccountBackend(ModelBackend):
    """No local password opens anything; permissions are as in ``ModelBackend``.

    A person comes with their groups, by one statement: ``store.people.find``.
    """

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def get_user(self, user_id: Any) -> Any:
        if conf.users_in_cache():
            return cached.find(user_id)
        user = people.find(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
