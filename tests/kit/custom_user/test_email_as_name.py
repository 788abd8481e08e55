"""``AUTH_USER_MODEL`` without a user name, on both sides. Run by ../test_custom_user.py."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from simple_sso.sso_server.models import Consumer

from sso_kit.client.accounts.accounts import Accounts
from sso_kit.errors import MessageRefused, NameClash
from sso_kit.messages import Person
from sso_kit.store.people import group_names
from tests.kit import urls
from tests.kit.consumers import policy_of, register
from tests.kit.custom_user.people.models import Member
from tests.kit.journeys import Browser, InProcess
from tests.kit.test_identity import KEYS, accounts, word_of_the_server

pytestmark = pytest.mark.django_db
ISSUER = "https://sso.test/sso/"
alice = partial(word_of_the_server, extra_data=None)
ALICE = alice()


def test_the_model_in_use_is_the_custom_one() -> None:
    assert get_user_model() is Member


def test_the_account_is_named_by_the_address() -> None:
    member = accounts(ISSUER).account_for(ALICE)

    assert (member.email, member.first_name, member.full_name) == ("alice@people.test", "Alice", "")
    assert not member.has_usable_password()
    assert accounts(ISSUER).account_for(ALICE) == member


def test_a_new_address_at_the_server_is_still_the_same_account() -> None:
    member = accounts(ISSUER).account_for(ALICE)

    assert accounts(ISSUER).account_for(alice(email="al@people.test")) == member


@pytest.mark.parametrize("policy", ["refuse", "rename"])
def test_a_local_account_with_the_address_is_never_taken_over(policy: str) -> None:
    local = Member.objects.create_user("alice@people.test", "own", is_staff=True)

    with pytest.raises(NameClash):
        accounts(ISSUER, on_name_clash=policy).account_for(ALICE)
    local.refresh_from_db()
    assert local.check_password("own")
    assert local.is_staff


@pytest.mark.parametrize("email", [None, "", 7])
def test_without_an_address_there_is_nothing_to_name_an_account_by(email: object) -> None:
    with pytest.raises(MessageRefused, match="who this is"):
        accounts(ISSUER).account_for(alice(email=email))


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(MessageRefused, match="can't keep"):
        accounts(ISSUER).account_for(alice(email="no address"))


def test_an_over_long_name_is_cut_to_this_models_length() -> None:
    assert len(accounts(ISSUER).account_for(alice(first_name="A" * 99)).first_name) == 20


def test_groups_are_mapped() -> None:
    mapping = accounts(ISSUER, group_map={"agents": "helpers"})

    member = mapping.account_for(alice(extra_data={"groups": ["agents"]}))

    assert group_names(member) == ["helpers"]


class Elsewhere(Accounts):
    """Both halves share one table here; the app's people get addresses of their own."""

    def account_for(self, person: Person) -> Any:
        here = {**person.profile, "email": f"app.{person.profile['email']}"}
        return super().account_for(replace(person, profile=here))


@pytest.fixture
def alices(monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setattr(urls.client, "back_channel", InProcess(urls.PUBLIC_KEY))
    monkeypatch.setattr(
        urls.client, "accounts", Elsewhere(ISSUER, KEYS, group_map={"agents": "helpers"})
    )
    browser = Browser()
    browser.sign_in_at_the_server(
        Member.objects.create_user("alice@people.test", first_name="Alice")
    )
    return browser


def test_a_server_whose_people_have_no_user_name_signs_them_in(alices: Browser) -> None:
    register()

    page = alices.get("http://app.test/in/")

    assert page.content.decode() == "only for app.alice@people.test"


def test_groups_and_access_work_with_the_custom_model_too(alices: Browser) -> None:
    app: Consumer = register(required_groups=["agents"])
    assert alices.get("http://app.test/in/").status_code == 403

    Member.objects.get().groups.add(Group.objects.get(name="agents"))

    assert alices.get("http://app.test/in/").status_code == 200
    assert group_names(Member.objects.get(email="app.alice@people.test")) == ["helpers"]
    assert policy_of(app).restricted
