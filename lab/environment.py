"""The environment of every service, in either runtime.

The local runtime is given exactly these variables; ``docker-compose.yml`` spells the same
ones out, and a test holds the two together.
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass

from lab import secrets, table
from lab.place import Place
from lab.runtimes import sockets
from lab.table import ROOT, Site

FRONT_PORT, BACK_PORT = 8000, 8001  # of a site's container, on its own networks
HOST_VARIABLES = {"server": "SSO_HOST", "client-a": "APP_A_HOST", "client-b": "APP_B_HOST"}
OPEN_FILES = 10_000  # for each of nginx's workers; a visitor takes one, and one at the site


@dataclass(frozen=True)
class Layout:
    """Where things are in one runtime: what listens where, and which folders are whose.

    Attributes:
        binds: where each site's gunicorn listens for nginx.
        upstreams: the same, as nginx reaches it.
        back_bind: where the server's gunicorn listens for the apps.
        back_channel: the same, as a base URL for them.
        secrets, pages, nginx_run: folders, as the services see them.
        open_files: for each of nginx's workers.
    """

    port: int
    nginx_listen: str
    binds: Mapping[str, str]
    upstreams: Mapping[str, str]
    back_bind: str
    back_channel: str
    data: str
    secrets: str
    pages: str
    nginx_run: str
    open_files: int


def local(place: Place) -> Layout:
    """nginx on this machine's loopback; the sites on Unix sockets that nobody else can open."""
    names = [site.name for site in table.load().sites]
    addresses = {name: f"unix:{sockets.path(place, name)}" for name in names}
    back = sockets.path(place, "back")
    return Layout(
        port=place.port,
        nginx_listen=f"127.0.0.1:{place.port}",
        binds=addresses,
        upstreams=addresses,
        back_bind=f"unix:{back}",
        back_channel=sockets.url(back),
        data=str(place.data),
        secrets=str(secrets.folder(place.state)),
        pages=str(ROOT / "nginx/pages"),
        nginx_run=str(place.run),
        open_files=_allowed(OPEN_FILES),
    )


def compose(port: int) -> Layout:
    """A container per service; nginx has the same port inside as outside.

    ``front`` and ``back`` are a container's own names on its two networks: what it binds to
    one of them can't be reached by the other.
    """
    names = [site.name for site in table.load().sites]
    return Layout(
        port=port,
        nginx_listen=str(port),
        binds=dict.fromkeys(names, f"front:{FRONT_PORT}"),
        upstreams={name: f"{name}:{FRONT_PORT}" for name in names},
        back_bind=f"back:{BACK_PORT}",
        back_channel=f"http://server:{BACK_PORT}",
        data="/data",
        secrets="/run/secrets",
        pages="/etc/nginx/pages",
        nginx_run="/etc/nginx/conf.d",
        open_files=OPEN_FILES,
    )


def of_site(site: Site, layout: Layout) -> dict[str, str]:
    """What one site's settings read. Of the lab's secrets it is told where its own are."""
    return {
        "SITE_PACKAGE": site.package,
        "BIND": layout.binds[site.name],
        "BASE_URL": site.url(layout.port),
        "SSO_URL": table.load().server.url(layout.port),
        "DATA_DIR": layout.data,
        "LAB_PORT": str(layout.port),
        "LAB_MODE": "1",
        "SECRET_KEY_FILE": f"{layout.secrets}/{secrets.prefix(site)}_SECRET_KEY",
        **(_server(layout) if site.is_server else _client(site, layout)),
    }


def of_nginx(layout: Layout) -> dict[str, str]:
    """What nginx's templates are filled with."""
    sites = table.load().sites
    hosts = {HOST_VARIABLES[site.name]: site.host for site in sites}
    upstreams = {f"{secrets.prefix(site)}_UPSTREAM": layout.upstreams[site.name] for site in sites}
    return {
        "NGINX_LISTEN": layout.nginx_listen,
        "NGINX_PAGES": layout.pages,
        "NGINX_RUN": layout.nginx_run,
        "NGINX_OPEN_FILES": str(layout.open_files),
        "LAB_PORT": str(layout.port),
        **hosts,
        **upstreams,
    }


def _server(layout: Layout) -> dict[str, str]:
    consumers = [secrets.prefix(client) for client in table.load().clients]
    names = [f"{consumer}_{half}_KEY" for consumer in consumers for half in ("PUBLIC", "PRIVATE")]
    files = {f"{name}_FILE": f"{layout.secrets}/{name}" for name in names}
    return {"BACK_BIND": layout.back_bind, **files}


def _client(site: Site, layout: Layout) -> dict[str, str]:
    keys = f"{layout.secrets}/{secrets.prefix(site)}"
    return {
        "SSO_BACK_CHANNEL_URL": layout.back_channel,
        "SSO_PUBLIC_KEY_FILE": f"{keys}_PUBLIC_KEY",
        "SSO_PRIVATE_KEY_FILE": f"{keys}_PRIVATE_KEY",
    }


def _allowed(files: int) -> int:
    """As many as wanted, unless this account may open fewer."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return files if most == resource.RLIM_INFINITY else min(files, most)
