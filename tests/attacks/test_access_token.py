"""Threats: an access token used twice, found later, stolen, or outliving its log-in.

Source: RFC 9700, 4.2 (leaks through addresses), 4.8 and 2.1.1 (code injection, PKCE);
RFC 6749, 4.1.2 (codes are short-lived and used once) and 10.5.

What would make this lie: a token that is refused since it is spent, too old or bound all
at once. Hence each attack meets one defence only, and succeeds where that one is off.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, Answer
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

Saw = Callable[[str], None]
TABLE = "sso_kit_server_accesstoken"
RACES = 30


class Caught:
    """An access token on its way: what a thief and its own consumer know of it."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.owner = pair, Browser()
        self.link = acts.access_link(pair, ALICE, self.owner)
        self.token = by_hand.bare_token(acts.parameter(self.link, "access_token"))
        self.keys = (pair.client.public_key, pair.client.private_key)

    def redeem(self, verifier: str = "") -> Answer:
        return acts.verify(self.pair, self.keys, self.token, verifier)

    def grow_old(self, seconds: int) -> None:
        """Move the time of issue back, rather than wait."""
        then = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=seconds)
        self.pair.server.rows(
            f"UPDATE {TABLE} SET issued = ? WHERE digest = ?",
            str(then),
            by_hand.hex_digest(self.token),
        )


def replay(pair: Pair) -> str:
    """Who is signed in when a used link is opened once more, with the owner's cookies there.

    Those of the moment before it was used. The server's session isn't among them: who has
    that needs no link.
    """
    browser = Browser()
    link = acts.access_link(pair, ALICE, browser)
    cookies = {pair.client.host: dict(browser.cookies.get(pair.client.host, {}))}
    browser.get(link)
    again = Browser(cookies=cookies)
    again.get(link)
    return acts.who(again, pair.client)


@pytest.mark.threat("access-token-replayed")
def test_an_access_token_works_once_even_with_its_own_cookies(kit: Pair, saw: Saw) -> None:
    assert replay(kit) == ""
    saw("the second use logs nobody in")


@pytest.mark.control("access-token-replayed", "single-use off")
def test_it_works_again_with_single_use_off(kit: Pair, saw: Saw) -> None:
    with kit.without("single-use"):
        assert replay(kit) == ALICE
    saw("the second use logs alice in")


@pytest.mark.control("access-token-replayed", "stock")
def test_it_works_again_on_stock(stock: Pair, saw: Saw) -> None:
    assert replay(stock) == ALICE
    saw("the second use logs alice in")


@pytest.mark.threat("access-token-found-later")
def test_an_access_token_older_than_a_minute_is_refused(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)
    caught.grow_old(61)

    page = caught.owner.get(caught.link)

    assert page.status == 403
    assert "too old" in page.body
    saw("refused after 60 s")


@pytest.mark.control("access-token-found-later", "short-life off")
def test_it_is_taken_with_short_life_off(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)
    caught.grow_old(240)

    with kit.without("short-life"):
        caught.owner.get(caught.link)

    assert acts.who(caught.owner, kit.client) == ALICE
    saw("taken after 4 minutes")


@pytest.mark.control("access-token-found-later", "stock")
def test_stock_takes_a_token_of_four_minutes(stock: Pair, saw: Saw) -> None:
    browser = Browser()
    link = acts.access_link(stock, ALICE, browser)
    then = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=4)
    stock.server.rows("UPDATE sso_server_token SET timestamp = ?", str(then))

    browser.get(link)

    assert acts.who(browser, stock.client) == ALICE
    saw("taken after 4 minutes")


@pytest.mark.threat("access-token-of-another-app")
def test_an_access_token_of_another_consumer_is_unknown(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)

    answer = acts.verify(kit, kit.keys("other"), caught.token, "")

    assert answer.status == 403
    assert "unknown" in answer.text
    saw("unknown to the other app, and still good for its own")
    assert caught.owner.get(caught.link).status == 200


@pytest.mark.threat("access-token-stolen")
def test_a_stolen_access_token_is_worth_nothing_in_another_browser(
    kit: Pair, attacker: Browser, saw: Saw
) -> None:
    caught = Caught(kit)

    page = attacker.get(caught.link)

    assert page.status == 403
    assert acts.who(attacker, kit.client) == ""
    saw("nobody is signed in")


@pytest.mark.threat("access-token-stolen")
@pytest.mark.parametrize("verifier", ["", "guessed", "é"], ids=["none", "guessed", "not ASCII"])
def test_not_even_the_consumer_redeems_it_without_the_verifier(kit: Pair, verifier: str) -> None:
    answer = Caught(kit).redeem(verifier)

    assert answer.status == 403
    assert "another browser" in answer.text


