"""A site as gunicorn runs it: what is sent is read to its end, whoever of the site answers."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from django.core import wsgi

from lab import table
from lab.machine import processes
from lab.table import ROOT

SENT = b"form=" + b"x" * 50_000


class Connection:
    """One that came in at the server's back door."""

    def getsockname(self) -> tuple[str, int]:
        return ("172.18.0.2", 8001)


def refuses(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("403 Forbidden", [("Content-Length", "0")])
    return []


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], WSGIApplication]:
    """A site's, with one in Django's place that looks at nothing."""
    monkeypatch.setattr(wsgi, "get_wsgi_application", lambda: refuses)
    monkeypatch.setenv("BACK_BIND", "back:8001")
    monkeypatch.setenv("BASE_URL", "http://sso.localhost:8080")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "none")

    def of(package: str) -> WSGIApplication:
        for name in ("site_common.wsgi", f"{package}.wsgi"):
            monkeypatch.setitem(sys.modules, name, sys)  # so that it is undone
            del sys.modules[name]
        found: WSGIApplication = import_module(f"{package}.wsgi").application
        return found

    return of


def post(application: WSGIApplication, path: str, **more: Any) -> tuple[str, bytes]:
    """The status, and what nobody read."""
    body, said = io.BytesIO(SENT), []

    def start(status: str, headers: object, error: object = None) -> Callable[[bytes], object]:
        said.append(status)
        return len

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_LENGTH": str(len(SENT))}
    input_ = {"wsgi.input": body, "wsgi.input_terminated": True}
    answer = application({**environ, **input_, **more}, start)
    list(answer)
    getattr(answer, "close", lambda: None)()
    return said[0], body.read()


@pytest.mark.parametrize("package", [site.package for site in table.load().sites])
def test_a_body_that_django_leaves_is_read(
    application: Callable[[str], WSGIApplication], package: str
) -> None:
    assert post(application(package), "/") == ("403 Forbidden", b"")


def test_so_is_one_that_the_servers_back_door_refuses(
    application: Callable[[str], WSGIApplication],
) -> None:
    server = application("server_site")

    assert post(server, "/admin/", **{"gunicorn.socket": Connection()}) == ("404 Not Found", b"")
    assert post(server, "/sso/verify/", **{"gunicorn.socket": Connection()})[0] == "403 Forbidden"


def test_a_site_that_nobody_knows_is_told_which_there_are() -> None:
    command = [sys.executable, "-m", "gunicorn", "-c", "site_common/gunicorn.conf.py"]
    variables = processes.inherited() | {"SITE_PACKAGE": "nobody"}

    ended = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)

    assert ended.returncode == 1
    assert "No row of lab.toml has the package 'nobody'" in ended.stderr
    assert "one of lab_desk, server_site, client_a, client_b" in ended.stderr
