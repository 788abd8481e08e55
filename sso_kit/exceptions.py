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
    """A local account that is not this person's has the same name or e-mail address."""

    status = 409
    code = "name-clash"


class ServerUnavailable(HandShakeError):
    """The identity server did not answer usefully within the time budget."""

    status = 503
    code = "unavailable"
