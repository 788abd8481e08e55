"""``manage.py sso_accounts``: which account is whose, linked and unlinked by who runs the app."""

from __future__ import annotations

import logging
import re
import shlex
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError

from sso_kit.client.models import Adoption, Identity, KnownServer, LinkRequest
from sso_kit.errors import NameClash
from tests.kit import urls
from tests.kit.projects import client_of, second, use
from tests.kit.test_identity import word_of_the_server
from tests.kit.test_identity_command import account
from tests.kit.test_identity_command import run as adopt
from tests.kit.told_by import Typed

pytestmark = pytest.mark.django_db
ISSUER = urls.SERVER_URL
run = Typed("sso_accounts")


def log_in(**changes: Any) -> Any:
    """As a person of the server of this project's client."""
    return urls.client.accounts.account_for(word_of_the_server(**changes))


def test_it_lists_whose_every_account_is() -> None:
    log_in()
    account("local")

    said = run()

    assert f"{ISSUER} at {ISSUER}: 1 accounts" in said
    assert re.search(rf"alice: joined .*; belongs to 17 of {ISSUER}$", said, re.MULTILINE)
    assert "local" not in said


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--name=alice"], {"alice"}),
        (["--name=local"], {"local"}),
        (["--subject=18"], {"bob"}),
        (["--unlinked"], {"local"}),
        (["--unlinked", "--name=alice"], set()),
        (["--subject=17", "--name=bob"], set()),
    ],
    ids=str,
)
def test_it_finds_one_by_name_or_subject_or_those_that_are_nobodys(
    options: list[str], found: set[str]
) -> None:
    log_in()
    log_in(subject="18", username="bob")
    account("local")

    assert set(re.findall(r"^  (\w+): joined", run(*options), re.MULTILINE)) == found


def test_a_long_list_ends_with_how_many_more_there_are() -> None:
    users = User.objects.bulk_create(User(username=f"user-{number}") for number in range(150))
    Identity.objects.bulk_create(
        Identity(user=user, issuer=ISSUER, subject=str(user.pk)) for user in users
    )

    said = run()

    assert said.count("joined") == 100
    assert "and 50 more" in said


def test_who_was_refused_waits_with_the_command_that_helps() -> None:
    boss = account("alice", is_staff=True)
    with pytest.raises(NameClash):
        log_in()

    said = run()
    assert "'alice', alice@people.test, subject 17" in said
    assert "in the way: alice: joined 2024-05-17" in said
    assert "STAFF" in said
    run(*run.proposed_in(run("--link", "--name=alice", "--subject=17")))

    assert log_in() == boss
    assert not LinkRequest.objects.exists()


BOSS: dict[str, Any] = {"is_staff": True, "is_superuser": True, "password": "local"}


def test_one_account_is_shown_before_it_is_given_to_one_person() -> None:
    boss = account("boss", **BOSS)
    boss.groups.add(Group.objects.create(name="leads"))

    said = run("--link", "--name=boss", "--subject=17")

    assert "groups leads; STAFF; SUPERUSER; has a password of its own" in said
    assert "Nothing was changed" in said
    assert not Identity.objects.exists()


def test_then_it_is_theirs_whatever_they_are_called_and_its_rights_stay() -> None:
    boss = account("boss", **BOSS)

    run(*run.proposed_in(run("--link", "--name=boss", "--subject=17")))

    assert log_in(username="somebody-else") == boss
    boss.refresh_from_db()
    assert boss.is_superuser
    assert boss.check_password("local")


def test_giving_it_ends_what_was_allowed_by_name() -> None:
    account()
    adopt("--name=alice", "--yes")

    run("--link", "--name=alice", "--subject=17", "--yes")

    assert not Adoption.objects.exists()
    with pytest.raises(NameClash):
        log_in(subject="99")


def test_one_that_was_known_by_name_can_be_given_too() -> None:
    alice = account(is_staff=True)
    Identity.objects.create(user=alice, issuer=ISSUER, subject="name:alice")

    run("--link", "--name=alice", "--subject=17", "--yes")

    assert log_in() == alice


def test_what_has_an_owner_is_not_given_to_another() -> None:
    Identity.objects.create(user=account(), issuer=ISSUER, subject="16")

    with pytest.raises(CommandError, match="alice belongs to 16 of"):
        run("--link", "--name=alice", "--subject=17", "--yes")


def test_who_has_an_account_does_not_get_a_second() -> None:
    Identity.objects.create(user=account("first"), issuer=ISSUER, subject="17")
    account()

    with pytest.raises(CommandError, match="has the account first"):
        run("--link", "--name=alice", "--subject=17", "--yes")


def test_an_account_is_shown_before_it_is_taken_away() -> None:
    log_in()

    said = run("--unlink", "--name=alice")

    assert "alice: joined" in said
    assert "Nothing was changed" in said
    assert Identity.objects.exists()


