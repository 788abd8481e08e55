"""Where the address is the name: typing somebody's address must not give their account.

People may change their address at the identity server, and nobody looks at it. So mallory
types the one of a local account and signs in. The controls are the same journey with the
defence off, where she gets it; and stock, which can't run with such a user model at all.
"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings
from simple_sso.sso_client.client import Client as StockClient

from sso_kit.client.accounts import adoption
from sso_kit.client.models import Identity
from sso_kit.errors import NameClash
from tests.kit import urls
from tests.kit.consumers import register
from tests.kit.custom_user.people.models import Member
from tests.kit.custom_user.test_email_as_name import ALICE, Elsewhere, alice
from tests.kit.journeys import Browser, InProcess
from tests.kit.test_identity import KEYS, accounts

pytestmark = pytest.mark.django_db
ISSUER = urls.SERVER_URL
VICTIM = "app.typed@people.test"  # as the app has it: see Elsewhere


@pytest.fixture
def victim() -> Member:
    """As stock would have made it, or as a directory or an invitation would."""
    return Member.objects.create_user(VICTIM, last_login=timezone.now(), full_name="The Victim")


@pytest.fixture
def mallorys(monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(urls.client, "back_channel", InProcess(urls.PUBLIC_KEY))
    monkeypatch.setattr(urls.client, "accounts", Elsewhere(ISSUER, KEYS))
    register()
    mallory = Member.objects.create_user("mallory@people.test")
    mallory.email = "typed@people.test"  # on her profile page
    mallory.save()
    browser = Browser()
    browser.sign_in_at_the_server(mallory)
    return browser


def run(*options: str, command: str = "sso_adopt") -> str:
    said = StringIO()
    call_command(command, *options, stdout=said)
    return said.getvalue()


def test_she_is_refused_and_told_whom_to_ask(victim: Member, mallorys: Browser) -> None:
    before = Member.objects.filter(pk=victim.pk).values().get()

    page = mallorys.get("http://app.test/in/")

    assert page.status_code == 409
    assert f"manage.py sso_accounts --name={VICTIM}" in page.content.decode()
    assert "_auth_user_id" not in mallorys.at("app.test").session
    assert Member.objects.filter(pk=victim.pk).values().get() == before


def test_even_if_an_allowance_were_in_the_database(victim: Member, mallorys: Browser) -> None:
    adoption.allow([victim], ISSUER, timezone.now() + timedelta(days=1))

    assert mallorys.get("http://app.test/in/").status_code == 409


def test_control_with_the_defence_off_she_gets_it(
    victim: Member, mallorys: Browser, settings: Settings
) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["subject-identity"]}

    page = mallorys.get("http://app.test/in/")

    assert page.content.decode() == f"only for {VICTIM}"


def test_control_stock_does_not_run_here() -> None:
    with pytest.raises(AttributeError, match="swapped"):
        StockClient(ISSUER, "public", "private").build_user({"username": "alice"})


@pytest.mark.parametrize("options", [[], ["--name", VICTIM], ["--name", VICTIM, "--yes"]])
def test_no_option_hands_accounts_over_by_address(victim: Member, options: list[str]) -> None:
    with pytest.raises(CommandError, match=r"people type those in themselves.*--subject"):
        run(*options)


def test_nor_by_a_date_that_this_model_does_not_have(victim: Member) -> None:
    with pytest.raises(CommandError, match="Member has no date_joined"):
        run("--joined-before=2026-01-01", "--yes")


def test_one_account_can_be_given_to_one_subject(victim: Member) -> None:
    run("--link", "--name", VICTIM, "--subject", "17", "--yes", command="sso_accounts")

    assert accounts(ISSUER).account_for(ALICE) == victim


def test_what_a_stock_servers_person_had_waits_for_the_same_word() -> None:
    hers = Member.objects.create_user("alice@people.test", last_login=timezone.now())
    Identity.objects.create(user=hers, issuer=ISSUER, subject="name:alice")
    adoption.allow([hers], ISSUER, timezone.now() + timedelta(days=1))

    with pytest.raises(NameClash):
        accounts(ISSUER).account_for(alice(email="other@people.test"))

    run("--link", "--name", hers.email, "--subject", "17", "--yes", command="sso_accounts")
    assert accounts(ISSUER).account_for(ALICE) == hers


def verified(member: Any) -> bool:
    member.refresh_from_db()
    return bool(member.email_verified)


def test_whether_the_address_is_verified_is_kept_in_step() -> None:
    member = accounts(ISSUER).account_for(alice(email_verified=True))
    assert verified(member)

    accounts(ISSUER).account_for(ALICE)
    assert not verified(member)


def test_a_verified_address_says_nothing_of_the_one_that_is_kept_here() -> None:
    member = accounts(ISSUER).account_for(alice(email_verified=True))

    accounts(ISSUER).account_for(alice(email="al@people.test", email_verified=True))

    assert member.email == "alice@people.test"
    assert not verified(member)
