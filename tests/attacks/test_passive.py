"""Threat: a silent question that loops, shows a form, or takes the page down with it.

Source: OpenID Connect Core, 3.1.2.1 (``prompt=none``). Stock has no such question, so the
control is that a hand-shake which isn't passive does show the form.
Defence: ``sso_kit/client/decorators.py`` and the marker in ``sso_kit/client/handshake.py``.

What would make this lie: a page that never asks. Hence hops are counted: the first visit
must go to the server and back.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks import acts
from tests.attacks.acts import ALICE
from tests.attacks.odd_server import OddServer
from tests.attacks.pairs import Pair
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]
ASKED, NOT_ASKED = 4, 1  # requests: page, authorize, authenticate, page


class Forgetful(Browser):
    """A browser with cookies off."""

    def _set_cookie(self, host: str, line: str) -> None:
        pass


def look(pair: Pair, browser: Browser) -> Page:
    return browser.get(f"{pair.client.url}/passive/?a=1")


@pytest.mark.threat("silent-question-loops")
def test_who_is_signed_in_at_the_server_is_let_in_without_a_click(kit: Pair) -> None:
    page = look(kit, acts.sign_in_at_server(kit, ALICE))

    assert page.body == f'{{"user": "{ALICE}"}}'
    assert (len(page.hops), page.forms) == (ASKED, 0)


@pytest.mark.threat("silent-question-loops")
def test_who_is_not_sees_the_page_as_a_guest_and_is_not_asked_again(kit: Pair, saw: Saw) -> None:
    browser = Browser()

    first, second = look(kit, browser), look(kit, browser)

    assert first.body == second.body == '{"user": ""}'
    assert (len(first.hops), len(second.hops)) == (ASKED, NOT_ASKED)
    assert first.url == second.url == f"{kit.client.url}/passive/?a=1"
    saw("one round trip, then the page as a guest")


@pytest.mark.threat("silent-question-loops")
def test_a_browser_without_cookies_does_not_loop(kit: Pair) -> None:
    page = look(kit, Forgetful())

    assert page.status == 200
    assert len(page.hops) <= ASKED
    assert page.forms == 0


@pytest.mark.threat("silent-question-loops")
def test_nobody_is_asked_after_a_log_out(kit: Pair) -> None:
    browser = acts.sign_in(kit, ALICE)
    csrf = browser.get(f"{kit.server.url}/login/")  # any form: the client's view checks its own
    browser.submit(csrf, {}, f"{kit.client.url}/sso/sso-logout/")

    page = look(kit, browser)

    assert page.body in ('{"user": ""}', f'{{"user": "{ALICE}"}}')
    assert len(page.hops) == NOT_ASKED


@pytest.mark.threat("silent-question-loops")
def test_the_page_answers_while_the_server_is_down(kit: Pair, faulty: OddServer) -> None:
    site = kit.further("faulty")
    with faulty.doing("refuse"):
        page = Browser().get(f"{site.url}/passive/")

    assert (page.status, page.body) == (200, '{"user": ""}')
    assert len(page.hops) == NOT_ASKED


@pytest.mark.control("silent-question-loops", "a log-in that isn't passive")
def test_a_question_that_is_not_passive_shows_the_form(kit: Pair, saw: Saw) -> None:
    page = Browser().get(f"{kit.client.url}/in/")

    assert page.password_fields == 1
    saw("the form is shown")


@pytest.mark.control("silent-question-loops", "stock")
def test_stock_can_only_ask_with_a_form(stock: Pair, saw: Saw) -> None:
    assert Browser().get(f"{stock.client.url}/sso/").password_fields == 1
    saw("no silent question exists: a visitor gets the form")
