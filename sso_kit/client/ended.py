"""Where the identity server says that sign-ins have ended: ``session-ended/``.

After OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8: a signed text, from machine to
machine, which names the session. The browser takes no part: no cookie, no frame.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from simple_sso.utils import PUBLIC_KEY_HEADER

from .. import clock, databases, defences, events
from ..defences import Defence
from ..errors import FormatRefused, HandShakeError, MessageRefused, PublicKeyUnknown
from ..events import Step
from ..front_channel import FrontChannelView
from ..keys import fingerprint
from ..messages import HARDENED, REFUSAL_HEADER, Payload, Purpose
from ..messages.dialect import FRESH_SECONDS
from ..requests import body_of, header
from ..responses import plain
from ..shown import shown
from . import sessions
from .models import AppSession
from .protocol import RelyingParty

EVENT = "session-ended"
ID = re.compile(r"[\x21-\x7e]{1,64}")
CAUSE = re.compile(r"[a-z-]{1,32}")
LARGEST_TIME = 2**62  # microseconds


@method_decorator(csrf_exempt, name="dispatch")
class SessionEndedView(FrontChannelView):
    """Takes the server's word that a sign-in is over; one that isn't known is over already."""

    http_method_names = ["post", "options"]
    signature = "verified"
    client: RelyingParty = None  # type: ignore[assignment]  # ``as_view()`` is given it

    def post(self, request: HttpRequest) -> HttpResponse:
        question, key = self._read(request)
        sign_in, ended, cause = self._said(question)
        over = sessions.note_end(self.client.public_key, sign_in, ended, cause)
        events.tell(
            Step.TOLD_OF_END,
            details=lambda _: self._described(question, key),
            cause=cause,
            reason=f"{len(over)} session(s) of it were here",
        )
        payload: Payload = {"ended": True}
        audience = self.client.public_key
        answer = HARDENED.write_answer(key, Purpose.ENDED_ANSWER, audience, question, payload)
        return plain(answer, 200)

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        events.tell(Step.CALL_REFUSED, error)
        return plain(str(error), error.status, {REFUSAL_HEADER: error.code})

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return plain("Tell with POST.", 405, {"Allow": "POST"})

    def _read(self, request: HttpRequest) -> tuple[Payload, str]:
        """What is told, and by which key it was signed."""
        if not self.client.dialect.has_sessions:
            raise FormatRefused("Its server speaks django-simple-sso's own format here.")
        if header(request, PUBLIC_KEY_HEADER) != self.client.public_key:
            raise PublicKeyUnknown("This is for another app.")
        try:
            text = body_of(request).decode("ascii")
        except UnicodeDecodeError as error:
            raise MessageRefused("The message is not ASCII text.") from error
        keys = self.client.consumer.keys
        if not defences.on(Defence.LOG_OUT_SIGNATURE):
            self.signature = "not looked at"
            return _unsigned(text), keys[0]
        return HARDENED.read_ask(keys, Purpose.ENDED_ASK, text)

    def _described(self, question: Payload, key: str) -> dict[str, Any]:
        """What the server has said, for ``events``."""
        return {
            "signature": self.signature,
            "dialect": HARDENED.name,
            "algorithm": HARDENED.algorithm,
            "key": fingerprint(key),
            "question": shown(question),
            "limit_s": FRESH_SECONDS,
        }

    def _said(self, question: Payload) -> tuple[str, int, str]:
        """Which sign-in, when it ended, and why.

        Raises:
            MessageRefused: not for this app, of another server, of no such event, or not yet.
        """
        if question.get("aud") != self.client.public_key:
            raise MessageRefused("The message is for another app.")
        if question.get("event") != EVENT:
            raise MessageRefused("The message tells of nothing that is known here.")
        sign_in, ended = question.get("session"), question.get("ended")
        if not isinstance(sign_in, str) or not ID.fullmatch(sign_in):
            raise MessageRefused("The message doesn't say which session has ended.")
        if type(ended) is not int or not 0 < ended < LARGEST_TIME:
            raise MessageRefused("The message doesn't say when it ended.")
        if ended / 1_000_000 > clock.utc().timestamp() + FRESH_SECONDS:
            raise MessageRefused("The message tells of what hasn't happened yet.")
        self._check_issuer(sign_in, question.get("iss"))
        cause = question.get("cause")
        return sign_in, ended, cause if isinstance(cause, str) and CAUSE.fullmatch(cause) else ""

    def _check_issuer(self, sign_in: str, issuer: object) -> None:
        """A server ends what its own people began, also where two share an app's key."""
        known = databases.written(AppSession).filter(sign_in=sign_in)
        here = known.filter(client=self.client.public_key).values_list("issuer", flat=True).first()
        if not isinstance(issuer, str) or not issuer or (here and here != issuer):
            raise MessageRefused("The message is of another server.")


def _unsigned(text: str) -> Payload:
    """In a lab where signatures don't count: what a message says, whoever made it."""
    try:
        found: Any = json.loads(text.rpartition(".")[0] or text)
    except ValueError as error:
        raise MessageRefused("The message is not JSON.") from error
    if not isinstance(found, dict):
        raise MessageRefused("The message is not an object.")
    return {"nonce": "", **found}
