"""A form in an encoding that Django doesn't read is refused with a page, on every site.

Why here: a page with a form refuses it while it checks the form's token, and so did the error
page, which left a bare 500. Django's test client skips that check.

What would make it lie: being refused for a missing token, hence the browser that has one.
"""

from __future__ import annotations

import pytest

from e2e import plain
from lab import table
from tests.support.instance import Instance

FORM = "application/x-www-form-urlencoded"
OUT = "/sso/sso-logout/"
PAGES = {"server": "/accounts/login/", "client-a": OUT, "client-b": OUT}
SITES = [site.name for site in table.load().sites if site.kind.is_django]


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "UTF-7"])
@pytest.mark.parametrize("site", SITES)
def test_another_encoding_is_refused_with_a_page(lab: Instance, site: str, charset: str) -> None:
    title, before = table.load().site(site).title.lower(), lab.log(site).splitlines()
    headers = {
        "Content-Type": f"{FORM}; charset={charset}",
        "Origin": lab.url(site),
        "Cookie": f"{title}_csrf_{lab.port}={'t' * 32}",
    }

    for path in (PAGES.get(site, "/"), "/nowhere/"):
        answer = plain.send(lab, site, path, method="POST", body=b"a=b", headers=headers)
        assert answer.status == 400, (path, answer.text)
        assert "That request made no sense" in answer.text

    new = set(lab.log(site).splitlines()).difference(before)
    assert [line for line in new if "Traceback" in line] == []


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_control_the_usual_encoding_is_read(lab: Instance, charset: str) -> None:
    headers = {"Content-Type": f"{FORM}; charset={charset}"}

    answer = plain.send(
        lab, "server", "/accounts/login/", method="POST", body=b"a=b", headers=headers
    )

    assert answer.status == 403  # read, and without its token
