"""Threats: getting an account that was there before, by bearing its name.

An account without a local password looks like one that stock made, and may be somebody's
from a directory or an invitation; one known by name while the server was stock may have
been another bearer's. Neither waits for anybody: ``manage.py sso_adopt`` is the only way.

Source: OpenID Connect Core, 5.7; CWE-287. Defence: ``sso_kit/client/accounts/adoption.py``.

What would make this lie: accounts that came after the client's migrations, for which these
never did anything. So they are made before them, as in a project to which SSO comes later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.attacks import acts
from tests.attacks.pairs import Pair, Site
from tests.attacks.test_account_takeover import ROW, enter, local_boss

Saw = Callable[[str], None]


def account_of_a_directory(site: Site, name: str, rights: int) -> tuple[Any, ...]:
    """As LDAP or an invitation makes it: no local password. SSO comes to the project later."""
    kit = site.role.environment["FLAVOUR"] == "kit"
    if kit:
        site.role.manage("migrate", "sso_kit_client", "zero")
    local_boss(site, name)
    site.rows("UPDATE auth_user SET password = '!none', last_login = date_joined, is_staff = ?1, "
              "is_superuser = ?1 WHERE username = ?2", rights, name)  # fmt: skip
    if kit:
        site.role.manage("migrate", "sso_kit_client")
    return site.rows(ROW, name)[0]


@pytest.mark.threat("account-of-a-directory")
@pytest.mark.parametrize(("person", "rights"), [("user9", 1), ("user10", 0)])
def test_an_account_without_a_password_waits_for_nobody(
    kit: Pair, saw: Saw, person: str, rights: int
) -> None:
    site = kit.further("directory")
    before = account_of_a_directory(site, person, rights)

    browser, page = enter(kit, site, person)

    assert page.status == 409
    assert f"manage.py sso_accounts --name={person}" in page.body
    assert f"manage.py sso_accounts --link --name={person} --subject=" in site.log
    assert acts.who(browser, site) == ""
    assert site.rows(ROW, person) == [before]
    saw("refused; the page and the log name the command that an administrator can run")


@pytest.mark.control("account-of-a-directory", "stock")
def test_it_changes_hands_on_stock_rights_or_not(stock: Pair, saw: Saw) -> None:
    before = account_of_a_directory(stock.tapped, "user9", 1)

    browser, _ = enter(stock, stock.tapped, "user9")

    assert acts.who(browser, stock.tapped) == "user9"
    assert stock.tapped.rows(ROW, "user9")[0][0] == before[0]
    saw("the newcomer is signed in to the account")


def known_by_name(site: Site, name: str, rights: int) -> tuple[Any, ...]:
    """An account that its person signed in to while the server was still stock."""
    identity = "INSERT INTO sso_kit_client_identity (issuer, subject, user_id) VALUES (?, ?, ?)"
    before = account_of_a_directory(site, name, rights)
    issuer = site.role.environment["SSO_URL"]
    site.rows(identity, issuer, f"name:{name}", before[0])
    return before


@pytest.mark.threat("name-known-at-stock")
@pytest.mark.parametrize(("person", "rights"), [("user11", 1), ("user12", 0)])
def test_after_the_servers_migration_its_new_bearer_does_not_get_it(
    kit: Pair, saw: Saw, person: str, rights: int
) -> None:
    site = kit.further("directory")
    before = known_by_name(site, person, rights)

    browser, page = enter(kit, site, person)

    assert page.status == 409
    assert f"manage.py sso_accounts --name={person}" in page.body
    assert acts.who(browser, site) == ""
    assert site.rows(ROW, person) == [before]
    saw("refused until an administrator allows it")


@pytest.mark.control("name-known-at-stock", "subject-identity off")
def test_its_new_bearer_gets_it_with_subject_identity_off(kit: Pair, saw: Saw) -> None:
    site = kit.further("directory")
    known_by_name(site, "user13", 1)

    with kit.without("subject-identity"):
        browser, _ = enter(kit, site, "user13")

    assert acts.who(browser, site) == "user13"
    saw("the new bearer of the name is signed in to the account, staff or not")
