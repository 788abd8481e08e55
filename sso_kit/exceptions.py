"""Why a hand-shake is refused. Each error carries what a person should be told."""

from __future__ import annotations

from simple_sso.exceptions import WebserviceError


class HandShakeError(WebserviceError):
    """A hand-shake that ends here; ``str(error)`` is one sentence for a person.

    Attributes:
        status: HTTP status the browser gets.
        code: short name for logs and tests.
    """

    status = 403
    code = "refused"


class MessageRefused(HandShakeError):
    """A signed message that is garbled, forged, stale, or the answer to something else."""

    status = 400
    code = "message"


class TokenRefused(HandShakeError):
    """An access or request token that is unknown, used, expired, or somebody else's."""

    code = "token"


class OriginRefused(HandShakeError):
    """A ``redirect_to`` outside the origins registered for the consumer."""

    status = 400
    code = "origin"


class AccessDenied(HandShakeError):
    """The person is known, but may not enter this consumer."""

    code = "access"


class NameClash(HandShakeError):
    """A local account that is not this person's has the same name or e-mail address.

    Attributes:
        account: the local account's name, where it is known; for logs.
        advice: what the person can do about it.
    """

    status = 409
    code = "name-clash"

    def __init__(self, reason: str, account: str = "", advice: str = "") -> None:
        super().__init__(reason)
        self.account = account
        self.advice = advice or "Ask whoever runs this app to link the account to you."


class ServerUnavailable(HandShakeError):
    """The identity server did not answer usefully within the time budget."""

    status = 503
    code = "unavailable"
