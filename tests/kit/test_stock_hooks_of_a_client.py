"""A client's project that overrides stock's hooks has them called with what stock gives them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client as Tab
from simple_sso.sso_client import client as stock
from simple_sso.utils import SyncConsumer

from sso_kit.client import AuthenticateView, Client, LoginView
from sso_kit.client.overrides import hooks_of_the_client, stocks_classes_are_gone
from sso_kit.errors import MessageRefused
from tests.kit import urls
from tests.kit.journeys import APP, Browser
from tests.kit.overriding import STOCKS, Arranger, alices_browser, client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]


@pytest.fixture
def project(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Arranger:
    return Arranger(settings, monkeypatch)


@pytest.fixture
def alices(alice: User) -> Browser:
    return alices_browser(alice)


def ids(messages: list[CheckMessage]) -> list[str]:
    return sorted(str(message.id) for message in messages)


def enter(browser: Browser, next_: str = "/page/?a=1") -> str:
    """Through the client's log-in view; where the browser is sent in the end."""
    finish = browser.walk_until(f"{APP}/sso/?next={next_}", "/sso/authenticate/")
    return str(browser.get(finish, follow=False).headers.get("Location", ""))


def signed_in(browser: Browser) -> User | None:
    key = browser.at("app.test").session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_build_user_gets_exactly_what_stock_gives_it(project: Arranger, alices: Browser) -> None:
    given: list[dict[str, Any]] = []

    class Own(Client):
        def build_user(self, user_data: dict[str, Any]) -> Any:
            given.append(user_data)
            user = User(**user_data)
            user.save()
            return user

    project.client(client_of(Own))

    assert enter(alices) == "/page/?a=1"
    assert set(given[0]) == STOCKS
    assert type(given[0]) is dict
    assert signed_in(alices) == User.objects.get(username="sso.alice")


def test_extra_data_comes_as_with_stock_where_a_class_asks_for_it(
    project: Arranger, alices: Browser
) -> None:
    given: list[dict[str, Any]] = []

    class Own(Client):
        user_extra_data = ["groups"]

        def build_user(self, user_data: dict[str, Any]) -> Any:
            given.append(copy.copy(user_data))
            del user_data["extra_data"]
            return super().build_user(user_data)

    project.client(client_of(Own))
    enter(alices)

    assert set(given[0]) == {*STOCKS, "extra_data"}
    assert given[0]["extra_data"] == {"groups": []}


def test_build_user_may_hand_on_a_copy_with_changes(project: Arranger, alices: Browser) -> None:
    class Own(Client):
        def build_user(self, user_data: dict[str, Any]) -> Any:
            user = super().build_user({**user_data, "username": user_data["username"].upper()})
            user.is_staff = True
            user.save()
            return user

    project.client(client_of(Own))
    enter(alices)
    again = signed_in(alices)
    enter(alices_browser(User.objects.get(username="alice")))

    assert again is not None
    assert (again.username, again.is_staff) == ("SSO.ALICE", True)
    assert again.sso_identity.subject == str(User.objects.get(username="alice").pk)
    assert User.objects.count() == 2


def test_nobody_is_built_where_nobody_was_vouched_for(project: Arranger) -> None:
    client = project.client(client_of(Client))

    with pytest.raises(MessageRefused, match="nobody was verified"):
        client.build_user({"username": "alice", "subject": "1"})
    assert not User.objects.filter(username="alice").exists()


@pytest.mark.parametrize("answer", [None, "inactive"])
def test_a_hook_that_has_no_account_signs_nobody_in(
    project: Arranger, alices: Browser, answer: str | None
) -> None:
    class Own(Client):
        def build_user(self, user_data: dict[str, Any]) -> Any:
            return answer and User.objects.create(username="x", is_active=False)

    project.client(client_of(Own))

    finish = alices.walk_until(f"{APP}/sso/", "/sso/authenticate/")
    page = alices.get(finish)

    assert page.status_code == 403
    assert "no account for you" in page.content.decode()
    assert signed_in(alices) is None


def test_get_user_and_get_request_token_have_stocks_arguments(
    project: Arranger, alices: Browser
) -> None:
    called: list[str] = []

    class Own(Client):
        def get_user(self, access_token: str) -> Any:
            called.append("get_user")
            return super().get_user(access_token)

        def get_request_token(self, redirect_to: str) -> str:
            called.append("get_request_token")
            return super().get_request_token(redirect_to)

    project.client(client_of(Own))

    assert enter(alices) == "/page/?a=1"
    assert called == ["get_request_token", "get_user"]
    assert signed_in(alices)


def test_the_consumer_can_be_asked_as_stocks(project: Arranger, alices: Browser) -> None:
    """Bodies of stock's own ``get_request_token`` and ``get_user``, copied and changed."""

    class Own(Client):
        def get_request_token(self, redirect_to: str) -> str:
            said = self.consumer.consume("/request-token/", {"redirect_to": redirect_to})
            return str(said["request_token"])

        def get_user(self, access_token: str) -> Any:
            user_data = self.consumer.consume("/server/verify/", {"access_token": access_token})
            return self.build_user(user_data)

    client = project.client(client_of(Own))

    assert enter(alices) == "/page/?a=1"
    assert signed_in(alices)
    with pytest.raises(ValueError, match="not at /groups/"):
        client.consumer.consume("/groups/", {})


class Elsewhere(stock.LoginView):
    def get_next(self) -> str:
        return str(self.request.GET.get("goto", "/elsewhere/"))


