"""The whole hand-shake, from the page that needs somebody back to it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from tests.kit.journeys import APP, FINISH, Browser, parameter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]


def test_who_is_signed_in_there_is_signed_in_here(alices: Browser) -> None:
    page = alices.get(f"{APP}/in/?page=2")

    assert page.content.decode() == "only for sso.alice"
    assert alices.visited[-1] == f"{APP}/in/?page=2"


def test_it_takes_three_redirects_and_no_form(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert [url.split("?")[0] for url in alices.visited] == [
        f"{APP}/in/",
        "http://sso.test/server/authorize/",
        APP + FINISH,
        f"{APP}/in/",
    ]


def test_who_is_not_is_sent_to_the_log_in_form_and_comes_back(alice: User) -> None:
    alices = Browser()
    form = alices.walk_until(f"{APP}/in/", "/login/")
    alices.sign_in_at_the_server(alice)

    page = alices.get(f"http://sso.test{parameter(form, 'next')}")

    assert page.content.decode() == "only for sso.alice"


def test_groups_come_along_and_are_mapped(alices: Browser, alice: User) -> None:
    alice.groups.add(Group.objects.create(name="agents"))

    alices.get(f"{APP}/in/")

    assert User.objects.get(username="sso.alice").groups.get().name == "helpers"


def test_signing_out_here_takes_a_form_and_ends_this_session_only(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert alices.get(f"{APP}/sso/sso-logout/").status_code == 405
    assert alices.at("app.test").post("/sso/sso-logout/")["Location"] == "/sso/sso-signed-out/"
    assert "_auth_user_id" not in alices.at("app.test").session
    assert "_auth_user_id" in alices.at("sso.test").session
