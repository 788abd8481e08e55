"""A hand-shake in progress, remembered by the browser that began it.

A browser keeps one cookie with a random *secret*, however many tabs are on their way. Each
hand-shake has a nonce; secret and nonce make its *verifier*. The server is told the
verifier's digest, the *challenge*, when the request token is asked for, and the verifier
when the access token is redeemed. Somebody else's link (log-in CSRF, session swapping)
doesn't fit the secret of this browser, and a stolen access token is worth nothing without
the verifier. The pair is that of RFC 7636 (PKCE).

The *state*, which comes back with the access token, says which hand-shake it was and where
it was to end. It is signed with the browser's secret and the site's key, so that nobody
makes one for another browser (RFC 6749, section 10.12).

Nothing of this costs the client a session or a row.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import astuple, dataclass, replace
from functools import cached_property

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import force_bytes

from .. import clock
from ..keys import challenge_of, fingerprint, new_nonce, random_token, reference_of
from ..session_end import lifetime_of

SALT = "sso-kit/3 hand-shake"
LIFETIME_SECONDS = 660  # a little longer than the request token
COOKIE_PREFIX = "sso_handshake_"
CHECKED_PREFIX = "sso_checked_"
SIGNED_IN_PREFIX = "sso_signed_in_"
CHECKED_SECONDS = 300
SIGNED_OUT_SECONDS = 12 * 3600  # after a log-out nobody wants to be signed in by a visit
# Tabs that are opened at once, before the first answer, each get a secret of their own.
MOST_SECRETS = 64
MOST_FINISHED = 24  # hand-shakes that a browser remembers to have finished
LEEWAY = 2  # seconds, for clocks that count whole ones
END = re.compile(r"[0-9]{1,12}")  # a time stamp, in seconds
COOKIE_VALUE = re.compile(r"([A-Za-z0-9_-]{43})((?:\.[A-Za-z0-9_-]{6})*)")


@dataclass(frozen=True)
class Secret:
    """What a browser keeps.

    Attributes:
        value: 256 random bits, 43 characters.
        finished: the start of the nonces of hand-shakes that it was signed in by.
    """

    value: str
    finished: tuple[str, ...] = ()

    @classmethod
    def read(cls, cookie: str) -> Secret | None:
        found = COOKIE_VALUE.fullmatch(cookie)
        return cls(found[1], tuple(filter(None, found[2].split(".")))) if found else None

    def __str__(self) -> str:
        return ".".join([self.value, *self.finished])

    def verifier(self, nonce: str) -> str:
        """43 characters that only this browser's hand-shake with this nonce has."""
        raw = hmac.digest(self.value.encode(), nonce.encode(), "sha256")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Wish:
    """What a person is to be asked, and to have proved lately (OpenID Connect Core, 3.1.2.1).

    Attributes:
        prompt: ``""``, ``"select_account"`` or ``"login"``.
        max_age: seconds since they proved who they are; ``None``: any.
        begun: second since 1970 in which the hand-shake began.
    """

    prompt: str = ""
    max_age: int | None = None
    begun: int = 0

    @property
    def asked(self) -> dict[str, object]:
        """As the server is asked."""
        prompt = {"prompt": self.prompt} if self.prompt else {}
        return prompt | ({} if self.max_age is None else {"max_age": self.max_age})

    def is_met(self, auth_age: int, now: float) -> bool:
        """Whether somebody who proved it so many seconds ago has done what was wished."""
        since = int(now) - self.begun + LEEWAY
        if self.prompt == "login" and auth_age > since:
            return False
        return self.max_age is None or auth_age <= max(self.max_age, since)


@dataclass(frozen=True)
class HandShake:
    """What is known of a hand-shake when its browser comes back.

    Attributes:
        secret: of the browser that began it.
        nonce: 128 random bits, 22 characters.
        next: local path with query to end on.
        passive: whether only a question was asked ("is somebody signed in?").
        again: whether it is the second try of one that was cut.
        wish: what the person is to be asked.
    """

    secret: Secret
    nonce: str
    next: str
    passive: bool = False
    again: bool = False
    wish: Wish = Wish()

    @cached_property
    def verifier(self) -> str:
        return self.secret.verifier(self.nonce)

    @cached_property
    def challenge(self) -> str:
        return challenge_of(self.verifier)

    @property
    def reference(self) -> str:
        """The hand-shake's id in every site's log."""
        return reference_of(self.challenge)

    @property
    def is_finished(self) -> bool:
        """Whether this browser was signed in by it before."""
        return self.nonce[:6] in self.secret.finished

    @property
    def state(self) -> str:
        """``CHALLENGE.TEXT``, the text signed for this browser."""
        wish = astuple(self.wish) if self.wish.asked else ()
        content = [self.nonce, self.next, self.passive, self.again, *wish]
        text = signing.dumps(content, key=_keys(self.secret)[0], salt=SALT, compress=True)
        return f"{self.challenge}.{text}"


