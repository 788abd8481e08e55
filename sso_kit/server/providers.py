"""The back channel: ``request-token/`` and ``verify/``, asked by consumers.

One provider object per request. Stock keeps one per process and writes the consumer and
the token of the request at hand to it, so that with threads one person is answered with
another one's data (``simple_sso/sso_server/server.py``, ``Provider.get_private_key``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from simple_sso.sso_server.server import RequestTokenProvider as StockRequestTokenProvider
from simple_sso.sso_server.server import VerificationProvider as StockVerificationProvider
from simple_sso.utils import PUBLIC_KEY_HEADER

from .. import clock, commands, databases, defences, events
from ..at_hand import serving
from ..clock import Instant
from ..defences import Defence
from ..errors import (
    AccessDenied,
    FormatRefused,
    HandShakeError,
    MessageRefused,
    PublicKeyUnknown,
    SignatureRefused,
    TokenRefused,
    TooMuchData,
)
from ..events import Step
from ..installation import need_tables
from ..keys import Key, fingerprint, new_nonce, reference_of
from ..messages import (
    HARDENED,
    MAX_BODY_BYTES,
    REFUSAL_HEADER,
    STOCK,
    Dialect,
    Payload,
    Person,
    Purpose,
    SignedIn,
)
from ..messages.dialect import FRESH_SECONDS
from ..requests import body_of, header
from ..responses import discard, plain
from ..shown import shown
from ..store import people
from ..store.server import Kept
from . import courier, ending, grants, records, sessions, sign_ins
from .ending import Act
from .installed import signed_out_page
from .models import ConsumerPolicy, Ending, Prompt, Reason
from .policy import check_origin, check_redirect, find_policy
from .protocol import IdentityServer
from .request_tokens import RequestToken
from .sessions import Found

MAX_PUBLIC_KEY_LENGTH = 64
SIGN_IN = re.compile(r"[\x21-\x7e]{1,64}")  # what names one
A_DAY = 24 * 3600  # seconds
SHOWN = 8  # characters of an unknown public key, which may be a private one in its place


class Provider:
    """Reads a signed question, asks ``provide``, signs the answer. One object per request.

    After ``read``: ``policy`` of the consumer that asks, the ``key`` that it signed with, and
    the ``dialect`` that it speaks. ``provide`` is stock's hook: it gets what stock gives it,
    and returns what stock answers.
    """

    ask: Purpose
    answer: Purpose
    server: IdentityServer
    policy: ConsumerPolicy
    key: Key
    dialect: Dialect = HARDENED
    question: Payload | None = None

    def __init__(self, server: IdentityServer) -> None:
        self.server = server

    @property
    def consumer(self) -> Any:
        """Who asks."""
        return self.policy.consumer

    def provide(self, data: Payload) -> Payload:
        """What stock answers to a question (stock's hook)."""
        raise NotImplementedError

    def whole(self, provided: Payload) -> Payload:
        """The answer, with what this dialect tells beside what ``provide`` returned."""
        return provided

    def respond(self, public_key: str | None, body: bytes) -> str:
        """The signed answer. Raises ``HandShakeError`` with what was wrong."""
        question = self.question = self.read(public_key, body)
        audience, payload = self.consumer.public_key, self.whole(self.provide(question))
        answer = self.dialect.write_answer(self.key, self.answer, audience, question, payload)
        if len(answer) > MAX_BODY_BYTES:
            raise TooMuchData(
                f"There is too much to say about this person: {len(answer)} bytes, and "
                f"{MAX_BODY_BYTES} is the most. The app can ask for fewer groups."
            )
        return answer

    def get_response(self, method: str, signed_data: bytes, get_header: Any) -> tuple[int, str]:
        """Stock's way in, for a project that calls providers itself: one object per request too."""
        if method != "POST":
            return 405, "Ask with POST."
        try:
            return 200, copy(self).respond(get_header(PUBLIC_KEY_HEADER, None), signed_data)
        except HandShakeError as error:
            events.tell(Step.QUESTION_REFUSED, error)
            return error.status, str(error)

    def details(self, at: Instant, body: bytes = b"", **more: Any) -> dict[str, Any]:
        """How a question was signed, for ``events``; what it says, the app tells.

        Parameters:
            body: of a question that wasn't taken: what it says, whoever wrote it.
        """
        if self.question is None:
            text = body.decode("ascii", "replace")
            said = shown(HARDENED.said(text) or STOCK.said(text))
            told = {"question": said, "bytes_received": len(body)}
            return {"signature": "not verified", **told, **more}
        written = self.question.get("iat")
        age = {"age_s": round(at.utc - written, 1)} if type(written) is int else {}
        return {
            "signature": "verified",
            "dialect": self.dialect.name,
            "algorithm": self.dialect.algorithm,
            "key": fingerprint(self.key),
            "limit_s": FRESH_SECONDS,
            **age,
            **more,
        }

    def read(self, public_key: str | None, body: bytes) -> Payload:
        """The question's payload, its signature and time checked."""
        self.policy = self._policy_of(public_key)
        try:
            text = body.decode("ascii")
        except UnicodeDecodeError as error:
            raise MessageRefused("The message is not ASCII text.") from error
        try:
            return self._read_as(HARDENED, text)
        except SignatureRefused:
            if not self.policy.legacy:
                raise self._misfit(text) from None
        question = self._read_as(STOCK, text)
        events.tell(Step.STOCK_MESSAGE, consumer=self.consumer.name, purpose=self.ask)
        return question

    def _misfit(self, text: str) -> SignatureRefused:
        """A message of a known consumer that no key of its fits: whose mistake it is."""
        name = self.policy.consumer.name
        if self._is_stocks(text):
            meanwhile = commands.to_run("sso_consumer", name, "--legacy")
            return FormatRefused(
                "The message's signature doesn't fit: it is in django-simple-sso's own format.",
                remedy=f"Let {name} import its Client from sso_kit.client, without "
                f"legacy_server=True. Meanwhile, and weaker: {meanwhile}",
            )
        key = commands.to_run("sso_consumer", name, "--write-key", "FILE")
        return SignatureRefused(
            "The message's signature doesn't fit.",
            remedy=f"{name} signs with another private key than it has here. Give it this one: "
            f"{key}",
        )

    def _is_stocks(self, text: str) -> bool:
        try:
            STOCK.read_ask(self.policy.private_keys(), self.ask, text)
        except SignatureRefused:
            return False
        except MessageRefused:
            return True  # signed as stock does, and refused for another reason
        return True

    def _read_as(self, dialect: Dialect, text: str) -> Payload:
        question, key = dialect.read_ask(self.policy.private_keys(), self.ask, text)
        self.key, self.dialect = Key(key), dialect
        return question

    def _policy_of(self, public_key: str | None) -> ConsumerPolicy:
        if not public_key:
            raise MessageRefused(f"The header {PUBLIC_KEY_HEADER} is missing.")
        usable = len(public_key) <= MAX_PUBLIC_KEY_LENGTH and "\x00" not in public_key
        policy = find_policy(public_key=public_key) if usable else None
        if policy is None:
            begins = f"It begins with {public_key[:SHOWN]!r}. " if usable else ""
            remedy = f"{begins}Look at public_key in the app's Client(...)."
            raise PublicKeyUnknown("No consumer has this public key.", remedy=remedy)
        return policy


class RequestTokenProvider(Provider, StockRequestTokenProvider):
    """Answers with a request token for an address that the consumer may use."""

    ask = Purpose.REQUEST_TOKEN_ASK
    answer = Purpose.REQUEST_TOKEN_ANSWER

    def provide(self, data: Payload) -> Payload:
        """``{"request_token": ...}`` (stock's hook).

        Parameters:
            data: with ``redirect_to``.

        Raises:
            OriginRefused: an address that isn't registered for the consumer.
            MessageRefused: no address, or nothing that binds the hand-shake to a browser.
        """
        challenge, longest = self.dialect.challenge(data), self.dialect.longest_redirect
        prompt, max_age = _wish(data)
        token = RequestToken(
            consumer_id=self.policy.consumer_id,
            key=fingerprint(self.key),
            redirect_to=check_redirect(self.policy, data.get("redirect_to"), longest),
            challenge=challenge,
            passive=data.get("passive") is True,
            serial=new_nonce(),
            prompt=prompt,
            max_age=max_age,
            issued=round(clock.utc().timestamp(), 3),
        )
        events.tell(
            Step.REQUEST_TOKEN_ISSUED,
            details=lambda at: self.details(at, token=token.shown(at)),
            consumer=self.consumer.name,
            handshake=token.reference,
            passive=token.passive,
        )
        return {"request_token": token.sign()}


def _wish(data: Payload) -> tuple[str, int | None]:
    """What the person is to be asked. Raises ``MessageRefused`` for what no server could do."""
    prompt, max_age = data.get("prompt", ""), data.get("max_age")
    if prompt not in Prompt.values:
        raise MessageRefused("The prompt is unknown: it is select_account or login.")
    if max_age is not None and (type(max_age) is not int or not 0 <= max_age < 2**31):
        raise MessageRefused("max_age is no number of seconds.")
    return str(prompt), max_age


class VerificationProvider(Provider, StockVerificationProvider):
    """Answers with the person whom an access token was issued for.

    After ``provide``: that ``user``, the ``seconds_left`` of the server's session, and the
    ``session`` that they are signed in by at this app.
    """

    ask = Purpose.VERIFY_ASK
    answer = Purpose.VERIFY_ANSWER
    user: Any
    seconds_left: int | None
    session: SignedIn | None

    def provide(self, data: Payload) -> Payload:
        """The profile of the person whom a token was issued for (stock's hook).

        Parameters:
            data: with ``access_token``, ``extra_data`` where something is asked for, and
                ``signs_in``, false where nobody is to be signed in by this.

        Raises:
            TokenRefused: unknown, used, expired, revoked or somebody else's.
            AccessDenied: the person may not enter this consumer any more.
        """
        now, token, verifier = clock.now(), data.get("access_token"), data.get("verifier")
        lifetime = self.server.token_timeout
        kept = grants.redeem(self.policy, self.dialect, token, verifier, now, lifetime)
        user, session = kept.user, kept.token.session
        gone = not user.is_active or people.is_hidden(user)
        if gone or not self.server.may_enter(user, self.policy):
            raise AccessDenied("This account may not sign in here.")
        found = sessions.find(session, user, kept.session, now, None) if session else None
        if isinstance(found, str) and defences.on(Defence.REVOKE_ON_LOGOUT):
            raise TokenRefused("Who this sign-in is for has signed out since.")
        end = found.end if isinstance(found, Found) else None
        tell_at = check_origin(self.policy, data.get("tell_at"))
        if not self.dialect.has_sessions or not (session or kept.token.alone):
            self.session = None
        elif data.get("signs_in") is False:
            self.session = sign_ins.proof_of(kept)
        else:
            self.session = sign_ins.note(self.policy, kept, end, now, tell_at)
        records.purge_now_and_then(now)
        self.user = user
        self.seconds_left = max(0, int((end - now).total_seconds())) if end else None
        asked = data.get("extra_data")
        profile = self.server.get_user_data(user, self.consumer, extra_data=asked)
        events.tell(
            Step.PERSON_VERIFIED,
            details=lambda at: self.details(at, token=_spent_token(kept, now)),
            consumer=self.consumer.name,
            handshake=reference_of(kept.token.challenge),
            user=user.get_username(),
            subject=self.server.get_subject(user),
        )
        return _without_other_groups(profile, data.get("groups"))

    def whole(self, provided: Payload) -> Payload:
        """With subject, issuer and the rest of ``messages.Person``."""
        person = Person(
            profile=provided,
            subject=self.server.get_subject(self.user),
            issuer=self.server.get_issuer(),
            email_verified=self.server.get_email_verified(self.user),
            session_expires_in=self.seconds_left,
            session=self.session,
        )
        return self.dialect.write_person(person)


class SessionProvider(Provider):
    """Answers whether a sign-in still stands; an app asks once a minute or so.

    It costs one statement, and another one where the app says that it was used.
    """

    ask = Purpose.SESSION_ASK
    answer = Purpose.SESSION_ANSWER

    def provide(self, data: Payload) -> Payload:
        """``{"stands": ..., "cause": ..., "session_expires_in": ...}``.

        Parameters:
            data: with ``session``, the sign-in's id, ``used``, how many seconds ago it was, and
                ``in_use``, whether it is now, too.

        Raises:
            MessageRefused: it doesn't say which.
        """
        now, ref = clock.now(), _id_in(data, self.dialect)
        courier.look()
        kept = sign_ins.find(self.policy, ref, now)
        name = self.consumer.name
        if kept is None:
            cause = self._cause_of(ref)
            events.tell(Step.SESSION_CHECKED, details=self.details, consumer=name, cause=cause)
            return {"stands": False, "cause": cause, "session_expires_in": 0}
        user = kept.user.get_username()
        used, ago = kept.sign_in.seen, data.get("used")
        if type(ago) is int and 0 <= ago < A_DAY:
            used = max(used, now - timedelta(seconds=ago))
        found = sign_ins.judge(self.server, self.policy, kept, now, used)
        if isinstance(found, str):
            kept.sign_in.user, kept.sign_in.consumer = kept.user, self.consumer
            ending.end([kept.sign_in], Act(Reason(found)), told=ref)
            events.tell(
                Step.SESSION_CHECKED, details=self.details, consumer=name, user=user, cause=found
            )
            return {"stands": False, "cause": found, "session_expires_in": 0}
        events.tell(Step.SESSION_CHECKED, details=self.details, consumer=name, user=user)
        end = found.end if found else None
        used = now if data.get("in_use") is True else used
        sign_ins.saw(kept.sign_in, used, end, self.policy)
        left = ((end or kept.sign_in.expires) - now).total_seconds()
        return {"stands": True, "cause": "", "session_expires_in": max(0, int(left))}

    def _cause_of(self, ref: str) -> str:
        ended = Ending.objects.filter(ref=ref, consumer_id=self.policy.consumer_id)
        return ended.values_list("reason", flat=True).first() or ""


class SignOutProvider(Provider):
    """Ends a sign-in for an app whose person signs out there: here only, or everywhere."""

    ask = Purpose.SIGN_OUT_ASK
    answer = Purpose.SIGN_OUT_ANSWER

    def provide(self, data: Payload) -> Payload:
        """``{"page": ...}``: the path of the page that says what became of it.

        Empty where only this sign-in was to end, and where it isn't known what else there is.

        Parameters:
            data: with ``session``, the sign-in's id, and ``everywhere``.

        Raises:
            MessageRefused: it doesn't say which.
        """
        now, ref = clock.now(), _id_in(data, self.dialect)
        everywhere = data.get("everywhere") is True
        kept = sign_ins.find(self.policy, ref, now)
        if kept is None:
            return {"page": self._end_the_rest(ref) if everywhere else ""}
        sign_in = kept.sign_in
        sign_in.user, sign_in.consumer = kept.user, self.consumer
        cause = data.get("cause")
        left = Reason(cause) if cause in (Reason.IDLE, Reason.TOO_LONG) else Reason.LEFT
        act = Act(Reason.EVERYWHERE if everywhere else left)
        if everywhere and sign_in.session:
            ending.end_session(sign_in.session, act, told=ref)
        else:
            ending.end([sign_in], act, told=ref)
        is_all = everywhere and bool(sign_in.session)
        return {"page": signed_out_page(act.batch) if is_all else ""}

    def _end_the_rest(self, ref: str) -> str:
        """What is over already came from a session that may go on; the page of its end."""
        there = Ending.objects.using(databases.alias(Ending))
        over = there.filter(ref=ref, consumer_id=self.policy.consumer_id).first()
        if over is None or over.session is None:
            return ""
        act = Act(Reason.EVERYWHERE)
        if over.session:
            ending.end_session(over.session, act)
        return signed_out_page(act.batch if over.session else over.batch)


def _spent_token(kept: Kept, now: datetime) -> dict[str, Any]:
    """An access token that has just been redeemed, for ``events``."""
    age = round((now - kept.token.issued).total_seconds(), 3)
    limit = grants.LIFETIME.total_seconds()
    return {"kind": "access token", "state": "spent by this", "age_s": age, "limit_s": limit}


def _id_in(data: Payload, dialect: Dialect) -> str:
    if not dialect.has_sessions:
        raise FormatRefused("Of sessions nothing is said in django-simple-sso's own format.")
    ref = data.get("session")
    if not isinstance(ref, str) or not SIGN_IN.fullmatch(ref):
        raise MessageRefused("The message doesn't say which session.")
    return ref


def _without_other_groups(answer: Payload, wanted: object) -> Payload:
    """Tell an app of the groups that it can do something with, where it says which."""
    extra: Any = answer.get("extra_data")
    groups = extra.get("groups") if isinstance(extra, dict) else None
    if not isinstance(wanted, list) or not isinstance(groups, list):
        return answer
    return answer | {"extra_data": {**extra, "groups": [g for g in groups if g in wanted]}}


def back_channel_view(
    provider: Callable[[IdentityServer], Any], server: IdentityServer
) -> Callable[[HttpRequest], HttpResponse]:
    """A view that makes a provider for each request and turns refusals into 4xx texts."""

    @login_not_required
    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        with serving(request):
            response = answer(request)
        discard(request)  # what of the question was too much to read
        return response

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return plain("Ask with POST.", 405, {"Allow": "POST"})
        asked, body = provider(server), b""
        try:
            body = body_of(request)
            public_key = header(request, PUBLIC_KEY_HEADER)
            with need_tables():
                return plain(asked.respond(public_key, body), 200)
        except HandShakeError as error:
            details = partial(asked.details, body=body)
            events.tell(Step.QUESTION_REFUSED, error, details, path=request.path)
            return plain(str(error), error.status, {REFUSAL_HEADER: error.code})

    return view
