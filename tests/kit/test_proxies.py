"""Proxies and certificates of the environment, as requests takes them, which stock asks by.

Control: each promise is kept by requests too, in the same environment. The server's name is
known to the proxies only, so a question that is answered went through one.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import pytest
import requests
import trustme
from urllib3.exceptions import InsecureRequestWarning

from sso_kit.back_channel import route, socks
from sso_kit.back_channel.channel import BackChannel
from sso_kit.back_channel.gate import Budget
from sso_kit.errors import ServerUnavailable
from tests.kit.logged import lines
from tests.kit.odd_server import Behaviour, OddServer, drips, hangs, odd_server, says
from tests.kit.proxies import Address, Proxy, http_proxy, socks_proxy

NAME = "sso.behind-the-proxy.test"
HTTP, HTTPS = f"http://{NAME}/sso/", f"https://{NAME}/sso/"
BUDGET = Budget(connect=0.5, read=0.5, glance=0.2, at_once=2, queue=0.2, rest=0.0)
LONGEST = 2 * BUDGET.connect + BUDGET.read + 0.7  # seconds; this machine may be busy
VARIABLES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
OURS = {*VARIABLES, *map(str.lower, VARIABLES), *route.BUNDLES, "SSL_CERT_FILE", "SSL_CERT_DIR"}
Ask = Callable[[str], str]


def by_requests(url: str) -> str:
    with requests.Session() as session:
        return session.post(f"{url}verify/", data="question", timeout=5).text


def by_the_kit(url: str) -> str:
    return BackChannel(url, "public", BUDGET).post("verify/", "question")


@pytest.fixture(params=[by_requests, by_the_kit])
def ask(request: pytest.FixtureRequest) -> Ask:
    asking: Ask = request.param
    return asking


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def serving(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME, "127.0.0.1").configure_cert(context)
    return context


def address(server: OddServer) -> Address:
    parts = urlsplit(server.url)
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server(says("200 OK", b"answer")) as server:
        yield server


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[OddServer]:
    with odd_server(says("200 OK", b"answer")) as server:
        server.tls = serving(authority)
        yield server


@pytest.fixture
def proxy(server: OddServer) -> Iterator[Proxy]:
    with http_proxy(address(server)) as proxy:
        yield proxy


@pytest.fixture
def tunnel(tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy before the server with a certificate, whose authority is trusted."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with http_proxy(address(tls_server)) as proxy:
        yield proxy


def direct(server: OddServer) -> str:
    """The server's address without any proxy, under https."""
    return f"https://127.0.0.1:{address(server)[1]}/sso/"


# --- which proxy ---


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_an_http_server_is_asked_through_the_proxy_by_its_whole_address(
    ask: Ask, proxy: Proxy, server: OddServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, f"http://{proxy.at}")

    assert ask(HTTP) == "answer"
    assert proxy.asked == [f"POST {HTTP}verify/ HTTP/1.1"]
    assert f"\r\nhost: {NAME}\r\n" in server.requests[0].decode().lower()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_an_https_server_is_asked_in_a_tunnel(
    ask: Ask, tunnel: Proxy, tls_server: OddServer, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, f"http://{tunnel.at}")

    assert ask(HTTPS) == "answer"
    assert [line.split()[:2] for line in tunnel.asked] == [["CONNECT", f"{NAME}:443"]]
    assert tls_server.requests[0].startswith(b"POST /sso/verify/ HTTP/1.1\r\n")


def test_a_proxy_may_be_named_without_its_scheme(
    ask: Ask, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.at)

    assert ask(HTTP) == "answer"


def test_the_proxy_of_the_other_scheme_is_left_alone(
    ask: Ask, proxy: Proxy, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.at}")

    assert ask(server.url) == "answer"
    assert proxy.asked == []


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("hosts", ["127.0.0.1", "elsewhere.test,127.0.0.0/8", "*"])
def test_a_host_that_is_named_is_asked_without(
    ask: Ask,
    proxy: Proxy,
    server: OddServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    hosts: str,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.at}")
    monkeypatch.setenv(variable, hosts)

    assert ask(server.url) == "answer"
    assert proxy.asked == []


