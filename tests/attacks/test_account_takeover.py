"""Threats: taking over a local account by bearing its name, and ending others' sessions.

A client has accounts of its own: here ``user5``, local staff with a password. Then the
identity server's ``user5`` comes along.

Source: OpenID Connect Core, 5.7 (claim stability: ``sub``, never a name or address);
CWE-287. Defence: ``sso_kit/client/accounts/accounts.py``.

What would make this lie: no local account of that name. Hence the whole row is compared
before and after, and on stock the row changes hands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attacks import acts
from tests.attacks.acts import ALICE
from tests.attacks.pairs import Pair, Site
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]
ROW = "SELECT * FROM auth_user WHERE username = ?"
INSERT = """INSERT INTO auth_user (username, password, email, is_staff, is_superuser,
    is_active, first_name, last_name, date_joined)
    VALUES (?, ?, ?, 1, 1, 1, 'Local', 'Boss', '2020-01-01')"""
PASSWORD = "pbkdf2_sha256$1$salt$not-checked-here"


def local_boss(site: Site, name: str, email: str = "boss@local.example") -> tuple[Any, ...]:
    """A local account that the identity server knows nothing of; its whole row."""
    site.rows("DELETE FROM auth_user WHERE username = ?", name)
    site.rows(INSERT, name, PASSWORD, email)
    return site.rows(ROW, name)[0]


def enter(pair: Pair, site: Site, person: str) -> tuple[Browser, Page]:
    browser = acts.sign_in_at_server(pair, person)
    return browser, browser.get(f"{site.url}/in/")


@pytest.mark.threat("account-takeover")
def test_a_local_account_of_the_same_name_stays_as_it_is_and_the_page_explains(
    kit: Pair, saw: Saw
) -> None:
    before = local_boss(kit.tapped, "user5")

    browser, page = enter(kit, kit.tapped, "user5")

    assert page.status == 409
    assert "already has a local account called &#x27;user5&#x27;" in page.body
    assert "Ask whoever runs this app" in page.body
    assert acts.who(browser, kit.tapped) == ""
    assert kit.tapped.rows(ROW, "user5") == [before]
    saw("refused with an explanation, the account is byte for byte as before")


@pytest.mark.threat("account-takeover")
def test_or_the_newcomer_gets_a_free_name_where_the_client_wants_that(kit: Pair) -> None:
    site = kit.further("renaming", ON_NAME_CLASH="rename")
    before = local_boss(site, "user6")

    browser, page = enter(kit, site, "user6")

    assert page.status == 200
    assert acts.who(browser, site) == "user6-2"
    assert site.rows(ROW, "user6") == [before]


@pytest.mark.threat("account-takeover")
def test_a_local_account_of_the_same_address_is_somebody_elses(kit: Pair) -> None:
    before = local_boss(kit.tapped, "boss", email="user7@twin.example")

    browser, _ = enter(kit, kit.tapped, "user7")

    assert acts.who(browser, kit.tapped) == "user7"
    assert kit.tapped.rows(ROW, "boss") == [before]


@pytest.mark.control("account-takeover", "subject-identity off")
def test_it_changes_hands_with_subject_identity_off(kit: Pair, saw: Saw) -> None:
    before = local_boss(kit.tapped, "user8")

    with kit.without("subject-identity"):
        browser, _ = enter(kit, kit.tapped, "user8")

    assert acts.who(browser, kit.tapped) == "user8"
    assert kit.tapped.rows(ROW, "user8")[0][0] == before[0]
    saw("the newcomer is signed in as the local administrator")


@pytest.mark.control("account-takeover", "stock")
def test_it_changes_hands_on_stock(stock: Pair, saw: Saw) -> None:
    before = local_boss(stock.tapped, "user5")

    browser, _ = enter(stock, stock.tapped, "user5")

    after = stock.tapped.rows(ROW, "user5")[0]
    assert acts.who(browser, stock.tapped) == "user5"
    assert after[0] == before[0]
    assert PASSWORD not in after
    saw("the newcomer is signed in as the local account; its password and flags are overwritten")


def pass_name_on(pair: Pair, site: Site, old: str, new: str) -> str:
    """At the server, ``new`` gets the name that was ``old``'s; which account do they get?"""
    enter(pair, site, old)
    account = site.rows("SELECT id FROM auth_user WHERE username = ?", old)[0]
    pair.server.rows("UPDATE auth_user SET username = ? WHERE username = ?", f"former-{old}", old)
    pair.server.rows("UPDATE auth_user SET username = ? WHERE username = ?", old, new)
    browser = Browser()
    form = browser.get(f"{pair.server.url}/login/?next=/")
    browser.submit(form, {"username": old, "password": new})
    browser.get(f"{site.url}/in/")
    found = site.rows("SELECT id FROM auth_user WHERE username = ?", acts.who(browser, site))
    return "same account" if found == [account] else "none or another"


@pytest.mark.threat("name-passed-on")
def test_who_gets_a_former_persons_name_does_not_get_their_account(kit: Pair, saw: Saw) -> None:
    assert pass_name_on(kit, kit.tapped, "user20", "user21") == "none or another"
    saw("the new bearer of the name doesn't get the account")


@pytest.mark.control("name-passed-on", "subject-identity off")
def test_they_do_with_subject_identity_off(kit: Pair, saw: Saw) -> None:
    with kit.without("subject-identity"):
        assert pass_name_on(kit, kit.tapped, "user22", "user23") == "same account"
    saw("the new bearer of the name gets the account")


@pytest.mark.control("name-passed-on", "stock")
def test_they_do_on_stock(stock: Pair, saw: Saw) -> None:
    assert pass_name_on(stock, stock.tapped, "user20", "user21") == "same account"
    saw("the new bearer of the name gets the account")


def first_device_after_second(pair: Pair) -> str:
    first = acts.sign_in(pair, ALICE)
    assert acts.who(first, pair.client) == ALICE
    acts.sign_in(pair, ALICE)
    return acts.who(first, pair.client)


@pytest.mark.threat("second-device")
def test_a_log_in_on_a_second_device_leaves_the_first_signed_in(kit: Pair, saw: Saw) -> None:
    assert first_device_after_second(kit) == ALICE
    saw("both stay signed in")


@pytest.mark.control("second-device", "stock")
def test_it_ends_the_first_devices_session_on_stock(stock: Pair, saw: Saw) -> None:
    assert first_device_after_second(stock) == ""
    saw("the first device is signed out")
