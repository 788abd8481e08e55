"""What one visitor sends costs no other visitor an answer.

Why here: nginx and gunicorn share their kept connections among all visitors. A body that a
view left unread made gunicorn close such a connection, and nginx gave it the next one's form:
3 to 6 in a hundred got a 502. The control is in tests/lab/test_unread_bodies.py.

What would make it lie: the two not being at it at the same time, hence the senders that go on
for as long as the forms take, and the count of what they sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from threading import Event

import pytest

from e2e import plain
from tests.support.browser import Browser
from tests.support.instance import Instance

BODY = b"x" * 100_000  # gunicorn by itself drains 64 KiB; nginx takes 256
FORMS = 120
AT_ONCE = 3  # strangers who send it

# What is answered without a look at the body, and how: no right, no method, no page.
REFUSALS = {
    "server": {
        ("POST", "/sso/request-token/"): 400,
        ("POST", "/sso/verify/"): 400,
        ("GET", "/sso/verify/"): 405,
        ("POST", "/sso/authorize/"): 403,
        ("GET", "/sso/authorize/"): 400,
        ("POST", "/accounts/login/"): 403,
        ("PUT", "/accounts/login/"): 403,
        ("POST", "/accounts/logout/"): 403,
        ("POST", "/admin/login/"): 403,
        ("POST", "/no-such-page/"): 404,
        ("POST", "/healthz"): 403,
        ("POST", "/static/look/look.css"): 405,
    },
    "client-a": {
        ("POST", "/sso/"): 403,
        ("POST", "/sso/authenticate/"): 403,
        ("GET", "/sso/authenticate/"): 400,
        ("POST", "/sso/sso-logout/"): 403,
        ("GET", "/sso/sso-logout/"): 405,
        ("POST", "/notes/new/"): 403,
        ("POST", "/no-such-page/"): 404,
    },
    "client-b": {
        ("POST", "/sso/sso-logout/"): 403,
        ("POST", "/tickets/1/comments/"): 403,
        ("GET", "/tickets/1/comments/"): 405,
        ("POST", "/no-such-page/"): 404,
    },
}
# A form of each site that is sent back for want of its first field: nothing comes of it.
SENT_BACK = {200, 422}
FORM = {"server": "/accounts/login/", "client-a": "/notes/new/", "client-b": "/tickets/new/"}


@pytest.mark.parametrize("site", REFUSALS)
def test_bodies_that_are_not_read_break_nobody_elses_form(lab: Instance, site: str) -> None:
    address = lab.url(site) + FORM[site]
    bob = Browser() if site == "server" else plain.signed_in(lab, site, FORM[site], "bob")
    form = bob.get(address)

    with _strangers_at_it(lab, site) as strangers:
        statuses = [bob.submit(form, {}, address).status for _ in range(FORMS)]

    assert set(statuses) <= SENT_BACK
    seen = {answer for stranger in strangers for answer in stranger.result()}
    assert dict(seen) == REFUSALS[site]


@contextmanager
def _strangers_at_it(
    lab: Instance, site: str
) -> Iterator[list[Future[list[tuple[tuple[str, str], int]]]]]:
    """They send the body to one address after the other; each result is what they got."""
    over = Event()

    def keep_sending() -> list[tuple[tuple[str, str], int]]:
        answers = []
        for turn, (method, path) in enumerate(cycle(REFUSALS[site])):
            if over.is_set() and turn >= len(REFUSALS[site]):
                break
            answer = plain.send(lab, site, path, method=method, body=BODY)
            answers.append(((method, path), answer.status))
        return answers

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield [pool.submit(keep_sending) for _ in range(AT_ONCE)]
        finally:
            over.set()
