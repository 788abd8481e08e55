"""Old rows go away by themselves, in small steps."""

from __future__ import annotations

import itertools
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from sso_kit import clock
from sso_kit.purging import BATCH, EVERY
from sso_kit.server import housekeeping, records
from sso_kit.server.housekeeping import KEEP
from sso_kit.server.models import AccessToken, Ending, Reason, SignIn
from sso_kit.server.request_tokens import LIFETIME as REQUEST_TOKEN_LIFETIME
from tests.kit.consumers import issue, person, question, register

pytestmark = pytest.mark.django_db


def leave_old_rows(number: int, age: timedelta = KEEP + timedelta(minutes=1)) -> None:
    app, user = register(), person("somebody")
    AccessToken.objects.bulk_create(
        AccessToken(
            digest=f"d{row}",
            request_digest=f"r{row}",
            consumer=app,
            user=user,
            issued=timezone.now() - age,
        )
        for row in range(number)
    )


def log_ins(number: int) -> None:
    app, user = register(), person("busy")
    for serial in range(number):
        issue(question(app, serial=f"busy-{serial}"), user)


def test_a_batch_is_all_that_one_purge_deletes() -> None:
    leave_old_rows(30)

    assert housekeeping.purge(20, clock.now()) == 20
    assert housekeeping.purge(20, clock.now()) == 10
    assert housekeeping.purge(20, clock.now()) == 0


def test_the_oldest_go_first() -> None:
    leave_old_rows(3)
    AccessToken.objects.filter(digest="d1").update(issued=timezone.now() - timedelta(days=9))

    housekeeping.purge(1, clock.now())

    assert not AccessToken.objects.filter(digest="d1").exists()


def test_a_spent_row_is_kept_as_long_as_its_request_token_could_be_shown_again() -> None:
    leave_old_rows(2, age=REQUEST_TOKEN_LIFETIME)

    assert housekeeping.purge(100, clock.now()) == 0
    assert KEEP > REQUEST_TOKEN_LIFETIME


def test_a_backlog_shrinks_while_people_log_in() -> None:
    leave_old_rows(3 * BATCH)

    log_ins(4 * EVERY)

    assert not AccessToken.objects.filter(request_digest__startswith="r").exists()
    assert AccessToken.objects.count() == 4 * EVERY


def test_more_is_deleted_than_comes_in() -> None:
    assert BATCH > EVERY


def test_most_log_ins_pay_nothing_for_it(
    django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_old_rows(5)
    app, user = register(), person("busy")
    monkeypatch.setattr(housekeeping, "_issued", itertools.count(1))  # far from EVERY

    with django_assert_max_num_queries(3):  # savepoint, insert, release
        issue(question(app), user)


def test_the_purge_uses_the_index() -> None:
    expired = AccessToken.objects.filter(issued__lt=timezone.now()).order_by("issued")

    assert "sso_kit_access_issued" in expired.values_list("pk")[:BATCH].explain()


def test_the_command_deletes_all_of_them_and_says_how_many() -> None:
    leave_old_rows(7)
    said = StringIO()

    call_command("sso_purge", stdout=said)

    assert said.getvalue().splitlines()[0] == "7 expired access tokens deleted"
    assert not AccessToken.objects.exists()


def sign_in(ref: str, **changes: Any) -> SignIn:
    now, app = clock.now(), register()
    user = get_user_model().objects.first() or person("somebody")
    fields = {
        "ref": ref, "session": ref, "consumer": app, "user": user, "began": 1, "since": now,
        "seen": now, "expires": now + timedelta(hours=1), "tell_at": "http://app.test/x/",
    }  # fmt: skip
    return SignIn.objects.create(**(fields | changes))


def test_sign_ins_that_have_expired_go_on_record_and_nobody_is_told() -> None:
    sign_in("over", expires=clock.now() - timedelta(seconds=1))
    sign_in("still-there")

    records.purge(100, clock.now())

    assert [each.ref for each in SignIn.objects.all()] == ["still-there"]
    ending = Ending.objects.get()
    assert (ending.ref, ending.reason, ending.is_pending) == ("over", Reason.EXPIRED, False)


def test_the_record_goes_after_a_while_and_not_before() -> None:
    for ref in ("old", "new"):
        sign_in(ref, expires=clock.now() - timedelta(seconds=1))
    records.purge(100, clock.now())
    Ending.objects.filter(ref="old").update(when=clock.now() - records.KEEP - timedelta(days=1))

    records.purge(100, clock.now())

    assert [each.ref for each in Ending.objects.all()] == ["new"]
