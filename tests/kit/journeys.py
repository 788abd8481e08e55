"""A person's browser between the two sites, without a network.

Both sites are one project here, so each gets a cookie jar of its own; the client's back
channel is a call of the server's views through Django's test client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django.test import Client
from django.test.client import ClientHandler

from sso_kit.back_channel.channel import Answer, BackChannel
from sso_kit.client.handshake import COOKIE_PREFIX
from sso_kit.messages import REFUSAL_HEADER

HTML = {"accept": "text/html"}
APP, FINISH = "http://app.test", "/sso/authenticate/"
MOST_REDIRECTS = 20  # as browsers have it


class InProcess(BackChannel):
    """Posts to the server's views of this very project; keeps what went by."""

    def __init__(self, public_key: str, mount: str = "/server/") -> None:
        super().__init__(f"http://sso.test{mount}", public_key)
        self.mount = mount
        self.seen: list[tuple[str, str, str]] = []

    def _send(self, path: str, body: str, *_: Any) -> Answer:
        answer = Client().post(
            self.mount + path,
            body,
            content_type="application/json",
            headers={"host": "sso.test", "x-services-public-key": self.public_key},
        )
        self.seen.append((path, body, answer.content.decode()))
        code = answer.headers.get(REFUSAL_HEADER, "")
        return Answer(answer.status_code, answer.content.decode(), code)


class CookieClient(Client):
    """Django's, sending the cookies that a browser would: it sends all of them everywhere."""

    def logout_here(self) -> None:
        """End the session, and keep the other cookies: ``logout`` throws all of them away."""
        self.session.flush()
        self.cookies.pop("sessionid", None)

    def logout_by_form(self, **fields: str) -> Any:
        """As a person does it: at the server, or with the kit's own button at the app."""
        at_app = self.defaults["HTTP_HOST"] == "app.test"
        return self.post("/sso/sso-logout/" if at_app else "/logout/", fields)

    def login_by_form(self, name: str) -> Any:
        """At the server, whoever is signed in there."""
        return self.post("/login/", {"username": name, "password": "password"})

    def request(self, **request: Any) -> Any:
        secure = request.get("wsgi.url_scheme") == "https"
        sent = [
            f"{name}={morsel.value}"
            for name, morsel in self.cookies.items()
            if request["PATH_INFO"].startswith(morsel["path"] or "/")
            and (secure or not morsel["secure"])
            and str(morsel["max-age"]) != "0"
        ]
        answer = super().request(**request, HTTP_COOKIE="; ".join(sent))
        for name in [name for name in self.cookies if name.startswith("__Host-")]:
            morsel = self.cookies[name]
            if not (secure and morsel["secure"] and morsel["path"] == "/" and not morsel["domain"]):
                del self.cookies[name]
        return answer


@dataclass
class Browser:
    """Follows redirects from site to site; ``visited`` has every address."""

    visited: list[str] = field(default_factory=list)
    jars: dict[str, CookieClient] = field(default_factory=dict)

    def at(self, host: str) -> CookieClient:
        return self.jars.setdefault(host, CookieClient(headers={"host": host, **HTML}))

    def get(self, url: str, *, follow: bool = True) -> Any:
        for _ in range(MOST_REDIRECTS):
            parts = urlsplit(url)
            self.visited.append(url)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = self.at(parts.netloc).get(target, secure=parts.scheme == "https")
            if answer.status_code != 302 or not follow:
                return answer
            url = urljoin(url, answer["Location"])
        raise AssertionError(f"redirected for ever: {self.visited[-4:]}")

    def sign_in_at_the_server(self, user: Any) -> None:
        self.at("sso.test").force_login(user)

    def walk_until(self, url: str, path: str) -> str:
        """Follow redirects up to an address with this path, and don't go there."""
        while urlsplit(url).path != path:
            answer = self.get(url, follow=False)
            assert answer.status_code == 302, answer.content.decode()
            url = urljoin(url, answer["Location"])
        return url


def without_csrf_middleware(client: CookieClient, settings: Any) -> CookieClient:
    """A browser at a project that has left it out: the kit's own forms are safe all the same."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "csrf" not in each]
    client.handler = ClientHandler(enforce_csrf_checks=True)
    return client


def parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def cookies_of(browser: Browser) -> dict[str, str]:
    """What a browser remembers its hand-shakes by."""
    jar = browser.at("app.test").cookies
    return {
        name: jar[name].value for name in jar if name.startswith(COOKIE_PREFIX) and jar[name].value
    }
