"""The stock dialect, spoken only where a consumer or a server is marked legacy.

Stock signs with HMAC-SHA1 (itsdangerous' default), with one salt for everything and no
nonce. Its pin, itsdangerous 0.24, counts a signature's time from 2011-01-01; 1.0 and
later count from 1970 (itsdangerous' changelog, 1.0.0). Read with the other library's
clock, a 0.24 signature is always expired and a 2.x one never is. So whichever of them is
installed here: the time is written from 1970, which neither takes for expired, and judged
by whichever epoch makes the message recent.

Sources: ``simple_sso/utils.py`` of django-simple-sso 1.3.0; ``timed.py`` of itsdangerous
0.24 and 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from itsdangerous import (
    BadData,
    BadTimeSignature,
    TimedSerializer,
    TimestampSigner,
    URLSafeTimedSerializer,
)

from .. import clock
from ..errors import MessageRefused, SignatureRefused
from .dialect import Dialect, Payload, Person, Purpose, check_fresh

EPOCH_OF_0_24 = 1293840000  # seconds: 2011-01-01T00:00:00Z
A_DAY = 24 * 3600
FIELDS = ("redirect_to", "access_token", "extra_data")  # of its questions
AT_STOCK = "name:"  # how the subject of a person begins who is known by name only


class StockDialect(Dialect):
    """No purpose, no nonce, no browser; people are known by name."""

    name = "stock"
    algorithm = "HMAC-SHA1"
    signs = 2  # time and signature
    longest_redirect = 1023  # its Token.redirect_to
    longest_next = 500  # of those
    asks_silently = False  # it shows its form
    has_sessions = False

    def write_ask(self, key: str, purpose: Purpose, payload: Payload) -> tuple[str, str]:
        known = {field: payload[field] for field in FIELDS if field in payload}
        return str(_messages(key).dumps(known)), ""

    def read_ask(self, keys: Iterable[str], purpose: Purpose, body: str) -> tuple[Payload, str]:
        """Against the current key only: a stock client has had no other."""
        key = next(iter(keys))
        return _loads(key, body), key

    def write_answer(
        self, key: str, purpose: Purpose, audience: str, question: Payload, payload: Payload
    ) -> str:
        return str(_messages(key).dumps(payload))

    def read_answer(
        self, key: str, purpose: Purpose, audience: str, nonce: str, body: str
    ) -> Payload:
        return _loads(key, body)

    def sign_access_token(self, key: str, token: str) -> str:
        return str(_access_tokens(key).dumps(token))

    def read_access_token(self, keys: Sequence[str], signed: str) -> str:
        try:
            return str(_access_tokens(keys[0]).loads(signed))
        except BadData as error:
            raise MessageRefused("The access token in this link is damaged.") from error

    def read_person(self, answer: Payload) -> Person:
        return Person(answer, subject_at_stock(answer.get("username", "")))

    def challenge(self, question: Payload) -> str:
        return ""

    def fits(self, verifier: object, challenge: str) -> bool:
        return True

    def write_person(self, person: Person) -> Payload:
        return person.profile


def subject_at_stock(username: str) -> str:
    """What names a person of a stock server, which says no subject."""
    return f"{AT_STOCK}{username}"


class _Signer(TimestampSigner):
    """itsdangerous', with the clock of 1.0 and later, also where 0.24 is installed."""

    def get_timestamp(self) -> int:
        return int(clock.utc().timestamp())

    def timestamp_to_datetime(self, ts: int) -> datetime:
        try:
            return datetime.fromtimestamp(ts, UTC)
        except (ValueError, OSError, OverflowError) as error:
            raise BadTimeSignature("Malformed timestamp") from error


def _messages(key: str) -> TimedSerializer:
    return TimedSerializer(key, signer=_Signer)


def _access_tokens(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, signer=_Signer)


def _loads(key: str, body: str) -> Payload:
    try:
        payload, signed_at = _messages(key).loads(body, return_timestamp=True)
    except BadData as error:
        raise SignatureRefused("The message's signature doesn't fit.") from error
    if not isinstance(payload, dict):
        raise MessageRefused("The message is not an object.")
    check_fresh(_on_our_clock(signed_at.timestamp()))
    return payload


def _on_our_clock(signed_at: float) -> float:
    """A time written by 0.24 lies before 2011 when read from 1970; put it right."""
    tomorrow_by_0_24 = clock.utc().timestamp() + A_DAY - EPOCH_OF_0_24
    return signed_at + EPOCH_OF_0_24 if signed_at <= tomorrow_by_0_24 else signed_at


STOCK = StockDialect()
