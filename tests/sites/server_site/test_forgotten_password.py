"""A forgotten password: a link by mail, once, to who is known by that address, and to no other."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.mail import send_mail
from django.test import Client
from pytest_django.fixtures import Settings

from server_site.people import mailbox
from server_site.people.models import Mail, Person
from tests.sites.browsers import at_the_site

from .actions import PASSWORD, is_signed_in, log_in, text

pytestmark = pytest.mark.django_db
NEW = "quite-another-one-42"
ASK = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def no_counts() -> None:
    cache.clear()


@pytest.fixture
def known(alice: Person) -> Person:
    """Her address is known to be hers."""
    alice.verified_email = alice.email
    alice.save()
    return alice


def ask(visitor: Client, address: str) -> Any:
    return visitor.post(ASK, {"email": address})


def link_in(message: Any) -> str:
    found = re.search(r"http://\S+/link/\?token=\S+", str(message.body))
    assert found
    return found[0].partition(":8080")[2]


def set_password(visitor: Client, link: str, password: str = NEW) -> Any:
    form = visitor.get(link, follow=True)
    if form.status_code != 200:
        return form
    return visitor.post(
        form.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True
    )


def test_a_link_leads_to_a_new_password(visitor: Client, known: Person) -> None:
    ask(visitor, "alice@lab.example")

    done = set_password(visitor, link_in(mail.outbox[0]))

    assert "Your new password counts" in text(done)
    assert not is_signed_in(visitor)
    log_in(visitor, password=NEW)
    assert is_signed_in(visitor)


def test_who_was_signed_in_is_not_any_more(visitor: Client, known: Person) -> None:
    old = at_the_site()
    log_in(old)
    ask(visitor, known.email)

    set_password(visitor, link_in(mail.outbox[0]))

    assert not is_signed_in(old)


def test_it_works_once(visitor: Client, known: Person) -> None:
    ask(visitor, known.email)
    link = link_in(mail.outbox[0])
    set_password(visitor, link)

    again = set_password(at_the_site(), link, "yet-another-one-43")

    assert again.status_code == 403
    assert "doesn’t work any more" in text(again)
    known.refresh_from_db()
    assert known.check_password(NEW)


@pytest.mark.parametrize(
    "token", ["", "x", "1-", "1-x", "zz-forged-forged", "-", "1-" + "x" * 500, "%00-x", "é-x"]
)
def test_a_forged_one_leads_nowhere(visitor: Client, known: Person, token: str) -> None:
    answer = visitor.get(f"/accounts/password/reset/link/?token={token}", follow=True)

    assert answer.status_code == 403


def test_anothers_key_is_none(visitor: Client, known: Person) -> None:
    bob = Person.objects.create_user("bob", "bob@lab.example", PASSWORD)
    bob.verified_email = bob.email
    bob.save()
    ask(visitor, bob.email)
    key = link_in(mail.outbox[0]).partition("token=")[2].partition("-")[2]
    from allauth.account.utils import user_pk_to_url_str

    link = f"/accounts/password/reset/link/?token={user_pk_to_url_str(known)}-{key}"

    assert set_password(visitor, link).status_code == 403


def test_an_old_one_leads_nowhere(visitor: Client, known: Person, settings: Settings) -> None:
    ask(visitor, known.email)
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert set_password(visitor, link_in(mail.outbox[0])).status_code == 403


def test_a_weak_password_is_refused(visitor: Client, known: Person) -> None:
    ask(visitor, known.email)

    page = set_password(visitor, link_in(mail.outbox[0]), "12345678")

    assert "too common" in text(page)


def test_the_key_is_in_no_address_that_a_page_is_shown_at(visitor: Client, known: Person) -> None:
    ask(visitor, known.email)
    link = link_in(mail.outbox[0])
    key = link.partition("-")[2]

    page = visitor.get(link, follow=True)

    assert page.status_code == 200
    assert key not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    assert key not in text(page)


def test_the_answer_is_the_same_whoever_asks(visitor: Client, known: Person) -> None:
    pages = [ask(at_the_site(), address) for address in (known.email, "nobody@lab.example")]

    assert pages[0].status_code == pages[1].status_code == 302
    assert pages[0]["Location"] == pages[1]["Location"]
    assert len(mail.outbox) == 2  # as long as each other


@pytest.mark.parametrize("who", ["unverified", "deactivated", "without a password"])
def test_who_may_not_gets_no_link(visitor: Client, known: Person, who: str) -> None:
    if who == "unverified":
        known.verified_email = ""
    elif who == "deactivated":
        known.is_active = False
    else:
        known.set_unusable_password()
    known.save()

    ask(visitor, known.email)

    assert "token=" not in mail.outbox[0].body


def test_too_many_are_refused_with_a_page(visitor: Client, known: Person) -> None:
    answers = [ask(visitor, known.email).status_code for _ in range(7)]

    assert answers[:5] == [302] * 5
    assert answers[-1] == 429


def test_a_mail_server_that_is_away_is_said_to_be(
    visitor: Client, known: Person, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    for address in (known.email, "nobody@lab.example"):
        answer = ask(visitor, address)
        assert answer.status_code == 503
        assert "could not be sent just now" in text(answer)


@pytest.mark.parametrize("address", ["", "no address", "a@b", "x" * 400 + "@lab.example"])
def test_what_is_no_address_is_said_to_be_none(visitor: Client, address: str) -> None:
    answer = ask(visitor, address)

    assert answer.status_code == 200
    assert not mail.outbox


# --- the lab's mailbox ---


def test_the_lab_shows_its_mail_escaped(visitor: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = mailbox.BACKEND
    settings.LAB_MODE = True
    send_mail("<b>hello</b>", "<script>x</script> http://sso.localhost/x", None, ["<i>@x.example"])

    page = visitor.get("/mailbox/")

    assert b"<script>x" not in page.content
    assert b"<b>hello" not in page.content
    assert b'href="http://sso.localhost/x"' in page.content


def test_it_keeps_a_few(visitor: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = mailbox.BACKEND
    for number in range(mailbox.MOST + 5):
        send_mail(f"mail {number}", "text", None, ["x@x.example"])

    assert Mail.objects.count() == mailbox.MOST
    assert Mail.objects.filter(subject=f"mail {mailbox.MOST + 4}").exists()


def test_elsewhere_there_is_none(visitor: Client, settings: Settings) -> None:
    settings.LAB_MODE = False

    assert visitor.get("/mailbox/").status_code == 404


def test_a_check_refuses_it_outside_of_a_lab(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.LAB_MODE = mailbox.BACKEND, False
    assert "people.E001" in {message.id for message in run_checks()}
    settings.LAB_MODE = True
    assert "people.E001" not in {message.id for message in run_checks()}
