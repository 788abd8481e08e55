"""The hand-shake as the app speaks it: ask for a request token, redeem the access token.

``Conversation`` is what goes over the back channel. ``RelyingParty`` is what the views need
of a ``Client``, whose class they don't know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin

from django.http import HttpRequest

from ..errors import MessageRefused
from ..messages import Dialect, Payload, Purpose
from .back_channel.channel import BackChannel
from .handshake import HandShake, HandShakes


class Conversation:
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
        self.server_url = server_url
        self.public_key = public_key
        self.keys = keys
        self.dialect = dialect
        self.channel = channel

    def request_token(self, redirect_to: str, handshake: HandShake | None = None) -> str:
        """Ask for a request token for an address of this app.

        Raises:
            HandShakeError: the server refuses, or doesn't answer.
        """
        question: Payload = {"redirect_to": redirect_to}
        if handshake:
            question |= {"challenge": handshake.challenge, "passive": handshake.passive}
        purposes = Purpose.REQUEST_TOKEN_ASK, Purpose.REQUEST_TOKEN_ANSWER
        patient = not (handshake and handshake.passive)
        token = self._ask("request-token/", question, purposes, patient).get("request_token")
        if not isinstance(token, str):
            raise MessageRefused("The identity server's answer has no request token.")
        return token

    def authorize_url(self, request_token: str) -> str:
        """Where the browser goes with it."""
        return f"{urljoin(self.server_url, 'authorize/')}?{urlencode({'token': request_token})}"

    def read_access_token(self, signed: str) -> str:
        """The bare access token. Raises ``MessageRefused`` when the server didn't sign it."""
        return self.dialect.read_access_token(self.keys, signed)

    def redeem(self, access_token: str, verifier: str, wanted: Payload) -> Payload:
        """What the server says of the person whom an access token is for.

        Parameters:
            verifier: of the hand-shake; the server knows its challenge.
            wanted: what to ask for beside the profile.

        Raises:
            HandShakeError: refused, or no answer.
        """
        question = {"access_token": access_token, "verifier": verifier, **wanted}
        return self._ask("verify/", question, (Purpose.VERIFY_ASK, Purpose.VERIFY_ANSWER))

    def _ask(
        self, path: str, question: Payload, purposes: tuple[Purpose, Purpose], patient: bool = True
    ) -> Payload:
        asking, answering = purposes
        body, nonce = self.dialect.write_ask(self.keys[0], asking, question)
        text = self.channel().post(path, body, patient)
        return self.dialect.read_answer(self.keys[0], answering, self.public_key, nonce, text)


class RelyingParty(Protocol):
    """What the views know of a ``client.Client``; see there."""

    dialect: Dialect
    handshakes: HandShakes
    backend: str
    sign_out_url: str | None

    @property
    def shares_accounts(self) -> bool: ...

    def site_url(self, request: HttpRequest) -> str: ...

    def authorize_url(self, handshake: HandShake, request: HttpRequest) -> str: ...

    def read_access_token(self, signed: str) -> str: ...

    def verify(self, access_token: str, verifier: str) -> Payload: ...

    def get_user(self, access_token: str, verifier: str = "") -> Any: ...
