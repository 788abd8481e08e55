"""Servers that extend stock's: who may enter, what an app is told, own refusals, own admin."""

from __future__ import annotations

import pytest

from tests.adoption.journeys import Arrived, fill_in, gist, sign_in
from tests.adoption.stage import CLIENT_CODE, FLAVOURS, Stage, running
from tests.support.browser import Browser, Page

IMPORTS = """
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from simple_sso.sso_server.server import (
    AuthorizeView, ConsumerAdmin, RequestTokenProvider, Server, VerificationProvider)
"""
MADE = "\ntest_server = OurServer()\n"
TELLING = """
from django.contrib.auth import get_user_model
from simple_sso.sso_client.client import Client


class OurClient(Client):
    user_extra_data = ['team']

    def build_user(self, user_data):
        extra = user_data.pop('extra_data', {})
        user = super().build_user(user_data)
        user.last_name = str(sorted(extra.items()))
        user.save()
        return user


test_client = OurClient(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""


def journey(stage: Stage, flavour: str, server: str, client: str = CLIENT_CODE) -> Arrived:
    """Sign Alice in at a client of a server of its own."""
    theirs = stage.server(flavour, code=IMPORTS + server)
    app = stage.client(flavour, code=client, server=theirs)
    with running(theirs, app):
        return sign_in(app)


SERVERS = {
    "everybody may enter": (
        """
class OurServer(Server):
    def has_access(self, user, consumer):
        return user.username in ('alice', consumer.name)
""",
        CLIENT_CODE,
    ),
    "another first name for this consumer": (
        """
class OurServer(Server):
    def get_user_data(self, user, consumer, extra_data=None):
        data = super().get_user_data(user, consumer, extra_data)
        data['first_name'] = f'{user.first_name} of {consumer.name}'
        return data
""",
        CLIENT_CODE,
    ),
    "extra data of its own": (
        """
class OurServer(Server):
    def get_user_extra_data(self, user, consumer, extra_data):
        return {name: f'{name} of {user.username}' for name in extra_data}
""",
        TELLING,
    ),
    "get_user_data by itself": (
        """
class OurServer(Server):
    def get_user_data(self, user, consumer, extra_data=None):
        return {
            'username': user.username, 'email': user.email, 'first_name': 'told',
            'last_name': '', 'is_staff': False, 'is_superuser': False, 'is_active': True,
            'extra_data': {'team': 'A'},
        }
""",
        TELLING,
    ),
    "a verification provider that adds": (
        """
class OurProvider(VerificationProvider):
    def provide(self, data):
        answer = super().provide(data)
        answer['first_name'] = self.consumer.name
        return answer


class OurServer(Server):
    verification_provider = OurProvider
""",
        CLIENT_CODE,
    ),
    "a request token provider that looks at who asks": (
        """
class OurProvider(RequestTokenProvider):
    def provide(self, data):
        assert self.consumer.name == 'my_application'
        assert 'authenticate' in data['redirect_to']
        return super().provide(data)


class OurServer(Server):
    request_token_provider = OurProvider
""",
        CLIENT_CODE,
    ),
    "the log-in page by name": (
        """
class OurServer(Server):
    auth_view_name = 'login'
""",
        CLIENT_CODE,
    ),
    "urls of its own beside stock's": (
        """
class OurServer(Server):
    def get_urls(self):
        return [*super().get_urls(), path('hello/', lambda request: HttpResponse('hello'))]
""",
        CLIENT_CODE,
    ),
    "an authorize view that greets": (
        """
class OurAuthorize(AuthorizeView):
    def handle_authenticated_user(self):
        response = super().handle_authenticated_user()
        response['X-Hello'] = self.token.consumer.name
        return response


class OurServer(Server):
    authorize_view = OurAuthorize
""",
        CLIENT_CODE,
    ),
    "an authorize view that sends elsewhere to log in": (
        """
class OurAuthorize(AuthorizeView):
    def handle_unauthenticated_user(self):
        from urllib.parse import urlencode
        wanted = {'next': self.request.get_full_path()}
        return HttpResponseRedirect('/login/?' + urlencode(wanted))


class OurServer(Server):
    authorize_view = OurAuthorize
""",
        CLIENT_CODE,
    ),
}


@pytest.mark.parametrize(("server", "client"), SERVERS.values(), ids=SERVERS)
def test_a_hook_of_the_server_gives_the_same_person(stage: Stage, server: str, client: str) -> None:
    before, after = (journey(stage, flavour, server + MADE, client) for flavour in FLAVOURS)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen
    assert (before.ours, after.ours) == (False, True)


OPTIONS = {
    "auth_view_name": "test_server = Server(auth_view_name='login')",
    "a shorter time": (
        "from datetime import timedelta\ntest_server = Server(token_timeout=timedelta(minutes=2))"
    ),
    "client_admin": "test_server = Server(client_admin=ConsumerAdmin)",
    "authorize_view": """
class OurAuthorize(AuthorizeView):
    pass