def test_then_it_is_nobodys_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    alice = log_in()

    with caplog.at_level(logging.WARNING):
        run(*run.proposed_in(run("--unlink", "--name=alice")))

    assert User.objects.get() == alice
    with pytest.raises(NameClash):
        log_in()
    assert re.search(r"account taken away .*user=alice, subject=17, by=.*command line", caplog.text)


def test_a_wrong_link_is_put_right_by_both() -> None:
    wrong, right = log_in(), account("right")

    run("--unlink", "--name=alice", "--yes")
    run("--link", "--name=right", "--subject=17", "--yes")

    assert log_in() == right != wrong


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--link", "--name=nobody", "--subject=1", "--yes"], "No account is called 'nobody'"),
        (["--link", "--subject=17", "--yes"], "--name=NAME"),
        (["--link", "--name=alice", "--yes"], "--name and --subject"),
        (["--link", "--name=alice", "--subject=17", "--unlinked"], "--name and --subject"),
        (["--link", "--name=alice", "--subject="], "255 characters"),
        (["--link", "--name=alice", f"--subject={'s' * 256}"], "255 characters"),
        (["--link", "--name=\ud800", "--subject=17"], "nobody's name"),
        (["--link", "--unlink", "--name=alice"], "not allowed with"),
        (["--unlink", "--yes"], "--name=NAME"),
        (["--unlink", "--name=alice", "--yes"], "alice is nobody's"),
        (["--move", "urn:a", "urn:b", "--yes"], "knows no server called 'urn:a'"),
        (["--move", ISSUER, ISSUER, "--yes"], "knows no server"),
        (["--move", "", "urn:b"], "255 characters"),
        (["--forget", "urn:a", "--yes"], "knows no server called 'urn:a'"),
        (["--yes"], "--yes does one of: --link"),
        (["--link", "--name=alice", "--subject=1", "--server=https://x.test"], "--server="),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value)[:40].replace("\ud800", "?"),
)
def test_a_mistake_is_explained_and_nothing_is_done(options: list[str], reason: str) -> None:
    account()

    with pytest.raises(CommandError, match=re.escape(reason)):
        run(*options)

    assert not Identity.objects.exists()


def test_where_a_project_has_two_servers_it_is_told_at_which(settings: Any) -> None:
    one, two = client_of(), client_of("further/", **second())
    use(settings, *one.get_urls(), *two.get_urls())
    alice = account()

    with pytest.raises(CommandError, match="Say at which server: --server="):
        run("--link", "--name=alice", "--subject=17", "--yes")
    options = ["--link", "--name=alice", "--subject=17", f"--server={two.server_url}"]
    assert f"--server={two.server_url}" in run.proposed_in(run(*options))
    run(*options, "--yes")

    assert two.accounts.account_for(word_of_the_server()) == alice


def test_accounts_of_a_server_that_is_no_longer_there_are_moved_to_the_new_one() -> None:
    alice = account()
    Identity.objects.create(user=alice, issuer="https://old.test/sso/", subject="17")
    with pytest.raises(NameClash):
        log_in()

    said = run()
    assert "https://old.test/sso/: 1 accounts; no client here signs in there" in said
    proposed = run.proposed_in(said)
    assert "Nothing was changed" in run(*[each for each in proposed if each != "--yes"])
    run(*proposed)

    assert log_in() == alice


def test_an_account_in_the_way_that_is_somebodys_is_taken_away_before_it_is_given() -> None:
    alice = log_in()
    with pytest.raises(NameClash):
        log_in(subject="18")

    said = run()
    steps = [line.partition("sso_accounts ")[2] for line in said.splitlines() if " to " in line]
    link, unlink = (step for step in steps if step.startswith("--"))

    run(*shlex.split(unlink), "--yes")
    run(*shlex.split(link), "--yes")
    assert log_in(subject="18") == alice


def test_who_has_an_account_at_both_keeps_the_one_of_the_new() -> None:
    old = Identity.objects.create(user=account("old"), issuer="https://old.test/", subject="17")
    alice = log_in()

    said = run("--move", "https://old.test/", ISSUER, "--yes")

    assert "1 stay with https://old.test/" in said
    assert log_in() == alice
    old.refresh_from_db()
    assert old.issuer == "https://old.test/"


def test_a_server_is_forgotten_and_its_peoples_accounts_are_not() -> None:
    alice = log_in()

    assert "Nothing was changed" in run("--forget", ISSUER)
    run("--forget", ISSUER, "--yes")

    assert not KnownServer.objects.exists()
    assert log_in() == alice


def test_it_takes_as_many_statements_for_many_as_for_a_few(
    django_assert_max_num_queries: Any,
) -> None:
    for count in (50, 450):
        users = User.objects.bulk_create(
            User(username=f"user-{count}-{number}") for number in range(count)
        )
        Identity.objects.bulk_create(
            Identity(user=user, issuer=ISSUER, subject=str(user.pk)) for user in users
        )
        with django_assert_max_num_queries(11):
            run()
