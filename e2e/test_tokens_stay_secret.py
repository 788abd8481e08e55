"""Tokens, cookies and passwords leave no trace in logs, and no Referer carries one.

Why here: four programs log a log-in (nginx, three gunicorns, a supervisor), and only a
browser makes Referer headers.

What would make it lie: empty logs, or the logs of another log-in; hence its reference,
which is public, must be found in all three.
"""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import BrowserContext, Page

from e2e import actions
from e2e.hops import Hops
from lab import table
from tests.support.instance import Instance

SECRET_PARAMETERS = ("token", "access_token", "state", "next")


def test_log_in_leaves_no_secret_in_any_log(
    page: Page, context: BrowserContext, hops: Hops, lab: Instance, tmp_path: Path
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    references = {state[:10] for state in hops.values_of("state")}
    secrets = _secrets(hops, context)

    lab.save_logs(tmp_path)

    logs = {path.name: path.read_text(errors="replace") for path in tmp_path.rglob("*.log*")}
    for reference in references:
        assert len([name for name, text in logs.items() if reference in text]) == 2, reference
    assert '"path":"/sso/authenticate/"' in logs["nginx.log"]
    leaks = [(name, secret) for name, text in logs.items() for secret in secrets if secret in text]
    assert leaks == []


def test_a_request_line_that_cannot_be_read_is_not_quoted_either(
    lab: Instance, tmp_path: Path
) -> None:
    """No browser sends a raw byte in an address; whoever does gets nginx's own page."""
    secret = "kept-secret-1234567"
    line = f"GET /sso/authenticate/?state=s&access_token={secret}&x=\u00e9 HTTP/1.1\r\n"
    host = f"Host: {table.load().site('client-a').host}:{lab.port}\r\n"
    with socket.create_connection(("127.0.0.1", lab.port), 10) as connection:
        connection.sendall(f"{line}{host}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert answer.startswith("HTTP/1.1 400 ")
    assert "Content-Security-Policy:" in answer
    assert secret not in answer
    lab.save_logs(tmp_path)
    logs = {path.name: path.read_text(errors="replace") for path in tmp_path.rglob("*.log*")}
    assert [name for name, text in logs.items() if secret in text] == []


def test_referer_never_carries_a_token(page: Page, hops: Hops, lab: Instance) -> None:
    """Not to another site, and not to the log-in page's own pictures and styles."""
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    page.get_by_role("link", name="Identity").click()

    assert len(hops.values_of("access_token")) == 2
    referers = {request.all_headers().get("referer", "") for request in hops.requests}
    assert [referer for referer in referers if urlsplit(referer).query] == []


def _secrets(hops: Hops, context: BrowserContext) -> set[str]:
    values = hops.values_of(*SECRET_PARAMETERS)
    tokens = {value for value in values if not value.startswith("/notes")}
    bare = {_bare(token) for token in hops.values_of("access_token")}
    cookies = {cookie["value"] for cookie in context.cookies() if len(cookie["value"]) > 8}
    people = {person.password for person in table.load().people}
    written = tokens | bare | cookies | people
    return written | {quote(value, safe="") for value in written}


def _bare(access_token: str) -> str:
    """What the server stores the digest of, without time and signature."""
    return access_token.split(".")[0]
