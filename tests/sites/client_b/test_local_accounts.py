"""Accounts of Helpdesk's own: a second way in, beside the identity server's people."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tests.sites.browsers import at_the_site
from tests.sites.pages import text

pytestmark = pytest.mark.django_db
PASSWORD = "lena-in-the-tests"


@pytest.fixture
def lena(db: None) -> User:
    cache.clear()
    User.objects.filter(username="lena").delete()
    return User.objects.create_user("lena", password=PASSWORD)


def log_in(visitor: Client, name: str = "lena", password: str = PASSWORD) -> str:
    form = {"login": name, "password": password}
    return text(visitor.post("/login/local/", form, follow=True))


def is_signed_in(visitor: Client) -> bool:
    return visitor.get("/account/").status_code == 200


def test_its_password_opens_it(stranger: Client, lena: User) -> None:
    assert "Your tickets" in log_in(stranger)
    assert is_signed_in(stranger)


def test_somebody_of_the_identity_servers_has_no_password_here(
    stranger: Client, lena: User, bob: User
) -> None:
    bob.set_unusable_password()
    bob.save()
    for password in ("", "!", bob.password, PASSWORD):
        assert "Your tickets" not in log_in(stranger, "bob", password)
    assert not is_signed_in(stranger)


def test_the_words_are_the_same_whether_there_is_one_or_not(stranger: Client, lena: User) -> None:
    assert "No account of Helpdesk’s own" in log_in(stranger, password="a guess")
    assert "No account of Helpdesk’s own" in log_in(stranger, "nobody", "a guess")


def test_guessing_ends_soon_with_a_page(stranger: Client, lena: User) -> None:
    pages = [log_in(stranger, password="a guess") for _ in range(7)]

    assert "Too many attempts" in pages[-1]
    assert "Too many attempts" in log_in(stranger)
    cache.clear()


def test_who_is_deactivated_is_told_so(stranger: Client, lena: User) -> None:
    lena.is_active = False
    lena.save()

    log_in(stranger)

    assert not is_signed_in(stranger)


@pytest.mark.parametrize("next_", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_the_form_leads_to_no_other_site(stranger: Client, lena: User, next_: str) -> None:
    form = {"login": "lena", "password": PASSWORD, "next": next_}

    assert stranger.post("/login/local/", form)["Location"].startswith("/")
    assert "evil" not in stranger.get("/")["Content-Security-Policy"]


def test_the_page_says_how_somebody_signs_in(lena: User, bobs: Client, bob: User) -> None:
    bob.set_unusable_password()
    bob.save()
    lenas = at_the_site()
    log_in(lenas)

    assert "Password of this account" in text(lenas.get("/account/"))
    assert "nothing to unlink" in text(at_the_site(bob).get("/account/"))


def test_without_them_there_is_no_such_page(
    stranger: Client, bobs: Client, settings: Settings
) -> None:
    settings.LOCAL_ACCOUNTS = False

    assert stranger.get("/login/local/").status_code == 404
    assert bobs.get("/account/").status_code == 404
    assert "/login/local/" not in text(stranger.get("/"))
