"""A hand-shake in progress, remembered by the browser that began it.

The browser keeps a cookie with a random *verifier*; the server is told its digest, the
*challenge*, when the request token is asked for, and the verifier when the access token
is redeemed. Somebody else's link (log-in CSRF, session swapping) finds no cookie, and a
stolen access token is worth nothing without it. The pair is that of RFC 7636 (PKCE); the
challenge in the return address does what ``state`` does in RFC 6749, section 10.12.

The cookie is signed, so that a hand-shake costs the client no session and no row.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, HttpResponse

from ..keys import challenge_of, random_token

SALT = "sso-kit/2 hand-shake"
LIFETIME_SECONDS = 660  # a little longer than the request token
COOKIE_PREFIX = "sso_handshake_"
CHECKED_COOKIE = "sso_checked"
CHECKED_SECONDS = 300
SIGNED_OUT_SECONDS = 12 * 3600  # after a log-out nobody wants to be signed in by a visit
MOST_AT_ONCE = 5  # tabs; browsers and proxies limit the size of the cookie header


@dataclass(frozen=True)
class HandShake:
    """What the browser must still know when it comes back.

    Attributes:
        verifier: 256 random bits, 43 characters.
        next: local path with query to end on.
        passive: whether only a question was asked ("is somebody signed in?").
    """

    verifier: str
    next: str
    passive: bool = False

    @classmethod
    def begin(cls, next_: str, passive: bool = False) -> HandShake:
        return cls(random_token(), next_, passive)

    @property
    def challenge(self) -> str:
        return challenge_of(self.verifier)

    @property
    def reference(self) -> str:
        """The hand-shake's id in every site's log."""
        return self.challenge[:10]

    def remember(self, request: HttpRequest, response: HttpResponse, path: str) -> None:
        """Put the hand-shake into the browser, in place of the oldest if there are many."""
        pending = [name for name in request.COOKIES if name.startswith(COOKIE_PREFIX)]
        for name in pending[: max(0, len(pending) + 1 - MOST_AT_ONCE)]:
            response.delete_cookie(name, path=path, samesite="Lax")
        value = signing.dumps([self.verifier, self.next, self.passive], salt=SALT)
        response.set_cookie(
            cookie_name(self.challenge),
            value,
            max_age=LIFETIME_SECONDS,
            path=path,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )

    def forget(self, response: HttpResponse, path: str) -> None:
        response.delete_cookie(cookie_name(self.challenge), path=path, samesite="Lax")


def cookie_name(challenge: str) -> str:
    return COOKIE_PREFIX + challenge[:10]


def recall(request: HttpRequest, challenge: str) -> HandShake | None:
    """The hand-shake that this browser began with this challenge, if it did and just now."""
    value = request.COOKIES.get(cookie_name(challenge))
    if not value:
        return None
    try:
        handshake = HandShake(*signing.loads(value, salt=SALT, max_age=LIFETIME_SECONDS))
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return handshake if handshake.challenge == challenge else None


def mark_checked(
    request: HttpRequest, response: HttpResponse, seconds: int = CHECKED_SECONDS
) -> None:
    """Note that the server was asked just now, so that a public page doesn't ask again."""
    response.set_cookie(
        CHECKED_COOKIE,
        "1",
        max_age=seconds,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