@pytest.mark.control("access-token-stolen", "session-binding off")
def test_it_signs_the_thief_in_with_session_binding_off(
    kit: Pair, attacker: Browser, saw: Saw
) -> None:
    caught = Caught(kit)

    with kit.without("session-binding"):
        attacker.get(caught.link)

    assert acts.who(attacker, kit.client) == ALICE
    saw("the thief is signed in as alice")


@pytest.mark.control("access-token-stolen", "stock")
def test_it_signs_the_thief_in_on_stock(stock: Pair, attacker: Browser, saw: Saw) -> None:
    attacker.get(acts.access_link(stock, ALICE))

    assert acts.who(attacker, stock.client) == ALICE
    saw("the thief is signed in as alice")


def log_out_at_server(pair: Pair, browser: Browser) -> None:
    form = browser.get(f"{pair.server.url}/login/")
    browser.submit(form, {}, f"{pair.server.url}/logout/")
    assert acts.who(browser, pair.server) == ""


@pytest.mark.threat("access-token-after-logout")
def test_an_access_token_dies_with_the_log_out_at_the_server(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)

    log_out_at_server(kit, caught.owner)

    assert caught.owner.get(caught.link).status == 403
    saw("refused after the log-out")


def race(pair: Pair) -> bool:
    """Log out at the server while another tab asks for a token; is that one worth anything?"""
    browser = Browser()
    authorize = acts.authorize_link(pair, acts.sign_in_at_server(pair, ALICE, browser))
    form = browser.get(f"{pair.server.url}/login/")
    tabs = [Browser(cookies={host: dict(jar) for host, jar in browser.cookies.items()})
            for _ in range(2)]  # fmt: skip
    with ThreadPoolExecutor(2) as at_once:
        leaving = at_once.submit(tabs[0].submit, form, {}, f"{pair.server.url}/logout/")
        asking = at_once.submit(tabs[1].get, authorize, follow=False)
        leaving.result()
        link = asking.result().location
    if "access_token=" not in link:
        return False
    tabs[1].get(link, follow=False)
    return acts.who(tabs[1], pair.client) == ALICE


@pytest.mark.threat("access-token-after-logout")
def test_one_that_is_issued_while_its_person_logs_out_is_dead_too(kit: Pair) -> None:
    """It is written after the log-out revoked all there were: 17 of 30 races were lost."""
    assert sum(race(kit) for _ in range(RACES)) == 0


@pytest.mark.control("access-token-after-logout", "revoke-on-logout off")
def test_some_races_are_lost_with_revoke_on_logout_off(kit: Pair, saw: Saw) -> None:
    with kit.without("revoke-on-logout"):
        assert sum(race(kit) for _ in range(RACES)) > 0
    saw("alice is signed in after she logged out")


@pytest.mark.control("access-token-after-logout", "revoke-on-logout off")
def test_it_lives_on_with_revoke_on_logout_off(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)

    with kit.without("revoke-on-logout"):
        log_out_at_server(kit, caught.owner)
        caught.owner.get(caught.link)

    assert acts.who(caught.owner, kit.client) == ALICE
    saw("alice is signed in after she logged out")


@pytest.mark.control("access-token-after-logout", "stock")
def test_it_lives_on_in_stock(stock: Pair, saw: Saw) -> None:
    browser = Browser()
    link = acts.access_link(stock, ALICE, browser)

    log_out_at_server(stock, browser)
    browser.get(link)

    assert acts.who(browser, stock.client) == ALICE
    saw("alice is signed in after she logged out")


@pytest.mark.threat("access-token-at-rest")
def test_the_database_holds_only_a_digest_of_the_access_token(kit: Pair, saw: Saw) -> None:
    caught = Caught(kit)

    stored = database_bytes(kit)

    assert by_hand.hex_digest(caught.token).encode() in stored
    assert caught.token.encode() not in stored
    saw("the database has its SHA-256 only")


@pytest.mark.control("access-token-at-rest", "stock")
def test_stock_keeps_it_in_clear(stock: Pair, saw: Saw) -> None:
    token = by_hand.bare_token(acts.parameter(acts.access_link(stock, ALICE), "access_token"))

    assert token.encode() in database_bytes(stock)
    saw("the database has it in clear")


def database_bytes(pair: Pair) -> bytes:
    """The server's database file with its journal, as a backup would have them."""
    return b"".join(path.read_bytes() for path in pair.folder.glob("server.sqlite3*"))
