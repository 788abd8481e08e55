"""Request tokens: signed texts that cost the server no row until somebody is authorized.

Stock writes a row per request token, so that fifty anonymous requests leave fifty rows.
Here the text itself says what was asked, signed with the server's ``SECRET_KEY``; that it
is used once is seen from ``AccessToken.request_digest``, which is unique.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from ..clock import Instant
from ..errors import LinkDamaged, TokenRefused
from ..keys import digest, reference_of
from ..shown import short

SALT = "sso-kit/3 request token"
LIFETIME = timedelta(minutes=10)  # a person fills in the log-in form in this time


class RequestTokenExpired(TokenRefused):
    """A genuine request token that is too old; ``token`` says whose it was."""

    code = "request-token-expired"

    def __init__(self, token: RequestToken) -> None:
        super().__init__("This sign-in was begun too long ago.")
        self.token = token


@dataclass(frozen=True)
class RequestToken:
    """What a consumer asked for.

    Attributes:
        consumer_id: primary key of the consumer.
        key: fingerprint of the key that signed the question; the answer uses the same.
        redirect_to: where the browser goes with the access token.
        challenge: SHA-256 of the browser's verifier, base64url; empty for a stock client.
        passive: never show a form; say "not signed in" instead.
        serial: 128 random bits that tell two equal questions apart.
        prompt: what the app wants the person to be asked, see ``models.Prompt``.
        max_age: seconds since the person proved who they are that it puts up with; ``None``: any.
        issued: seconds since 1970.
    """

    consumer_id: int
    key: str
    redirect_to: str
    challenge: str
    passive: bool
    serial: str
    prompt: str = ""
    max_age: int | None = None
    issued: float = 0

    def sign(self) -> str:
        values = list(vars(self).values())  # in their order; ``astuple`` copies each deeply
        return signing.dumps(values, salt=SALT, compress=True)

    def shown(self, at: Instant) -> dict[str, object]:
        """What may be told of it, for ``events``."""
        age = max(0.0, at.utc - self.issued)
        return {
            "kind": "request token",
            "redirect_to": short(self.redirect_to),
            "passive": self.passive,
            "prompt": self.prompt,
            "max_age": self.max_age,
            "age_s": round(age, 3),
            "limit_s": LIFETIME.total_seconds(),
        }

    @property
    def digest(self) -> str:
        return digest(self.serial)

    @property
    def reference(self) -> str:
        """The hand-shake's id in every site's log."""
        return reference_of(self.challenge or self.serial)


def read_request_token(signed: str, lifetime: timedelta = LIFETIME) -> RequestToken:
    """Check a request token.

    Parameters:
        lifetime: no longer than ``LIFETIME``; what was used is forgotten a little later.

    Raises:
        LinkDamaged: garbled or forged.
        RequestTokenExpired: older than its lifetime.
    """
    try:
        return RequestToken(*signing.loads(signed, salt=SALT, max_age=min(lifetime, LIFETIME)))
    except signing.SignatureExpired as error:
        raise RequestTokenExpired(RequestToken(*signing.loads(signed, salt=SALT))) from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkDamaged("This sign-in link is damaged or was not made by this server.") from error
