"""A public page that asks once, silently, whether its visitor is signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from simple_sso.sso_server.models import Consumer

from sso_kit.client.handshake import CHECKED_SECONDS, SIGNED_OUT_SECONDS
from sso_kit.errors import ServerUnavailable
from sso_kit.messages import STOCK
from tests.kit import urls
from tests.kit.consumers import person, policy_of, register
from tests.kit.journeys import Browser, InProcess

pytestmark = pytest.mark.django_db
HELLO = "http://app.test/hello/"


@pytest.fixture(autouse=True)
def app(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    monkeypatch.setattr(urls.client, "back_channel", InProcess(urls.PUBLIC_KEY))
    return register()


@pytest.fixture
def visitor() -> Browser:
    return Browser()


def checked_for(visitor: Browser) -> int:
    return int(visitor.at("app.test").cookies[urls.client.handshakes.checked]["max-age"])


def test_who_is_signed_in_at_the_server_is_greeted_by_name(visitor: Browser) -> None:
    visitor.sign_in_at_the_server(person())

    assert visitor.get(f"{HELLO}?page=2").content.decode() == "front page of sso.alice"
    assert visitor.visited[-1] == f"{HELLO}?page=2"


def test_who_is_not_sees_the_page_and_never_a_form(visitor: Browser) -> None:
    assert visitor.get(f"{HELLO}?page=2").content.decode() == "front page of nobody"
    assert visitor.visited[-1] == f"{HELLO}?page=2"
    assert not any("/login/" in url for url in visitor.visited)
    assert len(visitor.visited) == 4


def test_the_answer_no_is_remembered_for_five_minutes(visitor: Browser) -> None:
    visitor.get(HELLO)
    first = len(visitor.visited)

    visitor.get(HELLO)

    assert len(visitor.visited) == first + 1
    assert checked_for(visitor) == CHECKED_SECONDS


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_that_note_is_for_no_script_and_under_https_for_https_only(
    visitor: Browser, scheme: str
) -> None:
    secure = scheme == "https"
    visitor.at("app.test").post("/sso/sso-logout/", secure=secure)

    ((name, note),) = [
        (name, morsel)
        for name, morsel in visitor.at("app.test").cookies.items()
        if "sso_checked_" in name
    ]
    assert name.startswith("__Host-" if secure else "sso_checked_")
    assert (bool(note["secure"]), note["httponly"], note["samesite"]) == (secure, True, "Lax")


def test_without_cookies_it_does_not_loop(visitor: Browser) -> None:
    answer, url = visitor.get(HELLO, follow=False), HELLO
    for _ in range(10):
        if answer.status_code != 302:
            break
        visitor.at("app.test").cookies.clear()
        url = (
            answer["Location"]
            if "://" in answer["Location"]
            else f"http://app.test{answer['Location']}"
        )
        answer = visitor.get(url, follow=False)

    assert answer.status_code == 200
    assert url == "http://app.test/?sso=checked"


def test_who_may_not_enter_is_a_guest(visitor: Browser, app: Consumer) -> None:
    policy_of(app).set_required_groups([Group.objects.create(name="agents")])
    visitor.sign_in_at_the_server(person())

    assert visitor.get(HELLO).content.decode() == "front page of nobody"


def test_after_signing_out_here_nobody_asks_for_half_a_day(visitor: Browser) -> None:
    visitor.sign_in_at_the_server(person())
    visitor.get(HELLO)

    visitor.at("app.test").post("/sso/sso-logout/")

    assert visitor.get(HELLO).content.decode() == "front page of nobody"
    assert checked_for(visitor) == SIGNED_OUT_SECONDS


def test_signing_in_on_purpose_ends_that(visitor: Browser) -> None:
    visitor.sign_in_at_the_server(person())
    visitor.at("app.test").post("/sso/sso-logout/")

    visitor.get("http://app.test/in/")

    assert visitor.at("app.test").cookies[urls.client.handshakes.checked].value == ""


def test_a_server_that_is_down_costs_the_page_nothing_but_the_name(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> str:
        raise ServerUnavailable("down")

    monkeypatch.setattr(urls.client.back_channel, "post", down)

    page = visitor.get(HELLO)

    assert (page.status_code, page.content.decode()) == (200, "front page of nobody")
    assert 0 < checked_for(visitor) <= 60


ASKS = {"accept": "text/html"}
NOT_ASKING = {
    "a picture": {"accept": "image/png"},
    "a script's call": {"accept": "*/*"},
    "no accept header": {"accept": ""},
    "a frame": ASKS | {"sec-fetch-dest": "iframe"},
    "a script's fetch": ASKS | {"sec-fetch-dest": "empty"},
    "a prefetch": ASKS | {"sec-purpose": "prefetch"},
    "a prerender": ASKS | {"sec-purpose": "prefetch;prerender"},
}


@pytest.mark.parametrize("case", NOT_ASKING)
def test_it_does_not_ask_for(case: str) -> None:
    page = Client(headers={"host": "app.test", **NOT_ASKING[case]}).get("/hello/")

    assert page.status_code == 200


@pytest.mark.parametrize("method", ["post", "head", "put", "options"])
def test_only_a_look_at_the_page_asks(method: str) -> None:
    visitor = Client(headers={"host": "app.test", **ASKS})

    assert getattr(visitor, method)("/hello/").status_code == 200


@pytest.mark.parametrize("destination", ["document", None])
def test_a_persons_own_look_asks(destination: str | None) -> None:
    extra = {"sec-fetch-dest": destination} if destination else {}

    page = Client(headers={"host": "app.test", **ASKS, **extra}).get("/hello/")

    assert page.status_code == 302
    assert page["Location"].startswith("http://sso.test/server/authorize/?token=")


def test_a_stock_server_is_not_asked_since_it_would_show_its_form(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls.client, "dialect", STOCK)

    assert visitor.get(HELLO).content.decode() == "front page of nobody"
    assert visitor.visited == [HELLO]


def test_who_is_signed_in_here_is_not_asked_about(visitor: Browser) -> None:
    visitor.at("app.test").force_login(person())

    assert visitor.get(HELLO, follow=False).status_code == 200


def test_the_redirect_of_a_question_is_not_cached(visitor: Browser) -> None:
    assert visitor.get(HELLO, follow=False)["Cache-Control"] == "no-store"
