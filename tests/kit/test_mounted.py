"""A project below a path of its host, whether or not Django knows of it, and other addresses."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.urls import include, path
from pytest_django import Settings
from simple_sso.sso_client.client import Client as StockClient
from simple_sso.sso_server.models import Consumer

from sso_kit.client import site
from sso_kit.client.decorators import login_required, passive_login
from sso_kit.messages import HARDENED
from sso_kit.server.policy import check_redirect
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import policy_of, question
from tests.kit.journeys import APP, FINISH, Browser, InProcess
from tests.kit.projects import Mounted, client_of, greet, use

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]
ROOT = "/portal"
HELLO = "hello sso.alice"
# Whether Django hears of the path, and what base_url is.
KNOWN = {"known, with it in base_url": (True, APP + ROOT), "known, without": (True, APP)}
MOUNTS = KNOWN | {"taken off by a proxy": (False, APP + ROOT)}


@pytest.fixture(params=MOUNTS)
def mount(request: pytest.FixtureRequest, settings: Settings, alices: Browser) -> bool:
    """The project of an app, mounted at ``ROOT``; whether Django knows that."""
    known, base_url = MOUNTS[request.param]
    client = client_of(base_url=base_url)
    pages = [path("in/", login_required(greet)), path("hello/", passive_login(greet))]
    use(settings, path("", greet), path("sso/", include(client.get_urls())), *pages)
    # A proxy that takes off the path usually puts it before what is redirected to.
    alices.jars["app.test"] = Mounted(ROOT, told=known)
    return known


def reached(alices: Browser) -> str:
    return next(url for url in alices.visited if FINISH in url)


def test_who_is_signed_in_there_is_signed_in_here(mount: bool, alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}{ROOT}/in/?page=2", f"{ROOT}{FINISH}")

    answer = alices.get(finish, follow=False)

    assert answer["Location"] == f"{ROOT if mount else ''}/in/?page=2"
    assert alices.get(f"{APP}{ROOT}/in/").content.decode() == HELLO


@pytest.mark.parametrize("wanted", ["", "?next=//evil.example", "?next=https://evil.example/"])
def test_without_a_usable_page_to_end_on_it_is_the_projects_front_page(
    mount: bool, alices: Browser, wanted: str
) -> None:
    finish = alices.walk_until(f"{APP}{ROOT}/sso/{wanted}", f"{ROOT}{FINISH}")

    assert alices.get(finish, follow=False)["Location"] == (f"{ROOT}/" if mount else "/")


def test_so_is_the_end_without_cookies_and_after_signing_out(mount: bool, alices: Browser) -> None:
    root = ROOT if mount else ""
    finish = alices.walk_until(f"{APP}{ROOT}/hello/", f"{ROOT}{FINISH}")
    unknown = Mounted(ROOT, told=mount)

    assert unknown.get(urlsplit(finish).path + "?" + urlsplit(finish).query)["Location"] == (
        f"{root}/?sso=checked"
    )
    signed_out = unknown.post(f"{ROOT}/sso/sso-logout/")["Location"]
    assert signed_out == f"{root}/sso/sso-signed-out/"
    page = unknown.get(f"{ROOT}/sso/sso-signed-out/").content.decode()
    assert f'href="{root}/"' in page


def test_so_is_what_refusals_lead_to(mount: bool, alices: Browser) -> None:
    root, app = ROOT if mount else "", alices.at("app.test")

    damaged = app.get(f"{ROOT}{FINISH}?state=x")
    wrong_method = app.post(f"{ROOT}/sso/")

    assert f'href="{root}/sso/?next={root.replace("/", "%2F")}%2F"' in damaged.content.decode()
    assert f'href="{root}/"' in wrong_method.content.decode()


def test_the_servers_way_back_leads_to_the_app_and_not_past_it(
    mount: bool, alices: Browser, app: Consumer
) -> None:
    policy_of(app).set_required_groups([Group.objects.create(name="agents")])

    page = alices.get(f"{APP}{ROOT}/in/")

    assert page.status_code == 403
    assert f'href="{APP}{ROOT}/"' in page.content.decode()


@pytest.mark.parametrize(
    ("home", "way_back"),
    [
        ("/portal/", "/portal/"),
        ("/elsewhere/", "/"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/portal", "/"),
        ("", "/"),
    ],
)
def test_that_way_is_one_above_the_address_that_is_registered(
    alices: Browser, app: Consumer, clock: Clock, home: str, way_back: str
) -> None:
    redirect_to = f"{APP}{ROOT}{FINISH}?home={home}"
    token = question(app, redirect_to=redirect_to).sign()
    clock.advance(3600)

    page = alices.get(f"http://sso.test/server/authorize/?token={token}")

    assert f'href="{APP}{way_back}"' in page.content.decode()


def test_a_server_below_a_path_works_as_well(
    alice: Any, settings: Settings, back_channel: InProcess
) -> None:
    alices = Browser()
    alices.jars["sso.test"] = Mounted(ROOT, told=True, host="sso.test")
    client = client_of("portal/server/")
    client.back_channel = InProcess(urls.PUBLIC_KEY, "/server/")
    use(settings, path("sso/", include(client.get_urls())), path("in/", login_required(greet)))
    form = alices.walk_until(f"{APP}/in/", "/login/")
    way_back = parse_qs(urlsplit(form).query)["next"][0]
    assert way_back.startswith(f"{ROOT}/server/authorize/?token=")
    alices.sign_in_at_the_server(alice)

    assert alices.get(f"http://sso.test{way_back}").content.decode() == HELLO


def test_forced_on_both_it_works_too(alices: Browser, settings: Settings) -> None:
    settings.FORCE_SCRIPT_NAME = ROOT
    client = client_of("portal/server/", APP + ROOT)
    client.back_channel = InProcess(urls.PUBLIC_KEY, "/server/")
    use(settings, path("sso/", include(client.get_urls())), path("in/", login_required(greet)))
    alices.jars["app.test"] = Mounted(ROOT, told=False)
    at_the_server = Mounted(ROOT, told=False, host="sso.test")
    at_the_server.cookies = alices.at("sso.test").cookies
    alices.jars["sso.test"] = at_the_server

    assert alices.get(f"{APP}{ROOT}/in/").content.decode() == HELLO


def test_stock_ends_on_somebody_elses_front_page(settings: Settings) -> None:
    """The control."""
    stock = StockClient("http://sso.test/server/", "key", "key")
    use(settings, path("sso/", include(stock.get_urls())))
    view = stock.authenticate_view(client=stock)
    view.setup(type("Request", (), {"GET": {}, "get_host": lambda self: "app.test"})())

    assert view.get_next() == "/"


# Under another address than base_url


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The texts of this test's warnings about addresses."""
    monkeypatch.setattr(site, "_warned", set())
    caplog.set_level(logging.WARNING, "sso_kit.client")
    return lambda: [
        vars(record)["reason"] for record in caplog.records if "base_url" in record.getMessage()
    ]


