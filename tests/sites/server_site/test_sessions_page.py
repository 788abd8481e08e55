"""Where somebody is signed in: seen, and ended, by themselves and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from simple_sso.sso_server.models import Consumer

from server_site.people import browsers
from server_site.people.models import Person
from sso_kit.server.models import ConsumerPolicy, Ending, Reason, SignIn
from tests.sites.browsers import at_the_site

from .actions import PASSWORD, is_signed_in, log_in, text

pytestmark = pytest.mark.django_db(transaction=True)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def laptop(alice: Person) -> Client:
    return signed_in(FIREFOX)


@pytest.fixture
def phone(alice: Person) -> Client:
    return signed_in(IPHONE)


def signed_in(agent: str, name: str = "alice") -> Client:
    browser = at_the_site()
    browser.defaults["HTTP_USER_AGENT"] = agent
    log_in(browser, name)
    assert is_signed_in(browser)
    return browser


def enter(browser: Client | None, person: Person, app: str = "Notes") -> SignIn:
    """As a hand-shake leaves it."""
    consumer, _ = Consumer.objects.get_or_create(
        name=app, defaults={"public_key": app * 9, "private_key": app * 8}
    )
    ConsumerPolicy.objects.get_or_create(consumer=consumer)
    now = timezone.now()
    return SignIn.objects.create(
        ref=f"{app}-{SignIn.objects.count()}".ljust(20, "x"), consumer=consumer, user=person,
        session=browser.session.session_key if browser else None, began=1, since=now, seen=now,
        expires=now + timedelta(hours=1),
    )  # fmt: skip


def end(browser: Client, which: str) -> Any:
    return browser.post("/sessions/end/", {"end": which})


def key_of(browser: Client) -> str:
    pk = UserSession.objects.get(session_key=browser.session.session_key).pk
    return f"browser {pk}"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Mobile Safari on iOS (iPhone)"),
        ("", "Other"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>", "Other"),
    ],
)
def test_a_device_is_said_in_words(agent: str, words: str) -> None:
    said = browsers.in_words(agent)

    assert said == words or (words == "Other" and said in ("Other", "A browser"))


def test_each_browser_is_listed_with_what_was_entered_from_it(
    laptop: Client, phone: Client, alice: Person
) -> None:
    enter(laptop, alice)
    enter(phone, alice, "Helpdesk")

    page = text(laptop.get("/sessions/")).partition("Where you are signed in")[2]

    assert page.index("This browser") < page.index("Mobile Safari on iOS (iPhone)")
    assert page.index("Firefox on Windows") < page.index("Notes") < page.index("iPhone")
    assert page.index("iPhone") < page.index("Helpdesk")
    assert "127.0.0.1" in page


def test_a_log_in_costs_the_same_however_many_there_were(laptop: Client, alice: Person) -> None:
    """Of what is about sessions: now and then a log-in clears something else away, too."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            signed_in(FIREFOX)
        return sum("session" in query["sql"] for query in seen.captured_queries)

    at_first = statements()
    for _ in range(10):
        signed_in(FIREFOX)

    assert statements() == at_first > 0


def test_of_very_many_the_latest_are_shown_and_all_others_are_ended(
    laptop: Client, phone: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "MOST_SHOWN", 1)
    oldest = UserSession.objects.get(session_key=laptop.session.session_key)
    UserSession.objects.filter(pk=oldest.pk).update(last_seen_at=timezone.now() - timedelta(days=1))
    another = signed_in(FIREFOX)

    page = text(phone.get("/sessions/"))
    theirs = text(laptop.get("/sessions/"))
    end(phone, "others")

    assert "And 1 more that was used less lately" in page
    assert "This browser" in theirs  # however long ago it was used
    assert not is_signed_in(another)
    assert (is_signed_in(laptop), is_signed_in(phone)) == (False, True)


