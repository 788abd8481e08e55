"""A tutorial's project before and after the two-line change: same person, same account.

It would lie if both runs used the same classes: so each asks the pages which ones it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.interop.tutorial import Project, adopt, change_two_lines, write_client, write_server
from tests.support import process
from tests.support.browser import Browser, Page

KEEP = """
from django.contrib.auth.models import Group, User
User.objects.get(username='alice').groups.add(Group.objects.create(name='made here'))
"""
ROW = """
import json
from django.contrib.auth.models import User
alice, = User.objects.filter(username='alice').values('id', 'email', 'date_joined', 'groups__name')
print(json.dumps([alice, User.objects.count()], default=str))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """A server with Alice and a client without anybody, as tutorials leave them."""
    folder = tmp_path_factory.mktemp("tutorial")
    server = write_server(folder / "server")
    return server, write_client(folder / "client", server)


@pytest.fixture
def projects(written: tuple[Project, Project], tmp_path: Path) -> Iterator[tuple[Project, Project]]:
    server, client = written
    copies = server.copied_to(tmp_path / "server"), client.copied_to(tmp_path / "client")
    yield copies
    for project in copies:
        project.stop()


def start(projects: Sequence[Project]) -> None:
    for project in projects:
        project.start()
    for project in projects:
        project.wait()


def log_in(client: Project) -> Page:
    """A new browser opens the client's page and fills in the server's form."""
    browser = Browser()
    page = browser.get(f"{client.url}/?page=2")
    assert page.password_fields == 1, page.body[-3000:]
    return browser.submit(page, {"username": "alice", "password": "her password"})


def person_on(page: Page) -> dict[str, Any]:
    assert page.status == 200, page.body[-3000:]
    return dict(json.loads(page.body))


def row_of_alice(client: Project) -> Any:
    return json.loads(client.manage("shell", "-v0", "-c", ROW))


def hardened(page: Page) -> bool:
    """Whether the hand-shake was ours: only the kit binds it to the browser with a state."""
    return any("/client/authenticate/?state=" in hop.url for hop in page.hops)


def test_the_same_person_has_the_same_account_before_and_after(
    projects: tuple[Project, Project],
) -> None:
    server, client = projects
    start(projects)
    before = log_in(client)
    client.manage("shell", "-c", KEEP)
    kept = row_of_alice(client)
    for side, project in (("server", server), ("client", client)):
        project.stop()
        change_two_lines(side, project)
    seen = adopt(client)
    start(projects)

    after = log_in(client)

    assert "alice: joined" in seen
    assert "groups made here" in seen
    assert person_on(before) == person_on(after)
    assert (hardened(before), hardened(after)) == (False, True)
    assert after.url == f"{client.url}/?page=2"
    assert row_of_alice(client) == kept
    assert kept[0]["groups__name"] == "made here"


def test_without_that_one_command_nobody_gets_an_account_by_name(
    projects: tuple[Project, Project],
) -> None:
    server, client = projects
    start(projects)
    log_in(client)
    for side, project in (("server", server), ("client", client)):
        project.stop()
        change_two_lines(side, project)
    start(projects)

    refused = log_in(client)

    assert refused.status == 409
    assert "manage.py sso_accounts --name=alice" in refused.body
    assert "manage.py sso_accounts --link --name=alice --subject=1" in client.log.read_text()


def test_one_side_at_a_time_with_the_server_first(projects: tuple[Project, Project]) -> None:
    server, client = projects
    change_two_lines("server", server)
    server.manage("sso_consumer", "my_application", "--legacy")
    start(projects)
    halfway = log_in(client)
    for project in projects:
        project.stop()
    change_two_lines("client", client)
    adopt(client)
    server.manage("sso_consumer", "my_application", "--modern")
    start(projects)

    after = log_in(client)

    assert person_on(halfway) == person_on(after)
    assert (hardened(halfway), hardened(after)) == (False, True)


