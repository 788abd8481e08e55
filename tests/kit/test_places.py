"""Wherever a project includes its client, or several, each finds its own addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import NoReverseMatch, clear_url_caches, include, path, reverse
from django.utils.translation import override
from pytest_django import Settings
from simple_sso.sso_client.client import Client as StockClient

from sso_kit.client import Client
from sso_kit.client.decorators import login_required, passive_login
from sso_kit.client.installed import clients, current_client
from sso_kit.client.views import LoginView
from tests.kit.consumers import person
from tests.kit.journeys import APP, Browser
from tests.kit.projects import client_of, greet, second, use
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY, PrefixingServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]
HELLO = "hello sso.alice"


def paths(browser: Browser, host: str = "app.test") -> list[str]:
    return [urlsplit(url).path for url in browser.visited if urlsplit(url).netloc == host]


def test_of_two_clients_of_two_servers_each_has_its_own_addresses(settings: Settings) -> None:
    """Stock finds them by name, and of two that is the last one's."""
    one, two = client_of(), client_of("further/", **second())
    further = path("further/", include(PrefixingServer(auth_view_name="/login/").get_urls()))
    mounted = [path("one/", include(one.get_urls())), path("two/", include(two.get_urls()))]
    use(settings, further, *mounted, path("hello/", greet))
    assert reverse("simple-sso-authenticate") == "/two/authenticate/"

    for number in ("one", "two"):  # people of two servers are two people
        visitor = Browser()
        visitor.sign_in_at_the_server(person(number))
        assert visitor.get(f"{APP}/{number}/?next=/hello/").content.decode().endswith(number)
        assert paths(visitor) == [f"/{number}/", f"/{number}/authenticate/", "/hello/"]
    assert clients() == [one, two]
    assert current_client() is two


def test_each_ones_pages_lead_to_it_again(alices: Browser, settings: Settings) -> None:
    one, two = client_of(), client_of(**second())
    use(settings, path("one/", include(one.get_urls())), path("two/", include(two.get_urls())))

    for number in ("one", "two"):
        app = Browser().at("app.test")
        refused = app.get(f"/{number}/authenticate/?state=x").content.decode()
        assert f'href="/{number}/?next=%2F"' in refused
        assert app.post(f"/{number}/sso-logout/")["Location"] == f"/{number}/sso-signed-out/"


@pytest.mark.parametrize("decorator", [login_required, passive_login])
def test_a_page_can_say_which_of_two_signs_people_in(
    alices: Browser, settings: Settings, decorator: Any
) -> None:
    one, two = client_of(), client_of(**second())
    use(
        settings,
        *[path("one/", include(one.get_urls())), path("two/", include(two.get_urls()))],
        path("first/", decorator(client=one)(greet)),
        path("either/", decorator(greet)),
    )

    for page, number in (("first", "one"), ("either", "two")):
        visitor = Browser(jars={"sso.test": alices.at("sso.test")})
        assert visitor.get(f"{APP}/{page}/").content.decode() == HELLO
        assert f"/{number}/authenticate/" in paths(visitor)


@pytest.mark.parametrize("namespaces", [["sso"], ["outer", "inner"]])
def test_under_a_namespace_it_is_found_too(
    alices: Browser, settings: Settings, namespaces: list[str]
) -> None:
    client, names = client_of(), ":".join(namespaces)
    included: Any = client.get_urls()
    for name in reversed(namespaces):
        included = [path(f"{name}/", include((included, name)))]
    use(settings, *included, path("hello/", login_required(greet)))
    with pytest.raises(NoReverseMatch):
        reverse("simple-sso-authenticate")

    assert alices.get(f"{APP}/hello/").content.decode() == HELLO
    assert reverse(f"{names}:simple-sso-authenticate") in paths(alices)


def test_below_other_paths_and_with_pages_of_the_project_around(
    alices: Browser, settings: Settings
) -> None:
    client = client_of()
    deep = include([path("sso/", include(client.get_urls()))])
    use(settings, path("a/", include([path("b/", deep)])), path("hello/", login_required(greet)))

    alices.get(f"{APP}/hello/")

    assert paths(alices) == ["/hello/", "/a/b/sso/authenticate/", "/hello/"]


def test_at_the_root_of_the_project_behind_its_own_pages(
    alices: Browser, settings: Settings
) -> None:
    """Its ``logout/`` stays the project's own."""
    client = client_of()
    own = [path("", greet), path("in/", login_required(greet))]
    use(settings, *own, path("", include(client.get_urls())), path("logout/", greet))

    assert alices.get(f"{APP}/in/").content.decode() == HELLO
    assert paths(alices) == ["/in/", "/authenticate/", "/in/"]
    assert alices.get(f"{APP}/logout/").content.decode() == HELLO
    assert alices.get(f"{APP}/").content.decode() == HELLO


