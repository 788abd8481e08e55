"""An identity server keeps its people's accounts when it moves, and gives them to no other one.

What would make this lie: servers that are told apart by nothing. Hence each of the attacks has
its control, in which the same answer comes from the server of that name and is believed.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import clock
from sso_kit.client.accounts import adoption
from sso_kit.client.accounts.accounts import Accounts
from sso_kit.client.accounts.servers import KEY, MOST, Server
from sso_kit.client.models import Adoption, Identity, KnownServer
from sso_kit.errors import MessageRefused, NameClash, ServerUnrecognised
from sso_kit.server import issuer as issuers
from sso_kit.server.models import Issuer
from tests.kit import urls
from tests.kit.at_once import at_once
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.test_identity import word_of_the_server

pytestmark = pytest.mark.django_db
OLD, NEW, EVIL = "https://old.test/sso/", "https://new.test/sso/", "https://evil.test/sso/"
NAME, OTHER = "urn:uuid:the-server", "urn:uuid:another"


def at(url: str, *keys: str) -> Accounts:
    return Accounts(url, keys or ("its key",))


def log_in(accounts: Accounts, name: str = NAME, **changes: Any) -> Any:
    return accounts.account_for(word_of_the_server(issuer=name, **changes))


def test_a_server_with_another_url_has_the_same_people() -> None:
    alice = log_in(at(OLD))

    assert log_in(at(NEW)) == alice
    assert User.objects.count() == 1


def test_so_has_one_that_replaced_its_key_before_it_moved_and_after() -> None:
    alice = log_in(at(OLD, "first"))

    assert log_in(at(OLD, "second")) == alice
    assert log_in(at(NEW, "second")) == alice
    assert log_in(at(NEW, "third")) == alice
    assert log_in(at("https://third.test/sso/", "third")) == alice


def test_so_has_one_whose_new_key_is_being_rolled_out_as_it_moves() -> None:
    alice = log_in(at(OLD, "first"))

    assert log_in(at(NEW, "second", "first")) == alice


def test_so_has_a_stock_server_which_never_says_what_it_is_called() -> None:
    hers = {"name": "", "subject": "name:alice"}
    alice = log_in(at(OLD), **hers)

    assert log_in(at(NEW), **hers) == alice
    assert log_in(at(NEW), **hers, first_name="Al") == alice


def test_who_was_there_before_servers_had_names_stays_who_they_are() -> None:
    alice, bob = (User.objects.create_user(name, last_login=timezone.now()) for name in "ab")
    Identity.objects.create(user=alice, issuer=OLD, subject="17")
    adoption.allow([bob], OLD, timezone.now() + timedelta(days=1))

    assert log_in(at(OLD)) == alice
    assert log_in(at(OLD), subject="18", username="b") == bob


def test_a_stock_server_that_is_migrated_and_says_its_name_has_the_same_people() -> None:
    alice = log_in(at(OLD), name="", subject="name:alice")
    User.objects.update(last_login=timezone.now())  # as the view does it
    adoption.allow([alice], OLD, timezone.now() + timedelta(days=1))

    assert log_in(at(OLD)) == alice
    assert not Adoption.objects.exists()


def test_and_back_again_to_stock_those_that_it_had() -> None:
    alice = log_in(at(OLD), name="", subject="name:alice")
    log_in(at(OLD), subject="18", username="bob")

    assert log_in(at(OLD), name="", subject="name:alice") == alice


def test_a_move_and_a_first_name_at_once() -> None:
    alice = log_in(at(OLD), name="", subject="17")

    assert log_in(at(NEW)) == alice


def test_two_consumers_of_one_project_at_one_server_share_its_people() -> None:
    alice = log_in(at(OLD, "one"))

    assert log_in(at(OLD, "two")) == alice
    assert log_in(at("https://old.test/other/", "three")) == alice
    assert log_in(at(NEW, "one")) == alice
    assert log_in(at(NEW, "two")) == alice


def test_the_same_subject_of_a_server_that_is_known_too_is_somebody_else() -> None:
    alice = log_in(at(OLD))
    log_in(at(EVIL, "evil"), name=OTHER, subject="99", username="mallory")

    with pytest.raises(NameClash):
        log_in(at(EVIL, "evil"), name=OTHER)
    assert log_in(at(OLD)) == alice


def test_a_log_in_by_a_known_server_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    log_in(at(OLD))
    log_in(at(NEW))

    with django_assert_num_queries(1):
        log_in(at(NEW))


def test_a_server_that_calls_itself_as_another_one_does_gets_nobodys_account(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The attack: a second server, whose people may come here too, vouches for the first's."""
    alice = log_in(at(OLD))

    with caplog.at_level(logging.ERROR), pytest.raises(ServerUnrecognised) as refusal:
        log_in(at(EVIL, "evil"))

    assert f"sso_accounts --forget {NAME}" in refusal.value.remedy
    assert OLD in refusal.value.remedy
    assert log_in(at(OLD)) == alice  # the control: the same word from the one of that name


def test_nor_does_one_that_had_another_name_until_now() -> None:
    log_in(at(OLD))
    log_in(at(EVIL, "evil"), name=OTHER, username="mallory")

    with pytest.raises(ServerUnrecognised):
        log_in(at(EVIL, "evil"))


@pytest.mark.parametrize("before", ["", None])
def test_nor_does_one_that_had_none(before: str | None) -> None:
    alice = log_in(at(OLD))
    if before is not None:
        log_in(at(EVIL, "evil"), name=before, username="mallory")

    with pytest.raises(ServerUnrecognised):
        log_in(at(EVIL, "evil"))
    assert log_in(at(OLD)) == alice