def test_one_side_at_a_time_with_the_client_first(projects: tuple[Project, Project]) -> None:
    server, client = projects
    start(projects)
    before = log_in(client)
    client.stop()
    change_two_lines("client", client)
    set_legacy_server(client, True)
    adopt(client)
    start([client])
    halfway = log_in(client)
    for project in projects:
        project.stop()
    change_two_lines("server", server)
    set_legacy_server(client, False)
    start(projects)
    refused = log_in(client)
    seen = adopt(client)

    after = log_in(client)

    assert refused.status == 409  # her name alone is no proof that she is who it was
    assert "was 'alice' at the server before that was migrated" in seen

    assert person_on(before) == person_on(halfway) == person_on(after)
    assert (hardened(before), hardened(halfway), hardened(after)) == (False, True, True)


def set_legacy_server(client: Project, legacy: bool) -> None:
    with_it, without = "settings.SSO_PRIVATE_KEY, legacy_server=True)", "settings.SSO_PRIVATE_KEY)"
    urls = client.file("urls.py")
    old, new = (without, with_it) if legacy else (with_it, without)
    urls.write_text(urls.read_text().replace(old, new))


IN_PRODUCTION = "\nDEBUG = False\nALLOWED_HOSTS = ['127.0.0.1']\n"
A_TEST = """
from django.test import TestCase

class Index(TestCase):
    def test_it_wants_somebody(self):
        self.assertRedirects(self.client.get('/'), '/client/?next=/', fetch_redirect_response=False)
"""


@pytest.mark.parametrize("settings", ["", IN_PRODUCTION], ids=["DEBUG", "production"])
def test_no_check_stops_the_changed_project(
    projects: tuple[Project, Project], settings: str
) -> None:
    server, client = projects
    client.file("tests.py").write_text(A_TEST)
    for side, project in (("server", server), ("client", client)):
        with project.file("settings.py").open("a") as file:
            file.write(settings)
        change_two_lines(side, project)

        assert "no issues" in project.manage("test")
        assert "no issues" in project.manage("check")
    start(projects)  # ``runserver``: it answers


def test_before_a_deployment_the_address_that_is_missing_is_an_error(
    projects: tuple[Project, Project],
) -> None:
    _, client = projects
    with client.file("settings.py").open("a") as file:
        file.write(IN_PRODUCTION)
    change_two_lines("client", client)

    with pytest.raises(process.Failed, match=r"sso_kit\.E011"):
        client.manage("check", "--deploy")
    with client.file("settings.py").open("a") as file:
        file.write("SSO_KIT = {'BASE_URL': 'https://app.example'}\n")
    with pytest.raises(process.Failed) as others:
        client.manage("check", "--deploy")
    assert "E011" not in str(others.value)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("SSO_KIT = {'BASEURL': 'https://app.example'}", "SSO_KIT has no 'BASEURL'"),
        ("SSO_KIT_LAB_MODE = True", r"sso_kit\.E008"),
    ],
)
def test_a_wrong_setting_stops_every_command_and_is_named(
    projects: tuple[Project, Project], setting: str, said: str
) -> None:
    for side, project in zip(("server", "client"), projects, strict=True):
        change_two_lines(side, project)
        with project.file("settings.py").open("a") as file:
            file.write(f"\n{setting}\n")

        for command in ("check", "test"):
            with pytest.raises(process.Failed, match=said):
                project.manage(command)


def test_the_checks_of_the_changed_project_pass(projects: tuple[Project, Project]) -> None:
    server, client = projects
    for side, project in (("server", server), ("client", client)):
        change_two_lines(side, project)

    assert "no issues" in server.manage("check")
    assert "no issues" in client.manage("check")
    assert "No changes detected" in server.manage(
        "makemigrations", "--check", "--dry-run", "sso_kit_server"
    )
    assert "No changes detected" in client.manage(
        "makemigrations", "--check", "--dry-run", "sso_kit_client"
    )
