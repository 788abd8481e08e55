"""While the identity server is dead or stuck, the apps live on.

Why here: it takes a real socket to refuse a connection or to accept it and say nothing.

What would make it lie: one lonely request at a time, which never fills an app's threads;
hence the crowd that tries to sign in meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e import accessibility, actions, plain
from lab.machine import waiting
from tests.support.browser import Browser
from tests.support.instance import Instance

CROWD = 32  # four times the threads of an app
LOG_IN_PAGE = "/accounts/login/?next=/sso/authorize/%3Ftoken=secret"
CLIENTS = ("client-a", "client-b")


@dataclass(frozen=True)
class Failing:
    """What was begun before or as the server failed.

    Attributes:
        bob: signed in on Notes before.
        log_in_page: the answer to who asks the server itself; nginx gives up after 10 s.
    """

    bob: Browser
    log_in_page: Future[plain.Answer]


@pytest.fixture(scope="module", params=["stopped", "stuck"])
def failing(request: pytest.FixtureRequest, lab: Instance) -> Iterator[Failing]:
    bob = plain.signed_in(lab, "client-a", "/notes/", "bob")
    breaks, mends = {
        "stopped": (lab.stop, lab.start),
        "stuck": (lab.pause, lab.resume),
    }[request.param]
    breaks("server")
    try:
        with ThreadPoolExecutor(1) as aside:
            yield Failing(bob, aside.submit(plain.send, lab, "server", LOG_IN_PAGE))
    finally:
        mends("server")
        lab.wait_ready()
        assert waiting.until(lambda: _sign_in_works(lab), 20)


def test_sign_in_is_refused_with_a_way_on(page: Page, failing: Failing, lab: Instance) -> None:
    response = actions.open_page(page, lab, "client-b", "/tickets/?status=open")

    assert response.status == 503
    assert response.headers["retry-after"]
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text("Sign-in is not available right now")
    again = page.get_by_role("link", name="Sign in again")
    assert again.get_attribute("href") == "/sso/?next=%2Ftickets%2F%3Fstatus%3Dopen"
    assert accessibility.faults(page) == []


def test_public_pages_answer_within_a_second_while_a_crowd_signs_in(
    failing: Failing, lab: Instance
) -> None:
    with ThreadPoolExecutor(CROWD) as crowd:
        others = [crowd.submit(plain.send, lab, "client-a", "/notes/") for _ in range(CROWD)]
        seconds: list[float] = []
        while not all(other.done() for other in others) or not seconds:
            seconds.append(_seconds_for_the_front_page(lab))

    assert max(seconds) < 1.0
    assert {other.result().status for other in others} == {503}


def test_nobody_waits_long_to_be_refused(failing: Failing, lab: Instance) -> None:
    started = time.monotonic()

    assert plain.send(lab, "client-b", "/tickets/").status == 503

    assert time.monotonic() - started < 4


def test_who_is_signed_in_goes_on(failing: Failing, lab: Instance) -> None:
    bob = failing.bob
    assert bob.get(lab.url("client-a") + "/notes/").status == 200

    form = bob.get(lab.url("client-a") + "/notes/new/")
    saved = bob.submit(form, {"title": actions.unique("Written meanwhile"), "body": ""})

    assert (saved.status, "Your note is saved." in saved.body) == (200, True)


def test_the_servers_own_address_shows_a_page(failing: Failing) -> None:
    """nginx's, since nobody else is there to answer."""
    answer = failing.log_in_page.result()

    assert answer.status in (502, 504)
    assert "<h1>" in answer.text
    assert "secret" not in answer.text


def _seconds_for_the_front_page(lab: Instance) -> float:
    started = time.monotonic()
    as_a_browser = {"Accept": "text/html"}  # such a visit also asks who is signed in
    assert plain.send(lab, "client-a", "/", headers=as_a_browser).status == 200
    return time.monotonic() - started


def _sign_in_works(lab: Instance) -> bool:
    """In every worker: each remembers for a moment that the server failed."""
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [
            crowd.submit(plain.send, lab, client, actions.PRIVATE_PAGE[client])
            for client in CLIENTS * (CROWD // 2)
        ]
    return all(answer.result().status == 302 for answer in asked)
