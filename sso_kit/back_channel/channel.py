"""The back channel's asking end: pooled keep-alive connections, and never a pile-up.

A call has a time budget. While the other side is slow, only some of this process's threads
may wait for it, and after a failure the others don't even try for a moment. So an app's own
pages go on answering while the identity server is down or stuck, and a server's while an app is.

urllib3 rather than requests: same pool, half the CPU time per call (docs/performance.md).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from simple_sso.utils import PUBLIC_KEY_HEADER
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError

from .. import at_hand, events
from ..at_hand import REQUEST_ID
from ..errors import (
    REFUSALS,
    HandShakeError,
    MessageRefused,
    ServerUnavailable,
    TokenRefused,
)
from ..events import Details, Step
from ..messages import MAX_BODY_BYTES, REFUSAL_HEADER
from . import remedies, route
from .gate import Budget, Gate

# What a proxy says of a server that is down. A plain 500 may be one person's own trouble.
OUTAGES = (502, 503, 504)
PROXY_REFUSES = 407
ONE_MORE_CONNECTION = urllib3.Retry(connect=1, read=0, redirect=0, status=0, other=0)


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        text: the body, at most 16 KiB.
        code: why the server refuses, see ``errors.REFUSALS``; stock doesn't say.
    """

    status: int
    text: str
    code: str = ""

    @property
    def reason(self) -> str:
        """What a person may be shown: the server's own sentence, not some proxy's page."""
        plain = len(self.text) < 300 and "<" not in self.text
        return self.text if plain else f"Status {self.status}."

    def refusal(self, remedy: str = "") -> HandShakeError:
        """As the server's own.

        Parameters:
            remedy: where the server's code doesn't say which it is.
        """
        by_status = MessageRefused if self.status == 400 else TokenRefused
        refusal = REFUSALS.get(self.code, by_status)(self.reason)
        refusal.remedy = refusal.remedy_at_app or remedy
        return refusal


class Line:
    """Signed texts to one other site, over connections that are kept.

    Parameters:
        base_url: what its paths are below, as this machine reaches it.
        public_key: of the app whose keys sign.
    """

    def __init__(self, base_url: str, public_key: str, budget: Budget | None = None) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self.public_key = public_key
        self.budget = budget or Budget()
        self.gate = Gate(self.budget)
        self.path = urlsplit(self.base_url).path
        self.headers = {PUBLIC_KEY_HEADER: public_key, "Content-Type": "application/json"}
        self._way: route.Route | None = None
        self._lock = threading.Lock()

    def exchange(self, path: str, body: str, seconds: float) -> Answer:
        """One answer, whatever it is; no redirect is followed.

        A site that restarts drops kept connections; a second, fresh one reaches it. Everything
        that is asked can be asked again safely: a request token is no row, an access token that
        the first asking spent is refused the second time (``TokenSpent``), and what has ended
        is over.

        Raises:
            HTTPError, OSError, ValueError: no answer in time.
            ServerUnavailable: one that is no text, or too long; or there is no way there.
        """
        try:
            return self._send(path, body, seconds)
        except ProtocolError as error:
            self._dropped(path, error)
            return self._send(path, body, seconds)

    def _dropped(self, path: str, error: Exception) -> None:
        """A kept connection that the other side has closed."""

    def _send(self, path: str, body: str, seconds: float) -> Answer:
        there = self._route()
        response = there.connections.urlopen(
            "POST",
            there.target + path,
            body=body.encode(),
            headers=self._headers(),
            timeout=urllib3.Timeout(connect=min(self.budget.connect, seconds), read=seconds),
            retries=ONE_MORE_CONNECTION,
            redirect=False,
            assert_same_host=False,  # a proxy's own is another
            preload_content=False,
        )
        try:
            text = _read(response)
        except BaseException:
            response.close()  # not drained: the rest may never end
            raise
        response.release_conn()
        return Answer(response.status, text, response.headers.get(REFUSAL_HEADER, ""))

    def _headers(self) -> dict[str, str]:
        """With what the work at hand is called, so that both sides' logs have it."""
        name = at_hand.request_id()
        return {**self.headers, REQUEST_ID: name} if name else self.headers

    def _route(self) -> route.Route:
        """Made on first use, hence after gunicorn has forked."""
        with self._lock:
            if self._way is None:
                self._way = route.to(self.base_url, self.budget.at_once)
            return self._way


