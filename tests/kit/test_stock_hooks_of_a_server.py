"""A server's project that overrides stock's hooks has them called as stock calls them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.checks import CheckMessage
from django.http import HttpRequest, HttpResponse
from django.test import Client as Tab
from simple_sso.sso_server import server as stock
from simple_sso.sso_server.models import Consumer
from simple_sso.utils import provider_wrapper

from sso_kit.server import AuthorizeView, ConsumerAdmin, Server
from sso_kit.server.overrides import hooks_of_the_server
from tests.kit.clock import Clock
from tests.kit.consumers import question
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.overriding import Arranger, alices_browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]
AUTHORIZE = "http://sso.test/server/authorize/"


@pytest.fixture
def project(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Arranger:
    return Arranger(settings, monkeypatch)


@pytest.fixture
def alices(alice: User) -> Browser:
    return alices_browser(alice)


def ids(messages: list[CheckMessage]) -> list[str]:
    return sorted({str(message.id) for message in messages})


class Own(stock.AuthorizeView):
    """As projects have it: a page of their own for each refusal."""

    def missing_token_argument(self) -> HttpResponse:
        return HttpResponse("own: missing", status=400)

    def token_not_found(self) -> HttpResponse:
        return HttpResponse("own: not found", status=403)

    def token_timeout(self) -> HttpResponse:
        return HttpResponse("own: too late", status=403)

    def access_denied(self) -> HttpResponse:
        return HttpResponse(f"own: denied at {self.token.consumer.name}", status=403)

    def handle_authenticated_user(self) -> Any:
        if not self.request.user.email.endswith("@people.test"):
            return self.access_denied()
        return super().handle_authenticated_user()

    def handle_unauthenticated_user(self) -> HttpResponse:
        return HttpResponse(f"own: log in for {self.token.consumer.name}")

    def success(self) -> Any:
        response = super().success()
        response["X-To"] = self.token.redirect_to.partition("?")[0]
        return response


def test_each_refusal_is_the_projects_own_page(
    project: Arranger, alice: User, alices: Browser, app: Consumer, clock: Clock
) -> None:
    project.server(Server(authorize_view=Own))
    token = question(app).sign()
    User.objects.filter(pk=alice.pk).update(email="alice@elsewhere.test")

    def body(query: str) -> str:
        return str(alices.get(f"{AUTHORIZE}{query}").content.decode())

    assert body("") == "own: missing"
    assert body("?token=garbage") == "own: not found"
    assert body(f"?token={token}") == "own: denied at app"
    assert Browser().get(f"{AUTHORIZE}?token={token}").content == b"own: log in for app"
    clock.advance(3600)
    assert body(f"?token={token}") == "own: too late"


def test_success_is_the_kits_with_what_the_project_adds(
    project: Arranger, alices: Browser, app: Consumer
) -> None:
    project.server(Server(authorize_view=Own))

    answer = alices.get(f"{AUTHORIZE}?token={question(app).sign()}", follow=False)

    assert answer["X-To"] == f"{APP}/sso/authenticate/"
    assert "access_token=" in answer["Location"]
    again = alices.get(f"{AUTHORIZE}?token={question(app).sign()}", follow=False)
    assert again.status_code == 403  # used before, as with the kit's own view


def test_a_silent_question_gets_no_page_of_the_project(
    project: Arranger, app: Consumer, alice: User, alices: Browser
) -> None:
    project.server(Server(authorize_view=Own))
    User.objects.filter(pk=alice.pk).update(is_active=True)
    token = question(app, passive=True).sign()

    nobody = Browser().get(f"{AUTHORIZE}?token={token}", follow=False)

    assert "error=login_required" in nobody["Location"]


def test_a_shorter_time_for_tokens_is_kept_to(
    project: Arranger, alices: Browser, app: Consumer, clock: Clock
) -> None:
    project.server(Server(token_timeout=timedelta(seconds=20)))
    token = question(app).sign()
    link = alices.get(f"{AUTHORIZE}?token={question(app, serial='other').sign()}", follow=False)
    clock.advance(25)

    assert alices.get(f"{AUTHORIZE}?token={token}").status_code == 403
    assert "access_token" in link["Location"]


def test_a_longer_one_is_not_longer_than_the_kits(
    project: Arranger, alices: Browser, app: Consumer, clock: Clock
) -> None:
    project.server(Server(token_timeout=timedelta(days=1)))
    token = question(app).sign()
    clock.advance(601)

    assert alices.get(f"{AUTHORIZE}?token={token}").status_code == 403


def test_a_provider_returns_what_stocks_returns_and_may_add_to_it(
    project: Arranger, alices: Browser
) -> None:
    class Verification(stock.VerificationProvider):
        def provide(self, data: dict[str, Any]) -> Any:
            profile = super().provide(data)
            profile["username"] = f"{self.consumer.name}.{profile['username']}"
            return profile

    project.server(Server(verification_provider=Verification))
    alices.get(f"{APP}/in/")

    assert User.objects.filter(username="app.alice").exists()


def test_a_project_that_wraps_providers_itself_is_answered(
    project: Arranger, app: Consumer, back_channel: InProcess
) -> None:
    server = Server()
    view = provider_wrapper(server.request_token_provider(server=server))
    request = HttpRequest()
    request.method = "POST"
    request.META["HTTP_X_SERVICES_PUBLIC_KEY"] = app.public_key
    request._body = b"garbage"

    answer = view(request)

    assert answer.status_code == 400
    assert "signature" in answer.content.decode()


def test_an_own_page_for_consumers_has_the_policy_and_no_key(
    project: Arranger, app: Consumer, settings: Any
) -> None:
    class OwnAdmin(stock.ConsumerAdmin):
        list_display = ["name"]
        readonly_fields = ["name"]
        inlines: list[Any] = []

    page = Server(client_admin=OwnAdmin).client_admin(Consumer, admin.site)
    request = Tab().get("/").wsgi_request

    shown = page.get_fields(request, app)

    assert "private_key" not in shown
    assert "private_key_fingerprint" in page.get_readonly_fields(request, app)
    assert [each.__name__ for each in page.get_inlines(request, app)] == ["ConsumerPolicyInline"]
    assert page.list_display == ["name"]
    assert issubclass(type(page), ConsumerAdmin)


class Alone(stock.AuthorizeView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("by hand")


class Hours(AuthorizeView):
    def check_token_timeout(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("view", "found"), [(Own, []), (Alone, ["sso_kit.E025"]), (Hours, ["sso_kit.W026"])]
)
def test_a_check_names_what_is_replaced(project: Arranger, view: Any, found: list[str]) -> None:
    project.server(Server(authorize_view=view))

    messages = hooks_of_the_server()

    assert ids(messages) == found
    assert all(f"{__name__}.{view.__name__}." in message.msg for message in messages)
