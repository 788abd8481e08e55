"""Helpdesk without a row for anybody: who is signed in, and what is known of them, is in the cache.

What would make it lie: a cache of each process by itself, hence several workers and a restart.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e import actions, checks
from e2e.hops import Hops
from e2e.own_lab import IS_UP, with_knobs
from tests.support.instance import Instance

pytestmark = IS_UP
NAMES = (
    "from django.contrib.auth.models import User; print([u.username for u in User.objects.all()])"
)
FORGET = "from django.core.cache import caches; caches['users'].clear()"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    state = tmp_path_factory.mktemp("cache")
    with with_knobs(state, HELPDESK_USERS="cache", WORKERS="3") as lab:
        yield lab


def test_a_ticket_is_reported_and_answered_without_a_user_row(
    page: Page, other_page: Page, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    url = actions.create_ticket(page, lab, actions.unique("Printer"))
    actions.sign_in(other_page, lab, "client-b", "alice")
    other_page.goto(url)
    expect(other_page.get_by_label("About this ticket")).to_contain_text("Accounts")
    expect(other_page.get_by_label("About this ticket")).to_contain_text("+44 20 7946 0102")
    actions.add_comment(other_page, "Turn it on")

    for _ in range(6):  # whichever worker answers
        page.goto(url)
        expect(page.get_by_text("Turn it on")).to_be_visible()
        checks.assert_signed_in_as(page, "bob")
    names = lab.manage("client-b", "shell", "-c", NAMES)
    assert "['lena']" in names  # of Helpdesk's own


def test_a_restart_of_helpdesk_keeps_people_in(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    lab.restart("client-b")
    hops.clear()

    actions.open_app(page, lab, "client-b")

    assert hops.steps == ["GET app-b.localhost/tickets/ 200"]
    checks.assert_signed_in_as(page, "bob")


def test_an_emptied_cache_costs_a_silent_hand_shake(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    lab.manage("client-b", "shell", "-c", FORGET)
    hops.clear()

    actions.open_app(page, lab, "client-b")

    checks.assert_silent(page, hops, "client-b")
    checks.assert_signed_in_as(page, "bob")


def test_there_are_no_accounts_of_its_own(page: Page, lab: Instance) -> None:
    assert actions.open_page(page, lab, "client-b", "/login/local/").status == 404
