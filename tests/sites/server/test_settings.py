"""Bad settings stop the site, naming the variable, what is wrong and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from sso_kit import settings as kit


@pytest.mark.parametrize(
    ("reader", "value", "complaint"),
    [
        (kit.env_str, "", "X is not set"),
        (kit.env_int, "many", "not a whole number"),
        (kit.env_int, "-1", "less than 0"),
        (kit.env_bool, "on", "Use 1, true or yes; 0, false or no"),
        (kit.env_bool, "2", "neither yes nor no"),
        (kit.env_secret, "short", "has 5 characters, fewer than 50"),
        (kit.env_url, "sso.localhost:8080", "not a base URL"),
        (kit.env_url, "http://sso.localhost:8080/", "not a base URL"),
        (kit.env_url, "http://sso.localhost/sso", "not a base URL"),
        (kit.env_url, "http://sso.localhost:http", "not a URL"),
        (kit.env_url, "http://me@sso.localhost", "not a base URL"),
        (kit.env_url, "ftp://sso.localhost", "not a base URL"),
        (kit.env_path, "data", "a relative path"),
        (kit.env_path, "/no/such/folder", "not a folder"),
        (kit.env_log_level, "LOUD", "Use one of DEBUG, INFO"),
    ],
)
def test_bad_input_is_named_and_explained(
    reader: Callable[[str], object], value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", value)

    with pytest.raises(ImproperlyConfigured, match=r"^X ") as caught:
        reader("X")

    assert complaint in str(caught.value)


@pytest.mark.parametrize("rate", ["5", "5/m", "0/5m", "five/5m", "5/5m/ip", "5/5m,9/1h"])
def test_a_rate_is_an_amount_and_a_time(rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", rate)

    with pytest.raises(ImproperlyConfigured, match="not a rate"):
        kit.env_rate("X", "5/5m")


def test_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "hush-hush")

    with pytest.raises(ImproperlyConfigured) as caught:
        kit.env_secret("X")

    assert "hush" not in str(caught.value)


def test_good_input_is_typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {"I": "8080", "B": "Yes", "U": "https://SSO.example", "P": str(tmp_path)}
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    assert kit.env_int("I") == 8080
    assert kit.env_bool("B") is True
    assert kit.env_url("U") == "https://sso.example"
    assert kit.env_path("P") == tmp_path
    assert kit.env_bool("MISSING", False) is False


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters"),
        ("BASE_URL", "", "BASE_URL is not set"),
        ("CLIENT_A_PRIVATE_KEY", "short", "CLIENT_A_PRIVATE_KEY has 5 characters"),
        ("LAB_MODE", "perhaps", "LAB_MODE is 'perhaps'"),
        ("FAILED_LOGINS_PER_ACCOUNT", "lots", "FAILED_LOGINS_PER_ACCOUNT is 'lots'"),
    ],
)
def test_the_site_does_not_start_on_bad_input(name: str, value: str, complaint: str) -> None:
    run = run_python("import server_site.settings", **{name: value})

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


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