@pytest.mark.parametrize(("minutes", "is_kept"), [(0, True), (2, False)])
def test_a_browser_whose_log_in_is_under_way_is_not_forgotten(
    laptop: Client, alice: Person, minutes: int, is_kept: bool
) -> None:
    """Its session is written at the very end; another log-in may come before that."""
    began = timezone.now() - timedelta(minutes=minutes)
    UserSession.objects.create(
        user=alice, session_key="under-way", ip="127.0.0.1", created_at=began
    )

    signed_in(FIREFOX)

    assert UserSession.objects.filter(session_key="under-way").exists() is is_kept


@pytest.mark.parametrize("which", ["others", "everything"])
def test_what_no_browser_is_noted_for_is_ended_too(
    laptop: Client, phone: Client, alice: Person, which: str
) -> None:
    enter(phone, alice)
    UserSession.objects.filter(session_key=phone.session.session_key).delete()

    end(laptop, which)

    assert not is_signed_in(phone)
    assert not SignIn.objects.exists()
    assert is_signed_in(laptop) is (which == "others")


def test_of_another_password_there_is_none_left(laptop: Client, phone: Client) -> None:
    """Changed past the model, so that nothing has ended the session."""
    key = laptop.session.session_key
    alice = Person.objects.get(username="alice")
    alice.set_password("quite-another-one-42")
    Person.objects.filter(pk=alice.pk).update(password=alice.password)
    fresh = at_the_site()
    fresh.post("/accounts/login/", {"login": "alice", "password": "quite-another-one-42"})

    page = text(fresh.get("/sessions/"))

    assert page.count("Address") == 1
    assert not UserSession.objects.filter(session_key=key).exists()


def test_one_is_ended_and_the_other_goes_on(laptop: Client, phone: Client, alice: Person) -> None:
    enter(phone, alice)

    answer = end(laptop, key_of(phone))

    assert answer.status_code == 302
    assert not is_signed_in(phone)
    assert is_signed_in(laptop)
    one = Ending.objects.get()
    assert (one.reason, one.person, one.by) == (Reason.BY_PERSON, "alice", "")


def test_all_others_are_ended(laptop: Client, phone: Client, alice: Person) -> None:
    enter(laptop, alice)
    enter(phone, alice)
    enter(None, alice, "Helpdesk")

    end(laptop, "others")

    assert (is_signed_in(laptop), is_signed_in(phone)) == (True, False)
    assert [each.session for each in SignIn.objects.all()] == [laptop.session.session_key]


def test_everything_is_ended_here_too(laptop: Client, phone: Client, alice: Person) -> None:
    enter(laptop, alice)

    answer = end(laptop, "everything")

    assert "/sso/signed-out/?of=" in answer["Location"]
    assert (is_signed_in(laptop), is_signed_in(phone)) == (False, False)
    assert not SignIn.objects.exists()


def test_nobody_ends_anybody_elses(laptop: Client, alice: Person) -> None:
    """By a number that is easy to guess."""
    Person.objects.create_user("mallory", password=PASSWORD)
    mallorys = signed_in(FIREFOX, "mallory")
    hers = enter(None, alice)

    for which in (key_of(laptop), f"app {hers.pk}", "others", "everything"):
        end(mallorys, which)
        log_in(mallorys, "mallory")
    mallorys.post("/sessions/end/", {"app": hers.consumer_id})

    assert is_signed_in(laptop)
    assert SignIn.objects.filter(pk=hers.pk).exists()


@pytest.mark.parametrize("which", ["", "browser", "browser x", "app", "app ٣", "app 9" + "9" * 40])
def test_what_makes_no_sense_ends_nothing(laptop: Client, alice: Person, which: str) -> None:
    enter(laptop, alice)

    assert end(laptop, which).status_code == 302
    assert is_signed_in(laptop)
    assert SignIn.objects.exists()


def test_a_look_ends_nothing(laptop: Client) -> None:
    assert laptop.get("/sessions/end/?end=everything").status_code == 405
    assert is_signed_in(laptop)


def test_a_browser_that_signed_out_is_not_listed(laptop: Client, phone: Client) -> None:
    phone.post("/accounts/logout/")

    assert "iPhone" not in text(laptop.get("/sessions/"))


