"""Threat: an open redirect, by a crooked ``next``, to a site that looks like this one.

Source: RFC 9700, 4.11 (open redirectors); CWE-601; the WHATWG URL Standard, by whose
rules browsers read addresses.

Each variant is judged twice: by ada, the URL parser of Node.js, and by Chromium itself.
What would make this lie: variants that lead nowhere for anybody. Hence with the defence
off, and on stock, the same variants do leave the site.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

import ada_url
import pytest

from tests.attacks import acts, chromium
from tests.attacks.acts import ALICE
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

Saw = Callable[[str], None]
EVIL = "evil.example"

VARIANTS = [
    "//evil.example", "///evil.example", "////evil.example", "/////evil.example/x",
    "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\\/evil.example",
    "//\\evil.example", "\\evil.example", "/\\\\evil.example", "http://evil.example",
    "https://evil.example", "HTTP://evil.example", "https:evil.example", "http:evil.example",
    "http:/evil.example", "https:/evil.example", "http:///evil.example", "http:////evil.example",
    "http:\\\\evil.example", "http:/\\evil.example", "https:\\evil.example", "/\t/evil.example",
    "/\n/evil.example", "/\r/evil.example", "\t//evil.example", "\n//evil.example",
    " //evil.example", "\x00//evil.example", "\x01//evil.example", "\x1f//evil.example",
    "ht\ttp://evil.example", "http\n://evil.example", "h\nt\nt\np:/\t/evil.example",
    "/\t\\evil.example", "/\r\n\\evil.example", "//evil.example\t", "//user@evil.example",
    "//user:word@evil.example/", "http://{host}@evil.example", "http://{host}:80@evil.example/",
    "//{host}@evil.example", "http://{host}\\@evil.example", "//evil.example#@{host}",
    "//evil.example?@{host}", "//evil.example\\@{host}", "//evil%2eexample",
    "//evil\u3002example", "//\uff45vil.example", "//evil\uff0eexample", "/%09/evil.example",
    "/%5cevil.example", "/%2fevil.example", "%2f%2fevil.example", "//%65vil.example",
    "/..//evil.example", "/.//evil.example", "/x/..//evil.example", "/%2e%2e//evil.example",
    "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "\u2028//evil.example",
    "\xa0//evil.example", "\ufeff//evil.example", "\u200b//evil.example", "/\u2028/evil.example",
    "/\u2215evil.example", "//[::1]/", "//1.2.3.4/", "//0x01020304/", "//16909060/",
    "http://{host}.evil.example/", "//{host}.evil.example", "//{host}:1/", "?//evil.example",
    "//;@evil.example", "///;@evil.example", "/;@evil.example", "@evil.example", ".evil.example",
    "mailto:x@evil.example", "ftp://evil.example", "file:///etc/passwd", "//", "///", "/\\", "\\",
]  # fmt: skip


# Django itself puts only http(s) and ftp into a Location, and no line ends.
REFUSED = ("javascript:", "data:", "mailto:", "file:")
REDIRECTABLE = [
    v for v in VARIANTS if v.isprintable() and v.isascii() and not v.startswith(REFUSED)
]  # fmt: skip


def final_location(pair: Pair, browser: Browser, wanted: str) -> tuple[str, str]:
    """The raw ``Location`` that a log-in ends with, and the address that gave it."""
    start = f"{pair.client.url}/sso/?next={quote(wanted.replace('{host}', pair.client.host))}"
    link = acts.walk_to(browser, start, "access_token=")
    page = browser.get(link, follow=False)
    assert page.status == 302, page.body[:300]
    return page.headers["location"].encode("latin-1").decode(), link


def leaves(pair: Pair, location: str, base: str) -> bool:
    """Whether a browser at ``base`` would leave the site, by the WHATWG rules."""
    try:
        return str(ada_url.URL(location, base=base).origin) != pair.client.url
    except ValueError:
        return False  # no browser follows what is no URL


@pytest.mark.threat("open-redirect")
def test_no_variant_of_next_leaves_the_site_by_the_rules_of_browsers(kit: Pair, saw: Saw) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)

    left = [v for v in VARIANTS if leaves(kit, *final_location(kit, browser, v))]

    assert left == []
    assert len(VARIANTS) >= 40
    saw(f"0 of {len(VARIANTS)} leave the site")


@pytest.mark.control("open-redirect", "safe-next off")
def test_most_do_with_safe_next_off(kit: Pair, saw: Saw) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)

    with kit.without("safe-next"):
        left = [v for v in REDIRECTABLE if leaves(kit, *final_location(kit, browser, v))]

    assert len(left) >= 20
    saw(f"{len(left)} of {len(REDIRECTABLE)} leave the site")


@pytest.mark.control("open-redirect", "stock")
def test_some_do_on_stock(stock: Pair, saw: Saw) -> None:
    """Stock asks ``urlparse`` for a host, which reads fewer of them than browsers do."""
    usable = [v for v in REDIRECTABLE if ":" not in v]
    browser = acts.sign_in_at_server(stock, ALICE)

    left = [v for v in usable if leaves(stock, *final_location(stock, browser, v))]

    assert "///evil.example" in left
    saw(f"{len(left)} of {len(usable)} leave the site, ///evil.example among them")


def addresses(pair: Pair, variants: list[str]) -> list[str]:
    wanted = [variant.replace("{host}", pair.client.host) for variant in variants]
    return [f"{pair.client.url}/sso/?next={quote(variant)}" for variant in wanted]


@pytest.mark.threat("open-redirect")
def test_no_variant_of_next_leaves_the_site_in_chromium(kit: Pair, saw: Saw) -> None:
    visits = chromium.visit(kit, ALICE, addresses(kit, VARIANTS))

    assert all(visit.ended_at.startswith(f"{kit.client.url}/") for visit in visits)
    asked = {urlsplit(url).hostname for visit in visits for url in visit.requested}
    assert asked == {kit.client.host, kit.server.host}
    saw(f"0 of {len(visits)} leave the site in Chromium")


@pytest.mark.control("open-redirect", "safe-next off")
def test_chromium_does_leave_with_safe_next_off(kit: Pair, saw: Saw) -> None:
    with kit.without("safe-next"):
        visits = chromium.visit(kit, ALICE, addresses(kit, REDIRECTABLE[:5]))

    left = [v for v in visits if any(EVIL in (urlsplit(url).hostname or "") for url in v.requested)]
    assert len(left) >= 4
    saw(f"{len(left)} of {len(visits)} leave the site in Chromium")


@pytest.mark.parametrize("path", ["/in/?a=1&b=2", "/in/?q=%2F%2Fevil.example", "/in/?a=%C3%A9"])
def test_a_path_of_this_site_is_kept_with_its_query(kit: Pair, path: str) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)

    assert final_location(kit, browser, path)[0] == path
