"""The stage that all projects share: migrated templates, and a running server of each flavour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.adoption.light import Light
from tests.interop import tutorial

FLAVOURS = ("stock", "kit")

SERVER_CODE = """
from simple_sso.sso_server.server import Server


class OurServer(Server):
    def get_user_extra_data(self, user, consumer, extra_data):
        return {name: f'{name} of {user.username}' for name in extra_data}


test_server = OurServer()
"""
SERVER_URLS = """
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path
{code}

urlpatterns = [
    path('admin/', admin.site.urls),
    path('server/', include(test_server.get_urls())),
    path('login/', LoginView.as_view(template_name='admin/login.html'), name='login'),
]
"""
CLIENT_CODE = """
from simple_sso.sso_client.client import Client

test_client = Client(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)
"""
CLIENT_URLS = """
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from my_client.pages import home, whoami
{code}

urlpatterns = [
    path('admin/', admin.site.urls),
    path('client/', include(test_client.get_urls())),
    path('whoami/', whoami),
    path('', home),
]
"""
PAGES = """
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse

OTHERS_OF_EACH_RUN = ('password', 'last_login', 'date_joined')


def whoami(request):
    user, facts = request.user, {}
    if user.is_authenticated:
        facts = {
            field.name: str(field.value_from_object(user))
            for field in user._meta.concrete_fields
            if field.name not in OTHERS_OF_EACH_RUN and not field.primary_key
        }
    return JsonResponse({'user': user.get_username(), **facts})


home = login_required(whoami)
"""
PEOPLE = """
from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer
Consumer.objects.create(public_key='public2', private_key='private2', name='second')
alice = get_user_model().objects.get()
alice.last_name = 'Alison'
alice.set_password('her password')
alice.save()
get_user_model().objects.create_user('bob', 'bob@example.com', 'his password')
"""
FAST = "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"


@dataclass
class Stage:
    """Templates of both sides and both flavours, and the two servers that clients share."""

    folder: Path
    templates: dict[tuple[str, str], Light] = field(default_factory=dict)
    servers: dict[str, Light] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def prepare(self) -> None:
        server = tutorial.write_server(self.folder / "first-server")
        client = tutorial.write_client(self.folder / "first-client", server)
        self._make_template("server", server)
        self._make_template("client", client)
        for flavour in FLAVOURS:
            self.servers[flavour] = self.server(flavour)
            self.servers[flavour].start()

    def _make_template(self, side: str, written: tutorial.Project) -> None:
        stock = Light.copy_of(written, self.folder / f"stock-{side}")
        if side == "server":
            stock.set(FAST)
            stock.manage("shell", "-v0", "-c", PEOPLE)
            stock.write({"urls.py": SERVER_URLS.format(code=SERVER_CODE)})
        else:
            stock.write({"pages.py": PAGES, "urls.py": CLIENT_URLS.format(code=CLIENT_CODE)})
        kit = Light.copy_of(stock, self.folder / f"kit-{side}")
        tutorial.change_two_lines(side, kit)
        self.templates |= {("stock", side): stock, ("kit", side): kit}

    def server(
        self,
        flavour: str,
        code: str = SERVER_CODE,
        settings: str = "",
        files: Mapping[str, str] | None = None,
        urls: str = SERVER_URLS,
    ) -> Light:
        """A server project, not started. The change is made where the flavour is the kit's."""
        return self._project("server", flavour, urls, code, settings, files)

    def client(
        self,
        flavour: str,
        code: str = CLIENT_CODE,
        settings: str = "",
        files: Mapping[str, str] | None = None,
        urls: str = CLIENT_URLS,
        server: Light | None = None,
    ) -> Light:
        """A client project at a server, not started."""
        server = server or self.servers[flavour]
        at = f"SSO_SERVER = '{server.url}/server/'\n"
        return self._project("client", flavour, urls, code, at + settings, files)

    def _project(
        self,
        side: str,
        flavour: str,
        urls: str,
        code: str,
        settings: str,
        files: Mapping[str, str] | None,
    ) -> Light:
        folder = self.folder / f"{next(self.numbers)}-{flavour}-{side}"
        project = Light.copy_of(self.templates[flavour, side], folder)
        project.set(settings)
        project.write({"urls.py": urls.replace("{code}", code), **(files or {})})
        if flavour == "kit":
            tutorial.change_imports(side, project)
        return project

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()


@contextmanager
def running(*projects: Light) -> Iterator[None]:
    try:
        for project in projects:
            project.start()
        yield
    finally:
        for project in projects:
            project.stop()