def test_a_changed_password_leaves_the_browser_that_changed_it(
    laptop: Client, phone: Client, alice: Person
) -> None:
    enter(laptop, alice)
    enter(phone, alice)
    new = "quite-another-one-42"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    laptop.post("/accounts/password/change/", form)

    assert (is_signed_in(laptop), is_signed_in(phone)) == (True, False)
    assert [each.session for each in SignIn.objects.all()] == [laptop.session.session_key]
    assert "This browser" in text(laptop.get("/sessions/"))


def test_being_seen_costs_a_write_a_minute(
    laptop: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    laptop.get("/consumers/")

    with django_assert_num_queries(6) as seen:  # the session, the person, and what is shown
        laptop.get("/consumers/")

    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


# --- the lobby ---


def test_the_lobby_says_what_is_entered_and_when(laptop: Client, alice: Person) -> None:
    enter(laptop, alice)

    page = text(laptop.get("/"))

    assert "Signed in" in page
    assert "Last entered" in page


def test_its_list_is_sent_again_only_when_it_has_changed(laptop: Client, alice: Person) -> None:
    enter(laptop, alice)
    first = laptop.get("/apps/")
    again = laptop.get("/apps/", headers={"if-none-match": first["ETag"]})
    SignIn.objects.all().delete()
    changed = laptop.get("/apps/", headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.content == b""


def test_somebody_leaves_one_app_there(laptop: Client, phone: Client, alice: Person) -> None:
    one = enter(laptop, alice)
    enter(phone, alice)
    enter(laptop, alice, "Helpdesk")

    laptop.post("/sessions/end/", {"app": one.consumer_id})

    assert [each.consumer.name for each in SignIn.objects.all()] == ["Helpdesk"]
    assert is_signed_in(laptop)


# --- administrators ---


@pytest.fixture
def admins(db: None) -> Client:
    return at_the_site(Person.objects.create_superuser("root"))


def act(admins: Client, url: str, action: str, pk: int, reason: str = "") -> str:
    form = {"action": action, "_selected_action": [pk], "reason": reason}
    return text(admins.post(url, form, follow=True))


def test_an_administrator_ends_a_session_with_a_reason(
    admins: Client, laptop: Client, alice: Person
) -> None:
    one = enter(laptop, alice)
    url = "/admin/sso_kit_server/signin/"
    assert "alice" in text(admins.get(url))
    assert "write a reason" in act(admins, url, "end", one.pk)
    assert is_signed_in(laptop)

    act(admins, url, "end", one.pk, "laptop lost")

    assert not is_signed_in(laptop)
    ending = Ending.objects.get()
    assert (ending.reason, ending.by, ending.note) == (Reason.BY_ADMIN, "root", "laptop lost")
    assert "laptop lost" in text(admins.get("/admin/sso_kit_server/ending/"))


def test_an_administrator_signs_somebody_out_of_everything(
    admins: Client, laptop: Client, phone: Client, alice: Person
) -> None:
    enter(laptop, alice)

    act(admins, "/admin/people/person/", "end_everything", alice.pk, "left the company")

    assert (is_signed_in(laptop), is_signed_in(phone)) == (False, False)
    assert Ending.objects.get().note == "left the company"


@pytest.mark.parametrize("model", ["signin", "ending"])
def test_nobody_writes_such_a_row_by_hand(admins: Client, laptop: Client, model: str) -> None:
    assert admins.get(f"/admin/sso_kit_server/{model}/add/").status_code == 403


def test_staff_without_the_right_end_nothing(laptop: Client, alice: Person) -> None:
    from django.contrib.auth.models import Permission

    helper = Person.objects.create_user("helper", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_signin"))
    helpers, one = at_the_site(helper), enter(laptop, alice)

    act(helpers, "/admin/sso_kit_server/signin/", "end", one.pk, "because")

    assert is_signed_in(laptop)


def test_somebody_with_sign_ins_can_be_deleted(
    admins: Client, laptop: Client, alice: Person
) -> None:
    enter(laptop, alice)

    answer = admins.post(f"/admin/people/person/{alice.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert Ending.objects.get().reason == Reason.DELETED
    assert Ending.objects.get().by == "root"
