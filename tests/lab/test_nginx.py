from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab.machine import system
from lab.place import Place
from lab.runtimes import nginx
from lab.table import ROOT

TEMPLATE = nginx.TEMPLATE.read_text()


@pytest.fixture
def configuration(place: Place) -> str:
    nginx.write_configuration(place)
    return (place.run / "default.conf").read_text()


@pytest.mark.skipif(system.nginx_program() is None, reason="nginx isn't installed")
def test_nginx_accepts_the_local_configuration(place: Place) -> None:
    nginx.write_configuration(place)

    result = subprocess.run([*nginx.command(place), "-t"], capture_output=True, text=True)

    assert result.returncode == 0, result.stderr


def test_no_name_in_braces_is_left_over(configuration: str) -> None:
    assert not re.findall(r"\$\{\w+\}", re.sub("#.*", "", configuration))


def test_nginxs_own_variables_are_left_alone() -> None:
    assert nginx.render("$host ${LAB_PORT} ${other}", {"LAB_PORT": "1"}) == "$host 1 ${other}"


def test_only_this_machine_is_listened_on(configuration: str, place: Place) -> None:
    listened_on = re.findall(r"listen (\S+?)[ ;]", configuration)

    assert set(listened_on) == {f"127.0.0.1:{place.port}"}


def test_tokens_cannot_get_into_the_access_log() -> None:
    formats = re.findall(r"log_format.*?;", TEMPLATE, re.DOTALL)
    assert len(formats) == 2  # for the log, and for the inspector

    logged = set(re.findall(r"\$(\w+)", " ".join(formats)))

    assert not logged & {"request", "request_uri", "args", "query_string", "http_referer"}
    assert not {name for name in logged if name.startswith(("arg_", "cookie_", "http_"))}


@pytest.mark.parametrize(
    "page", sorted((ROOT / "nginx/pages").glob("*.html")), ids=lambda p: p.name
)
def test_a_page_of_nginx_stands_alone(page: Path) -> None:
    """As nginx sends it: with what it includes (e2e/test_hosts.py sees it sent)."""
    text = re.sub(
        r'<!--# include file="([\w.]+)" -->',
        lambda included: (page.parent / included[1]).read_text(),
        page.read_text(),
    )

    assert "prefers-color-scheme: dark" in text
    assert "<!--#" not in text
    assert not re.findall(r"(?:src|href)=|url\(|@import", text)


def test_every_page_that_nginx_may_show_exists() -> None:
    named = re.findall(r"/lab-pages/(\w+\.html)", TEMPLATE)

    assert set(named) == {page.name for page in (ROOT / "nginx/pages").glob("*.html")}
