from __future__ import annotations

import pytest
from django.test import Client

from lab import table
from server_site.people.models import Person
from sso_kit.server.provisioning import ensure_consumer
from tests.sites.browsers import at_the_site

from .actions import PASSWORD, is_signed_in, log_in, text


def test_the_front_page_tells_a_stranger_what_this_is(visitor: Client) -> None:
    page = text(visitor.get("/"))

    assert "This is the identity server" in page
    assert 'href="/accounts/login/"' in page


def test_the_home_page_shows_the_apps_and_which_are_not_yours(
    alice_signed_in: Client,
) -> None:
    ensure_consumer("Notes", "n" * 43, "n" * 43, origins=["http://app-a.localhost:8080"])
    ensure_consumer("Vault", "v" * 43, "v" * 43, origins=[], required_groups=["keepers"])

    page = text(alice_signed_in.get("/"))

    assert 'href="http://app-a.localhost:8080/"' in page
    assert "Members of keepers may enter" in page


def test_the_consumers_page_says_what_each_app_is_told(alice_signed_in: Client) -> None:
    ensure_consumer(
        "Notes", "n" * 43, "k" * 43, origins=["http://app-a.localhost:8080"], granted=["groups"]
    )

    page = text(alice_signed_in.get("/consumers/"))

    assert "http://app-a.localhost:8080" in page
    assert "e-mail and whether it is verified, groups" in page
    assert "k" * 43 not in page


def test_a_profile_change_is_saved_and_confirmed(alice_signed_in: Client, alice: Person) -> None:
    form = {"first_name": "Alix", "last_name": "Archer"}

    page = text(alice_signed_in.post("/profile/", form, follow=True))

    alice.refresh_from_db()
    assert alice.first_name == "Alix"
    assert "Saved." in page


def test_a_name_that_does_not_fit_is_refused_with_a_reason(
    alice_signed_in: Client, alice: Person
) -> None:
    form = {"first_name": "Mallory" * 30, "last_name": ""}

    page = text(alice_signed_in.post("/profile/", form))

    alice.refresh_from_db()
    assert "at most 150 characters" in page
    assert alice.first_name == "Alice"


def test_nobody_takes_an_e_mail_address_on_the_profile_page(
    alice_signed_in: Client, alice: Person
) -> None:
    """Apps are told it, and nobody could prove that it is theirs: the lab has no mail."""
    form = {"first_name": "Alice", "last_name": "Archer", "email": "bob@lab.example"}

    page = text(alice_signed_in.post("/profile/", form, follow=True))

    alice.refresh_from_db()
    assert alice.email == "alice@lab.example"
    assert 'name="email"' not in page
    assert "alice@lab.example" in page
    assert "Only an administrator changes the e-mail address" in page


def test_user_name_and_subject_id_are_shown_and_cannot_be_changed(
    alice_signed_in: Client, alice: Person
) -> None:
    before = alice.subject
    form = {"username": "root", "subject": "0" * 32, "is_superuser": "on"}

    page = text(alice_signed_in.post("/profile/", form, follow=True))

    alice.refresh_from_db()
    assert (alice.username, alice.subject, alice.is_superuser) == ("alice", before, False)
    assert str(before) in page


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    alice_signed_in: Client, alice: Person
) -> None:
    elsewhere = at_the_site()
    log_in(elsewhere)
    form = {"oldpassword": PASSWORD, "password1": "a-new-one-42", "password2": "a-new-one-42"}

    response = alice_signed_in.post("/accounts/password/change/", form)

    assert response["Location"] == "/profile/"
    assert is_signed_in(alice_signed_in)
    assert not is_signed_in(elsewhere)
    assert log_in(elsewhere, password="a-new-one-42").status_code == 302


@pytest.mark.parametrize(
    "address", ["/profile/", "/consumers/", "/accounts/password/change/", "/admin/"]
)
def test_strangers_are_sent_to_the_log_in_page(visitor: Client, address: str) -> None:
    response = visitor.get(address, follow=True)

    assert response.request["PATH_INFO"] == "/accounts/login/"
    assert address in response.request["QUERY_STRING"].replace("%2F", "/")


@pytest.mark.parametrize(
    "address",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "reauthenticate/",
        "login/code/",
    ],
)
def test_what_is_not_offered_does_not_exist(alice_signed_in: Client, address: str) -> None:
    assert alice_signed_in.get(f"/accounts/{address}").status_code == 404
    assert alice_signed_in.post(f"/accounts/{address}").status_code == 404


def test_somebody_without_a_password_is_told_why_there_is_none_to_change(
    visitor: Client, alice: Person
) -> None:
    alice.set_unusable_password()
    alice.save()
    visitor.force_login(alice)

    response = visitor.get("/accounts/password/change/", follow=True)

    assert response.status_code == 403
    assert "There is no password to change" in text(response)


def test_the_admin_opens_for_staff_only(visitor: Client, alice: Person) -> None:
    visitor.force_login(alice)
    assert visitor.get("/admin/login/").status_code == 403

    Person.objects.update(is_staff=True, is_superuser=True)
    page = text(visitor.get(f"/admin/people/person/{alice.pk}/change/"))

    assert str(alice.subject) in page
    assert visitor.get("/admin/sso_server/consumer/").status_code == 200


def test_the_site_says_that_it_is_well(visitor: Client) -> None:
    response = visitor.get("/healthz")

    assert response.json() == {"status": "ok", "site": "server_site"}
    assert not response.cookies


def test_a_wrong_host_is_refused(visitor: Client) -> None:
    assert visitor.get("/", headers={"host": "evil.example"}).status_code == 400


def test_forms_may_lead_to_the_apps_and_nowhere_else(visitor: Client) -> None:
    policy = visitor.get("/accounts/login/")["Content-Security-Policy"]

    form_action = next(part for part in policy.split("; ") if part.startswith("form-action"))
    apps = [site.url(8080) for site in table.load().sites if site.kind.is_form_target]
    assert {"http://app-a.localhost:8080", "http://app-b.localhost:8080"} <= {*apps}
    assert form_action.split() == ["form-action", "'self'", *apps]
    assert "unsafe" not in policy


def test_pages_are_not_stored_framed_or_named_to_others(visitor: Client) -> None:
    headers = visitor.get("/accounts/login/").headers

    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["X-Frame-Options"] == "DENY"
