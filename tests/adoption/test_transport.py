"""What an app's way to its server takes from the environment, as requests has it for stock.

The server has a name that nobody resolves but the proxy, so an app that doesn't ask it gets
nowhere: that is the control within each test.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.adoption.journeys import gist, sign_in
from tests.adoption.light import Light
from tests.adoption.stage import FLAVOURS, Stage, running
from tests.kit.proxies import http_proxy
from tests.support.browser import Browser

NOBODYS = "sso.company.invalid"


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(stage: Stage, flavour: str) -> Iterator[Light]:
    """One that answers to any name."""
    server = stage.server(flavour, settings="ALLOWED_HOSTS = ['*']")
    with running(server):
        yield server


def through(stage: Stage, flavour: str, server: Light, proxy: str, **variables: str) -> Light:
    """An app whose environment names a proxy, and whose server is behind that."""
    app = stage.client(flavour)
    app.set(f"SSO_SERVER = 'http://{NOBODYS}:{server.port}/server/'")
    app.variables = {"HTTP_PROXY": f"http://{proxy}", **variables}
    return app


def test_a_proxy_of_the_environment_is_asked(stage: Stage, flavour: str, server: Light) -> None:
    with http_proxy(("127.0.0.1", server.port)) as proxy:
        app = through(stage, flavour, server, proxy.at)
        with running(app):
            Browser().get(
                f"{app.url}/client/?next=/", follow=False
            )  # runserver is no server for proxies

    assert [line.split()[1].partition("?")[0] for line in proxy.asked] == [
        f"http://{NOBODYS}:{server.port}/server/request-token/"
    ]


@pytest.mark.parametrize("names", [NOBODYS, "company.invalid", "*"])
def test_a_host_that_is_excepted_is_asked_straight(
    stage: Stage, flavour: str, server: Light, names: str
) -> None:
    with http_proxy(("127.0.0.1", server.port)) as proxy:
        app = through(stage, flavour, server, proxy.at, NO_PROXY=names)
        with running(app):
            page = Browser().get(f"{app.url}/client/")

    assert page.status in (500, 503), gist(page)  # there is nobody of that name
    assert proxy.asked == []


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    bundle = tmp_path_factory.mktemp("authority") / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return authority, bundle


@pytest.fixture
def in_tls(stage: Stage, authority: tuple[trustme.CA, Path], flavour: str) -> Iterator[int]:
    """The port where the server of a flavour answers by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def carry(one: socket.socket, other: socket.socket) -> None:
        try:
            while piece := one.recv(65536):
                other.sendall(piece)
        except OSError:
            pass
        finally:
            other.close()

    def listen() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                client = context.wrap_socket(plain, server_side=True)
            except OSError:
                continue
            behind = socket.create_connection(("127.0.0.1", stage.servers[flavour].port))
            for pair in ((client, behind), (behind, client)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_authority_of_the_environment_is_trusted_and_no_other(
    stage: Stage, authority: tuple[trustme.CA, Path], in_tls: int, flavour: str, variable: str
) -> None:
    seen = []
    for variables in ({}, {variable: str(authority[1])}):
        app = stage.client(flavour)
        app.set(f"SSO_SERVER = 'https://127.0.0.1:{in_tls}/server/'")
        app.variables = variables
        with running(app):
            seen.append(Browser().get(f"{app.url}/client/", follow=False))

    assert [page.status for page in seen] == [500 if flavour == "stock" else 503, 302]
    assert seen[1].location.startswith(f"https://127.0.0.1:{in_tls}/server/authorize/")


def test_without_any_of_that_it_is_asked_straight(stage: Stage, flavour: str) -> None:
    app = stage.client(flavour)
    with running(app):
        assert sign_in(app).person["user"] == "alice"
