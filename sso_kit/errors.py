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


class TokenSpent(TokenRefused):
    """An access token that this very browser's hand-shake has redeemed before.

    That is how a hand-shake looks whose first answer was lost on the way, with the worker
    that had asked or the one that answered.
    """

    code = "spent"


class OriginRefused(HandShakeError):
    """A ``redirect_to`` that is not registered for the consumer."""

    status = 400
    code = "origin"


class AccessDenied(HandShakeError):
    """The person is known, but may not enter this consumer."""

    code = "access"


class TooMuchData(HandShakeError):
    """What the server would have to say of one person doesn't fit into an answer."""

    code = "too-much-data"


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


# What the back channel may refuse with, by the code that its header names.
REFUSALS: dict[str, type[HandShakeError]] = {
    kind.code: kind
    for kind in (MessageRefused, TokenRefused, TokenSpent, OriginRefused, AccessDenied, TooMuchData)
}
