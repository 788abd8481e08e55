"""The hand-shake as the app speaks it: ask for a request token, redeem the access token.

``Consumer`` is what goes over the back channel, in the place of stock's ``SyncConsumer``.
``RelyingParty`` is what the views need of a ``Client``, whose class they don't know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from simple_sso.utils import PUBLIC_KEY_HEADER
from simple_sso.utils import BaseConsumer as StockConsumer

from .. import clock, events
from ..back_channel.channel import BackChannel
from ..clock import Instant
from ..errors import MessageRefused
from ..events import Step
from ..keys import fingerprint
from ..messages import HARDENED, Dialect, Payload, Person, Purpose
from ..messages.dialect import FRESH_SECONDS
from ..shown import shown
from . import under_way
from .handshake import HandShake, HandShakes

NO_HAND_SHAKE = (
    "A request token is asked for outside of a hand-shake: a view of django-simple-sso's own "
    "was given this Client. Use sso_kit.client.LoginView, which binds it to the browser."
)


@dataclass(frozen=True)
class Checked:
    """What the server says of a sign-in.

    Attributes:
        cause: why it doesn't stand; empty where that isn't known.
        seconds_left: of the server's session.
    """

    stands: bool
    cause: str
    seconds_left: int


class Consumer(StockConsumer):
    """An app's two questions to its identity server.

    Parameters:
        server_url: the server's SSO root, as browsers reach it.
        public_key: of this app, as registered at the server.
        keys: its private keys that count, the current one first.
        channel: gives the way to ask by.
    """

    def __init__(
        self,
        server_url: str,
        public_key: str,
        keys: Sequence[str],
        dialect: Dialect,
        channel: Callable[[], BackChannel],
    ) -> None:
        self.base_url = server_url
        self.public_key = public_key
        self.keys = keys
        self.dialect = dialect
        self.channel = channel

    def consume(self, path: str, data: Payload, max_age: float | None = None) -> Payload:
        """Ask, as stock's hooks do it, for the hand-shake that is under way.

        Parameters:
            path: that ends with ``request-token/`` or ``verify/``.
            max_age: without meaning; see ``messages.dialect.check_fresh``.

        Returns:
            What stock answers: ``{"request_token": ...}``, or the profile of a person.

        Raises:
            HandShakeError: the server refuses, or doesn't answer.
            ValueError: another path.
        """
        passage = under_way.current()
        handshake = passage.handshake if passage else None
        question = path.strip("/").rpartition("/")[2]
        if question == "request-token":
            return {"request_token": self.request_token(data, handshake)}
        if question == "verify":
            person = self.redeem(data, handshake.verifier if handshake else "")
            if passage:
                passage.person = person
            return dict(person.profile)  # an override may change it
        raise ValueError(f"An identity server answers at request-token/ and verify/, not at {path}")

    def request_token(self, question: Payload, handshake: HandShake | None) -> str:
        """Ask for a request token.

        Parameters:
            question: with ``redirect_to``, an address of this app.

        Raises:
            HandShakeError: the server refuses, or doesn't answer.
            ImproperlyConfigured: nothing that binds it to a browser.
        """
        if handshake:
            binding = {"challenge": handshake.challenge, "passive": handshake.passive}
            question = {**question, **binding, **handshake.wish.asked}
        elif self.dialect is HARDENED:
            raise ImproperlyConfigured(NO_HAND_SHAKE)
        purposes = Purpose.REQUEST_TOKEN_ASK, Purpose.REQUEST_TOKEN_ANSWER
        patient = not (handshake and handshake.passive)
        token = self._ask("request-token/", question, purposes, patient).get("request_token")
        if not isinstance(token, str):
            raise MessageRefused("The identity server's answer has no request token.")
        return token

    def authorize_url(self, request_token: str) -> str:
        """Where the browser goes with it."""
        return f"{urljoin(self.base_url, 'authorize/')}?{urlencode({'token': request_token})}"

    def read_access_token(self, signed: str) -> str:
        """The bare access token. Raises ``MessageRefused`` when the server didn't sign it."""
        return self.dialect.read_access_token(self.keys, signed)

    def redeem(self, question: Payload, verifier: str) -> Person:
        """Whom the server vouches for.

        Parameters:
            question: with ``access_token``, and what to ask for beside the profile.
            verifier: of the hand-shake; the server knows its challenge.

        Raises:
            HandShakeError: refused, or no answer.
        """
        purposes = Purpose.VERIFY_ASK, Purpose.VERIFY_ANSWER
        answer = self._ask("verify/", {**question, "verifier": verifier}, purposes)
        return self.dialect.read_person(answer)

    def check_session(self, sign_in: str, used: int, *, in_use: bool = False) -> Checked:
        """Whether a sign-in still stands.

        Parameters:
            sign_in: what the server knows it by.
            used: how many seconds ago it was.
            in_use: whether it is now, too.

        Raises:
            HandShakeError: refused, or no answer.
        """
        purposes = Purpose.SESSION_ASK, Purpose.SESSION_ANSWER
        question = {"session": sign_in, "used": used, "in_use": in_use}
        answer = self._ask("session/", question, purposes, patient=False)
        left, cause = answer.get("session_expires_in"), answer.get("cause")
        stands = answer.get("stands")
        if not isinstance(stands, bool) or type(left) is not int:
            raise MessageRefused("The identity server's answer doesn't say if the session stands.")
        return Checked(stands, cause if isinstance(cause, str) else "", left)

    def sign_out(self, sign_in: str, everywhere: bool, cause: str = "") -> str:
        """Tell the server that somebody signed out here, or wants to everywhere.

        Parameters:
            cause: where it wasn't the person: ``"idle"`` or ``"too-long"``.

        Returns:
            where it says what became of that: a path at the server, or nothing.

        Raises:
            HandShakeError: refused, or no answer.
        """
        purposes = Purpose.SIGN_OUT_ASK, Purpose.SIGN_OUT_ANSWER
        question = {"session": sign_in, "everywhere": everywhere, "cause": cause}
        page = self._ask("sign-out/", question, purposes, patient=everywhere).get("page")
        return page if isinstance(page, str) else ""

    def _ask(
        self, path: str, question: Payload, purposes: tuple[Purpose, Purpose], patient: bool = True
    ) -> Payload:
        asking, answering = purposes
        body, nonce = self.dialect.write_ask(self.keys[0], asking, question)
        channel = self.channel()
        asked = _Asked(self, channel.path + path, body, clock.monotonic())
        text = channel.post(path, body, patient, asked.details)
        try:
            read = self.dialect.read_answer
            answer = read(self.keys[0], answering, self.public_key, nonce, text)
        except MessageRefused as error:
            details = partial(asked.details, text=text)
            events.tell(Step.ANSWER_UNFIT, details=details, path=path, reason=str(error))
            raise
        details = partial(asked.details, text=text, answer=answer)
        events.tell(Step.ANSWERED, details=details, path=path, handshake=_reference())
        return answer


