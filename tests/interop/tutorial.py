"""Two projects as public django-simple-sso tutorials have them, and the two-line change.

Written after the steps of micropyramid.com/blog/django-single-sign-on-sso-to-multiple-
applications (``server/``, ``client/``, ``Consumer.objects.create`` in a shell), of
cnblogs.com/rohero/p/10651518.html (ports of one host, the admin's log-in form, the keys
"public" and "private"), and frontegg.com/guides/django-sso, which says the same. Everything
else is what ``django-admin startproject`` writes.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.machine import ports
from lab.table import ROOT
from tests.support import process
from tests.support.browser import BrokenAnswer, Browser
from tests.support.process import Process

SERVER_URLS = """
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path
from simple_sso.sso_server.server import Server

test_server = Server()

urlpatterns = [
    path('admin/', admin.site.urls),
    path('server/', include(test_server.get_urls())),
    path('login/', LoginView.as_view(template_name='admin/login.html'), name='login'),
]
"""
CLIENT_URLS = """
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.urls import include, path
from simple_sso.sso_client.client import Client

test_client = Client(settings.SSO_SERVER, settings.SSO_PUBLIC_KEY, settings.SSO_PRIVATE_KEY)


@login_required
def index(request):
    return JsonResponse({'id': request.user.pk, 'user': request.user.username})


urlpatterns = [
    path('admin/', admin.site.urls),
    path('client/', include(test_client.get_urls())),
    path('', index),
]
"""
CLIENT_SETTINGS = """
SSO_SERVER = 'http://127.0.0.1:{port}/server/'
SSO_PUBLIC_KEY = 'public'
SSO_PRIVATE_KEY = 'private'
LOGIN_URL = '/client/'
"""
CONSUMER = """
from simple_sso.sso_server.models import Consumer
Consumer.objects.create(public_key='public', private_key='private', name='my_application')
"""
PERSON = """
from django.contrib.auth.models import User
User.objects.create_user('alice', 'alice@example.com', 'her password', first_name='Alice')
"""
MODULES = {  # the whole change of code: where the classes are imported from
    "server": ("simple_sso.sso_server.server", "sso_kit.server"),
    "client": ("simple_sso.sso_client.client", "sso_kit.client"),
}
OURS = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")  # of the environment
FIRST_APP = "INSTALLED_APPS = [\n"


@dataclass
class Project:
    """One scratch project under ``manage.py runserver``, or gunicorn.

    Attributes:
        python: of the environment that it runs in. In ours it finds the kit in the checkout; in
            any other what is installed there, and nothing of the checkout.
    """

    name: str
    folder: Path
    port: int
    running: Process | None = None
    python: str = sys.executable

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "runserver.log"

    def copied_to(self, folder: Path) -> Project:
        copy = shutil.copytree(self.folder, folder)
        return Project(self.name, copy, self.port, python=self.python)

    def file(self, name: str) -> Path:
        return self.folder / self.name / name

    def manage(self, *arguments: str) -> str:
        command = [self.python, "manage.py", *arguments]
        return process.run(command, environment(self.python), self.folder)

    def install(self, app: str) -> None:
        settings = self.file("settings.py")
        settings.write_text(settings.read_text().replace(FIRST_APP, f"{FIRST_APP}    '{app}',\n"))

    def set(self, settings: str) -> None:
        """Add these lines to its settings."""
        with self.file("settings.py").open("a") as there:
            there.write(f"\n{settings}\n")

    def start(self) -> None:
        where = f"127.0.0.1:{self.port}"
        self._start([self.python, "manage.py", "runserver", where, "--noreload"])

    def start_gunicorn(self) -> None:
        """Two workers, as anybody may begin with."""
        options = ("--bind", f"127.0.0.1:{self.port}", "--workers", "2", f"{self.name}.wsgi")
        self._start(process.gunicorn(*options, python=self.python))

    def _start(self, command: list[str]) -> None:
        where = environment(self.python)
        self.running = Process(self.name, command, where, self.log, self.folder)
        self.running.start()

    def wait(self) -> None:
        assert self.running is not None
        process.wait([self.running], self.answers)

    def answers(self) -> bool:
        try:
            return Browser().get(f"{self.url}/admin/login/").status == 200
        except (OSError, BrokenAnswer):
            return False

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()


def environment(python: str = sys.executable) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | ({"PYTHONPATH": str(ROOT)} if python == sys.executable else {})


def begin(name: str, folder: Path, python: str = sys.executable) -> Project:
    """``django-admin startproject``."""
    folder.mkdir()
    command = [python, "-m", "django", "startproject", f"my_{name}", "."]
    process.run(command, environment(python), folder)
    return Project(f"my_{name}", folder, ports.free(), python=python)


def write_server(folder: Path, python: str = sys.executable) -> Project:
    project = begin("server", folder, python)
    project.install("simple_sso.sso_server")
    project.file("urls.py").write_text(SERVER_URLS)
    project.manage("migrate")
    project.manage("shell", "-c", CONSUMER + PERSON)
    return project


def write_client(folder: Path, server: Project) -> Project:
    """In the server's environment."""
    project = begin("client", folder, server.python)
    project.install("simple_sso.sso_client")
    project.file("urls.py").write_text(CLIENT_URLS)
    project.set(CLIENT_SETTINGS.format(port=server.port))
    project.manage("migrate")
    return project


def change_two_lines(side: str, project: Project) -> None:
    """One import, one app, ``migrate``; on a client with people, ``adopt`` as well."""
    change_imports(side, project)
    project.install(f"sso_kit.{side}")
    project.manage("migrate")


def change_imports(side: str, project: Project) -> None:
    """In each of its modules that import stock's classes."""
    stock, kit = MODULES[side]
    found = [path for path in project.folder.rglob("*.py") if stock in path.read_text()]
    assert found, f"nothing of {project.name} imports {stock}"
    for path in found:
        path.write_text(path.read_text().replace(stock, kit))


def adopt(project: Project) -> str:
    """Look at the accounts that stock made, then run the command that is printed with them."""
    seen = project.manage("sso_adopt")
    (command,) = re.findall(r"^  python manage\.py (sso_adopt .*)$", seen, re.MULTILINE)
    project.manage(*shlex.split(command))
    return seen