def test_one_that_is_not_named_goes_through_also_on_this_machine(
    ask: Ask, proxy: Proxy, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.at}")
    monkeypatch.setenv("NO_PROXY", "elsewhere.test")

    assert ask(server.url) == "answer"
    assert len(proxy.asked) == 1


def test_a_unix_socket_never_goes_through_a_proxy(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://{proxy.at}")

    with odd_server(says("200 OK", b"answer"), tmp_path / "server.sock") as server:
        assert by_the_kit(server.url) == "answer"
    assert proxy.asked == []


def test_connections_through_a_proxy_are_kept(
    proxy: Proxy, tunnel: Proxy, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.at}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnel.at}")

    for url in (HTTP, HTTPS):
        channel = BackChannel(url, "public", BUDGET)
        assert [channel.post("verify/", "question") for _ in range(3)] == ["answer"] * 3

    assert (len(proxy.asked), len(tunnel.asked)) == (1, 1)


# --- proxies that want a name, speak TLS or SOCKS ---

CREDENTIALS = [("olga:secret", "olga:secret"), ("o%40lga:p%3A%2Fss", "o@lga:p:/ss")]


@pytest.mark.parametrize(("written", "meant"), CREDENTIALS)
def test_a_proxy_is_told_name_and_password(
    ask: Ask, proxy: Proxy, tunnel: Proxy, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    proxy.wants = tunnel.wants = meant
    monkeypatch.setenv("HTTP_PROXY", f"http://{written}@{proxy.at}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{written}@{tunnel.at}")

    assert (ask(HTTP), ask(HTTPS)) == ("answer", "answer")


def test_neither_are_told_to_the_server(
    tunnel: Proxy, tls_server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tunnel.wants = "olga:secret"
    monkeypatch.setenv("HTTPS_PROXY", f"http://olga:secret@{tunnel.at}")
    by_the_kit(HTTPS)

    assert b"proxy-authorization" not in tls_server.requests[0].lower()


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_a_proxy_that_is_told_nothing_right_is_named_in_the_log(
    proxy: Proxy,
    tunnel: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
) -> None:
    proxy.wants = tunnel.wants = "olga:secret"
    monkeypatch.setenv("HTTP_PROXY", f"http://olga:guessed-badly@{proxy.at}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://olga:guessed-badly@{tunnel.at}")

    with pytest.raises(ServerUnavailable):
        by_the_kit(url)

    (line,) = lines(caplog, "client")
    assert "The proxy wants a user name and a password" in line
    assert "guessed-badly" not in line


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_a_proxy_may_speak_tls_itself(
    ask: Ask,
    server: OddServer,
    tls_server: OddServer,
    authority: trustme.CA,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    there = server if url == HTTP else tls_server
    with http_proxy(address(there), tls=serving(authority)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"https://{proxy.at}")

        if (url, ask) == (HTTP, by_requests):  # which doesn't look at the certificate here
            with pytest.warns(InsecureRequestWarning):
                assert ask(url) == "answer"
        else:
            assert ask(url) == "answer"


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_but_not_with_anybodys_certificate(
    server: OddServer,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
) -> None:
    with http_proxy(address(server), tls=serving(authority)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"https://{proxy.at}")

        with pytest.raises(ServerUnavailable):
            by_the_kit(url)

        assert proxy.asked == []
    assert "REQUESTS_CA_BUNDLE=FILE" in lines(caplog, "client")[0]


@pytest.fixture
def with_pysocks() -> None:
    pytest.importorskip("socks")


@pytest.mark.usefixtures("with_pysocks")
@pytest.mark.parametrize("credentials", ["", "olga:secret"])
@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_a_socks_proxy_will_do(
    ask: Ask,
    server: OddServer,
    tls_server: OddServer,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    credentials: str,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    there = server if url == HTTP else tls_server
    with socks_proxy(address(there), wants=credentials) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{credentials}@{proxy.at}")

        assert ask(url) == "answer"
        assert proxy.asked == [f"{NAME}:{80 if url == HTTP else 443}"]


def test_without_pysocks_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(socks, "find_spec", lambda name: None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")

    with pytest.raises(ServerUnavailable):
        by_the_kit(HTTP)

    (line,) = lines(caplog, "client")
    assert line.startswith("ERROR ")
    assert "pip install 'requests[socks]'" in line


@pytest.mark.parametrize("proxy", ["gopher://127.0.0.1:70", "http://[", "http://:99999", "http://"])
def test_what_is_no_proxy_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, proxy: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)

    with pytest.raises(ServerUnavailable):
        by_the_kit(HTTP)

    (line,) = lines(caplog, "client")
    assert "HTTP_PROXY" in line


def test_a_proxy_that_is_down_is_a_server_that_is_down(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http_proxy(("127.0.0.1", 9)) as gone:
        monkeypatch.setenv("ALL_PROXY", f"http://{gone.at}")

    for url in (HTTP, HTTPS):
        with pytest.raises(ServerUnavailable, match="doesn't answer"):
            by_the_kit(url)


# --- the same promises as without ---

HEAD = b"HTTP/1.1 200 OK\r\n"
STUCK: dict[str, Behaviour] = {
    "nothing": hangs,
    "a body that drips": drips(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
    "a head that drips": drips(HEAD, b"X-Drip: 1\r\n"),
}


def seconds_until_unavailable(url: str) -> float:
    began = time.monotonic()
    with pytest.raises(ServerUnavailable):
        by_the_kit(url)
    return time.monotonic() - began


@pytest.mark.parametrize("url", [HTTP, HTTPS])
@pytest.mark.parametrize("stuck", STUCK)
def test_the_deadline_is_for_the_whole_answer(
    server: OddServer,
    tls_server: OddServer,
    proxy: Proxy,
    tunnel: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    stuck: str,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.at}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnel.at}")
    server.behaviour = tls_server.behaviour = STUCK[stuck]

    assert seconds_until_unavailable(url) < LONGEST
    assert server.calls + tls_server.calls == 1


@pytest.mark.parametrize("stuck", STUCK)
def test_a_proxy_gets_the_time_to_connect_and_no_more(
    tunnel: Proxy, monkeypatch: pytest.MonkeyPatch, stuck: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnel.at}")
    tunnel.instead = drips(HEAD, b"X-Drip: 1\r\n") if stuck == "a body that drips" else STUCK[stuck]

    assert seconds_until_unavailable(HTTPS) < LONGEST


@pytest.mark.parametrize(("url", "who"), [(HTTP, "server"), (HTTPS, "server"), (HTTPS, "proxy")])
def test_nor_does_one_that_speaks_tls_nor_a_server_behind_it(
    server: OddServer,
    tls_server: OddServer,
    authority: trustme.CA,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    who: str,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    drip = drips(HEAD, b"X-Drip: 1\r\n")
    there = server if url == HTTP else tls_server
    there.behaviour = drip
    instead = drip if who == "proxy" else None
    with http_proxy(address(there), tls=serving(authority), instead=instead) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"https://{proxy.at}")

        assert seconds_until_unavailable(url) < LONGEST
        assert len(proxy.asked) == 1
        assert there.calls == (who == "server")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_through_a_tunnel_has_its_own_time_after_that_to_connect(
    tls_server: OddServer,
    authority: trustme.CA,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    budget = Budget(connect=1.0, read=20)
    at_once = tls_server.behaviour

    def later(connection: socket.socket, over: threading.Event) -> None:
        over.wait(budget.connect + 0.3)
        at_once(connection, over)

    tls_server.behaviour = later
    tls = serving(authority) if scheme == "https" else None
    with http_proxy(address(tls_server), tls=tls) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{proxy.at}")

        assert BackChannel(HTTPS, "public", budget).post("verify/", "question") == "answer"


@pytest.mark.usefixtures("with_pysocks")
def test_nor_does_a_server_behind_a_socks_proxy(
    server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.behaviour = STUCK["a head that drips"]
    with socks_proxy(address(server)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy.at}")

        assert seconds_until_unavailable(HTTP) < LONGEST
        assert server.calls == 1


@pytest.mark.parametrize("url", [HTTP, HTTPS])
def test_nobody_is_led_elsewhere(
    server: OddServer,
    tls_server: OddServer,
    proxy: Proxy,
    tunnel: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.at}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnel.at}")
    server.behaviour = tls_server.behaviour = says(
        "307 Temporary Redirect", b"", f"Location: {url}elsewhere/\r\n"
    )

    with pytest.raises(ServerUnavailable):
        by_the_kit(url)

    assert server.calls + tls_server.calls == 1
    assert "let Client(...) have the final address" in lines(caplog, "client")[0]


# --- whose certificates are trusted ---


@pytest.mark.parametrize("variable", route.BUNDLES)
def test_the_bundle_that_the_environment_names_is_trusted(
    ask: Ask, tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(bundle))

    assert ask(direct(tls_server)) == "answer"


def test_it_may_be_a_folder(
    ask: Ask, tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = ["openssl", "x509", "-noout", "-hash", "-in", str(bundle)]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(bundle.read_bytes())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))

    assert ask(direct(tls_server)) == "answer"


def test_requests_own_variable_goes_first(
    ask: Ask, tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("CURL_CA_BUNDLE", "/no/such/file")

    assert ask(direct(tls_server)) == "answer"


@pytest.mark.parametrize("trusted", ["nothing more", "another authority"])
def test_what_it_has_not_signed_is_refused_with_the_remedy_in_the_log(
    ask: Ask,
    tls_server: OddServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trusted: str,
) -> None:
    if trusted == "another authority":
        trustme.CA().cert_pem.write_to_path(str(tmp_path / "another.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))

    with pytest.raises((requests.exceptions.SSLError, ServerUnavailable)):
        ask(direct(tls_server))

    assert tls_server.requests == []
    if ask is by_the_kit:
        assert "REQUESTS_CA_BUNDLE=FILE" in lines(caplog, "client")[0]


def test_a_bundle_replaces_the_usual_authorities(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    assert len(authorities()) == 1


def test_without_one_they_are_the_systems_and_certifis(
    tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))  # OpenSSL's own: what the system trusts

    assert by_the_kit(direct(tls_server)) == "answer"
    certifis = ssl.create_default_context(cafile=certifi.where()).get_ca_certs(binary_form=True)
    assert len(certifis) > 100
    assert set(certifis) < authorities()


def authorities() -> set[bytes]:
    context = route.to(HTTPS, 1).connections.conn_kw["ssl_context"]
    return set(context.get_ca_certs(binary_form=True))


@pytest.mark.parametrize("variable", route.BUNDLES)
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_bundle_that_cannot_be_read_is_named_in_the_log(
    tls_server: OddServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    variable: str,
    content: str | None,
) -> None:
    file = tmp_path / "bundle.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv(variable, str(file))

    with pytest.raises(ServerUnavailable, match="environment"):
        by_the_kit(direct(tls_server))

    (line,) = lines(caplog, "client")
    assert line.startswith("ERROR ")
    assert f"{variable} names {file}" in line
    with pytest.raises((OSError, requests.exceptions.SSLError)):
        by_requests(direct(tls_server))


def test_plain_http_needs_no_bundle(
    ask: Ask, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")

    assert ask(server.url) == "answer"


def test_once_the_environment_is_mended_the_next_question_is_asked(
    tls_server: OddServer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = BackChannel(direct(tls_server), "public", BUDGET)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with pytest.raises(ServerUnavailable):
        channel.post("verify/", "question")

    os.environ["REQUESTS_CA_BUNDLE"] = str(bundle)

    assert channel.post("verify/", "question") == "answer"
