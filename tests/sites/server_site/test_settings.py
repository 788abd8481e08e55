"""Bad settings stop the site, naming the variable, what is wrong and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from lab import table
from site_common import environment as reading
from site_common import parts
from tests.sites import environment

PACKAGES = [site.package for site in table.load().sites if site.kind.is_django]


@pytest.mark.parametrize(
    ("reader", "value", "complaint"),
    [
        (reading.env_str, "", "X is not set"),
        (reading.env_int, "many", "not a whole number"),
        (reading.env_int, "-1", "less than 0"),
        (reading.env_bool, "on", "Use 1, true or yes; 0, false or no"),
        (reading.env_bool, "2", "neither yes nor no"),
        (reading.env_secret, "short", "has 5 characters, fewer than 50"),
        (reading.env_url, "sso.localhost:8080", "not a base URL"),
        (reading.env_url, "http://sso.localhost:8080/", "not a base URL"),
        (reading.env_url, "http://sso.localhost/sso", "not a base URL"),
        (reading.env_url, "http://sso.localhost:http", "not a URL"),
        (reading.env_url, "http://me@sso.localhost", "not a base URL"),
        (reading.env_url, "ftp://sso.localhost", "not a base URL"),
        (reading.env_path, "data", "a relative path"),
        (reading.env_path, "/no/such/folder", "not a folder"),
        (reading.env_log_level, "LOUD", "Use one of DEBUG, INFO"),
    ],
)
def test_bad_input_is_named_and_explained(
    reader: Callable[[str], object], value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured, match=r"^X ") as caught:
        reader("X")

    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        "http+unix:///run/server.sock",
        "http+unix://%2Frun%2Fserver.sock/",
        "http+unix://run%2Fserver.sock",
        "http+unix:%2Frun%2Fserver.sock",
        "http+unix://",
        "http://server/sso",
    ],
)
def test_a_back_channel_is_a_base_url_or_a_socket(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured, match=r"^X is"):
        reading.env_back_channel_url("X")


@pytest.mark.parametrize("value", ["http+unix://%2Frun%2FA%20b.sock", "http://server:8001"])
def test_a_back_channel_is_taken_as_it_is_written(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    assert reading.env_back_channel_url("X") == value


def test_a_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 60 + "\n")
    monkeypatch.setenv("X_FILE", str(secret))

    assert reading.env_secret("X") == "s" * 60


@pytest.mark.parametrize(
    ("content", "also", "complaint"),
    [
        (None, "", r"^X_FILE names a file that can't be read"),
        (b"\xff" * 60, "", r"^X_FILE names a file that can't be read"),
        (b" \n", "", r"^X_FILE names an empty file"),
        (b"hush", "", r"^X has 4 characters"),
        (b"s" * 60, "hush", r"^X and X_FILE are both set"),
    ],
)
def test_a_secret_file_that_is_no_use_is_explained_and_not_repeated(
    content: bytes | None,
    also: str,
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("X", also)

    with pytest.raises(ImproperlyConfigured, match=complaint) as caught:
        reading.env_secret("X")

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("http://app.localhost:8080", "app_session_8080"),
        ("http://app.localhost:8090", "app_session_8090"),
        ("http://app.example", "app_session"),
        ("https://app.example", "__Host-app_session"),
        ("https://app.example:8443", "__Host-app_session_8443"),
    ],
)
def test_a_cookies_name_tells_ports_apart_and_is_bound_to_its_host(
    base_url: str, name: str
) -> None:
    assert parts.cookie_name("app_session", base_url) == name


@pytest.mark.parametrize("rate", ["5", "5/m", "0/5m", "five/5m", "5/5m/ip", "5/5m,9/1h"])
def test_a_rate_is_an_amount_and_a_time(rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", rate)

    with pytest.raises(ImproperlyConfigured, match="not a rate"):
        reading.env_rate("X", "5/5m")


def test_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "hush-hush")

    with pytest.raises(ImproperlyConfigured) as caught:
        reading.env_secret("X")

    assert "hush" not in str(caught.value)


def test_good_input_is_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {"I": "8080", "B": "Yes", "U": "https://SSO.example", "P": str(tmp_path)}
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    assert reading.env_int("I") == 8080
    assert reading.env_bool("B") is True
    assert reading.env_url("U") == "https://sso.example"
    assert reading.env_path("P") == tmp_path
    assert reading.env_bool("MISSING", False) is False


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters"),
        ("BASE_URL", "", "BASE_URL is not set"),
        ("CLIENT_A_PRIVATE_KEY", "short", "CLIENT_A_PRIVATE_KEY has 5 characters"),
        ("LAB_MODE", "perhaps", "LAB_MODE is 'perhaps'"),
        ("SESSION_SECONDS", "an hour", "SESSION_SECONDS is 'an hour'"),
        ("SESSION_SECONDS", "5", "SESSION_SECONDS is 5, less than 60"),
        ("SESSION_SECONDS", "9" * 20, f"SESSION_SECONDS is {'9' * 20}, more than 31622400"),
        ("FAILED_LOGINS_PER_ACCOUNT", "lots", "FAILED_LOGINS_PER_ACCOUNT is 'lots'"),
    ],
)
def test_the_site_does_not_start_on_bad_input(name: str, value: str, complaint: str) -> None:
    run = run_python("import server_site.settings", **{f"{name}_FILE": "", name: value})

    assert run.returncode == 1
    assert complaint in run.stderr


@pytest.mark.parametrize(
    ("base_url", "secure"), [("https://sso.example", "True"), ("http://sso.localhost", "False")]
)
def test_cookies_are_secure_exactly_where_the_site_is_https(base_url: str, secure: str) -> None:
    names = "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"
    shown = ", ".join(f"settings.{name}" for name in names)

    run = run_python(f"from server_site import settings; print({shown})", BASE_URL=base_url)

    assert run.stdout.split() == [secure, secure]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("base_url", ["https://a.example", "https://a.example:8443"])
def test_under_https_browsers_take_a_cookie_only_from_this_very_host(
    package: str, base_url: str
) -> None:
    """RFC 6265bis, 4.1.3.2: the prefix holds with Secure, the path / and no domain."""
    for kind in ("SESSION", "CSRF"):
        names = [f"{kind}_COOKIE_{what}" for what in ("NAME", "SECURE", "PATH", "DOMAIN")]
        name, *rest = settings_of(package, names, BASE_URL=base_url)

        assert name.startswith("__Host-")
        assert rest == ["True", "/", "None"]


@pytest.mark.parametrize("package", PACKAGES)
def test_cookies_of_two_ports_have_different_names(package: str) -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"]

    here = settings_of(package, names, BASE_URL="http://a.localhost:8080")
    there = settings_of(package, names, BASE_URL="http://a.localhost:8090")

    assert len({*here, *there}) == 4


@pytest.mark.parametrize("package", PACKAGES)
def test_an_apps_session_is_as_long_as_the_servers(package: str) -> None:
    assert settings_of(package, ["SESSION_COOKIE_AGE"]) == [str(12 * 60 * 60)]
    assert settings_of(package, ["SESSION_COOKIE_AGE"], SESSION_SECONDS="600") == ["600"]


def settings_of(package: str, names: list[str], **variables: str) -> list[str]:
    """What a site's settings come to, in its own environment."""
    code = "from django.conf import settings as s; "
    code += "print(*(getattr(s, name) for name in " + repr(names) + "))"
    given = environment.variables(package) | {"DJANGO_SETTINGS_MODULE": f"{package}.settings"}
    return run_python(code, **given | variables).stdout.split()


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
