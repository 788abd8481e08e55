"""Requests without a real browser: odd ones, many at once, or to be stopped half-way."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab import table
from tests.support.browser import Browser
from tests.support.instance import Instance

SECONDS = 15.0  # nginx gives up after 10; a hang shows as a timeout


@dataclass(frozen=True)
class Answer:
    """``headers`` have lower-case names."""

    status: int
    headers: dict[str, str]
    text: str


def send(
    lab: Instance,
    site: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """To the loopback address, since only browsers resolve ``*.localhost`` by themselves."""
    host = {"Host": f"{table.load().site(site).host}:{lab.port}"}
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=SECONDS)
    try:
        connection.request(method, path, body, host | dict(headers or {}))
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, received, response.read().decode(errors="replace"))
    finally:
        connection.close()


def signed_in(lab: Instance, site: str, path: str, username: str) -> Browser:
    """A simple browser of somebody who opened a page, the log-in form in between."""
    browser = Browser(timeout=SECONDS)
    form = browser.get(lab.url(site) + path)
    way_on = re.search(r'name="next" value="([^"]*)"', form.body)
    assert way_on, form.body
    password = table.load().person(username).password
    data = {"login": username, "password": password, "next": html.unescape(way_on[1])}
    page = browser.submit(form, data, f"{lab.url('server')}/accounts/login/")
    assert (page.status, page.url) == (200, lab.url(site) + path), page.hops
    return browser
