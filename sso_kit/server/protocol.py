"""What the server's views and providers need of a ``Server``: who people are, who may enter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Protocol

from .models import ConsumerPolicy


class IdentityServer(Protocol):
    """The hooks of ``server.Server`` that a hand-shake calls; see there."""

    token_timeout: timedelta

    def get_login_url(self) -> str: ...

    def may_enter(self, user: Any, policy: ConsumerPolicy) -> bool: ...

    def get_issuer(self) -> str: ...

    def get_subject(self, user: Any) -> str: ...

    def get_email_verified(self, user: Any) -> bool: ...

    def get_amr(self, request: Any, user: Any) -> tuple[str, ...]: ...

    def get_user_data(self, user: Any, consumer: Any, extra_data: Any = None) -> dict[str, Any]: ...
