"""``manage.py sso_adopt``: what may be taken over, seen first, allowed until a date, or given."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sso_kit.client.models import Adoption, Identity
from sso_kit.errors import NameClash
from tests.kit import urls
from tests.kit.projects import client_of, second, use
from tests.kit.test_identity import accounts, word_of_the_server
from tests.kit.told_by import Typed

pytestmark = pytest.mark.django_db
ISSUER = urls.SERVER_URL
run = Typed("sso_adopt")


def account(name: str = "alice", **changes: Any) -> User:
    fields = {"date_joined": datetime(2024, 5, 17, 12, tzinfo=UTC), "last_login": timezone.now()}
    return User.objects.create_user(name, **fields | changes)


def log_in(**changes: Any) -> Any:
    return accounts(ISSUER).account_for(word_of_the_server(**changes))


def allowed() -> set[str]:
    return set(Adoption.objects.values_list("user__username", flat=True))


def test_without_a_word_it_lists_what_would_be_handed_over_and_changes_nothing() -> None:
    alice = account()
    alice.groups.add(Group.objects.create(name="helpers"))

    said = run()

    assert "alice: joined 2024-05-17; last log-in 20" in said
    assert "groups helpers" in said
    assert "Nothing was changed" in said
    assert not Adoption.objects.exists()
    with pytest.raises(NameClash):
        log_in()


@pytest.mark.parametrize("options", [[], ["--name=alice"], ["--joined-before=2024-06-01"]])
def test_the_command_that_it_prints_does_it(options: list[str]) -> None:
    alice = account()

    run(*run.proposed_in(run(*options)))

    assert log_in() == alice


@pytest.mark.parametrize(
    "other",
    [
        {"password": "local"},
        {"is_staff": True},
        {"is_superuser": True},
        {"is_active": False},
        {"last_login": None},
    ],
    ids=str,
)
def test_what_stock_did_not_make_is_no_candidate(other: dict[str, Any]) -> None:
    account()
    account("other", **other)

    said = run("--joined-before=2025-01-01", "--yes")

    assert "other" not in said
    assert allowed() == {"alice"}
    with pytest.raises(CommandError, match=r"^other .*--subject"):
        run("--name=other")


def test_nor_is_what_has_an_owner_or_an_address_for_a_name() -> None:
    Identity.objects.create(user=account("owned"), issuer=ISSUER, subject="1")
    Identity.objects.create(user=account("else"), issuer="https://other/", subject="name:else")
    account("alice@people.test")

    assert "No account here" in run()


def test_one_that_was_known_by_name_while_the_server_was_stock_is_listed_as_such() -> None:
    alice = account("alice-2")
    Identity.objects.create(user=alice, issuer=ISSUER, subject="name:alice")

    said = run("--name=alice-2", "--yes")

    assert "was 'alice' at the server before that was migrated" in said
    assert log_in() == alice


def test_while_the_server_is_stock_those_are_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    Identity.objects.create(user=account(), issuer=ISSUER, subject="name:alice")
    account("bob")
    monkeypatch.setattr(urls.client, "legacy_server", True)

    said = run()

    assert "bob" in said
    assert "alice" not in said


def test_dates_are_days_of_this_projects_clock(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    account("early", date_joined=datetime(2024, 5, 16, 11, 59, tzinfo=UTC))  # 23:59 there
    account("late", date_joined=datetime(2024, 5, 16, 12, 0, tzinfo=UTC))

    run("--joined-before=2024-05-17", "--yes")
    assert allowed() == {"early"}
    run("--withdraw")
    run("--joined-after=2024-05-17", "--yes")
    assert allowed() == {"late"}


def test_names_and_dates_together_narrow() -> None:
    account("alice")
    account("bob", date_joined=datetime(2025, 1, 1, tzinfo=UTC))

    run("--name=alice", "--name=bob", "--joined-before=2024-12-31", "--yes")

    assert allowed() == {"alice"}


@pytest.mark.parametrize(("options", "days"), [([], 30), (["--days=3"], 3), (["--days=365"], 365)])
def test_it_expires(options: list[str], days: int) -> None:
    account()

    run("--name=alice", "--yes", *options)

    left = Adoption.objects.get().expires - timezone.now()
    assert timedelta(days) - timedelta(minutes=1) < left <= timedelta(days)


def test_allowing_it_again_is_a_new_date() -> None:
    account()
    run("--name=alice", "--yes", "--days=9")
    run("--name=alice", "--yes", "--days=1")

    assert Adoption.objects.get().expires < timezone.now() + timedelta(days=2)


def test_what_is_pending_is_listed_with_its_end_and_what_has_come_between() -> None:
    alice, bob = account(), account("bob")
    run("--name=alice", "--name=bob", "--yes")
    Adoption.objects.filter(user=bob).update(expires=datetime(2025, 1, 2, 3, 4, tzinfo=UTC))
    User.objects.filter(pk=alice.pk).update(is_staff=True)

    said = run()

    assert re.search(r"Pending: alice, allowed until \d{4}-.*, but it is staff", said)
    assert "Pending: bob, expired until" in said


@pytest.mark.parametrize(
    ("options", "left"), [([], set()), (["--name=alice"], {"bob"})], ids=["all", "by name"]
)
def test_it_can_be_withdrawn(options: list[str], left: set[str]) -> None:
    account()
    account("bob")
    run("--joined-before=2025-01-01", "--yes")

    assert "withdrawn" in run("--withdraw", *options)

    assert allowed() == left


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--yes"], "Say which"),
        (["--name=nobody"], "No account is called 'nobody'"),
        (["--name=\ud800"], "nobody's name"),
        (["--joined-before=tomorrow"], "write it as 2026-01-31"),
        (["--joined-after=0001-01-01"], "1900"),
        (["--name=alice", "--days=0"], "from 1 to 365"),
        (["--name=alice", "--days=-1"], "from 1 to 365"),
        (["--name=alice", "--days=366"], "from 1 to 365"),
        (["--name=alice", "--days=x"], "from 1 to 365"),
        (["--name=alice", "--days=" + "9" * 5000], "from 1 to 365"),
        (["--withdraw", "--yes"], "not allowed with"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value)[:40].replace("\ud800", "?"),
)
def test_a_mistake_is_explained_and_nothing_is_done(options: list[str], reason: str) -> None:
    account()
    account("bob")

    with pytest.raises(CommandError, match=re.escape(reason)):
        run(*options)

    assert not Adoption.objects.exists()
    assert not Identity.objects.exists()


def test_a_name_like_an_option_is_given_back_as_a_name() -> None:
    account("--yes")

    assert run.proposed_in(run("--name=--yes"))[0] == "--name=--yes"


@pytest.mark.urls("tests.kit.urls_without")
def test_without_a_client_it_says_what_is_missing() -> None:
    with pytest.raises(CommandError, match="No Client's URLs are included"):
        run()


@pytest.mark.urls("tests.kit.urls_loopback")
def test_a_project_that_is_its_own_server_has_nothing_to_hand_over() -> None:
    with pytest.raises(CommandError, match="its own identity server"):
        run()


@pytest.mark.parametrize("options", [[], ["--yes"]])
def test_it_takes_as_many_statements_for_many_as_for_a_few(
    options: list[str],
) -> None:
    group = Group.objects.create(name="helpers")
    used = []
    for count in (3, 300):
        for user in User.objects.bulk_create(
            User(username=f"of-{count}-{number}", password="!", last_login=timezone.now())
            for number in range(count)
        ):
            user.groups.add(group)
        with CaptureQueriesContext(connection) as queries:
            said = run("--joined-after=2025-01-01", *options)
        assert said.count("groups helpers") == User.objects.count()
        used.append(len(queries))

    assert used[1] <= used[0] + 2  # SQLite takes 999 values by one
    assert len(allowed()) == (303 if options else 0)


def test_a_long_list_of_what_is_pending_ends_with_how_many_more_there_are() -> None:
    for number in range(103):
        account(f"user-{number}")

    said = run("--joined-before=2025-01-01", "--yes")

    assert said.count("Pending: ") == 100
    assert "... and 3 more." in said


def test_where_a_project_has_two_servers_it_is_told_at_which(settings: Any) -> None:
    one, two = client_of(), client_of("further/", **second())
    use(settings, *one.get_urls(), *two.get_urls())
    alice = account()

    with pytest.raises(CommandError, match="Say at which server: --server="):
        run("--name=alice", "--yes")
    run("--name=alice", "--yes", f"--server={two.server_url}")

    with pytest.raises(NameClash):
        one.accounts.account_for(word_of_the_server())
    assert two.accounts.account_for(word_of_the_server()) == alice
