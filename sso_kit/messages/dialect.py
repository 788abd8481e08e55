"""What every dialect of the hand-shake can do."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .. import clock, defences
from ..defences import Defence
from ..errors import ClocksApart

FRESH_SECONDS = 30  # how far apart the two clocks, plus the way, may be
MAX_BODY_BYTES = 16 * 1024
REFUSAL_HEADER = "x-sso-refusal"  # of a 4xx answer: the code of its reason, see ``errors``

Payload = dict[str, Any]


class Purpose(StrEnum):
    """What a message is for; the salt of its signature."""

    REQUEST_TOKEN_ASK = "sso-kit/3 request-token ask"
    REQUEST_TOKEN_ANSWER = "sso-kit/3 request-token answer"
    VERIFY_ASK = "sso-kit/3 verify ask"
    VERIFY_ANSWER = "sso-kit/3 verify answer"
    ACCESS_TOKEN = "sso-kit/3 access token"
    SESSION_ASK = "sso-kit/3 session ask"
    SESSION_ANSWER = "sso-kit/3 session answer"
    SIGN_OUT_ASK = "sso-kit/3 sign-out ask"
    SIGN_OUT_ANSWER = "sso-kit/3 sign-out answer"
    ENDED_ASK = "sso-kit/3 session-ended ask"
    ENDED_ANSWER = "sso-kit/3 session-ended answer"


@dataclass(frozen=True)
class SignedIn:
    """A person's sign-in at one app, as the server tells of it.

    Attributes:
        id: names it to this app and nobody else (``sid``: OpenID Connect Back-Channel Logout
            1.0, 2.1); empty where there is none, only a proof.
        began: microseconds since 1970 by the server's clock. What ends later ends it.
        auth_time: second since 1970 in which the person proved who they are (OpenID Connect
            Core, 2); 0: not known.
        auth_age: seconds between that and the answer, by the server's clock alone.
        amr: how they did, as RFC 8176 names the ways: ``("pwd",)``.
        idle: seconds without use after which the app's session is to end; ``None``: no limit.
        lasts: seconds after which it is to end in any case; ``None``: no limit.
    """

    id: str
    began: int
    auth_time: int = 0
    auth_age: int = 0
    amr: tuple[str, ...] = ()
    idle: int | None = None
    lasts: int | None = None


@dataclass(frozen=True)
class Person:
    """What a server vouches for, of one person.

    Attributes:
        profile: exactly the dictionary that stock tells, and hands to ``Client.build_user``.
        subject: what names the person for ever, at this server.
        issuer: what names the server for ever; empty where it doesn't say.
        email_verified: whether the address in the profile is known to be theirs.
        session_expires_in: seconds that the server's session has left; ``None``: not known.
        session: the sign-in; ``None`` where the server keeps none.
    """

    profile: Payload
    subject: str
    issuer: str = ""
    email_verified: bool = False
    session_expires_in: int | None = None
    session: SignedIn | None = None


class Dialect(ABC):
    """A way to say the messages of a hand-shake; has no state.

    Attributes:
        name: for people.
        algorithm: that signs its messages.
        longest_redirect: characters of an address that the server sends tokens to.
        longest_next: characters of the path in it where a hand-shake ends.
        asks_silently: whether the server can be asked who is there without a form.
        signs: how many parts, divided by dots, a signed text has after what it says.
        has_sessions: whether a server says which sign-in it is, and tells of its end.
    """

    name: str
    algorithm: str
    longest_redirect: int
    longest_next: int
    asks_silently: bool
    has_sessions: bool

    signs = 1  # how many parts of a signed text come after what it says

    def said(self, text: str) -> Any:
        """What a signed text says, whoever has signed it; ``None`` where it says nothing.

        For showing only: what counts is what ``read_ask`` and ``read_answer`` return.
        """
        try:
            return json.loads(text.rsplit(".", self.signs)[0])
        except (ValueError, RecursionError):
            return None

    # --- the app asks ---
    @abstractmethod
    def write_ask(self, key: str, purpose: Purpose, payload: Payload) -> tuple[str, str]:
        """Sign a question. Returns ``(body, nonce)``."""

    @abstractmethod
    def read_answer(
        self, key: str, purpose: Purpose, audience: str, nonce: str, body: str
    ) -> Payload:
        """Check an answer, and that it is the answer to *this* question.

        Parameters:
            audience: this consumer's public key.
            nonce: of the question.

        Raises:
            MessageRefused: forged, stale, for another consumer, or to another question.
        """

    @abstractmethod
    def read_access_token(self, keys: Sequence[str], signed: str) -> str:
        """The bare token. Raises ``MessageRefused`` where no key fits."""

    @abstractmethod
    def read_person(self, answer: Payload) -> Person:
        """Who a verified answer is about. Raises ``MessageRefused`` where it doesn't say."""

    # --- the server answers ---
    @abstractmethod
    def read_ask(self, keys: Iterable[str], purpose: Purpose, body: str) -> tuple[Payload, str]:
        """Check a question against every valid key. Returns ``(payload, key that fits)``.

        Raises:
            MessageRefused: garbled, forged, of another kind, or not fresh.
        """

    @abstractmethod
    def write_answer(
        self, key: str, purpose: Purpose, audience: str, question: Payload, payload: Payload
    ) -> str:
        """Sign an answer for one consumer (its public key) and one question."""

    @abstractmethod
    def sign_access_token(self, key: str, token: str) -> str:
        """The access token as the browser carries it: signed, so that garbage costs nothing."""

    @abstractmethod
    def challenge(self, question: Payload) -> str:
        """What binds a hand-shake to a browser. Raises ``MessageRefused`` where it is missing."""

    @abstractmethod
    def fits(self, verifier: object, challenge: str) -> bool:
        """Whether who redeems a token is who its hand-shake is bound to."""

    @abstractmethod
    def write_person(self, person: Person) -> Payload:
        """The answer about a person: stock's profile, with what this dialect tells further."""


def check_fresh(signed_at: float) -> None:
    """Raise ``ClocksApart`` where a message is from another time, past or future.

    Parameters:
        signed_at: seconds since 1970.
    """
    apart = abs(clock.utc().timestamp() - signed_at)
    if apart > FRESH_SECONDS and defences.on(Defence.FRESHNESS):
        raise ClocksApart(
            f"The message is {apart:.0f} s away from this clock; {FRESH_SECONDS} s is the most."
        )
