"""One more site is one row and its own folder: all the rest follows.

In a scratch copy of the checkout: nothing here knows of the fourth site but tests/lab/fourth_site.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from lab import table
from lab.machine import ports, system
from lab.place import Place
from lab.table import ROOT
from tests.support import instance
from tests.support.browser import Browser

FOURTH = ROOT / "tests/lab/fourth_site"
# The project's own tests that read the table, a run each.
OWN_TESTS = (
    ("tests/lab/test_rows.py", "tests/lab/test_table.py"),
    ("tests/test_tour.py",),
    ("tests/sites/server_site",),
)


@dataclass(frozen=True)
class Scratch:
    """A copy of the checkout with one more site."""

    root: Path
    port: int

    def run(self, *command: str, **variables: str) -> str:
        """What the command printed; with the interpreter and the packages of this process."""
        own = {"LAB_STATE": str(self.root / ".lab"), "LAB_PORT": str(self.port), "RUNTIME": "local"}
        result = subprocess.run(
            command,
            cwd=self.root,
            env=os.environ | own | variables,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def python(self, *arguments: str, **variables: str) -> str:
        return self.run(sys.executable, *arguments, **variables)

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def url(self, host: str) -> str:
        return f"http://{host}:{self.port}"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """The row, the folder, and `make generate`."""
    root = tmp_path_factory.mktemp("scratch") / "checkout"
    copy_checkout(root)
    shutil.copytree(FOURTH / "client_c", root / "client_c")
    with (root / "lab.toml").open("a") as lab_toml:
        lab_toml.write((FOURTH / "row.toml").read_text())
    copy = Scratch(root, ports.free())
    copy.python("-m", "lab", "generate")
    copy.run("git", "init", "--quiet")
    copy.run("git", "add", "--all")
    return copy


def copy_checkout(root: Path) -> None:
    """What is tracked, and what is new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.check_output(command, cwd=ROOT, text=True).split("\0")
    for path in filter(os.path.isfile, (ROOT / name for name in listed)):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


@pytest.fixture(scope="module")
def up(scratch: Scratch) -> Iterator[Scratch]:
    """The scratch copy's lab, up."""
    if system.nginx_program() is None:
        pytest.skip("nginx isn't installed")
    with instance.leash(Place(scratch.root / ".lab", scratch.port)):
        try:
            scratch.python("-m", "lab", "up")
            yield scratch
        finally:
            scratch.python("-m", "lab", "discard")


def sign_in_at_notes(lab: Scratch) -> Browser:
    """Alice's browser; she has typed her password once, and opened Notes only."""
    browser = Browser()
    form = browser.get(lab.url("app-a.localhost") + "/notes/")
    way_on = re.search(r'name="next" value="([^"]*)"', form.body)
    assert way_on, form.body
    data = {"login": "alice", "password": table.load().person("alice").password}
    action = lab.url("sso.localhost") + "/accounts/login/"
    page = browser.submit(form, {**data, "next": html.unescape(way_on[1])}, action)
    assert page.url == lab.url("app-a.localhost") + "/notes/"
    return browser


def test_what_people_read_follows(scratch: Scratch) -> None:
    row = "| http://app-c.localhost:8080 | `client_c` | **Third app** |"
    assert row in scratch.read("README.md")
    assert scratch.read("hosts.example").splitlines()[-2].endswith(" app-c.localhost")
    assert "<code>app-c.localhost</code>" in scratch.read("nginx/pages/421.html")


def test_so_do_nginx_and_the_image(scratch: Scratch) -> None:
    template = scratch.read("nginx/templates/default.conf.template")

    assert 'upstream client-c { server "${CLIENT_C_UPSTREAM}";' in template
    assert "server_name app-c.localhost;" in template
    assert "COPY client_c client_c\n" in scratch.read("Dockerfile")
    assert "!client_c\n" in scratch.read(".dockerignore")


def test_so_does_compose(scratch: Scratch) -> None:
    compose = yaml.safe_load(scratch.read("docker-compose.yml"))
    fourth, third = (compose["services"][name] for name in ("client-c", "client-b"))

    assert fourth == json.loads(
        json.dumps(third)
        .replace("client-b", "client-c")
        .replace("client_b", "client_c")
        .replace("CLIENT_B", "CLIENT_C")
        .replace("app-b", "app-c")
    )
    assert "client-c" in compose["services"]["nginx"]["depends_on"]
    assert {"CLIENT_C_PUBLIC_KEY", "CLIENT_C_PRIVATE_KEY"} <= {
        *compose["services"]["server"]["secrets"]
    }


@pytest.mark.skipif(system.compose_lacks() is not None, reason="no Docker engine here")
def test_docker_compose_accepts_it(scratch: Scratch) -> None:
    shown = scratch.run(
        *("docker", "compose", "--env-file", os.devnull, "config", "--format", "json"),
        LAB_SECRETS=str(scratch.root),
    )

    assert "client-c" in json.loads(shown)["services"]


@pytest.mark.parametrize("tests", OWN_TESTS, ids=lambda tests: tests[0])
def test_the_projects_own_tests_pass_with_it(scratch: Scratch, tests: tuple[str, ...]) -> None:
    shown = scratch.python("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)

    assert re.search(r"^[1-9]\d* passed", shown, re.MULTILINE)


def test_make_up_waits_for_it_and_status_shows_it(up: Scratch) -> None:
    assert re.search(rf"{up.url('app-c.localhost')} +ok", up.python("-m", "lab", "status"))


def test_it_is_a_consumer_of_the_server(up: Scratch) -> None:
    code = (
        "from sso_kit.server.models import ConsumerPolicy as Policy;"
        "print(Policy.objects.get(consumer__name='Third app').origins)"
    )

    shown = up.python("-m", "lab", "manage", SITE="server", ARGS=f'shell -v0 -c "{code}"')

    assert shown.strip() == f"['{up.url('app-c.localhost')}/sso/authenticate/']"


def test_somebody_who_signed_in_elsewhere_is_in_without_a_form(up: Scratch) -> None:
    browser = sign_in_at_notes(up)

    page = browser.get(up.url("app-c.localhost") + "/")

    assert (page.status, page.url) == (200, up.url("app-c.localhost") + "/")
    assert "Alice Archer" in page.body
    assert not page.password_fields


def test_the_other_sites_lead_to_it(up: Scratch) -> None:
    browser = sign_in_at_notes(up)

    notes = browser.get(up.url("app-a.localhost") + "/notes/").body
    identity = browser.get(up.url("sso.localhost") + "/").body

    assert f'href="{up.url("app-c.localhost")}/"' in notes
    assert "Says who you are" in identity


def test_without_an_icon_of_its_own_it_has_everybodys(up: Scratch) -> None:
    browser = sign_in_at_notes(up)

    page = browser.get(up.url("app-c.localhost") + "/").body

    [icon] = set(re.findall(r'"(/static/look/[\w-]+\.svg)"', page))
    assert icon == "/static/look/site.svg"
    assert browser.get(up.url("app-c.localhost") + icon).status == 200


def test_the_log_in_form_may_lead_to_it(up: Scratch) -> None:
    form = Browser().get(up.url("sso.localhost") + "/accounts/login/")

    assert up.url("app-c.localhost") in form.headers["content-security-policy"]
