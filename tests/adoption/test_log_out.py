"""How people leave an app: by its own log-out, by Django's, and where they are then."""

from __future__ import annotations

import pytest

from tests.adoption.journeys import Arrived, sign_in
from tests.adoption.light import Light
from tests.adoption.stage import CLIENT_URLS, FLAVOURS, Stage, running

IMPORTS = """
from django.contrib.auth import logout
from django.contrib.auth.views import LogoutView
from django.http import HttpResponse, HttpResponseRedirect
from simple_sso.sso_client.client import Client

test_client = Client(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)


def leave(request):
    logout(request)
    return HttpResponseRedirect('/open/')


def forget(request):
    request.session.flush()
    return HttpResponse('forgotten')
"""
WAYS = {
    "a view of its own": ("path('leave/', leave),", "", "/leave/", "/open/"),
    "a view at logout/, below the client": (
        "path('client/logout/', leave),",
        "",
        "/client/logout/",
        "/open/",
    ),
    "Django's, with next_page": (
        "path('leave/', LogoutView.as_view(next_page='/open/')),",
        "",
        "/leave/",
        "/open/",
    ),
    "Django's, with LOGOUT_REDIRECT_URL": (
        "path('leave/', LogoutView.as_view()),",
        "LOGOUT_REDIRECT_URL = '/open/'",
        "/leave/",
        "/open/",
    ),
    "the session flushed": ("path('leave/', forget),", "", "/leave/", "/leave/"),
}


def urls_with(route: str, first: bool) -> str:
    """Before the client's urls or after them: whichever comes first counts."""
    client = "path('client/', include(test_client.get_urls())),"
    both = f"{route} {client}" if first else f"{client} {route}"
    return CLIENT_URLS.replace(client, f"path('open/', whoami), {both}")


@pytest.mark.parametrize("first", [True, False], ids=["before the client", "after it"])
@pytest.mark.parametrize(("route", "settings", "leave", "ends"), WAYS.values(), ids=WAYS)
def test_who_leaves_is_out_of_the_app_and_where_the_project_says(
    stage: Stage, route: str, settings: str, leave: str, ends: str, first: bool
) -> None:
    own_cookie = f"{settings}\nSESSION_COOKIE_NAME, CSRF_COOKIE_NAME = 'ours', 'our_csrf'"
    for flavour in FLAVOURS:
        app = stage.client(flavour, code=IMPORTS, settings=own_cookie, urls=urls_with(route, first))
        with running(app):
            there = sign_in(app)
            token = the_form_of(app, there)
            after = there.browser.post(f"{app.url}{leave}", {"csrfmiddlewaretoken": token})
            public = there.browser.get(f"{app.url}/open/")
        assert (after.status, after.url) == (200, f"{app.url}{ends}")
        assert public.body == '{"user": ""}'


def the_form_of(app: Light, there: Arrived) -> str:
    """A CSRF token, as the page with the button would have it: here from the admin's form."""
    there.browser.get(f"{app.url}/admin/login/")
    return there.browser.cookie("127.0.0.1", "our_csrf") or ""


PASSIVE = """
from sso_kit.client.decorators import passive_login

looks = passive_login(whoami)
"""


@pytest.mark.parametrize("route", ["leave", "forget", "LogoutView.as_view(next_page='/open/')"])
def test_a_page_that_only_asks_does_not_sign_in_again_who_has_left(
    stage: Stage, route: str
) -> None:
    """Stock has no such pages. The control: it does sign in who hasn't left."""
    app = stage.client(
        "kit",
        code=IMPORTS + PASSIVE,
        settings="SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = 'ours', 'our_csrf'",
        urls=urls_with(f"path('leave/', {route}), path('looks/', looks),", True),
    )
    with running(app):
        there = sign_in(app)
        there.browser.cookies["127.0.0.1"].pop(("ours", "/"))
        there.browser.cookies["127.0.0.1"] = {
            key: value
            for key, value in there.browser.cookies["127.0.0.1"].items()
            if not key[0].startswith("sso_signed_in_")
        }
        never_left = there.browser.get(f"{app.url}/looks/")
        assert '"user": "alice"' in never_left.body
        token = the_form_of(app, there)
        there.browser.post(f"{app.url}/leave/", {"csrfmiddlewaretoken": token})
        after = there.browser.get(f"{app.url}/looks/")

    assert after.body == '{"user": ""}'
    assert after.hops[-1].step.endswith("/looks/")


def test_who_has_left_signs_in_again_without_a_form_when_they_want_to(stage: Stage) -> None:
    """The server's session goes on, with stock and with the kit."""
    for flavour in FLAVOURS:
        app = stage.client(
            flavour,
            code=IMPORTS,
            settings="SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = 'ours', 'our_csrf'",
            urls=urls_with("path('leave/', leave),", True),
        )
        with running(app):
            there = sign_in(app)
            token = the_form_of(app, there)
            there.browser.post(f"{app.url}/leave/", {"csrfmiddlewaretoken": token})
            again = there.browser.get(f"{app.url}/?page=3")
        assert (again.status, again.password_fields) == (200, 0)
        assert '"user": "alice"' in again.body
