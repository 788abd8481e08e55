"""The table of hosts, sites and people, and everything that has to agree with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import environment, nginx, secrets, system, table
from lab.table import ROOT

HOSTS = [site.host for site in table.load().sites]
KEYS = {name: f"value-of-{name}" for name in secrets.names()}
PORT = 8090


def compose_services() -> dict[str, Any]:
    """The compose file as compose reads it: ``${NAME}``, ``${NAME:-default}``, ``${NAME:?..}``."""
    values = KEYS | {"LAB_PORT": str(PORT)}
    text = re.sub(
        r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}",
        lambda match: values.get(match[1], match[2] or ""),
        (ROOT / "docker-compose.yml").read_text(),
    )
    services: dict[str, Any] = yaml.safe_load(text)["services"]
    return services


def test_compose_has_a_service_for_every_site_and_nginx() -> None:
    assert set(compose_services()) == {site.name for site in table.load().sites} | {"nginx"}


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_a_site_gets_the_same_environment_from_compose_as_from_the_local_runtime(
    site: table.Site,
) -> None:
    knobs = ("LOG_LEVEL", "WORKERS", "THREADS")

    given = compose_services()[site.name]["environment"]

    ours = {name: str(value) for name, value in given.items() if name not in knobs}
    assert ours == environment.of_site(site, environment.compose(PORT), KEYS)


def test_nginx_gets_the_same_environment_from_compose_as_from_the_local_runtime() -> None:
    given = compose_services()["nginx"]["environment"]

    assert {name: str(value) for name, value in given.items()} == environment.of_nginx(
        environment.compose(PORT)
    )


def test_containers_reach_the_sites_under_the_browsers_names() -> None:
    assert compose_services()["nginx"]["networks"]["default"]["aliases"] == HOSTS


def test_compose_publishes_one_port_on_this_machine_only() -> None:
    services = compose_services()

    assert services["nginx"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert not any("ports" in services[site.name] for site in table.load().sites)


@pytest.mark.parametrize("name", ["nginx", *(site.name for site in table.load().sites)])
def test_every_container_is_hardened(name: str) -> None:
    service = compose_services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["healthcheck"]


def test_nginx_starts_after_every_site_is_healthy() -> None:
    waits_for = compose_services()["nginx"]["depends_on"]

    assert set(waits_for) == {site.name for site in table.load().sites}
    assert {each["condition"] for each in waits_for.values()} == {"service_healthy"}


@pytest.mark.skipif(system.compose_lacks() is not None, reason="no Docker engine here")
def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    secret_file = tmp_path / secrets.FILE
    secret_file.write_text("".join(f"{name}={value}\n" for name, value in KEYS.items()))
    command = ["docker", "compose", "--env-file", str(secret_file), "config", "--format", "json"]

    result = subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True
    )

    assert result.returncode == 0, result.stderr
    assert set(json.loads(result.stdout)["services"]) == set(compose_services())


def test_nothing_but_hosts_from_the_table_is_in_the_compose_file() -> None:
    named = re.findall(r"[\w-]+\.localhost", (ROOT / "docker-compose.yml").read_text())

    assert set(named) == set(HOSTS)


def test_hosts_example_has_exactly_the_hosts_of_the_table() -> None:
    lines = (ROOT / "hosts.example").read_text().splitlines()

    [line] = [line for line in lines if not line.startswith("#")]

    assert line.split() == ["127.0.0.1", *HOSTS]


def test_nginx_has_a_server_for_every_host_and_one_for_no_other() -> None:
    values = environment.of_nginx(environment.compose(PORT))

    text = nginx.render(nginx.TEMPLATE.read_text(), values)

    assert re.findall(r"server_name (\S+);", text) == [*HOSTS, "_"]


def test_the_page_for_unknown_hosts_names_the_known_ones() -> None:
    page = (ROOT / "nginx/pages/421.html").read_text()

    assert re.findall(r"[\w-]+\.localhost", page) == HOSTS
