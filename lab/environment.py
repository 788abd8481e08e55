"""The environment of every service, in either runtime.

The local runtime is given exactly these variables; ``docker-compose.yml`` spells the same
ones out, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab import secrets, table
from lab.place import Place
from lab.table import ROOT, Site

COMPOSE_SITE_PORT = 8000
HOST_VARIABLES = {"server": "SSO_HOST", "client-a": "APP_A_HOST", "client-b": "APP_B_HOST"}


@dataclass(frozen=True)
class Layout:
    """Where things are in one runtime: what listens where, and which folders are whose."""

    port: int
    nginx_listen: str
    binds: Mapping[str, str]
    upstreams: Mapping[str, str]
    data: str
    pages: str

    @property
    def back_channel_host(self) -> str:
        return self.upstreams["server"].split(":")[0]


def local(place: Place) -> Layout:
    """Everything on this machine's loopback: nginx on the port, the sites on the next three."""
    sites = table.load().sites
    addresses = {site.name: f"127.0.0.1:{place.port + n}" for n, site in enumerate(sites, 1)}
    return Layout(
        port=place.port,
        nginx_listen=f"127.0.0.1:{place.port}",
        binds=addresses,
        upstreams=addresses,
        data=str(place.data),
        pages=str(ROOT / "nginx/pages"),
    )


def compose(port: int) -> Layout:
    """A container per service; nginx has the same port inside as outside."""
    names = [site.name for site in table.load().sites]
    return Layout(
        port=port,
        nginx_listen=str(port),
        binds=dict.fromkeys(names, f"0.0.0.0:{COMPOSE_SITE_PORT}"),
        upstreams={name: f"{name}:{COMPOSE_SITE_PORT}" for name in names},
        data="/data",
        pages="/etc/nginx/pages",
    )


def of_site(site: Site, layout: Layout, keys: Mapping[str, str]) -> dict[str, str]:
    """What one site's settings read; ``keys`` are the lab's secrets, of which it gets its own."""
    own = _server(layout, keys) if site.is_server else _client(site, layout, keys)
    return {
        "SITE_PACKAGE": site.package,
        "BIND": layout.binds[site.name],
        "BASE_URL": site.url(layout.port),
        "SSO_URL": table.load().server.url(layout.port),
        "DATA_DIR": layout.data,
        "LAB_PORT": str(layout.port),
        "LAB_MODE": "1",
        "SECRET_KEY": keys[f"{secrets.prefix(site)}_SECRET_KEY"],
        **own,
    }


def of_nginx(layout: Layout) -> dict[str, str]:
    """What nginx's template is filled with."""
    sites = table.load().sites
    hosts = {HOST_VARIABLES[site.name]: site.host for site in sites}
    upstreams = {f"{secrets.prefix(site)}_UPSTREAM": layout.upstreams[site.name] for site in sites}
    return {
        "NGINX_LISTEN": layout.nginx_listen,
        "NGINX_PAGES": layout.pages,
        "LAB_PORT": str(layout.port),
        **hosts,
        **upstreams,
    }


def _server(layout: Layout, keys: Mapping[str, str]) -> dict[str, str]:
    consumers = [secrets.prefix(client) for client in table.load().clients]
    names = [f"{consumer}_{half}_KEY" for consumer in consumers for half in ("PUBLIC", "PRIVATE")]
    return {
        "BACK_CHANNEL_HOST": layout.back_channel_host,
        **{name: keys[name] for name in names},
    }


def _client(site: Site, layout: Layout, keys: Mapping[str, str]) -> dict[str, str]:
    return {
        "SSO_BACK_CHANNEL_URL": f"http://{layout.upstreams['server']}",
        "SSO_PUBLIC_KEY": keys[f"{secrets.prefix(site)}_PUBLIC_KEY"],
        "SSO_PRIVATE_KEY": keys[f"{secrets.prefix(site)}_PRIVATE_KEY"],
    }
