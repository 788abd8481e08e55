"""An account that somebody had before is handed over where an administrator allowed it, once.

What would make this lie: accounts that nobody could take over anyway. Hence ``allowed`` is the
same account throughout, and each test changes one thing of it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from sso_kit.client.accounts import adoption
from sso_kit.client.models import Adoption, Identity
from sso_kit.errors import NameClash
from tests.kit.at_once import at_once
from tests.kit.test_identity import ISSUER, accounts, word_of_the_server

pytestmark = pytest.mark.django_db


def made_by_stock(name: str = "alice") -> User:
    return User.objects.create_user(name, last_login=timezone.now())


def known_by_name(name: str = "alice", username: str = "alice") -> User:
    """Made by the kit's client while the server was stock."""
    user = made_by_stock(name)
    Identity.objects.create(user=user, issuer=ISSUER, subject=f"name:{username}")
    return user


def allow(user: User, issuer: str = ISSUER, days: float = 1) -> User:
    adoption.allow([user], issuer, timezone.now() + timedelta(days=days))
    return user


@pytest.fixture(params=[made_by_stock, known_by_name])
def allowed(request: pytest.FixtureRequest) -> User:
    return allow(request.param())


def refused(user: User, **changes: Any) -> bool:
    """Nobody gets the account, and its row stays as it is."""
    before = User.objects.filter(pk=user.pk).values().get()
    with pytest.raises(NameClash):
        accounts().account_for(word_of_the_server(**changes))
    return User.objects.filter(pk=user.pk).values().get() == before


def test_the_bearer_of_its_name_gets_it_and_keeps_it(allowed: User) -> None:
    assert accounts().account_for(word_of_the_server()) == allowed
    assert accounts().account_for(word_of_the_server(username="alice-smith")) == allowed
    assert not Adoption.objects.exists()


def test_it_is_handed_over_once(allowed: User) -> None:
    accounts().account_for(word_of_the_server())

    assert refused(allowed, subject="99")


@pytest.mark.parametrize("make", [made_by_stock, known_by_name])
def test_without_an_allowance_nobody_gets_it(make: Any) -> None:
    assert refused(make())


def test_an_allowance_runs_out(allowed: User) -> None:
    Adoption.objects.update(expires=timezone.now())

    assert refused(allowed)


def test_one_for_another_servers_people_is_none() -> None:
    assert refused(allow(made_by_stock(), issuer="https://other.test/sso/"))


@pytest.mark.parametrize("policy", ["refuse", "rename"])
def test_who_bears_another_name_does_not_get_it(allowed: User, policy: str) -> None:
    newcomer = accounts(on_name_clash=policy).account_for(word_of_the_server(username="Alice"))

    assert newcomer != allowed
    assert Adoption.objects.filter(user=allowed).exists()


@pytest.mark.parametrize(
    "change",
    [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}, {"password": "md5$x$y"}],
    ids=str,
)
def test_what_it_has_become_since_counts(allowed: User, change: dict[str, Any]) -> None:
    User.objects.filter(pk=allowed.pk).update(**change)

    assert refused(allowed)
    assert not Adoption.objects.exists()  # whoever allowed it looks again


def test_it_has_an_owner_by_now() -> None:
    user = allow(made_by_stock())
    Identity.objects.create(user=user, issuer=ISSUER, subject="16")

    assert refused(user)


def test_it_is_called_otherwise_by_now_in_all_but_case(
    allowed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some databases find 'Alice' for 'alice'."""
    monkeypatch.setattr(adoption, "by_name", lambda _: allowed)
    monkeypatch.setattr(adoption, "known_by_name", lambda *_: None)

    accounts().account_for(word_of_the_server(username="Alice"))

    assert not Identity.objects.filter(user=allowed, subject="17").exists()


def test_a_name_that_is_an_address_is_no_name() -> None:
    user = allow(made_by_stock("alice@people.test"))

    assert refused(user, username="alice@people.test")


def test_with_rename_too_she_gets_it_before_a_new_one_is_made(allowed: User) -> None:
    assert accounts(on_name_clash="rename").account_for(word_of_the_server()) == allowed


def test_an_account_known_by_her_name_keeps_her_from_a_second_one() -> None:
    """A fresh account under a free name would hide that hers is still there."""
    User.objects.create_user("alice", password="a local one")
    hers = known_by_name("alice-2")
    renaming = accounts(on_name_clash="rename")

    with pytest.raises(NameClash, match="before its server was migrated"):
        renaming.account_for(word_of_the_server())

    allow(hers)
    assert renaming.account_for(word_of_the_server()) == hers


def test_a_refusal_says_what_to_run(caplog: pytest.LogCaptureFixture) -> None:
    made_by_stock()

    with caplog.at_level(logging.WARNING), pytest.raises(NameClash) as refusal:
        accounts().account_for(word_of_the_server())

    assert "manage.py sso_accounts --name=alice" in refusal.value.at_app.advice
    assert "manage.py sso_accounts --link --name=alice --subject=17" in caplog.text


def test_names_are_quoted_for_the_shell_and_never_taken_for_an_option() -> None:
    run, odd, bold = (
        "python manage.py sso_accounts",
        User(username="o'$(id)"),
        User(username="--yes"),
    )
    assert adoption.command(odd) == f"""{run} '--name=o'"'"'$(id)'"""
    assert adoption.command(bold, "1") == f"{run} --link --name=--yes --subject=1"
    assert adoption.command() == run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [made_by_stock, known_by_name])
def test_of_two_people_at_once_one_gets_it(make: Any) -> None:
    user = allow(make())
    people = [word_of_the_server(subject=str(number)) for number in range(4)]

    found = at_once([partial(accounts().account_for, person) for person in people])

    assert sum(isinstance(result, NameClash) for result in found) == 3
    assert user in found


@pytest.mark.django_db(transaction=True)
def test_one_person_twice_at_once_gets_it_twice() -> None:
    user = allow(made_by_stock())

    assert at_once([partial(accounts().account_for, word_of_the_server())] * 2) == [user, user]
