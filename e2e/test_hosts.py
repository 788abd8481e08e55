"""Each name leads to its site, and any other name to none.

Why here: the name passes nginx, gunicorn and Django, each of which may trust it too much.

What would make it lie: a client library that sends the right name after all.
"""

from __future__ import annotations

import json

import pytest

from e2e import plain
from lab import table
from tests.support.instance import Instance

DJANGO_SITES = [site.name for site in table.load().sites if site.kind.is_django]
FOREIGN = [
    "evil.example",
    "localhost",
    "nobody.localhost",
    "app-a.localhost.evil.example",
    "127.0.0.1",
]

# Run inside a site, where nginx isn't in the way.
ASK_DIRECTLY = """
import os
import urllib3
from sso_kit.back_channel.deadline import unix_pool
kind, _, where = os.environ["BIND"].partition(":")
pool = unix_pool(where) if kind == "unix" else urllib3.HTTPConnectionPool(kind, int(where))
headers = {"Host": "evil.example"}
answer = pool.urlopen("GET", "/", headers=headers, retries=False)
print("STATUS", answer.status)
"""


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_each_name_leads_to_its_site(lab: Instance, site: table.Site) -> None:
    answer = plain.send(lab, site.name, "/healthz")

    assert json.loads(answer.text) == {"status": "ok", "site": site.package}


@pytest.mark.parametrize("host", FOREIGN)
def test_unknown_name_leads_nowhere(lab: Instance, host: str) -> None:
    answer = plain.send(lab, "client-a", "/", headers={"Host": f"{host}:{lab.port}"})

    assert answer.status == 421
    assert "<h1>" in answer.text
    assert "prefers-color-scheme: dark" in answer.text  # the style is in the page


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Host"])
def test_claimed_name_is_not_believed(lab: Instance, header: str) -> None:
    answer = plain.send(lab, "client-a", "/notes/", headers={header: "host=evil.example"})

    assert answer.status == 302
    assert answer.headers["location"].startswith(lab.url("server"))
    assert "evil" not in answer.headers["location"] + answer.text


@pytest.mark.parametrize("site", DJANGO_SITES)
def test_site_itself_refuses_a_wrong_name(lab: Instance, site: str) -> None:
    assert "STATUS 400" in lab.manage(site, "shell", "-c", ASK_DIRECTLY)
