"""The back channel: ``request-token/`` and ``verify/``, asked by consumers.

One provider object per request. Stock keeps one per process and writes the consumer and
the token of the request at hand to it, so that with threads one person is answered with
another one's data (``simple_sso/sso_server/server.py``, ``Provider.get_private_key``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from simple_sso.sso_server.server import RequestTokenProvider as StockRequestTokenProvider
from simple_sso.sso_server.server import VerificationProvider as StockVerificationProvider
from simple_sso.utils import PUBLIC_KEY_HEADER

from .. import defences
from ..contrib.bodies import discard
from ..contrib.headers import protect
from ..defences import Defence
from ..errors import (
    AccessDenied,
    HandShakeError,
    MessageRefused,
    TokenRefused,
    TooMuchData,
)
from ..keys import Key, fingerprint
from ..messages import hardened as wire
from ..messages import stock as legacy
from ..messages.hardened import REFUSAL_HEADER, Payload, Purpose
from ..store import rows as statements
from . import grants
from . import sessions as log_ins
from .models import AccessToken, ConsumerPolicy
from .policy import (
    MAX_REDIRECT_LENGTH,
    MAX_REDIRECT_LENGTH_AT_STOCK,
    check_redirect,
    find_policy,
)
from .request_tokens import RequestToken

if TYPE_CHECKING:
    from .server import Server

log = logging.getLogger("sso_kit.server")
MAX_PUBLIC_KEY_LENGTH = 64
MAX_NONCE_LENGTH = 64
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # as ``keys.challenge_of`` makes it


class BackChannel:
    """Reads a signed question, asks ``provide``, signs the answer. One object per request.

    After ``read``: ``policy`` of the consumer that asks, the ``key`` that it signed with,
    and whether it spoke the stock format (``is_legacy``).
    """

    ask: Purpose
    answer: Purpose
    server: Server
    policy: ConsumerPolicy
    key: Key
    is_legacy = False

    def provide(self, data: Payload) -> Payload:
        raise NotImplementedError

    def respond(self, public_key: str | None, body: bytes) -> str:
        """The signed answer. Raises ``HandShakeError`` with what was wrong."""
        data = self.read(public_key, body)
        payload = self.provide(data)
        answer = self._sign(payload, data)
        if len(answer) > wire.MAX_BODY_BYTES:
            raise TooMuchData(
                f"There is too much to say about this person: {len(answer)} bytes, and "
                f"{wire.MAX_BODY_BYTES} is the most. The app can ask for fewer groups."
            )
        return answer

    def _sign(self, payload: Payload, data: Payload) -> str:
        if self.is_legacy:
            return legacy.write(self.key, payload)
        name = self.policy.consumer.public_key
        return wire.write_answer(self.key, self.answer, name, data["nonce"], payload)

    def read(self, public_key: str | None, body: bytes) -> Payload:
        """The question's payload, its signature and time checked."""
        self.policy = self._policy_of(public_key)
        try:
            text = body.decode("ascii")
        except UnicodeDecodeError as error:
            raise MessageRefused("The message is not ASCII text.") from error
        try:
            data, key = wire.read_ask(self.policy.private_keys(), self.ask, text)
        except MessageRefused:
            if not self.policy.legacy:
                raise
            return self._read_legacy(text)
        self.key = Key(key)
        nonce = data.get("nonce")
        if not isinstance(nonce, str) or len(nonce) > MAX_NONCE_LENGTH:
            raise MessageRefused("The message lacks its nonce.")
        return data

    def _policy_of(self, public_key: str | None) -> ConsumerPolicy:
        if not public_key:
            raise MessageRefused(f"The header {PUBLIC_KEY_HEADER} is missing.")
        usable = len(public_key) <= MAX_PUBLIC_KEY_LENGTH and "\x00" not in public_key
        policy = find_policy(public_key=public_key) if usable else None
        if policy is None:
            raise MessageRefused("No consumer has this public key.")
        return policy

    def _read_legacy(self, text: str) -> Payload:
        self.key, self.is_legacy = next(self.policy.private_keys()), True
        data = legacy.read(self.key, text)
        log.warning(
            "legacy message taken: HMAC-SHA1, not bound to a question or a browser",
            extra={"consumer": self.policy.consumer.name, "purpose": self.ask},
        )
        return data