@pytest.mark.usefixtures("back_channel")
def test_whoever_begins_under_another_address_is_refused_and_the_log_names_both(
    alices: Browser, settings: Settings, warnings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["sso.test", "app.test", "www.app.test"]

    page = alices.get("http://www.app.test/in/")

    assert page.status_code == 403
    assert "under another address of this app" in page.content.decode()
    (said,) = warnings()
    assert "http://www.app.test" in said
    assert f"base_url is {APP}" in said
    assert "send people to base_url, or change it" in said


@pytest.mark.usefixtures("back_channel")
def test_it_says_so_once_for_each_address_and_not_for_ever(
    settings: Settings, warnings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    hosts = [f"host-{number}.test" for number in range(site.MOST_WARNINGS + 5)]

    for host in [hosts[0], *hosts]:
        Browser().at(host).get("/in/")

    assert len(warnings()) == site.MOST_WARNINGS
    assert len(set(warnings())) == site.MOST_WARNINGS


@pytest.mark.usefixtures("back_channel")
@pytest.mark.parametrize("host", ["app.test", "APP.test", "app.test:8000"])
def test_the_same_host_is_not_another_address(settings: Settings, warnings: Any, host: str) -> None:
    """Cookies know no ports, and a proxy's may be unknown here."""
    settings.ALLOWED_HOSTS = ["*"]

    assert Browser().at(host).get("/in/").status_code == 302

    assert warnings() == []


PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("base_url", "secure", "header", "warned"),
    [
        ("http://app.test", True, None, True),
        ("https://app.test", False, PROXY, True),
        ("https://app.test", False, None, False),  # as behind a proxy that doesn't say
        ("https://app.test", True, PROXY, False),
    ],
)
def test_another_scheme_is_another_address_as_far_as_that_is_known(
    settings: Settings, warnings: Any, base_url: str, secure: bool, header: Any, warned: bool
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = header
    client = client_of(base_url=base_url)
    use(settings, path("sso/", include(client.get_urls())))
    sent = {"x-forwarded-proto": "https"} if secure and header else {}

    Browser().at("app.test").get("/sso/", secure=secure, headers=sent)

    assert len(warnings()) == warned


def test_a_consumer_is_still_known_by_its_whole_address(app: Consumer) -> None:
    """Without the query, where the app says what it is mounted under."""
    policy = policy_of(app)
    policy.origins = [f"{APP}{ROOT}{FINISH}"]
    asked = f"{APP}{ROOT}{FINISH}?state=s&home=%2Fportal%2F"

    assert check_redirect(policy, asked, HARDENED.longest_redirect) == asked