@dataclass(frozen=True)
class _Asked:
    """A question that is on its way, or has come back: what ``events`` tells of it.

    Attributes:
        body: the signed question.
        began: by ``clock.monotonic``.
    """

    consumer: Consumer
    path: str
    body: str
    began: float

    def details(self, at: Instant, text: str = "", answer: Payload | None = None) -> dict[str, Any]:
        """Parameters:
        at: when the answer came, or none did.
        text: the answer as it came.
        answer: what it says, if it was taken.
        """
        consumer = self.consumer
        told: dict[str, Any] = {
            "method": "POST",
            "path": self.path,
            "headers": shown({PUBLIC_KEY_HEADER: consumer.public_key}),
            "question": shown(consumer.dialect.said(self.body)),
            "dialect": consumer.dialect.name,
            "algorithm": consumer.dialect.algorithm,
            "key": fingerprint(consumer.keys[0]),
            "bytes_sent": len(self.body),
            "ms": round((at.monotonic - self.began) * 1000, 2),
        }
        if text:
            told |= {"bytes_received": len(text), "status": 200}
            told["signature"] = "not verified" if answer is None else "verified"
        if answer is not None:
            told |= {"answer": shown(answer), "limit_s": FRESH_SECONDS}
            told |= _age(answer, at)
        return told


def _reference() -> str:
    """Of the hand-shake that this is asked in; empty for a question about a session."""
    passage = under_way.current()
    return passage.handshake.reference if passage and passage.handshake else ""


def _age(answer: Payload, at: Instant) -> dict[str, Any]:
    """Stock's messages don't say."""
    written = answer.get("iat")
    return {"age_s": round(at.utc - written, 1)} if type(written) is int else {}


class RelyingParty(Protocol):
    """What the views know of a ``client.Client``; see there."""

    consumer: Consumer
    dialect: Dialect
    handshakes: HandShakes
    backend: str
    sign_out_url: str | None

    public_key: str
    server_url: str
    accounts: Any

    def purpose_of(self, request: HttpRequest, handshake: HandShake) -> Any: ...

    @property
    def shares_accounts(self) -> bool: ...

    def site_url(self, request: HttpRequest) -> str: ...

    def authorize_url(self, handshake: HandShake, request: HttpRequest) -> str: ...

    def get_user(self, access_token: str) -> Any: ...