def test_nor_does_one_that_calls_itself_by_the_url_of_one_without_a_name() -> None:
    log_in(at(OLD), name="", subject="17")

    with pytest.raises(ServerUnrecognised):
        log_in(at(EVIL, "evil"), name=OLD)


def test_nor_does_one_at_the_url_that_another_had() -> None:
    alice = log_in(at(OLD), name="", subject="17")
    log_in(at(NEW), name="", subject="17")

    with pytest.raises(ServerUnrecognised):  # it says no name: that URL is the first's name
        log_in(at(OLD, "evil"), name="", subject="17")
    with pytest.raises(NameClash):  # it says one: its people are its own
        log_in(at(OLD, "evil"), name=OTHER, subject="17")
    assert log_in(at(NEW), name="", subject="17") == alice


def test_where_a_server_was_counts_no_more_when_it_has_moved() -> None:
    log_in(at(OLD, "first"))
    log_in(at(NEW, "first"))

    with pytest.raises(ServerUnrecognised):
        log_in(at(OLD, "evil"))


def test_control_without_the_check_the_attack_works(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = log_in(at(OLD))
    monkeypatch.setattr(Server, "_is_from", lambda *_: True)

    assert log_in(at(EVIL, "evil")) == alice


def test_another_server_at_the_same_url_is_refused_with_both_ways_on() -> None:
    alice = log_in(at(OLD))

    with pytest.raises(ServerUnrecognised) as refusal:
        log_in(at(OLD), name=OTHER)

    assert f"sso_accounts --move {NAME} {OTHER}" in refusal.value.remedy
    assert f"sso_accounts --forget {NAME}" in refusal.value.remedy
    assert log_in(at(OLD)) == alice


@pytest.mark.parametrize("name", ["n" * 256, "\x00", "\ud800"])
def test_a_name_that_cannot_be_kept_is_none(name: str) -> None:
    with pytest.raises(MessageRefused, match="who it is"):
        log_in(at(OLD), name=name)


def test_keys_and_addresses_do_not_pile_up() -> None:
    for number in range(40):
        log_in(at(OLD, f"key {number}"))

    known = KnownServer.objects.get()
    assert len(known.marks.split()) == MOST
    assert log_in(at(NEW, "key 39"))
    assert "key 39" not in known.marks
    assert sum(mark.startswith(KEY) for mark in known.marks.split()) == MOST - 1


def test_a_first_log_in_that_is_rolled_back_leaves_no_belief_behind() -> None:
    accounts = at(OLD)
    with transaction.atomic():
        log_in(accounts)
        transaction.set_rollback(True)
    alice = User.objects.create_user("alice")
    Identity.objects.create(user=alice, issuer=OLD, subject="17")

    assert log_in(accounts) == alice


@pytest.mark.django_db(transaction=True)
def test_of_many_first_log_ins_at_once_all_find_one_server() -> None:
    subjects = [str(number) for number in range(4)]

    found = at_once([partial(log_in, at(OLD), subject=each, username=each) for each in subjects])

    assert {user.username for user in found} == set(subjects)
    assert KnownServer.objects.get().issuer == NAME


# --- what a server says ---


def test_a_server_has_a_name_of_its_own_as_soon_as_it_is_migrated() -> None:
    there = Issuer.objects.get()

    assert issuers.issuer() == there.name
    assert there.name.startswith("urn:uuid:")


def test_it_makes_one_where_the_row_has_gone_and_does_not_believe_in_it_before_it_is_kept() -> None:
    Issuer.objects.all().delete()
    with transaction.atomic():
        lost = issuers.issuer()
        transaction.set_rollback(True)

    kept = issuers.issuer()

    assert kept != lost
    assert issuers.issuer() == issuers.issuer() == kept == Issuer.objects.get().name


def test_a_database_that_is_restored_under_it_is_noticed_in_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, now = issuers.issuer(), time.monotonic()
    Issuer.objects.update(name="urn:uuid:restored")
    assert issuers.issuer() == before

    monkeypatch.setattr(clock, "monotonic", lambda: now + issuers.SECONDS + 1)

    assert issuers.issuer() == "urn:uuid:restored"


def test_settings_may_say_what_it_is_called(settings: Settings) -> None:
    settings.SSO_KIT = {"ISSUER": "https://sso.example"}

    assert urls.server.get_issuer() == "https://sso.example"


@pytest.mark.usefixtures("app")
def test_a_whole_log_in_is_kept_under_what_the_server_says(
    alices: Browser, back_channel: InProcess
) -> None:
    assert alices.get(f"{APP}/in/").status_code == 200

    assert Identity.objects.get().issuer == Issuer.objects.get().name
    assert KnownServer.objects.get().server_url == urls.SERVER_URL


def test_a_server_that_was_made_anew_is_refused_on_a_page_and_the_log_has_the_way_on(
    alices: Browser, app: Consumer, back_channel: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """Subjects begin at 1 again, so that they are other people's: flushed, say."""
    alices.get(f"{APP}/in/")
    alices.at("app.test").logout_here()
    was = Issuer.objects.get().name
    Issuer.objects.update(name="urn:uuid:anew")
    issuers.read_again()

    with caplog.at_level(logging.ERROR):
        page = alices.get(f"{APP}/in/")

    assert page.status_code == 409
    assert "recognise its identity server" in page.content.decode()
    assert "sso_accounts" not in page.content.decode()
    assert f"sso_accounts --move {was} urn:uuid:anew" in caplog.text