class HandShakes:
    """The hand-shakes of one client, as its visitors' browsers remember them.

    Parameters:
        public_key: of the client. Cookies know no ports, so two clients of one host name
            are told apart by it.
        base_url: the site's own. If it is https, cookies are, also where a proxy doesn't
            say how it was asked.
    """

    def __init__(self, public_key: str, base_url: str | None = None) -> None:
        self.is_https = (base_url or "").startswith("https://")
        tag = fingerprint(public_key)[:6]
        self.prefix = f"{COOKIE_PREFIX}{tag}_"
        self.checked = f"{CHECKED_PREFIX}{tag}"
        self.signed_in = f"{SIGNED_IN_PREFIX}{tag}"

    def begin(
        self,
        request: HttpRequest,
        next_: str,
        passive: bool = False,
        again: bool = False,
        wish: Wish | None = None,
    ) -> HandShake:
        """A new hand-shake of this browser, which may be on its way with others."""
        known = self._secrets(request)
        secret = next(iter(known.values()), None) or Secret(random_token())
        wish = wish or Wish()
        if wish.asked:
            wish = replace(wish, begun=int(clock.utc().timestamp()))
        return HandShake(secret, new_nonce(), next_, passive, again, wish)

    def remember(self, request: HttpRequest, response: HttpResponse, handshake: HandShake) -> None:
        """Give the browser its secret, or let it keep the one that it has a while longer."""
        for name in list(self._secrets(request))[MOST_SECRETS:]:
            self._delete(request, response, name)
        self._keep(request, response, handshake.secret)

    def recall(self, request: HttpRequest, state: str) -> HandShake | None:
        """The hand-shake that this browser began with this state, if it did and just now."""
        challenge, _, text = state.partition(".")
        for secret in self._secrets(request).values():
            handshake = _read(secret, text)
            if handshake is not None and handshake.challenge == challenge:
                return handshake
        return None

    def finish(self, request: HttpRequest, response: HttpResponse, handshake: HandShake) -> None:
        """Note that it signed somebody in; other tabs may still be on their way."""
        finished = (*handshake.secret.finished, handshake.nonce[:6])[-MOST_FINISHED:]
        self._keep(request, response, replace(handshake.secret, finished=finished))

    def mark_checked(
        self, request: HttpRequest, response: HttpResponse, seconds: int = CHECKED_SECONDS
    ) -> None:
        """Note that the server was asked just now, so that a public page doesn't ask again."""
        self._set(request, response, self.checked, "1", seconds)

    def was_checked(self, request: HttpRequest) -> bool:
        return self._name(request, self.checked) in request.COOKIES

    def forget_checked(self, request: HttpRequest, response: HttpResponse) -> None:
        self._delete(request, response, self._name(request, self.checked))

    def mark_signed_in(self, request: HttpRequest, response: HttpResponse) -> None:
        """Note until when the session lasts that this browser was just given.

        However somebody signs out before then, with the project's own view, Django's, or
        ``session.flush()``: ``has_left`` knows.
        """
        end, with_the_browser = lifetime_of(request.session)
        seconds = max(1, round((end - clock.now()).total_seconds()))
        lifetime = None if with_the_browser else seconds
        self._set(request, response, self.signed_in, str(int(end.timestamp())), lifetime)

    def has_left(self, request: HttpRequest) -> bool:
        """Whether a visitor who isn't signed in was, in a session that would go on still."""
        end = request.COOKIES.get(self._name(request, self.signed_in), "")
        return END.fullmatch(end) is not None and int(end) > clock.now().timestamp()

    def forget_signed_in(self, request: HttpRequest, response: HttpResponse) -> None:
        self._delete(request, response, self._name(request, self.signed_in))

    def _secrets(self, request: HttpRequest) -> dict[str, Secret]:
        """By cookie name. A name says which secret it is for, so a wrong pair is none."""
        start = self._name(request, self.prefix)
        named = {name: request.COOKIES[name] for name in sorted(request.COOKIES)}
        found = {name: Secret.read(value) for name, value in named.items()}
        return {
            name: secret
            for name, secret in found.items()
            if secret and name == start + challenge_of(secret.value)[:6]
        }

    def cookie_of(self, secret: Secret) -> str:
        """The cookie's name, without what https puts before it."""
        return self.prefix + challenge_of(secret.value)[:6]

    def _keep(self, request: HttpRequest, response: HttpResponse, secret: Secret) -> None:
        name = self.cookie_of(secret)
        self._set(request, response, name, str(secret), LIFETIME_SECONDS)

    # Under https the names say, and browsers see to it, that no other host and no page
    # without https has set the cookie (RFC 6265bis, section 4.1.3.2): else a planted one is
    # somebody else's hand-shake.
    def _name(self, request: HttpRequest, name: str) -> str:
        return f"__Host-{name}" if self._is_secure(request) else name

    def _is_secure(self, request: HttpRequest) -> bool:
        return self.is_https or request.is_secure()

    def _set(
        self,
        request: HttpRequest,
        response: HttpResponse,
        name: str,
        value: str,
        seconds: int | None,
    ) -> None:
        """Parameters:
        seconds: how long; ``None`` for as long as the browser is open.
        """
        response.set_cookie(
            self._name(request, name),
            value,
            max_age=seconds,
            secure=self._is_secure(request),
            httponly=True,
            samesite="Lax",
        )

    def _delete(self, request: HttpRequest, response: HttpResponse, full_name: str) -> None:
        response.delete_cookie(full_name, samesite="Lax")
        response.cookies[full_name]["secure"] = self._is_secure(request)


def _keys(secret: Secret) -> list[str | bytes]:
    """What states are signed with; the first one for new ones."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [secret.value.encode() + force_bytes(key) for key in known]


def _read(secret: Secret, text: str) -> HandShake | None:
    key, *fallbacks = _keys(secret)
    try:
        nonce, next_, passive, again, *wish = signing.loads(
            text, key=key, salt=SALT, max_age=LIFETIME_SECONDS, fallback_keys=fallbacks
        )
    except (signing.BadSignature, TypeError, ValueError):
        return None
    if not isinstance(nonce, str) or not isinstance(next_, str):
        return None
    return HandShake(secret, nonce, next_, passive is True, again is True, Wish(*wish))