test_server = Server(authorize_view=OurAuthorize)
""",
}


@pytest.mark.parametrize("made", OPTIONS.values(), ids=OPTIONS)
def test_a_server_made_with_an_option_works_as_well(stage: Stage, made: str) -> None:
    before, after = (journey(stage, flavour, f"{made}\n") for flavour in FLAVOURS)

    assert before.person["user"] == "alice"
    assert after.seen == before.seen


REFUSING = """
class OurAuthorize(AuthorizeView):
    def access_denied(self):
        return HttpResponseForbidden(f'{self.token.consumer.name} is not for you')

    def missing_token_argument(self):
        return HttpResponse('You came without a token', status=400)

    def token_not_found(self):
        return HttpResponse('We never heard of that token', status=404)


class OurServer(Server):
    authorize_view = OurAuthorize

    def has_access(self, user, consumer):
        return user.username != 'bob'
"""


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_refusals_are_the_projects_own_pages(stage: Stage, flavour: str) -> None:
    theirs = stage.server(flavour, code=IMPORTS + REFUSING + MADE)
    app = stage.client(flavour, server=theirs)
    with running(theirs, app):
        browser = Browser()
        refused = fill_in(browser, browser.get(f"{app.url}/"), "bob")
        without = Browser().get(f"{theirs.url}/server/authorize/")
        unknown = Browser().get(f"{theirs.url}/server/authorize/?token=never")

    assert (refused.status, refused.body) == (403, "my_application is not for you"), gist(refused)
    assert (without.status, without.body) == (400, "You came without a token")
    assert (unknown.status, unknown.body) == (404, "We never heard of that token")


ADMIN = """
class OurAdmin(ConsumerAdmin):
    list_display = ['name', 'public_key']
    search_fields = ['name']
    list_per_page = 7


class OurServer(Server):
    client_admin = OurAdmin
"""
AN_ADMIN = """
from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer
get_user_model().objects.create_superuser('root', 'root@example.com', 'their password')
print(Consumer.objects.get(name='second').pk)
"""


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_admin_page_of_its_own_is_there_and_the_key_only_with_stock(
    stage: Stage, flavour: str
) -> None:
    theirs = stage.server(flavour, code=IMPORTS + ADMIN + MADE)
    second = theirs.manage("shell", "-v0", "-c", AN_ADMIN).split()[-1]
    with running(theirs):
        page = admin_page(theirs.url, "/admin/sso_server/consumer/?q=my_app")
        one = admin_page(theirs.url, f"/admin/sso_server/consumer/{second}/change/")

    assert "my_application" in page.body
    assert ">second<" not in page.body
    assert (one.status, "private2" in one.body) == (200, flavour == "stock")


def admin_page(url: str, path: str) -> Page:
    browser = Browser()
    form = browser.get(f"{url}/admin/login/?next={path.replace('?', '%3F')}")
    return browser.submit(form, {"username": "root", "password": "their password"})


REPLACED = {
    "an authorize view that decides by itself": (
        """
class OurAuthorize(AuthorizeView):
    def get(self, request):
        from urllib.parse import urlencode
        from django.utils import timezone
        from simple_sso.sso_server.models import Token
        self.token = Token.objects.get(request_token=request.GET['token'])
        if not request.user.is_authenticated:
            return self.handle_unauthenticated_user()
        self.token.user = request.user
        self.token.save()
        return self.success()


class OurServer(Server):
    authorize_view = OurAuthorize
""",
        "sso_kit.E025",
    ),
    "a success of its own": (
        """
class OurAuthorize(AuthorizeView):
    def success(self):
        from urllib.parse import urlencode
        from itsdangerous import URLSafeTimedSerializer
        self.token.user = self.request.user
        self.token.save()
        serializer = URLSafeTimedSerializer(self.token.consumer.private_key)
        signed = serializer.dumps(self.token.access_token)
        there = self.token.redirect_to
        return HttpResponseRedirect(
            there + ('&' if '?' in there else '?') + urlencode({'access_token': signed}))


class OurServer(Server):
    authorize_view = OurAuthorize
""",
        "sso_kit.E025",
    ),
    "a provider that finds the person by itself": (
        """
class OurProvider(VerificationProvider):
    def provide(self, data):
        from simple_sso.sso_server.models import Token
        token = Token.objects.get(access_token=data['access_token'], consumer=self.consumer)
        return self.server.get_user_data(token.user, self.consumer, extra_data=None)


class OurServer(Server):
    verification_provider = OurProvider
""",
        "sso_kit.E025",
    ),
    "a check of the time of its own": (
        """
class OurAuthorize(AuthorizeView):
    def check_token_timeout(self):
        return True


class OurServer(Server):
    authorize_view = OurAuthorize
""",
        "sso_kit.W026",
    ),
}


@pytest.mark.parametrize(("server", "check"), REPLACED.values(), ids=REPLACED)
def test_what_replaces_the_hand_shake_is_named_before_anybody_signs_in(
    stage: Stage, server: str, check: str
) -> None:
    assert journey(stage, "stock", server + MADE).person["user"] == "alice"

    project = stage.server("kit", code=IMPORTS + server + MADE)
    assert project.check_names(check, "my_server.urls.Our")
