"""An authentication back end for sites whose people sign in through SSO only.

AUTHENTICATION_BACKENDS = ["sso_kit.client.backends.AccountBackend"]
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from ..store import rows as statements


class AccountBackend(ModelBackend):
    """No local password opens anything; permissions are as in ``ModelBackend``."""

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def get_user(self, user_id: Any) -> Any:
        user: Any = statements.by_key(get_user_model(), user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def note_log_in(sender: type[Any], user: Any, **_: Any) -> None:
    """Signal receiver: keep ``last_login``, where the user model has it."""
    model: Any = type(user)
    if not hasattr(model, "last_login"):
        return
    user.last_login = timezone.now()
    moment = statements.database(model).ops.adapt_datetimefield_value(user.last_login)
    statements.change(model, _note_log_in(model), [moment, statements.key_value(model, user.pk)])


@cache
def _note_log_in(model: Any) -> str:
    return (
        f"UPDATE {statements.table(model)} SET last_login = %s WHERE {statements.key(model)} = %s"
    )
