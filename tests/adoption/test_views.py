"""Clients whose views are their own: subclasses, where they lead, and middleware that uses them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adoption.conftest import Both
from tests.adoption.journeys import Arrived, sign_in
from tests.adoption.stage import CLIENT_URLS, FLAVOURS, Stage, running
from tests.support.browser import Browser

IMPORTS = """
from django.http import HttpResponse, HttpResponseRedirect
from django.contrib.auth import get_user_model
from simple_sso.sso_client.client import AuthenticateView, Client, LoginView
"""
MADE = """
test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""

VIEWS = {
    "get_next of the log-in view leads to another page": """
class OurLogin(LoginView):
    def get_next(self):
        return '/whoami/?from=' + self.request.GET.get('next', '')


class OurClient(Client):
    login_view = OurLogin
""",
    "get_next with super": """
class OurLogin(LoginView):
    def get_next(self):
        return super().get_next() or '/whoami/'


class OurClient(Client):
    login_view = OurLogin
""",
    "get of the log-in view with super, and a header": """
class OurLogin(LoginView):
    def get(self, request):
        response = super().get(request)
        response['X-Ours'] = 'yes'
        return response


class OurClient(Client):
    login_view = OurLogin
""",
    "get of the log-in view skips who is signed in": """
class OurLogin(LoginView):
    def get(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            return HttpResponseRedirect('/whoami/')
        return super().get(request, *args, **kwargs)


class OurClient(Client):
    login_view = OurLogin
""",
    "dispatch of both, with super": """
class Noted:
    def dispatch(self, request, *args, **kwargs):
        request.session['noted'] = request.path
        return super().dispatch(request, *args, **kwargs)


class OurLogin(Noted, LoginView):
    pass


class OurAuthenticate(Noted, AuthenticateView):
    pass


class OurClient(Client):
    login_view = OurLogin
    authenticate_view = OurAuthenticate
""",
    "get of the authenticate view with super, then a cookie": """
class OurAuthenticate(AuthenticateView):
    def get(self, request):
        response = super().get(request)
        assert request.user.is_authenticated
        response.set_cookie('came_by', 'sso')
        return response


class OurClient(Client):
    authenticate_view = OurAuthenticate
""",
    "get of the authenticate view with super, then somewhere else": """
class OurAuthenticate(AuthenticateView):
    def get(self, request):
        super().get(request)
        return HttpResponseRedirect('/whoami/?welcome=1')


class OurClient(Client):
    authenticate_view = OurAuthenticate
""",
    "the authenticate view says where to go": """
class OurAuthenticate(AuthenticateView):
    def get_next(self):
        return '/whoami/?after=' + self.request.user.username


class OurClient(Client):
    authenticate_view = OurAuthenticate
""",
    "the authenticate view's client is at hand": """
class OurAuthenticate(AuthenticateView):
    def get(self, request):
        assert self.client.public_key == settings.SSO_PUBLIC_KEY
        return super().get(request)


class OurClient(Client):
    authenticate_view = OurAuthenticate
""",
    "views given to get_urls of its own": """
class OurLogin(LoginView):
    def get_next(self):
        return '/whoami/'


class OurClient(Client):
    def get_urls(self):
        return [
            path('', OurLogin.as_view(client=self), name='simple-sso-login'),
            path('authenticate/', self.authenticate_view.as_view(client=self),
                 name='simple-sso-authenticate'),
        ]
""",
}


@pytest.mark.parametrize("views", VIEWS.values(), ids=VIEWS)
def test_a_view_of_its_own_leads_to_the_same_place(both: Both, views: str) -> None:
    before, after = both(code=IMPORTS + views + MADE)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


REMEMBERING = """
class OurLogin(LoginView):
    http_method_names = ['get', 'head', 'options']

    def get(self, request):
        request.session['began'] = True
        return super().get(request)


class OurAuthenticate(AuthenticateView):
    def get(self, request):
        assert request.session.pop('began')
        return super().get(request)


class OurClient(Client):
    login_view = OurLogin
    authenticate_view = OurAuthenticate
"""


def test_what_a_view_keeps_in_the_session_is_there_at_the_end(both: Both) -> None:
    """On 127.0.0.1 the server's session would go by the same cookie."""
    own_cookie = "SESSION_COOKIE_NAME = 'ours'"
    before, after = both(code=IMPORTS + REMEMBERING + MADE, settings=own_cookie)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


