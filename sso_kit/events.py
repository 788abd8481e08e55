"""What happens in a hand-shake, step by step: a Django signal, sent once for each step.

    from sso_kit.events import Step, step_taken

    @receiver(step_taken, sender=Step.SIGNED_IN)
    def welcome(step, facts, **_): ...

The log is one receiver; an audit trail or an inspector is another. ``facts`` has nothing
secret: no token, key, verifier or address with a query; only what ``FACTS`` names. ``details()``
tells what the message held, just as secret-free (``shown``). It costs nothing unless it is called,
and may be called later, by another thread: it needs no request and no database. A receiver that
fails is logged by Django and disturbs nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from enum import Enum, unique
from functools import partial
from typing import Any

from django.dispatch import Signal

from . import at_hand, clock
from .clock import Instant
from .errors import HandShakeError
from .redaction import redact

APP, SERVER = "sso_kit.client", "sso_kit.server"
DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR
Details = Callable[[Instant], dict[str, Any]]  # as whoever tells has them: of a moment
Words = Callable[[], dict[str, Any]]  # as receivers get them

FACTS = frozenset(
    {
        "again",  # a second try of a hand-shake that was cut
        "batch",  # of the sign-ins that one act ended
        "by",  # who did it, where that is not the person herself
        "cause",  # of a session's end: ``server.models.Reason``
        "changes",
        "code",  # of a refusal, see ``errors``
        "command",  # that an administrator can run
        "consumer",  # name
        "expires",
        "handshake",  # id that both sides' logs have
        "issuer",  # what names an identity server for ever
        "key",  # fingerprint
        "overlap_s",
        "passive",  # only a question: never a form
        "path",
        "purpose",
        "reason",  # a sentence
        "request_id",  # what the proxy calls the request in which it happened
        "remedy",  # what whoever reads this log can do about it, a sentence or two
        "server",  # URL of an identity server
        "status",  # HTTP
        "subject",
        "tries",
        "user",  # name
    }
)


@unique
class Step(Enum):
    """A step's text in the log, its side, and the level of its line.

    A refusal's own level goes before its step's.
    """

    # An app asks, the server answers, the browser goes there and back.
    BEGUN = "hand-shake begun", APP, INFO
    REQUEST_TOKEN_ISSUED = "request token issued", SERVER, DEBUG
    ANSWERED = "back channel answered", APP, DEBUG
    LOG_IN_NEEDED = "sent to the log-in form", SERVER, DEBUG
    LOG_IN_SHOWN = "log-in form shown", SERVER, DEBUG
    LOG_IN_FAILED = "log-in failed", SERVER, DEBUG
    LOGGED_IN = "logged in", SERVER, DEBUG
    CHOICE_NEEDED = "asked who goes on", SERVER, DEBUG
    ACCESS_TOKEN_ISSUED = "access token issued", SERVER, INFO
    NOT_SIGNED_IN = "asked silently: nobody", SERVER, DEBUG
    NOBODY_THERE = "goes on as a guest", APP, DEBUG
    PERSON_VERIFIED = "person verified", SERVER, INFO
    SIGNED_IN = "signed in", APP, INFO
    SIGNED_OUT = "signed out", APP, INFO

    # It goes on, or is over.
    SESSION_CHECKED = "session checked", SERVER, DEBUG
    LOGGED_OUT = "logged out", SERVER, DEBUG
    SIGN_IN_ENDED = "sign-in ended", SERVER, INFO
    APP_TOLD = "app told", SERVER, INFO
    APP_NOT_TOLD = "app not told", SERVER, WARNING
    TOLD_OF_END = "told that a sign-in has ended", APP, INFO
    CALL_REFUSED = "log-out call refused", APP, WARNING
    SESSION_OVER = "session over", APP, INFO
    NOT_CHECKED = "session not checked: the server doesn't answer", APP, WARNING

    # It ends, or nearly.
    REFUSED = "hand-shake refused", APP, WARNING
    CUT = "hand-shake was cut, begun again", APP, WARNING
    FOREIGN_TOKEN_BURNT = "foreign access token burnt", APP, WARNING
    AUTHORIZE_REFUSED = "authorize refused", SERVER, WARNING
    QUESTION_REFUSED = "back channel refused", SERVER, WARNING
    ANSWER_REFUSED = "back channel refused", APP, ERROR
    ANSWER_UNFIT = "answer not taken", APP, DEBUG
    NO_ANSWER = "back channel failed", APP, ERROR
    ANOTHER_ADDRESS = "asked for under another address than base_url", APP, WARNING
    CONNECTION_DROPPED = "back channel dropped", APP, WARNING
    STOCK_MESSAGE = (
        "legacy message taken: HMAC-SHA1, not bound to a question or a browser",
        SERVER,
        WARNING,
    )

    # Accounts of an app.
    ACCOUNT_MADE = "account made", APP, INFO
    CACHED_USER_REFUSED = "entry of the cache refused: no user of ours", APP, WARNING
    ACCOUNT_NOT_LINKED = "account not linked; to look at it, run the command", APP, WARNING
    ADDRESS_TAKEN = "address not updated: taken", APP, WARNING
    TAKE_OVER_ALLOWED = "take-over allowed", APP, INFO
    TAKE_OVER_WITHDRAWN = "take-over withdrawn", APP, INFO
    HANDED_OVER = "account handed over", APP, INFO
    TAKEN_AWAY = "account taken away from who had it", APP, WARNING
    NOT_HANDED_OVER = "not handed over", APP, WARNING

    # The identity server of an app.
    SERVER_KNOWN = "identity server known", APP, INFO
    SERVER_MOVED = "identity server moved", APP, WARNING
    SERVER_FORGOTTEN = "identity server forgotten", APP, WARNING

    # Consumers of a server.
    KEY_ROTATED = "key rotated", SERVER, WARNING
    CONSUMER_CHANGED = "consumer changed by command", SERVER, WARNING

    def __init__(self, text: str, side: str, level: int) -> None:
        self.text, self.side, self.level = text, side, level


step_taken = Signal()
NEVER = Instant(0.0, 0.0)


def nothing(_: Instant) -> dict[str, Any]:
    """The details of a step without any."""
    return {}


def tell(
    step: Step,
    refusal: HandShakeError | None = None,
    details: Details = nothing,
    **facts: Any,
) -> None:
    """Send ``step_taken``.

    Parameters:
        refusal: that the step is; its code, its sentence and its remedy are among the facts.
        details: puts into words what the message held at a moment, see ``shown``. Receivers get
            it without the moment, which is now.

    Raises:
        TypeError: for a fact that ``FACTS`` doesn't name.
    """
    level = refusal.level if refusal else step.level
    facts |= refusal.facts if refusal else {}
    if name := at_hand.request_id():
        facts["request_id"] = name
    if not facts.keys() <= FACTS:
        raise TypeError(f"{step} has facts that are not in FACTS: {facts.keys() - FACTS}")
    told = partial(details, clock.instant() if details is not nothing else NEVER)
    step_taken.send_robust(sender=step, step=step, level=level, facts=facts, details=told)


class Line:
    """A step as the log has it: ``str()`` is all of it, in words.

    So Python's and Django's own logging say why something was refused and what to do about
    it; ``contrib.logs`` keeps ``event`` and the facts apart. (Python's logging cookbook,
    "Using arbitrary objects as messages".)
    """

    def __init__(self, event: str, facts: Mapping[str, Any]) -> None:
        self.event, self.facts = event, facts

    def __str__(self) -> str:
        reason, remedy = self.facts.get("reason", ""), self.facts.get("remedy", "")
        rest = [
            f"{name}={fact}"
            for name, fact in self.facts.items()
            if name not in ("reason", "remedy") and fact is not False and fact not in (None, "")
        ]
        text = f"{self.event}: {reason}" if reason else self.event
        text += f" Remedy: {remedy}" if remedy else ""
        return _on_one_line(redact(f"{text} ({', '.join(rest)})" if rest else text))


def _on_one_line(text: str) -> str:
    """What others have put into a fact forges no line, and steers no terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def write_to_log(step: Step, level: int, facts: dict[str, Any], **_: Any) -> None:
    """Signal receiver: the log, one line a step, of the logger of its side."""
    logging.getLogger(step.side).log(level, Line(step.text, facts), extra=facts)


step_taken.connect(write_to_log, dispatch_uid="sso_kit.log")