class RequestTokenProvider(BackChannel, StockRequestTokenProvider):
    """Answers with a request token for an address that the consumer may use."""

    ask = Purpose.REQUEST_TOKEN_ASK
    answer = Purpose.REQUEST_TOKEN_ANSWER

    def provide(self, data: Payload) -> Payload:
        challenge = "" if self.is_legacy else str(data.get("challenge"))
        if not self.is_legacy and not CHALLENGE.fullmatch(challenge):
            raise MessageRefused("The challenge is missing: the hand-shake needs a browser.")
        longest = MAX_REDIRECT_LENGTH_AT_STOCK if self.is_legacy else MAX_REDIRECT_LENGTH
        token = RequestToken(
            consumer_id=self.policy.consumer_id,
            key=fingerprint(self.key),
            redirect_to=check_redirect(self.policy, data.get("redirect_to"), longest),
            challenge=challenge,
            passive=data.get("passive") is True,
            serial=wire.new_nonce(),
        )
        return {"request_token": token.sign()}


class VerificationProvider(BackChannel, StockVerificationProvider):
    """Answers with the person whom an access token was issued for."""

    ask = Purpose.VERIFY_ASK
    answer = Purpose.VERIFY_ANSWER

    def provide(self, data: Payload) -> Payload:
        granted = grants.redeem(
            self.policy,
            data.get("access_token"),
            data.get("verifier"),
            is_legacy=self.is_legacy,
        )
        user, consumer = statements.by_key(get_user_model(), granted.user_id), self.policy.consumer
        if user is None or not user.is_active or not self.server.may_enter(user, self.policy):
            raise AccessDenied("This account may not sign in here.")
        seconds_left = self._seconds_left(granted, user)
        names = data.get("extra_data")
        answer: Payload = self.server.get_user_data(user, consumer, extra_data=names)
        if not self.is_legacy:
            answer |= {
                "subject": self.server.get_subject(user),
                "email_verified": self.server.get_email_verified(user),
                "session_expires_in": seconds_left,
            }
            _leave_out_other_groups(answer, data.get("groups"))
        log.info(
            "person verified",
            extra={
                "consumer": consumer.name,
                "handshake": granted.challenge[:10],
                "user": user.get_username(),
                "subject": self.server.get_subject(user),
            },
        )
        return answer

    def _seconds_left(self, granted: AccessToken, user: Any) -> int | None:
        """Of the server's session; ``None`` where that can't be known."""
        if not granted.session:
            return None
        end = log_ins.end_of(granted.session, user)
        if end is not None:
            return max(0, int((end - timezone.now()).total_seconds()))
        if defences.on(Defence.REVOKE_ON_LOGOUT):
            raise TokenRefused("Who this sign-in is for has signed out since.")
        return None


def _leave_out_other_groups(answer: Payload, wanted: object) -> None:
    """Tell an app of the groups that it can do something with, where it says which."""
    extra: Any = answer.get("extra_data")
    groups = extra.get("groups") if isinstance(extra, dict) else None
    if isinstance(wanted, list) and isinstance(groups, list):
        answer["extra_data"] = {**extra, "groups": [name for name in groups if name in wanted]}


def back_channel_view(
    provider: Callable[[Server], Any], server: Server
) -> Callable[[HttpRequest], HttpResponse]:
    """A view that makes a provider for each request and turns refusals into 4xx texts."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        discard(request)  # what of the question was too much to read
        return response

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return _plain("Ask with POST.", 405, {"Allow": "POST"})
        try:
            body = _body(request)
            public_key = request.headers.get(PUBLIC_KEY_HEADER)
            return _plain(provider(server).respond(public_key, body), 200)
        except HandShakeError as error:
            log.warning(
                "back channel refused",
                extra={"path": request.path, "code": error.code, "reason": str(error)},
            )
            return _plain(str(error), error.status, {REFUSAL_HEADER: error.code})

    return view


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.read(wire.MAX_BODY_BYTES + 1)
    except (RequestDataTooBig, UnreadablePostError) as error:
        raise MessageRefused("The message broke off.") from error
    if len(body) > wire.MAX_BODY_BYTES:
        raise MessageRefused(f"The message is longer than {wire.MAX_BODY_BYTES} bytes.")
    return body


def _plain(text: str, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain", headers=headers)
    protect(response)
    return response