MIDDLEWARE = """
from django.conf import settings
from simple_sso.sso_client.client import Client, LoginView


class EverybodySignsIn:
    def __init__(self, get_response):
        self.get_response = get_response
        host = settings.SSO_SERVER.removeprefix('http://')
        dsn = f'http://{settings.SSO_PUBLIC_KEY}:{settings.SSO_PRIVATE_KEY}@{host}'
        self.login = LoginView.as_view(client=Client.from_dsn(dsn))

    def __call__(self, request):
        if not request.user.is_authenticated and not request.path.startswith('/client/'):
            request.GET = request.GET.copy()
            request.GET['next'] = request.get_full_path()
            return self.login(request)
        return self.get_response(request)
"""
WITH_MIDDLEWARE = "MIDDLEWARE.append('my_client.middleware.EverybodySignsIn')"


def test_a_middleware_with_a_client_of_its_own_sends_everybody_to_sign_in(both: Both) -> None:
    before, after = both(settings=WITH_MIDDLEWARE, files={"middleware.py": MIDDLEWARE})

    assert (before.person["user"], before.path) == ("alice", "/?page=2")
    assert after.seen == before.seen


def test_a_view_that_was_imported_from_stock_still_is_made_the_kits(stage: Stage) -> None:
    """Somebody changes one of two import lines."""
    code = """
from simple_sso.sso_client import client as theirs
from simple_sso.sso_client.client import Client


class OurLogin(theirs.LoginView):
    def get_next(self):
        return '/whoami/'


class OurClient(Client):
    login_view = OurLogin
"""
    before, after = (sign_in_at(stage, flavour, code=code + MADE) for flavour in FLAVOURS)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen
    assert (before.ours, after.ours) == (False, True)


def sign_in_at(stage: Stage, flavour: str, **client: Any) -> Arrived:
    project = stage.client(flavour, **client)
    with running(project):
        return sign_in(project)


REPLACED = {
    "the log-in view begins by itself": (
        """
class OurLogin(LoginView):
    def get(self, request):
        from urllib.parse import urlencode
        here = request.build_absolute_uri('/client/authenticate/')
        token = self.client.get_request_token(here + '?' + urlencode({'next': '/whoami/'}))
        there = settings.SSO_SERVER + 'authorize/?' + urlencode({'token': token})
        return HttpResponseRedirect(there)


class OurClient(Client):
    login_view = OurLogin
""",
        "sso_kit.E021",
    ),
    "the authenticate view finishes by itself": (
        """
class OurAuthenticate(AuthenticateView):
    def get(self, request):
        from django.contrib.auth import login
        from itsdangerous import URLSafeTimedSerializer
        raw = request.GET['access_token']
        token = URLSafeTimedSerializer(self.client.private_key).loads(raw)
        user = self.client.get_user(token)
        user.backend = self.client.backend
        login(request, user)
        return HttpResponseRedirect('/whoami/')


class OurClient(Client):
    authenticate_view = OurAuthenticate
""",
        "sso_kit.E021",
    ),
}


@pytest.mark.parametrize(("views", "check"), REPLACED.values(), ids=REPLACED)
def test_a_view_that_replaces_the_hand_shake_is_named_before_anybody_signs_in(
    stage: Stage, views: str, check: str
) -> None:
    before = sign_in_at(stage, "stock", code=IMPORTS + views + MADE)
    assert before.person["user"] == "alice"

    project = stage.client("kit", code=IMPORTS + views + MADE)
    assert project.check_names(check, "my_client.urls.Our")


def test_a_view_that_answers_otherwise_goes_on_doing_so(stage: Stage) -> None:
    """What an app shows to whom it doesn't let in is its own business."""
    code = (
        IMPORTS
        + """
class OurAuthenticate(AuthenticateView):
    def get(self, request):
        response = super().get(request)
        if request.user.username == 'alice':
            from django.contrib.auth import logout
            logout(request)
            return HttpResponse('{"user": "not alice"}', content_type='application/json')
        return response


class OurClient(Client):
    authenticate_view = OurAuthenticate
"""
    )
    for flavour in FLAVOURS:
        assert sign_in_at(stage, flavour, code=code + MADE).person == {"user": "not alice"}


NAMED = CLIENT_URLS.replace(
    "path('client/', include(test_client.get_urls())),",
    "path('client/', include((test_client.get_urls(), 'sso'), namespace='sso')),",
)


def test_under_a_namespace_stock_finds_nothing_and_the_kit_its_own(stage: Stage) -> None:
    stock, kit = (stage.client(flavour, urls=NAMED) for flavour in FLAVOURS)
    with running(stock):
        assert Browser().get(f"{stock.url}/").status == 500

    with running(kit):
        arrived = sign_in(kit)
    assert (arrived.person["user"], arrived.path) == ("alice", "/?page=2")
