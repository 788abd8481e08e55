"""Who is refused an account is remembered for an administrator, a month long, and not by heaps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sso_kit.client.accounts import adoption, waiting
from sso_kit.client.models import LinkRequest
from sso_kit.errors import NameClash
from tests.kit.clock import Clock
from tests.kit.test_identity import ISSUER, accounts, word_of_the_server
from tests.kit.told_by import Typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("alice", "root@app.test", "her own password")


def refused(**changes: object) -> None:
    with pytest.raises(NameClash):
        accounts().account_for(word_of_the_server(**changes))


def test_they_are_kept_with_what_the_server_called_them_and_what_is_in_the_way(boss: User) -> None:
    refused()

    kept = LinkRequest.objects.get()
    assert (kept.issuer, kept.subject) == (ISSUER, "17")
    assert (kept.name, kept.email) == ("alice", "alice@people.test")
    assert kept.account == boss


def test_whoever_comes_again_is_kept_once_as_of_the_last_time(boss: User, clock: Clock) -> None:
    refused()
    clock.advance(3600)
    refused(email="al@people.test")

    kept = LinkRequest.objects.get()
    assert kept.email == "al@people.test"
    assert abs(kept.asked - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize("email", [None, 7, "\x00", "\ud800", "e" * 999])
def test_an_odd_address_is_no_obstacle(boss: User, email: object) -> None:
    refused(email=email)

    assert LinkRequest.objects.get().email in ("", "e" * 255)


def test_who_has_got_an_account_waits_no_longer(boss: User) -> None:
    refused()
    refused(subject="18")

    adoption.link(boss, ISSUER, "17", by="root")

    assert [kept.subject for kept in LinkRequest.objects.all()] == ["18"]


def test_an_account_that_is_deleted_leaves_the_request(boss: User) -> None:
    refused()
    boss.delete()

    assert LinkRequest.objects.get().account is None


def test_after_a_month_it_is_forgotten(boss: User, clock: Clock) -> None:
    refused()
    clock.advance(waiting.KEEP.total_seconds() + 1)

    refused(subject="18")

    assert [kept.subject for kept in LinkRequest.objects.all()] == ["18"]


@pytest.mark.parametrize("look", ["command", "admin"])
def test_and_nobody_who_looks_sees_them_then(
    boss: User, clock: Clock, look: str, client: Client
) -> None:
    refused()
    clock.advance(waiting.KEEP.total_seconds() + 1)

    if look == "command":
        assert "Waiting for an account: none" in Typed("sso_accounts")()
    else:
        client.force_login(boss)
        page = client.get("/admin/sso_kit_client/linkrequest/", headers={"host": "app.test"})
        assert "alice@people.test" not in page.content.decode()
    assert not LinkRequest.objects.exists()


def test_of_too_many_the_oldest_go(
    boss: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST", 5)
    for number in range(12):
        clock.advance(1)
        refused(subject=str(number))

    kept = LinkRequest.objects.order_by("asked").values_list("subject", flat=True)
    assert list(kept) == ["7", "8", "9", "10", "11"]
