"""What people and attackers do, in the words of the protocol."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.attacks import by_hand
from tests.attacks.pairs import Pair, Site
from tests.support.browser import Browser

ALICE, MALLORY = "user1", "user2"
MOST_STEPS = 10


def sign_in_at_server(pair: Pair, person: str, browser: Browser | None = None) -> Browser:
    """Log in at the identity server itself, in a new browser or a given one."""
    browser = browser or Browser()
    form = browser.get(f"{pair.server.url}/login/?next=/")
    browser.submit(form, {"username": person, "password": person})
    return browser


def sign_in(
    pair: Pair, person: str, browser: Browser | None = None, site: Site | None = None
) -> Browser:
    """Log in at the server and, silently, at a client."""
    browser = sign_in_at_server(pair, person, browser)
    browser.get(f"{(site or pair.client).url}/in/")
    return browser


def walk_to(browser: Browser, url: str, part: str) -> str:
    """Follow redirects up to, and not into, the address that has ``part``."""
    for _ in range(MOST_STEPS):
        if part in url:
            return url
        page = browser.get(url, follow=False)
        assert page.location, f"no redirect from {url}: {page.status} {page.body[:300]}"
        url = page.location
    raise AssertionError(f"no {part} after {MOST_STEPS} steps")


def access_link(
    pair: Pair, person: str, browser: Browser | None = None, site: Site | None = None
) -> str:
    """The address with an access token that a person's log-in ends with, not yet visited."""
    browser = sign_in_at_server(pair, person, browser)
    return walk_to(browser, f"{(site or pair.client).url}/in/", "access_token=")


def authorize_link(pair: Pair, browser: Browser, site: Site | None = None) -> str:
    """The address with a request token that a hand-shake begins with, not yet visited."""
    return walk_to(browser, f"{(site or pair.client).url}/in/", f"{pair.server.url}/sso/authorize/")


def who(browser: Browser, site: Site) -> str:
    """Who is signed in at a site; an empty text for nobody."""
    return str(json.loads(browser.get(f"{site.url}/").body)["user"])


def parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


def with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()} | {name: value}
    return parts._replace(query=urlencode(query)).geturl()


@dataclass(frozen=True)
class Answer:
    """What the back channel says."""

    status: int
    text: str


def post_back_channel(
    pair: Pair, path: str, public_key: str, body: str | bytes, headers: dict[str, str] | None = None
) -> Answer:
    """Send a text to the server as a consumer does."""
    connection = HTTPConnection(urlsplit(pair.server.url).netloc, timeout=10)
    with closing(connection):
        kind = {"X-Services-Public-Key": public_key, "Content-Type": "application/json"}
        connection.request("POST", f"/sso/{path}", body, kind | (headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.read().decode())


def verify(pair: Pair, keys: tuple[str, str], token: str, verifier: str) -> Answer:
    """Redeem a bare access token as a consumer, signed by hand."""
    public, private = keys
    question = {"access_token": token, "verifier": verifier, "nonce": "n" * 22}
    body = by_hand.write(private, by_hand.SALTS["verify", "ask"], question)
    return post_back_channel(pair, "verify/", public, body)


def ask_for_request_token(pair: Pair, redirect_to: object, verifier: str = "") -> Answer:
    """As the consumer ``other``, in good standing, by hand."""
    public, private = pair.keys("other")
    question = {"redirect_to": redirect_to}
    if pair.flavour == "stock":
        body = by_hand.write(private, by_hand.STOCK_SALT, question, scheme=by_hand.STOCK)
        return post_back_channel(pair, "request-token/", public, body)
    question |= {"challenge": by_hand.challenge_of(verifier), "nonce": "n" * 22}
    body = by_hand.write(private, by_hand.SALTS["request-token", "ask"], question)
    return post_back_channel(pair, "request-token/", public, body)


def begin_by_hand(pair: Pair, person: str) -> str:
    """A log-in by hand up to the last message, which is returned: who is this token for?"""
    verifier = "v" * 43
    redirect_to = f"{pair.url_of('other')}/sso/authenticate/"
    answer = by_hand.payload(ask_for_request_token(pair, redirect_to, verifier).text)
    authorize = f"{pair.server.url}/sso/authorize/?{urlencode({'token': answer['request_token']})}"
    link = sign_in_at_server(pair, person).get(authorize, follow=False).location
    token = by_hand.bare_token(parameter(link, "access_token"))
    private = pair.keys("other")[1]
    if pair.flavour == "stock":
        asked = {"access_token": token}
        return by_hand.write(private, by_hand.STOCK_SALT, asked, scheme=by_hand.STOCK)
    asked = {"access_token": token, "verifier": verifier, "nonce": "n" * 22}
    return by_hand.write(private, by_hand.SALTS["verify", "ask"], asked)
