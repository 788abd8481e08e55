"""The apps are told what has ended: signed calls, side by side, each with little time.

An app that doesn't confirm is told again, by ``courier``, until it does or the session would be
over by itself. Which call comes first or twice makes no difference: it says what ended and when,
and an app ends what began before (docs/protocol.md).

Each app has a few threads of its own, so that one that hangs keeps nobody else waiting, and none
is asked while it has just failed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F
from simple_sso.utils import PUBLIC_KEY_HEADER
from urllib3.exceptions import HTTPError

from .. import at_hand, clock, conf, databases, defences, events
from ..back_channel.channel import Answer, Line, kind_of
from ..back_channel.gate import Budget
from ..clock import Instant
from ..defences import Defence
from ..errors import MessageRefused, ServerUnavailable, SignatureRefused
from ..events import Step
from ..keys import fingerprint
from ..messages import HARDENED, Payload, Purpose
from ..shown import shown
from .installed import current_server
from .models import Ending
from .policy import find_policy

AT_ONCE = 3  # calls to one app under way in one process
MOST_AT_A_TIME = 64  # of what is told again
LEASE = timedelta(seconds=30)  # that one process has for it
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0  # seconds between tries
LAST_TRY = timedelta(seconds=2)  # before it would be over by itself
SPREAD = 0.5  # of a pause, either way: apps that come back aren't met by everybody at once
GONE = "The app is no longer registered."
OFF = "Log-out calls are switched off."


@dataclass(frozen=True)
class Outcome:
    """What became of a call.

    Attributes:
        problem: empty where the app has confirmed.
        key: that the call was signed with; empty where none was made.
        answer: what came back, if anything; ``said`` is what it says, if it is the app's.
        ms: how long that took.
        length: of the signed call, in bytes.
    """

    problem: str
    key: str = ""
    answer: Answer | None = None
    said: Payload | None = None
    ms: float = 0.0
    length: int = 0


@dataclass(frozen=True)
class Call:
    """What one app is to be told.

    Attributes:
        keys: private keys that its signature may be of, the current one first.
        base_url, path: where.
    """

    ending: int
    batch: str
    app: str
    public_key: str
    keys: tuple[str, ...]
    base_url: str
    path: str
    payload: dict[str, object]


def inform(endings: Iterable[int]) -> bool:
    """Tell the apps, and note what they say. Takes no longer than ``TELL_SECONDS`` and a little.

    Parameters:
        endings: primary keys of what isn't confirmed.

    Returns:
        whether each of them has confirmed.
    """
    there = Ending.objects.using(databases.alias(Ending))
    found = list(there.filter(pk__in=list(endings), told=None).select_related("consumer"))
    if not defences.on(Defence.LOG_OUT_CALLS):
        there.filter(pk__in=[ending.pk for ending in found]).update(next_try=None, problem=OFF)
        return True
    calls = ((ending, _call_for(ending)) for ending in found)
    under_way = {_submit(call): (ending, call) for ending, call in calls if call}
    done, late = wait(under_way, timeout=conf.tell_seconds() * 1.5)
    for each in late:
        each.cancel()
    for each in done:
        _note(*under_way[each], each.result())
    for each in late:
        _note(*under_way[each], Outcome("It didn't answer in time."))
    return not late and not any(each.result().problem for each in done)


def tell_due() -> int:
    """Tell again what is due; how many that were."""
    there, now = Ending.objects.using(databases.alias(Ending)), clock.now()
    waiting = there.filter(told=None, next_try__lte=now).order_by("next_try")
    there.filter(told=None, next_try__isnull=False, until__lte=now).update(
        next_try=None, problem="Over by itself."
    )
    due = list(waiting.values_list("pk", "next_try")[:MOST_AT_A_TIME])
    # Of several processes one gets it.
    mine = [
        pk for pk, at in due if there.filter(pk=pk, next_try=at).update(next_try=now + LEASE) == 1
    ]
    if mine:
        inform(mine)
    return len(mine)


def pending() -> Iterator[Ending]:
    """What isn't confirmed yet, the soonest first."""
    there = Ending.objects.using(databases.alias(Ending))
    yield from there.filter(told=None, next_try__isnull=False).order_by("next_try")


def _call_for(ending: Ending) -> Call | None:
    policy = find_policy(pk=ending.consumer_id) if ending.consumer_id else None
    if policy is None:
        _give_up(ending, GONE)
        return None
    server, public_key = current_server(), policy.consumer.public_key
    parts = urlsplit(ending.tell_at)
    base = conf.app_back_channels().get(public_key) or f"{parts.scheme}://{parts.netloc}"
    payload = {
        "aud": public_key,
        "iss": server.get_issuer() if server else "",
        "event": "session-ended",
        "session": ending.ref,
        "ended": ending.ended,
        "cause": ending.reason,
    }
    keys = tuple(policy.private_keys())
    return Call(
        ending.pk, ending.batch, ending.app, public_key, keys, base, parts.path.lstrip("/"), payload
    )