class Welcome(stock.AuthenticateView):
    def get(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = super().get(request)
        response["X-Welcome"] = request.user.get_username()
        return response


@pytest.mark.parametrize("kind", ["stock", "kit"])
def test_a_log_in_view_says_where_to_go(project: Arranger, alices: Browser, kind: str) -> None:
    class OfTheKit(LoginView):
        def get_next(self) -> str:
            return str(self.request.GET.get("goto", "/elsewhere/"))

    class Own(Client):
        login_view = Elsewhere if kind == "stock" else OfTheKit

    project.client(client_of(Own))

    assert enter(alices) == "/elsewhere/"
    assert signed_in(alices)


def test_what_a_log_in_view_says_is_checked(project: Arranger, alices: Browser) -> None:
    class Own(Client):
        login_view = Elsewhere

    project.client(client_of(Own))
    finish = alices.walk_until(f"{APP}/sso/?goto=///evil.test", "/sso/authenticate/")

    assert alices.get(finish, follow=False)["Location"] == "/"


def test_a_view_that_was_made_for_stock_is_bound_to_the_browser_too(
    project: Arranger, alices: Browser
) -> None:
    class Own(Client):
        authenticate_view = Welcome

    project.client(client_of(Own))
    finish = alices.walk_until(f"{APP}/sso/?next=/x/", "/sso/authenticate/")

    stolen = Tab(headers={"host": "app.test"}).get(finish.removeprefix(APP))
    mine = alices.get(finish, follow=False)

    assert stolen.status_code == 403
    assert "_auth_user_id" not in stolen.client.session
    assert mine.status_code == 403  # the thief's try has burnt it


def test_what_such_a_view_adds_is_there(project: Arranger, alices: Browser) -> None:
    class Own(Client):
        authenticate_view = Welcome

    project.client(client_of(Own))
    finish = alices.walk_until(f"{APP}/sso/?next=/x/", "/sso/authenticate/")

    assert alices.get(finish, follow=False)["X-Welcome"] == "sso.alice"


def test_the_end_can_be_chosen_once_somebody_is_signed_in(
    project: Arranger, alices: Browser
) -> None:
    class ByPerson(AuthenticateView):
        def get_next(self) -> str:
            wanted = self.request.GET["next"]
            return f"/of/{self.request.user.get_username()}{wanted}"

    class Own(Client):
        authenticate_view = ByPerson

    project.client(client_of(Own))

    assert enter(alices, "/x/") == "/of/sso.alice/x/"


def test_a_middleware_can_begin_with_a_client_of_its_own(
    project: Arranger, alices: Browser
) -> None:
    """``LoginView.as_view(client=Client.from_dsn(...))``, on whatever page."""
    project.client(client_of(Client))
    dsn = urls.SERVER_URL.replace("//", f"//{urls.PUBLIC_KEY}:{urls.PRIVATE_KEY}@")
    own = Client.from_dsn(dsn, base_url=urls.APP_URL)
    own.back_channel = client_of(Client).back_channel
    view = LoginView.as_view(client=own)

    class Sso:
        def __init__(self, get_response: Any) -> None:
            self.get_response = get_response

        def __call__(self, request: HttpRequest) -> Any:
            ours = request.path.startswith(("/sso/", "/server/"))
            return self.get_response(request) if ours else view(request)

    project.settings.MIDDLEWARE = [*project.settings.MIDDLEWARE, f"{__name__}.middleware"]
    globals()["middleware"] = Sso

    finish = alices.walk_until(f"{APP}/report/?next=/report/", "/sso/authenticate/")

    assert alices.get(finish, follow=False)["Location"] == "/report/"
    assert signed_in(alices)


def test_stocks_own_view_with_this_client_says_what_to_use(alice: User) -> None:
    client = client_of(Client)

    with pytest.raises(ImproperlyConfigured, match=r"sso_kit\.client\.LoginView"):
        stock.LoginView.as_view(client=client)(_request())


def _request() -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.META.update(SERVER_NAME="app.test", SERVER_PORT="80")
    return request


class Hand(stock.AuthenticateView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(self.client.get_user(request.GET["access_token"]).username)


class Alone(Client):
    def build_user(self, user_data: dict[str, Any]) -> Any:
        return User.objects.get(username=user_data["username"])


class ByHand(Client):
    login_view = Elsewhere
    authenticate_view = Hand


class OwnConsumer(Client):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.consumer = SyncConsumer(self.server_url, self.public_key, str(self.private_key))


@pytest.mark.parametrize(
    ("kind", "found"),
    [(Client, []), (ByHand, ["E021"]), (Alone, ["W023"]), (OwnConsumer, ["E022"])],
)
def test_a_check_names_what_is_replaced(
    project: Arranger, kind: type[Client], found: list[str]
) -> None:
    project.client(client_of(kind))

    messages = hooks_of_the_client()

    assert ids(messages) == [f"sso_kit.{each}" for each in found]
    assert all(__name__ in message.msg or kind.__name__ in message.msg for message in messages)


def test_a_check_names_the_modules_that_still_have_stocks_classes(project: Arranger) -> None:
    globals()["StocksLoginView"] = stock.LoginView
    messages = stocks_classes_are_gone()
    del globals()["StocksLoginView"]

    assert f"{__name__} imports LoginView" in [
        message.msg.partition(" from")[0] for message in messages
    ]
    assert not [each for each in stocks_classes_are_gone() if __name__ in each.msg]
