"""Two URLs are of one origin when scheme, host and port are the same, and never else."""

from __future__ import annotations

import pytest

from sso_kit.origins import is_loopback, origin_of

SAME = [
    ("https://app.example", "https://app.example:443"),
    ("https://app.example/", "https://app.example:443"),
    ("https://APP.Example/path?query#fragment", "https://app.example:443"),
    ("HTTPS://app.example", "https://app.example:443"),
    ("http://app.example", "http://app.example:80"),
    ("http://app.example:80/", "http://app.example:80"),
    ("http://app.example:8080", "http://app.example:8080"),
    ("https://app.example:80", "https://app.example:80"),
    ("http://localhost:8000", "http://localhost:8000"),
    ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("http://[::1]:8000/", "http://[::1]:8000"),
    ("http://[2001:DB8::1]/", "http://[2001:db8::1]:80"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example:443"),
    ("http://a-b.example", "http://a-b.example:80"),
]
NONE = [
    "",
    "app.example",
    "//app.example",
    "/path",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://app.example",
    "file:///etc/passwd",
    "https:",
    "https://",
    "https:///path",
    "https:app.example",
    "https:/app.example",
    "https://user@app.example",
    "https://user:pw@app.example",
    "https://app.example@evil.example",
    "https://@app.example",
    "https://app.example\\@evil.example",
    "https:\\\\app.example",
    "https://app.example\\.evil.example",
    "https://app.example:port",
    "https://app.example:99999",
    "https://app.example:-1",
    "https://app.example: 80",
    " https://app.example",
    "https://app.example\n",
    "https://app\t.example",
    "https://app.example\x00",
    "https://bücher.example",
    "https://app。example",
    "https://ａpp.example",
    "https://app%2eexample",
    "https://app.example%2f.evil.example",
    "https://[::1",
    "https://::1]/",
    "https://[::1]evil.example",
    "https://[::1%25lo]/",
    "https://app_example$/",
    "https://-app.example",
    "https://app.example-:443",
    "https://*.example",
    "https://app.example,evil.example",
    "https://app.example;evil.example",
    "https://?app.example",
    "https://#app.example",
]


@pytest.mark.parametrize(("url", "origin"), SAME)
def test_a_url_is_of_the_origin(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", NONE)
def test_what_parsers_could_disagree_about_is_of_no_origin(url: str) -> None:
    with pytest.raises(ValueError):
        origin_of(url)


@pytest.mark.parametrize(
    "other",
    [
        "http://app.example",
        "https://app.example:444",
        "https://www.app.example",
        "https://app.example.evil.example",
        "https://evil-app.example",
        "https://app.examples",
        "https://pp.example",
    ],
)
def test_a_neighbour_is_another_origin(other: str) -> None:
    assert origin_of(other) != origin_of("https://app.example")


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:80",
        "http://app-a.localhost:8080",
        "http://127.0.0.1:80",
        "http://127.8.9.1:80",
        "http://[::1]:80",
    ],
)
def test_this_machine_is_loopback(origin: str) -> None:
    assert is_loopback(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost.evil.example:80",
        "http://evillocalhost:80",
        "http://10.0.0.1:80",
        "http://128.0.0.1:80",
        "http://127.0.0.1.evil.example:80",
        "http://[::2]:80",
        "http://0.0.0.0:80",
    ],
)
def test_another_machine_is_not(origin: str) -> None:
    assert not is_loopback(origin)