class BackChannel(Line):
    """Sends signed texts to one identity server.

    Parameters:
        base_url: where its ``get_urls()`` are mounted, as this machine reaches it.
        legacy: whether it is asked in stock's format; only for what the log says of a refusal.
    """

    def __init__(
        self, base_url: str, public_key: str, budget: Budget | None = None, legacy: bool = False
    ) -> None:
        super().__init__(base_url, public_key, budget)
        self.legacy = legacy

    def _dropped(self, path: str, error: Exception) -> None:
        events.tell(Step.CONNECTION_DROPPED, path=path, reason=kind_of(error))

    def post(
        self, path: str, body: str, patient: bool = True, details: Details = events.nothing
    ) -> str:
        """The answer's body.

        Parameters:
            details: what is asked, see ``events.tell``.
            patient: false for a question that a page can do without: it waits for
                ``glance`` seconds only, and a slow server is none of the others' business yet.

        Raises:
            MessageRefused, TokenRefused, AccessDenied, ...: a 4xx, with the server's reason.
            ServerUnavailable: no answer in time, a 5xx, or something that is no answer.
        """
        seconds = self.budget.read if patient else self.budget.glance
        with self.gate.enter(patient):
            try:
                answer = self.exchange(path, body, seconds)
            except (HTTPError, OSError, ValueError) as error:
                remedy = remedies.of_failure(self.base_url, error)
                if patient:
                    self.gate.failed(remedy)
                events.tell(
                    Step.NO_ANSWER,
                    details=details,
                    path=path,
                    reason=kind_of(error),
                    remedy=remedy,
                )
                raise ServerUnavailable("The identity server doesn't answer.") from error
            except ServerUnavailable as error:
                events.tell(
                    Step.NO_ANSWER,
                    details=details,
                    path=path,
                    reason=str(error),
                    remedy=error.remedy,
                )
                raise
        return self._judge(path, answer, details)

    def _judge(self, path: str, answer: Answer, details: Details) -> str:
        """The text of a usable answer. Only an outage is a reason to turn others away."""
        if answer.status in OUTAGES:
            self.gate.failed()
        else:
            self.gate.succeeded()
        if answer.status == 200:
            return answer.text
        refusal = self._refusal(path, answer)
        events.tell(
            Step.ANSWER_REFUSED,
            details=details,
            path=path,
            status=answer.status,
            reason=answer.reason,
            remedy=refusal.remedy,
        )
        raise refusal

    def _refusal(self, path: str, answer: Answer) -> HandShakeError:
        remedy = "" if answer.code else self._remedy(path, answer)
        if 400 <= answer.status < 500 and answer.status != PROXY_REFUSES:
            return answer.refusal(remedy)
        return ServerUnavailable(
            f"The identity server is in trouble (status {answer.status}).", remedy=remedy
        )

    def _remedy(self, path: str, answer: Answer) -> str:
        return remedies.of_answer(self.base_url + path, answer.status, answer.text, self.legacy)


def _read(response: urllib3.BaseHTTPResponse) -> str:
    """The whole body; ``deadline`` sees to the time.

    Raises:
        ServerUnavailable: no text, or too long. That may be one person's trouble, so it is no
            reason to turn others away.
    """
    body = b""
    while chunk := response.read1(MAX_BODY_BYTES):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ServerUnavailable(f"Its answer has more than {MAX_BODY_BYTES} bytes.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ServerUnavailable("Its answer is no text.") from error


def kind_of(error: Exception) -> str:
    """What failed, short."""
    if isinstance(error, MaxRetryError) and error.reason:
        error = error.reason  # "max retries exceeded" says less
    return f"{type(error).__name__}: {error}"[:200]
