"""An account of Helpdesk's own beside an identity: neither steps on the other, till linked.

What would make it lie: an account that was linked before, hence one of the test's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from e2e import accessibility, actions, checks
from e2e.people import somebody
from tests.support.instance import Instance

MAKE = "from django.contrib.auth.models import User; User.objects.create_user('{0}', '', '{1}')"
DROP = "from django.contrib.auth.models import User; User.objects.filter(username='{0}').delete()"


@dataclass(frozen=True)
class Local:
    name: str
    password: str
    lab: Instance

    def sign_in(self, page: Page) -> None:
        actions.open_page(page, self.lab, "client-b", "/login/local/")
        actions.send_log_in_form(page, self.name, self.password)
        page.wait_for_url(f"{self.lab.url('client-b')}/tickets/")

    def prove(self, page: Page, password: str = "") -> None:
        actions.open_page(page, self.lab, "client-b", "/account/")
        page.get_by_label("Password of this account").fill(password or self.password)
        page.get_by_role("main").get_by_role("button").click()


@pytest.fixture
def local(lab: Instance) -> Iterator[Local]:
    made = Local(f"local-{secrets.token_hex(4)}", secrets.token_hex(8), lab)
    lab.manage("client-b", "shell", "-c", MAKE.format(made.name, made.password))
    yield made
    lab.manage("client-b", "shell", "-c", DROP.format(made.name))


def shown(page: Page) -> str:
    return page.locator(".who-name").inner_text()


def test_its_owner_links_it_and_unlinks_it_with_both_proofs(
    page: Page, other_page: Page, lab: Instance, local: Local
) -> None:
    with somebody(lab) as guest:
        local.sign_in(page)
        assert shown(page) == local.name
        local.prove(page)
        checks.assert_password_asked(page, lab)
        guest.fill(page)
        expect(page.get_by_text(f"In this app you are {local.name}.")).to_be_visible()
        assert accessibility.faults(page) == []
        page.get_by_role("button", name="Link them").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Done")

        guest.sign_in(other_page, "client-b")
        account = actions.open_page(other_page, lab, "client-b", "/account/")
        assert account.status == 200
        expect(other_page.locator("dl")).to_contain_text(local.name)
        local.prove(other_page)
        guest.fill(other_page)
        other_page.get_by_role("button", name="Unlink them").click()
        expect(other_page.get_by_role("heading", level=1)).to_have_text("Done")

        actions.forget(other_page, lab, "client-b")
        actions.open_app(other_page, lab, "client-b")
        assert shown(other_page) == guest.name  # an account of their own


def test_a_wrong_password_links_nothing(page: Page, lab: Instance, local: Local) -> None:
    local.sign_in(page)

    local.prove(page, "a guess")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was changed")


def test_an_identity_that_has_an_account_of_its_own_is_not_taken(
    page: Page, other_page: Page, lab: Instance, local: Local
) -> None:
    with somebody(lab) as guest:
        guest.sign_in(other_page, "client-b")
        local.sign_in(page)
        local.prove(page)
        guest.fill(page)

        expect(page.get_by_text("has an account of its own")).to_be_visible()


def test_a_local_session_is_none_of_the_servers_business(
    page: Page, lab: Instance, local: Local
) -> None:
    local.sign_in(page)
    actions.open_page(page, lab, "server")
    checks.assert_signed_out(page)

    actions.open_app(page, lab, "client-b")

    assert shown(page) == local.name


def test_somebody_who_signs_in_with_identity_has_no_password_here(
    page: Page, lab: Instance
) -> None:
    actions.open_page(page, lab, "client-b", "/login/local/")

    actions.send_log_in_form(page, "bob", "bob-in-the-lab")

    expect(page.get_by_role("alert")).to_contain_text("No account of Helpdesk’s own")