def _submit(call: Call) -> Future[Outcome]:
    return _office(call).threads.submit(_make, call)


def _make(call: Call) -> Outcome:
    """Make a call. Touches no database: this is another thread."""
    line, began = _office(call).line, clock.monotonic()
    try:
        with line.gate.enter(), at_hand.because_of(call.batch):
            try:
                outcome = _exchange(line, call)
            except (HTTPError, OSError, ValueError):
                line.gate.failed()
                raise
            line.gate.succeeded()
            return outcome
    except (HTTPError, OSError, ValueError) as error:
        problem = kind_of(error)
    except ServerUnavailable as error:
        problem = str(error).replace("The identity server", "The app")
    return Outcome(problem, ms=_since(began))


def _exchange(line: Line, call: Call) -> Outcome:
    """With each key that counts: the app may not have the newest yet."""
    outcome = Outcome("It has no key.")
    for key in call.keys:
        body, nonce = HARDENED.write_ask(key, Purpose.ENDED_ASK, call.payload)
        began = clock.monotonic()
        answer = line.exchange(call.path, body, line.budget.read)
        outcome = Outcome("", key, answer, ms=_since(began), length=len(body))
        if answer.status == 200:
            read = HARDENED.read_answer
            try:
                said = read(key, Purpose.ENDED_ANSWER, call.public_key, nonce, answer.text)
            except MessageRefused as error:
                return replace(outcome, problem=f"What it answers isn't signed by it: {error}")
            return replace(outcome, said=said)
        problem = f"It answers with status {answer.status}: {answer.reason}"
        outcome = replace(outcome, problem=problem)
        if answer.code != SignatureRefused.code:
            break
    return outcome


def _since(began: float) -> float:
    """Milliseconds."""
    return round((clock.monotonic() - began) * 1000, 2)


def _described(call: Call, outcome: Outcome, _: Instant) -> dict[str, Any]:
    """A call and what came of it, for ``events``."""
    told: dict[str, Any] = {
        "method": "POST",
        "path": f"/{call.path}",
        "headers": shown({PUBLIC_KEY_HEADER: call.public_key}),
        "question": shown(call.payload),
        "dialect": HARDENED.name,
        "algorithm": HARDENED.algorithm,
        "ms": outcome.ms,
    }
    if outcome.key:
        told |= {"key": fingerprint(outcome.key), "bytes_sent": outcome.length}
    if outcome.answer:
        told |= {"status": outcome.answer.status, "bytes_received": len(outcome.answer.text)}
    if outcome.said is not None:
        told |= {"signature": "verified", "answer": shown(outcome.said)}
    elif outcome.answer and outcome.answer.status == 200:
        told["signature"] = "not verified"
    return told


def _note(ending: Ending, call: Call, outcome: Outcome) -> None:
    problem, details = outcome.problem, partial(_described, call, outcome)
    now, there = clock.now(), Ending.objects.using(databases.alias(Ending)).filter(pk=ending.pk)
    facts: dict[str, Any] = {"consumer": ending.app, "user": ending.person, "batch": ending.batch}
    if not problem:
        there.update(told=now, next_try=None, problem="", tries=F("tries") + 1)
        events.tell(Step.APP_TOLD, details=details, **facts)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(ending.tries, 10))
    pause *= 1 + SPREAD * (2 * random.random() - 1)
    again = min(now + timedelta(seconds=pause), ending.until - LAST_TRY)
    there.filter(told=None).update(
        next_try=again if again > now else None,
        problem=problem[:255],
        tries=F("tries") + 1,
    )
    tries = ending.tries + 1
    events.tell(Step.APP_NOT_TOLD, details=details, reason=problem, tries=tries, **facts)


def _give_up(ending: Ending, problem: str) -> None:
    Ending.objects.filter(pk=ending.pk).update(next_try=None, problem=problem)


class _Office:
    """One app's line and its threads."""

    def __init__(self, base_url: str, public_key: str, seconds: float) -> None:
        budget = Budget(connect=seconds, read=seconds, glance=seconds, at_once=AT_ONCE)
        self.line = Line(base_url, public_key, budget)
        self.threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sso-kit-tell")


_offices: dict[tuple[str, str, float], _Office] = {}
_lock = threading.Lock()


def _office(call: Call) -> _Office:
    name = call.base_url, call.public_key, conf.tell_seconds()
    with _lock:
        if name not in _offices:
            _offices[name] = _Office(*name)
        return _offices[name]
