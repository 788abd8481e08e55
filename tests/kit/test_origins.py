"""Two URLs are of one origin when scheme, host and port are the same, and never else."""

from __future__ import annotations

import pytest

from sso_kit.origins import host_of, is_out_of_public_reach, is_this_machine, origin_of

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
        "http://0.0.0.0:80",
        "http://[::]:80",
    ],
)
def test_this_machine_is_known_by_all_its_names(origin: str) -> None:
    assert is_this_machine(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost.evil.example:80",
        "http://evillocalhost:80",
        "http://10.0.0.1:80",
        "http://128.0.0.1:80",
        "http://127.0.0.1.evil.example:80",
        "http://[::2]:80",
        "http://192.168.0.1:80",
        "http://app:80",
    ],
)
def test_another_machine_is_not(origin: str) -> None:
    assert not is_this_machine(origin)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://app.example/path/", "app.example"),
        ("http://APP.example:80", "app.example"),
        ("https://app.example:80", "app.example:80"),
        ("http://app.example:443", "app.example:443"),
        ("http://app.example:8080", "app.example:8080"),
        ("http://[::1]:80/", "[::1]"),
    ],
)
def test_a_host_is_written_as_browsers_write_it(url: str, host: str) -> None:
    assert host_of(url) == host


OUT_OF_REACH = [
    "localhost:8000",
    "client.localhost",
    "127.0.0.1:8001",
    "127.8.9.1",
    "[::1]:8000",
    "0.0.0.0:8000",
    "[::]:8000",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.7:8000",
    "169.254.3.4",
    "[fe80::1]",
    "[fd12:3456::1]",
    "client",
    "client-1:8000",
    "client.test",
    "client1.app.test",
    "printer.local",
    "app.corp.internal",
    "nas.home.arpa",
]
WITHIN_REACH = [
    "client1.app.com",
    "localhost.evil.example",
    "evillocalhost.com",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "test.example",
    "eviltest.com",
    "internal.example",
    "home.arpa.example",
    "8.8.8.8",
    "172.15.0.1",
    "172.32.0.1",
    "192.169.0.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[2001:db8::1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::a00:1]",
    # What browsers read as IPv4 addresses: 8.8.8.8 and others.
    "134744072",
    "0x08080808",
    "0x8.0x8.0x8.0x8",
    "8.526344",
    "010.8.8.8",
    "a.1",
    "1.0x",
]


@pytest.mark.parametrize("host", OUT_OF_REACH)
def test_no_stranger_can_get_hold_of_names_and_addresses_of_ones_own(host: str) -> None:
    assert is_out_of_public_reach(origin_of(f"http://{host}"))


@pytest.mark.parametrize("host", WITHIN_REACH)
def test_strangers_can_of_all_others(host: str) -> None:
    assert not is_out_of_public_reach(origin_of(f"http://{host}"))
