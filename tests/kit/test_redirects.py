"""Where a log-in may end: on a path of this site, whatever a browser makes of the text.

The table has what attackers try; the property is judged by ``where_a_browser_goes``, an
independent and much stricter reading of the WHATWG URL Standard.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sso_kit.client.redirects import MAX_LENGTH, safe_next

SITE = "https://app.example"
LOCAL = [
    ("/", "/"),
    ("/notes/", "/notes/"),
    ("/notes/7/?page=2&q=a%20b", "/notes/7/?page=2&q=a%20b"),
    ("/notes/#end", "/notes/#end"),
    ("/a//b", "/a//b"),
    ("/?next=//evil.example", "/?next=//evil.example"),
    ("/?u=https://evil.example/", "/?u=https://evil.example/"),
    ("/%2f/evil.example", "/%2f/evil.example"),
    ("/%5cevil.example", "/%5cevil.example"),
    ("/@evil.example", "/@evil.example"),
    ("/notes/über", "/notes/%C3%BCber"),
    ("/．/evil", "/%EF%BC%8E/evil"),
    ("https://app.example/notes/?a=1", "/notes/?a=1"),
    ("https://app.example:443/notes/", "/notes/"),
    ("https://APP.example/notes/", "/notes/"),
    ("http://app.example/notes/", "/notes/"),  # as a project behind a proxy may take itself
]
FOREIGN = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "//\\evil.example",
    "/\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:///evil.example",
    "http:///evil.example",
    "http://evil.example",
    "https:\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\n//evil.example",
    "/\t\\evil.example",
    "ht\ntps://evil.example",
    "/ok\nSet-Cookie: a=b",
    "\x00//evil.example",
    "\x01/evil",
    "/\x00/evil.example",
    "/\x7f/evil.example",
    "\x1f//evil.example",
    "https://app.example@evil.example/",
    "https://app.example:443@evil.example/",
    "https://user:pw@app.example/",
    "//app.example@evil.example",
    "//app.example/notes/",
    "https://app.example.evil.example/",
    "https://evil.example/app.example",
    "https://evil.example#https://app.example/",
    "https://evil.example?https://app.example/",
    "http://app.example:443/notes/",
    "https://app.example:80/notes/",
    "http://www.app.example/notes/",
    "https://app.example:444/notes/",
    "https://app.example",
    "https://app.example//evil.example",
    "https://app.example/\\evil.example",
    "https://app.example/\t/evil.example",
    "https://app.example\\@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:a@evil.example",
    "blob:https://evil.example/x",
    "about:blank",
    "evil.example",
    "evil.example/path",
    "notes/",
    "./notes/",
    "../notes/",
    "?a=1",
    "#a",
    "@evil.example",
    "／／evil.example",
    "/／evil.example\\",
    "　//evil.example",
    "\u2028//evil.example",
    "%2f%2fevil.example",
    "%5c%5cevil.example",
    "https%3a//evil.example",
    "https://［::1］/",
    "http://[::1",
    "http://[evil.example]/",
    "https://evil。example/",
    "https://evil%E3%80%82example/",
    "//[::1]/",
    "/" * 3000,
    "/" + "a" * MAX_LENGTH,
    "/" + "ü" * (MAX_LENGTH // 2),  # which browsers write with six characters for one
    "",
    None,
]


@pytest.mark.parametrize(("wanted", "end"), LOCAL)
def test_a_path_of_this_site_is_kept(wanted: str, end: str) -> None:
    assert safe_next(wanted, SITE, MAX_LENGTH) == end


@pytest.mark.parametrize("wanted", FOREIGN)
def test_everything_else_ends_on_the_front_page(wanted: str | None) -> None:
    assert safe_next(wanted, SITE, MAX_LENGTH) == "/"


def test_the_table_is_long_enough() -> None:
    assert len(FOREIGN) + len(LOCAL) >= 40


def where_a_browser_goes(location: str) -> str:
    """``here``, or why not: WHATWG URL Standard, basic URL parser, relative to an https URL.

    Leading C0 and space are cut, tab and newline removed anywhere (4.4, steps 1 and 3);
    ``\\`` is ``/`` in special schemes; two slashes begin an authority.
    """
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(0x21))))).replace(
        "\\", "/"
    )
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text):
        return "another scheme or host"
    if text.startswith("//"):
        return "another host"
    return "here" if text.startswith("/") else "a relative path"


PIECES = st.sampled_from(
    [
        "/",
        "//",
        "\\",
        ":",
        "@",
        ".",
        "?",
        "#",
        "%2f",
        "%5c",
        "%00",
        "\t",
        "\n",
        "\r",
        " ",
        "\x00",
        "\x7f",
        "http",
        "https",
        "javascript",
        "https:",
        "https://app.example",
        "app.example",
        "evil.example",
        "[::1]",
        ":443",
        "／",
        "。",
        "\u2028",
        "\ufeff",
        "\xa0",
        "ü",
        "notes",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=8).map("".join))


@given(TEXTS)
@example("/\t/evil.example")
@example("/%09/evil.example")
@example("\ufeff//evil.example")
@example("/\udc80")
def test_the_result_is_always_a_local_path(wanted: str) -> None:
    end = safe_next(wanted, SITE, MAX_LENGTH)

    assert where_a_browser_goes(end) == "here"
    assert re.fullmatch(r"/(?!/)[\x21-\x7e]*", end)
    assert "\\" not in end
    assert urlsplit(end)[:2] == ("", "")


@given(TEXTS)
def test_what_is_safe_stays_as_it_is_the_second_time(wanted: str) -> None:
    once = safe_next(wanted, SITE, MAX_LENGTH)

    assert safe_next(once, SITE, MAX_LENGTH) in (once, "/")
