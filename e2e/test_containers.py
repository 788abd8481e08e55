"""Who reaches what among the containers, and what an engine tells of them.

Why here: networks, mounts and environments are the engine's doing; the compose file only asks.

What would make it lie: an address that nobody has. Hence the same questions where the answer
has to be another: the server to itself, and the apps' door.
"""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from lab import secrets, table
from tests.support.instance import Instance

DJANGO_SITES = [site.name for site in table.load().sites if site.kind.is_django]
ASK = """
import http.client, os
def ask(address, method, path):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    try:
        connection.request(method, path, headers={"X-Forwarded-For": "203.0.113.9"})
        return connection.getresponse().status
    except OSError:
        return 0
"""
DEFAULT_ROUTES = """
from pathlib import Path
rows = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
print("ROUTES", len(rows), [row for row in rows if row[1] == "00000000"])
"""


@pytest.fixture
def containers(lab: Instance) -> Instance:
    if lab.runtime != "compose":
        pytest.skip("this lab has no containers")
    return lab


@pytest.mark.parametrize("site", [site.name for site in table.load().clients])
def test_an_app_reaches_the_back_channel_and_nobodys_pages(containers: Instance, site: str) -> None:
    others = [name for name in table.load().services if name not in ("server", site)]
    pages = [("server:8000", "/accounts/login/"), *((f"{name}:8000", "/") for name in others)]
    door = [
        ("server:8001", "/accounts/login/"),
        ("server:8001", "/admin/"),
        ("server:8001", "/sso/verify/"),
    ]

    assert _statuses(containers, site, pages) == [0] * len(pages)
    assert _statuses(containers, site, door) == [404, 404, 405]


def test_control_the_pages_are_there_for_who_may_ask(containers: Instance) -> None:
    assert _statuses(containers, "server", [("front:8000", "/healthz")]) == [400]  # its own name


@pytest.mark.parametrize("site", DJANGO_SITES)
def test_nothing_leads_out_of_a_site(containers: Instance, site: str) -> None:
    routes = containers.manage(site, "shell", "-c", DEFAULT_ROUTES)

    assert re.search(r"ROUTES [1-9]\d* \[\]", routes)


def test_an_engine_shows_no_secret_to_who_asks_it(containers: Instance) -> None:
    label = f"label=com.docker.compose.project=sso-lab-{containers.ident}"
    ids = subprocess.run(["docker", "ps", "-q", "-f", label], capture_output=True, text=True)

    shown = subprocess.run(
        ["docker", "inspect", *ids.stdout.split()], capture_output=True, text=True, check=True
    ).stdout

    assert len(json.loads(shown)) == len(table.load().services)
    assert [name for name, key in secrets.read(containers.state).items() if key in shown] == []


def _statuses(lab: Instance, site: str, asked: list[tuple[str, str]]) -> list[int]:
    """0 where nobody answers."""
    code = ASK + f"print('ANSWERS', [ask(where, 'GET', path) for where, path in {asked!r}])"
    printed = lab.manage(site, "shell", "-c", code)
    found: list[int] = json.loads(printed.split("ANSWERS ")[1].strip())
    return found
