"""A tutorial's projects with what pip installed, served by gunicorn: log in on A, open B.

Three processes with databases of their own, before and after the two-line change, as they are
developed and as they go into production. The browser counts what people would see: forms and
password fields. It would lie if the checkout were found: the environment has the wheel, or the
source, and no path to anything here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.tutorial import (
    Project,
    adopt,
    change_two_lines,
    write_client,
    write_server,
)
from tests.package.pip import environment, newer_python, run
from tests.support import process
from tests.support.browser import Browser, Page

CASES = [
    pytest.param((".whl", "5.2"), id="wheel, Django 5.2"),
    pytest.param((".gz", "5.2"), id="source, Django 5.2"),
    pytest.param((".whl", "6.1"), id="wheel, Django 6.1"),
]
SECOND = """
from simple_sso.sso_server.models import Consumer
Consumer.objects.create(public_key='public2', private_key='private2', name='second')
"""
IN_PRODUCTION = "DEBUG = False\nALLOWED_HOSTS = ['{host}']"
KIT_IN_PRODUCTION = "SSO_KIT = {{'BASE_URL': '{url}'}}"
WHERE = "import sso_kit, django; print(sso_kit.__file__, django.__version__)"


@dataclass
class Three:
    """The projects of one tutorial, each with a host of its own: cookies know no ports."""

    server: Project
    a: Project
    b: Project

    def __iter__(self) -> Iterator[Project]:
        return iter((self.server, self.a, self.b))

    @property
    def clients(self) -> dict[str, Project]:
        return {"my_application": self.a, "second": self.b}

    def start(self) -> None:
        for project in self:
            project.start_gunicorn()
        for project in self:
            assert project.running is not None
            process.wait([project.running], lambda one=project: answers(one))  # type: ignore[misc]

    def stop(self) -> None:
        for project in self:
            project.stop()


def answers(project: Project) -> bool:
    try:
        return Browser().get(f"{url_of(project)}/admin/login/").status == 200
    except OSError:
        return False


def host_of(project: Project) -> str:
    return {"first": "a.localhost", "second": "b.localhost"}.get(project.folder.name, "127.0.0.1")


def url_of(project: Project) -> str:
    return f"http://{host_of(project)}:{project.port}"


@pytest.fixture(scope="module", params=CASES)
def installed(
    request: pytest.FixtureRequest, files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The Python of an environment with the kit."""
    suffix, django = request.param
    (file,) = (path for path in files if path.suffix == suffix)
    folder, wanted = tmp_path_factory.mktemp("installed"), (str(file), f"Django~={django}.0")
    if django == "5.2":
        return environment(folder, *wanted, "gunicorn")
    python = newer_python()
    if python is None and os.environ.get("NEWER_PYTHON") != "required":
        pytest.skip("no Python 3.12 or newer here")
    assert python is not None, "NEWER_PYTHON=required, and there is no Python 3.12 or newer here"
    return environment(folder, *wanted, "gunicorn", python=python)


@pytest.fixture(scope="module")
def written(installed: str, tmp_path_factory: pytest.TempPathFactory) -> Three:
    """As the tutorials leave them, with django-simple-sso."""
    folder = tmp_path_factory.mktemp("tutorial")
    server = write_server(folder / "server", installed)
    server.manage("shell", "-v0", "-c", SECOND)
    a, b = write_client(folder / "first", server), write_client(folder / "second", server)
    b.set("SSO_PUBLIC_KEY, SSO_PRIVATE_KEY = 'public2', 'private2'")
    return Three(server, a, b)


@pytest.fixture
def three(written: Three, tmp_path: Path) -> Iterator[Three]:
    copies = Three(*(each.copied_to(tmp_path / each.folder.name) for each in written))
    yield copies
    copies.stop()


@dataclass(frozen=True)
class Journey:
    """Log in on A, open B, and what was seen of it."""

    form: Page
    a: Page
    b: Page

    @property
    def is_ours(self) -> bool:
        """Only the kit binds a hand-shake to the browser with a state."""
        return all("state=" in page.hops[-2].url for page in (self.a, self.b))

    @property
    def people(self) -> list[str]:
        return [json.loads(page.body)["user"] for page in (self.a, self.b)]


def journey(three: Three) -> Journey:
    browser = Browser()
    form = browser.get(f"{url_of(three.a)}/?page=2")
    assert (form.forms, form.password_fields) == (1, 1), form.body[-2000:]
    a = browser.submit(form, {"username": "alice", "password": "her password"})
    b = browser.get(f"{url_of(three.b)}/?page=3")
    for page in (a, b):
        assert (page.status, page.password_fields) == (200, 0), page.body[-2000:]
    return Journey(form, a, b)


def test_it_is_what_pip_installed_that_runs(installed: str) -> None:
    where, django = run(installed, "-P", "-c", WHERE).split()

    assert "site-packages" in where
    assert django.startswith(("5.2.", "6.1."))


@pytest.mark.parametrize("in_production", [False, True], ids=["development", "production"])
def test_log_in_on_a_and_open_b_before_and_after_the_two_lines(
    three: Three, in_production: bool
) -> None:
    if in_production:
        for project in three:
            project.set(IN_PRODUCTION.format(host=host_of(project)))
    three.start()
    before = journey(three)
    three.stop()
    change_two_lines("server", three.server)
    for name, client in three.clients.items():
        change_two_lines("client", client)
        adopt(client)
        if in_production:
            client.set(KIT_IN_PRODUCTION.format(url=url_of(client)))
            back = f"{url_of(client)}/client/authenticate/"
            three.server.manage("sso_consumer", name, "--origin", back)
    three.start()

    after = journey(three)

    assert before.people == after.people == ["alice", "alice"]
    assert (before.is_ours, after.is_ours) == (False, True)
    assert len(after.b.hops) == len(before.b.hops)  # silently, and as fast
    assert after.a.url == f"{url_of(three.a)}/?page=2"
    assert after.b.url == f"{url_of(three.b)}/?page=3"
    assert [json.loads(page.body)["id"] for page in (before.a, before.b)] == [
        json.loads(page.body)["id"] for page in (after.a, after.b)
    ]


def test_in_production_what_was_forgotten_is_in_the_log_that_its_people_read(three: Three) -> None:
    """With Django's own logging, and no page that tells a stranger."""
    for side, project in (("server", three.server), ("client", three.a), ("client", three.b)):
        project.set(IN_PRODUCTION.format(host=host_of(project)))
        change_two_lines(side, project)
    three.b.set(KIT_IN_PRODUCTION.format(url=url_of(three.b)))
    three.start()

    without_base_url = Browser().get(f"{url_of(three.a)}/")
    without_origin = Browser().get(f"{url_of(three.b)}/")

    assert without_base_url.status == 503
    assert 'SSO_KIT = {"BASE_URL":' in three.a.log.read_text()
    assert without_origin.status == 400
    back = f"{url_of(three.b)}/client/authenticate/"
    assert f"sso_consumer second --origin {back}" in three.server.log.read_text()
