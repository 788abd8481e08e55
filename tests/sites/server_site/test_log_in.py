from __future__ import annotations

from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from server_site.people.hashers import OwaspArgon2Hasher
from server_site.people.models import Person
from sso_kit.server.provisioning import ensure_consumer
from sso_kit.server.request_tokens import RequestToken

from ..browsers import at_the_site
from .actions import PASSWORD, is_signed_in, log_in, text

NEXT = "/sso/authorize/?token=abc"


def test_the_right_password_leads_home(visitor: Client, alice: Person) -> None:
    response = log_in(visitor)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(visitor)


def test_log_in_leads_on_to_the_hand_shake_that_asked(visitor: Client, alice: Person) -> None:
    assert log_in(visitor, form={"next": NEXT})["Location"] == NEXT


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "http:///evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http://127.0.0.1:9999/",  # the back channel's host is an allowed host
        "http://sso.localhost:9999/",
    ],
)
def test_log_in_never_leads_off_the_site(visitor: Client, alice: Person, address: str) -> None:
    assert log_in(visitor, form={"next": address})["Location"] == "/"


def test_a_wrong_password_is_explained_and_the_way_on_kept(visitor: Client, alice: Person) -> None:
    response = log_in(visitor, password="wrong", form={"next": NEXT})

    assert "do not belong together" in text(response)
    assert f'name="next" value="{NEXT}"' in response.content.decode()
    assert not is_signed_in(visitor)


def test_an_unknown_name_gets_the_same_page_as_a_wrong_password(
    visitor: Client, alice: Person
) -> None:
    known, unknown = log_in(visitor, "alice", "wrong"), log_in(visitor, "alic3", "wrong")

    assert known.status_code == unknown.status_code == 200
    assert text(known) == text(unknown).replace("alic3", "alice")


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_a_refusal_costs_one_hash_whether_or_not_the_account_exists(
    visitor: Client, alice: Person, username: str
) -> None:
    with (
        patch.object(
            OwaspArgon2Hasher, "encode", autospec=True, side_effect=OwaspArgon2Hasher.encode
        ) as encode,
        patch.object(
            OwaspArgon2Hasher, "verify", autospec=True, side_effect=OwaspArgon2Hasher.verify
        ) as verify,
    ):
        log_in(visitor, username, "wrong")

    assert encode.call_count + verify.call_count == 1


def test_a_deactivated_person_is_told_so_after_the_right_password(
    visitor: Client, dave: Person
) -> None:
    response = log_in(visitor, "dave", follow=True)

    assert response.status_code == 403
    assert "This account is deactivated" in text(response)
    assert "ask an administrator" in text(response)
    assert not is_signed_in(visitor)


def test_a_deactivated_person_is_not_told_so_after_a_wrong_password(
    visitor: Client, dave: Person
) -> None:
    page = text(log_in(visitor, "dave", "wrong"))

    assert "do not belong together" in page
    assert "deactivated" not in page


def test_deactivating_somebody_ends_their_session(alice_signed_in: Client, alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(is_active=False)

    assert not is_signed_in(alice_signed_in)


@pytest.mark.usefixtures("alice")
def test_demo_people_are_shown_in_lab_mode(visitor: Client) -> None:
    assert "alice-in-the-lab" in text(visitor.get("/accounts/login/"))


def test_demo_people_whom_somebody_deleted_are_not_shown(visitor: Client, alice: Person) -> None:
    Person.objects.create(username="bob")
    alice.delete()

    page = text(visitor.get("/accounts/login/"))

    assert "bob-in-the-lab" in page
    assert "alice-in-the-lab" not in page


@pytest.mark.usefixtures("alice")
def test_demo_people_are_hidden_outside_lab_mode(visitor: Client, settings: Settings) -> None:
    settings.LAB_MODE = False

    page = text(visitor.get("/accounts/login/"))

    assert "in-the-lab" not in page
    assert "Use<" not in page


def test_demo_passwords_are_on_no_other_page(alice_signed_in: Client) -> None:
    for address in ("/", "/profile/", "/consumers/", "/accounts/logout/"):
        assert "in-the-lab" not in text(alice_signed_in.get(address))


def test_signing_out_is_asked_for_and_then_done(alice_signed_in: Client) -> None:
    question = text(alice_signed_in.get("/accounts/logout/"))
    assert "Every app that you are signed in to" in question
    assert is_signed_in(alice_signed_in)

    alice_signed_in.post("/accounts/logout/")

    assert not is_signed_in(alice_signed_in)


def test_signing_in_leaves_no_message_behind_for_a_later_page(
    visitor: Client, alice: Person
) -> None:
    log_in(visitor, form={"next": NEXT})

    assert 'class="message' not in text(visitor.get("/"))


def test_the_log_in_page_names_the_app_that_asks(visitor: Client) -> None:
    consumer = ensure_consumer("Notes", "n" * 43, "n" * 43, origins=[])
    token = RequestToken(consumer.pk, "key", "http://a/", "", passive=False, serial="1").sign()
    way_back = urlencode({"token": token})

    page = text(visitor.get("/accounts/login/", {"next": f"/sso/authorize/?{way_back}"}))

    assert "Notes asks you to sign in" in page


@pytest.mark.parametrize(
    "garbage",
    [NEXT, "/sso/authorize/", "http://[", "//[", "/sso/authorize/?token=%00", "?token=a", "\0"],
)
def test_a_garbled_way_back_is_no_error(visitor: Client, alice: Person, garbage: str) -> None:
    page = visitor.get("/accounts/login/", {"next": garbage})
    answer = log_in(visitor, form={"next": garbage})

    assert (page.status_code, answer.status_code) == (200, 302)
    assert "asks you to sign in" not in text(page)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"login": "alice"},
        {"login": "al\0ice", "password": "x"},
        {"login": "a" * 10_000, "password": "x"},
        {"login": "alice", "password": "p" * 100_000},
        {"login": "álïçé\u202e", "password": "\ud7ff"},
    ],
)
def test_odd_forms_are_refused_with_a_reason(
    visitor: Client, alice: Person, form: dict[str, str]
) -> None:
    response = visitor.post("/accounts/login/", form)

    assert response.status_code == 200
    assert "Not signed in." in text(response)


def test_an_administrator_gives_nobody_anothers_name_in_other_letters(
    visitor: Client, alice: Person
) -> None:
    """Both were shut out: a log-in takes the letters' case for nothing."""
    bob = Person.objects.create_user("bob", password=PASSWORD)
    admins = at_the_site(Person.objects.create_superuser("root"))
    address = f"/admin/people/person/{bob.pk}/change/"
    form = admins.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if name != "password"}
    sent |= {"date_joined_0": "2026-01-01", "date_joined_1": "12:00"}
    sent = {name: value for name, value in sent.items() if value}

    refused = admins.post(address, sent | {"username": "ALICE"})
    taken = admins.post(address, sent | {"username": "Bob"})

    assert "A user with that username already exists." in text(refused)
    assert taken.status_code == 302
    bob.refresh_from_db()
    assert bob.username == "Bob"
    log_in(visitor)
    assert is_signed_in(visitor)
