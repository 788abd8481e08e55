"""The table of sites and people, and everything that has to agree with it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import environment, secrets, table
from lab.machine import processes, system
from lab.place import Place
from lab.runtimes import leftovers, nginx, serve
from lab.table import ROOT

HOSTS = [site.host for site in table.load().sites]
KNOBS = set(environment.KNOBS)
# What says where something is, each runtime in its own way.
WHERE = {"BIND", "BACK_BIND", "SSO_BACK_CHANNEL_URL", "DATA_DIR"} | {
    *("INSPECTOR_FOLDER", "INSIDE_URL"),
    *("NGINX_LISTEN", "NGINX_PAGES", "NGINX_RUN", "NGINX_OPEN_FILES"),
    *(f"{site.prefix}_BACK_CHANNEL_URL" for site in table.load().clients),
}
PORT = 8090


def compose_file() -> dict[str, Any]:
    """The compose file as compose reads it: ``${NAME}``, ``${NAME:-default}``, ``${NAME:?..}``."""
    values = {"LAB_PORT": str(PORT), "LAB_SECRETS": "/secrets"}
    text = re.sub(
        r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}",
        lambda match: values.get(match[1], match[2] or ""),
        (ROOT / "docker-compose.yml").read_text(),
    )
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def compose_services() -> dict[str, Any]:
    services: dict[str, Any] = compose_file()["services"]
    return services


def compose_environment(service: str) -> dict[str, str]:
    given = compose_services()[service]["environment"]
    return {name: str(value) for name, value in given.items()}


def neighbours(name: str) -> set[tuple[str, str]]:
    """Whom a service shares which network with."""
    services = compose_services()
    own = set(services[name]["networks"])
    others = [other for other in services if other != name]
    return {(net, other) for other in others for net in own & set(services[other]["networks"])}


def test_compose_has_a_service_for_every_site_and_nginx() -> None:
    assert set(compose_services()) == {site.name for site in table.load().sites} | {"nginx"}


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_a_site_gets_the_same_environment_from_compose_as_from_the_local_runtime(
    site: table.Site, tmp_path: Path
) -> None:
    local = serve.site_environment(site.name, Place(tmp_path, PORT))
    given = compose_environment(site.name)

    assert given.keys() - KNOBS == local.keys() - KNOBS - {*processes.INHERITED, *leftovers.MARKS}
    assert alike(given) == alike({name: local[name] for name in given.keys() - KNOBS})


def alike(variables: dict[str, str]) -> dict[str, str]:
    """What doesn't depend on where things are: of a secret's path the name of its file."""
    return {
        name: Path(value).name if name.endswith("_FILE") else value
        for name, value in variables.items()
        if name not in KNOBS | WHERE and not name.endswith("_UPSTREAM")
    }


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_where_things_are_in_containers_is_said_by_the_lab(site: table.Site) -> None:
    said = environment.of_site(site, environment.compose(str(PORT)))

    given = compose_environment(site.name)

    assert {name: given[name] for name in given.keys() - KNOBS} == said


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_the_knobs_reach_a_site_in_both_runtimes(
    site: table.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for knob in KNOBS:
        monkeypatch.setenv(knob, "turned")

    assert {serve.inherited().get(knob) for knob in KNOBS} == {"turned"}
    assert set(compose_services()[site.name]["environment"]) >= KNOBS


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_a_container_sees_the_secrets_that_it_is_told_of_and_no_others(site: table.Site) -> None:
    service = compose_services()[site.name]

    told = {v for k, v in service["environment"].items() if k.endswith("_FILE")}

    assert told == {f"/run/secrets/{name}" for name in service.get("secrets", [])}
    assert told == {f"/run/secrets/{name}" for name in secrets.seen_by(site)}


def test_every_secret_is_a_file_of_the_labs_folder() -> None:
    """``environment`` shows in `docker inspect`; a file doesn't."""
    declared = compose_file()["secrets"]

    assert declared == {name: {"file": f"/secrets/{name}"} for name in secrets.names()}
    assert "secrets" not in compose_services()["nginx"]


def test_nginx_gets_the_same_environment_from_compose_as_from_the_local_runtime(
    tmp_path: Path,
) -> None:
    local = environment.of_nginx(environment.local(Place(tmp_path, PORT)))
    given = compose_environment("nginx")

    assert given.keys() == local.keys()
    assert alike(given) == alike(local)
    assert given == environment.of_nginx(environment.compose(str(PORT)))


@pytest.mark.parametrize("site", table.load().sites, ids=lambda site: site.name)
def test_nobody_but_nginx_reaches_a_sites_pages(site: table.Site) -> None:
    """They are bound to the address behind the name ``front``, which is on that network only."""
    front = f"{site.name}-front"
    mine = compose_services()[site.name]["networks"]

    assert [net for net, options in mine.items() if "front" in options.get("aliases", [])] == [
        front
    ]
    assert {who for net, who in neighbours(site.name) if net == front} == {"nginx"}
    assert environment.compose(str(PORT)).binds[site.name].startswith("front:")


def test_the_sites_that_may_meet_on_the_back_channels_network_without_nginx() -> None:
    sites = {site.name for site in table.load().sites if site.kind.on_back_channel}

    assert {who for net, who in neighbours("server") if net == "back"} == sites - {"server"}
    for name in sites:
        assert compose_services()[name]["networks"]["back"] == {"aliases": [f"{name}-back"]}


def test_nothing_leads_out_of_a_site() -> None:
    networks = compose_file()["networks"]
    open_ones = {name for name, options in networks.items() if not options.get("internal")}

    assert open_ones == {"edge"}
    assert [name for name, it in compose_services().items() if "edge" in it["networks"]] == [
        "nginx"
    ]


def test_nginx_runs_with_the_labs_own_main_configuration() -> None:
    service = compose_services()["nginx"]

    assert service["command"][:3] == ["nginx", "-c", "/etc/nginx/conf.d/nginx.conf"]
    assert service["ulimits"]["nofile"] == environment.OPEN_FILES


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
    command = ["docker", "compose", "--env-file", os.devnull, "config", "--format", "json"]
    variables = {"PATH": os.environ["PATH"], "LAB_SECRETS": str(tmp_path)}

    result = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr
    assert set(json.loads(result.stdout)["services"]) == set(compose_services())


def test_the_tables_port_is_the_usual_one_in_compose_too() -> None:
    usual = re.findall(r"LAB_PORT:-(\d+)", (ROOT / "docker-compose.yml").read_text())

    assert set(usual) == {str(table.load().port)}


def test_nothing_but_hosts_from_the_table_is_in_the_compose_file() -> None:
    named = re.findall(r"[\w-]+\.localhost", (ROOT / "docker-compose.yml").read_text())

    assert set(named) == set(HOSTS)


def test_hosts_example_has_exactly_the_hosts_of_the_table() -> None:
    lines = (ROOT / "hosts.example").read_text().splitlines()
    [line] = [line for line in lines if not line.startswith("#")]

    assert line.split() == ["127.0.0.1", *HOSTS]


def test_nginx_has_a_server_for_every_host_and_one_for_no_other() -> None:
    values = environment.of_nginx(environment.compose(str(PORT)))

    text = nginx.render(nginx.TEMPLATE.read_text(), values)

    assert re.findall(r"server_name (\S+);", text) == [*HOSTS, "_"]


def test_the_page_for_unknown_hosts_names_the_known_ones() -> None:
    page = (ROOT / "nginx/pages/421.html").read_text()

    assert re.findall(r"[\w-]+\.localhost", page) == HOSTS
