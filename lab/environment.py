"""The environment of every service, in either runtime: said here and nowhere else.

The local runtime is given exactly these variables; ``docker-compose.yml`` is written from them
(``lab/generate``).
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from lab import secrets, table
from lab.place import Place
from lab.table import ROOT, Site

FRONT_PORT, BACK_PORT = 8000, 8001  # of a site's container, on its own networks
OPEN_FILES = 10_000  # for each of nginx's workers; a visitor takes one, and one at the site
# What a site may be given by hand, and what it is otherwise.
KNOBS = {
    "LOG_LEVEL": "INFO",
    "WORKERS": "2",
    "THREADS": "4",
    "SESSION_SECONDS": "43200",
    "IDLE_SECONDS": "0",
    "LONGEST_SECONDS": "0",
    "CHECK_SECONDS": "60",
    "HELPDESK_USERS": "database",
    "HELPDESK_LOCAL_ACCOUNTS": "1",
    "DEFENCES_OFF": "",
    "STOCK_FORMAT": "",
    "INSPECTOR": "1",
}


@dataclass(frozen=True)
class Layout:
    """Where things are in one runtime: what listens where, and which folders are whose.

    Attributes:
        port: nginx's, as digits or, in the compose file, as the variable that has it.
        binds: where each site's gunicorn listens for nginx.
        upstreams: the same, as nginx reaches it.
        back_binds: where each site's gunicorn listens for the other sites.
        back_channels: the same, as base URLs for them.
        inspector: a folder; what is written there, the desk reads.
        inside: nginx's base URL, as the sites reach it.
        secrets, pages, nginx_run: folders, as the services see them.
        open_files: for each of nginx's workers.
    """

    port: str
    nginx_listen: str
    binds: Mapping[str, str]
    upstreams: Mapping[str, str]
    back_binds: Mapping[str, str]
    back_channels: Mapping[str, str]
    inspector: str
    inside: str
    data: str
    secrets: str
    pages: str
    nginx_run: str
    open_files: int


def local(place: Place) -> Layout:
    """nginx on this machine's loopback; the sites on Unix sockets that nobody else can open."""
    names = [site.name for site in table.load().sites]
    addresses = {name: f"unix:{place.socket(name)}" for name in names}
    backs = {name: place.socket(back_of(name)) for name in names}
    return Layout(
        port=str(place.port),
        nginx_listen=f"127.0.0.1:{place.port}",
        binds=addresses,
        upstreams=addresses,
        back_binds={name: f"unix:{back}" for name, back in backs.items()},
        back_channels={
            name: f"http+unix://{quote(str(back), safe='')}" for name, back in backs.items()
        },
        inspector=str(place.events),
        inside=f"http://127.0.0.1:{place.port}",
        data=str(place.data),
        secrets=str(secrets.folder(place.state)),
        pages=str(ROOT / "nginx/pages"),
        nginx_run=str(place.run),
        open_files=_allowed(OPEN_FILES),
    )


def compose(port: str) -> Layout:
    """A container per service; nginx has the same port inside as outside.

    ``front``, and ``back_of`` its name, are what a container is called on its two networks: what
    it binds to one of them can't be reached by the other.
    """
    lab = table.load()
    names = [site.name for site in lab.sites]
    return Layout(
        port=port,
        nginx_listen=port,
        binds=dict.fromkeys(names, f"front:{FRONT_PORT}"),
        upstreams={name: f"{name}:{FRONT_PORT}" for name in names},
        back_binds={name: f"{back_of(name)}:{BACK_PORT}" for name in names},
        back_channels={name: f"http://{back_of(name)}:{BACK_PORT}" for name in names},
        inspector="/events",
        inside=f"http://nginx:{port}",
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
        "LAB_PORT": layout.port,
        "LAB_MODE": "1",
        **_inspector(site, layout),
        **_back_channel(site, layout),
        **_secret_files(site, layout),
    }


def of_nginx(layout: Layout) -> dict[str, str]:
    """What nginx's templates are filled with."""
    return {
        "NGINX_LISTEN": layout.nginx_listen,
        "NGINX_PAGES": layout.pages,
        "NGINX_RUN": layout.nginx_run,
        "NGINX_OPEN_FILES": str(layout.open_files),
        "INSPECTOR_FOLDER": layout.inspector,
        "LAB_PORT": layout.port,
        **{f"{site.prefix}_UPSTREAM": layout.upstreams[site.name] for site in table.load().sites},
    }


def _inspector(site: Site, layout: Layout) -> dict[str, str]:
    """Where the sites tell what happens; the desk also looks whether they answer."""
    if table.load().desk is None or not site.kind.is_django:
        return {}
    looks = {"INSIDE_URL": layout.inside} if site.kind.hears else {}
    return {"INSPECTOR_FOLDER": layout.inspector, **looks}


def back_of(name: str) -> str:
    """What a site's back door is called: a socket, or its name on the network behind."""
    return f"{name}-back"


def _back_channel(site: Site, layout: Layout) -> dict[str, str]:
    """Server and apps have a door for each other, past nginx, where only that answers."""
    lab = table.load()
    if not site.kind.on_back_channel:
        return {}
    bind = {"BACK_BIND": layout.back_binds[site.name]} if site.kind.is_django else {}
    if not site.is_server:
        return bind | {"SSO_BACK_CHANNEL_URL": layout.back_channels[lab.server.name]}
    apps = {f"{app.prefix}_BACK_CHANNEL_URL": layout.back_channels[app.name] for app in lab.clients}
    return bind | apps


def _secret_files(site: Site, layout: Layout) -> dict[str, str]:
    """A site's own go by what they are, the apps' at the server by whose they are."""
    own, found = secrets.of_site(site), {}
    for name in secrets.seen_by(site):
        called = name.removeprefix(f"{site.prefix}_") if name in own else name
        called = f"SSO_{called}" if called in secrets.PAIR else called
        found[f"{called}_FILE"] = f"{layout.secrets}/{name}"
    return found


def _allowed(files: int) -> int:
    """As many as wanted, unless this account may open fewer."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return files if most == resource.RLIM_INFINITY else min(files, most)