@pytest.mark.parametrize("language", ["en", "de"])
def test_below_the_prefix_of_a_language(alices: Browser, settings: Settings, language: str) -> None:
    sessions, *others = settings.MIDDLEWARE
    settings.MIDDLEWARE = [sessions, "django.middleware.locale.LocaleMiddleware", *others]
    client = client_of()
    page = path("in/", login_required(greet))
    use(settings, *i18n_patterns(path("sso/", include(client.get_urls())), page))

    with override(None):
        assert alices.get(f"{APP}/{language}/in/").content.decode() == HELLO
    assert paths(alices) == [f"/{language}/{rest}" for rest in ("in/", "sso/authenticate/", "in/")]


@pytest.mark.parametrize("made", ["with its keys", "from its DSN"])
def test_a_middleware_with_a_client_of_its_own_uses_the_addresses_of_the_projects(
    alices: Browser, settings: Settings, made: str
) -> None:
    """As public projects have it, so that each page needs somebody."""
    Everywhere.client = (
        client_of()
        if made == "with its keys"
        else Client.from_dsn(f"http://{PUBLIC_KEY}:{PRIVATE_KEY}@sso.test/server", base_url=APP)
    )
    Everywhere.client.back_channel = client_of().back_channel
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Everywhere"]
    one, two = client_of(), client_of(**second())
    mounted = [path("one/", include(one.get_urls())), path("two/", include(two.get_urls()))]
    use(settings, *mounted, path("hello/", greet))

    assert alices.get(f"{APP}/hello/?page=2").content.decode() == HELLO
    assert paths(alices) == ["/hello/", "/one/authenticate/", "/hello/"]
    assert alices.visited[-1] == f"{APP}/hello/?page=2"


class Everywhere:
    client: Any

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if request.user.is_authenticated or request.get_host() != "app.test":
            return self.get_response(request)
        if request.path.endswith("/authenticate/"):
            return self.get_response(request)
        query: Any = request.GET.copy()
        query["next"] = request.get_full_path()
        request.GET = query
        return LoginView.as_view(client=self.client)(request)


def test_a_view_that_does_not_say_whose_it_is_is_found_by_its_name(settings: Settings) -> None:
    """As with stock, for projects that write out the addresses themselves."""
    client = client_of()
    finish = client.authenticate_view.as_view(client=client)
    own = path("own/finish/", lambda request: finish(request), name="simple-sso-authenticate")
    use(settings, own)

    assert client.authenticate_path == "/own/finish/"


def test_a_project_without_the_log_in_views_address_still_gets_its_refusals(
    settings: Settings,
) -> None:
    """Its middleware begins the hand-shakes."""
    client = client_of()
    finish = client.authenticate_view.as_view(client=client)
    use(settings, path("finish/", finish, name="simple-sso-authenticate"))

    refused = Browser().get(f"{APP}/finish/?state=x")

    assert refused.status_code == 400
    assert '<a href="/">' in refused.content.decode()


def test_without_any_address_the_error_is_the_one_that_stock_has(settings: Settings) -> None:
    use(settings, path("hello/", greet))

    with pytest.raises(NoReverseMatch, match="simple-sso-authenticate"):
        client_of().get_urls()[0].callback(RequestFactory().get("/"))


def test_where_it_is_is_looked_up_once(settings: Settings) -> None:
    client, looks = client_of(), []

    class Patterns(list[Any]):
        def __iter__(self) -> Any:
            looks.append("a look")
            return super().__iter__()

    use(settings, path("sso/", include(client.get_urls())))
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": Patterns(client.get_urls())})
    assert client.authenticate_path == "/authenticate/"
    once = len(looks)

    assert {client.authenticate_path for _ in range(9)} == {"/authenticate/"}
    assert len(looks) == once
    clear_url_caches()
    assert client.authenticate_path == "/authenticate/"
    assert len(looks) > once


def test_stock_itself_mixes_up_two_clients(settings: Settings, monkeypatch: Any) -> None:
    """The control: what each asks the server for is the last one's address."""
    one, two = (StockClient("http://sso.test/server/", name, "key") for name in ("one", "two"))
    asked: list[str] = []

    def ask(path: str, question: dict[str, str]) -> dict[str, str]:
        asked.append(question["redirect_to"])
        return {"request_token": "token"}

    monkeypatch.setattr(one.consumer, "consume", ask)
    mounted = [path("one/", include(one.get_urls())), path("two/", include(two.get_urls()))]
    use(settings, *mounted)

    Browser().at("app.test").get("/one/")

    assert asked == ["http://app.test/two/authenticate/?next=%2F"]
