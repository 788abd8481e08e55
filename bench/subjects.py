"""The three subjects: the lab as it is shipped, the stock library, and the floor.

Each has the lab's nginx, from the same template, and gunicorn with two workers of four
threads. The lab is started without its supervisor, by the very commands that it gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bench.services import Service, Subject
from lab import environment, secrets, table
from lab.machine import ports, processes, system
from lab.place import Place
from lab.runtimes import nginx, serve
from lab.table import ROOT
from tests.support.process import gunicorn

PEOPLE = 16
SHAPE = ("--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--keep-alive=75",
         "--log-level=warning")  # fmt: skip
COUNTING = str(ROOT / "bench/counting.py")


def hardened(folder: Path, name: str = "hardened") -> Subject:
    """Identity server and Helpdesk, every defence on; nobody is told what happens."""
    return _of_the_lab(folder, name, inspected=False)


def inspected(folder: Path, name: str = "inspected") -> Subject:
    """The same with the inspector, whose own work counts too."""
    return _of_the_lab(folder, name, inspected=True)


def _of_the_lab(folder: Path, name: str, *, inspected: bool) -> Subject:
    where = _place(folder / name)
    secrets.ensure(where.state)
    nginx.write_configuration(where)
    lab = table.load()
    sites = {"server": lab.server, "client": lab.site("client-b")}
    if inspected and lab.desk:
        sites = {"desk": lab.desk} | sites
    else:
        _tell_nobody(where)
    services = [_nginx(where)]
    for role, site in sites.items():
        values = serve.site_environment(site.name, where) | _counts(where)
        values["INSPECTOR"] = "1" if inspected else "0"
        command, counting = gunicorn("-c", str(serve.GUNICORN_CONF)), gunicorn("-c", COUNTING)
        services.append(
            Service(role, command, values, where.logs / f"{role}.log", counting=counting)
        )
    values = serve.site_environment("server", where)
    return Subject(
        name, where.state, services, f"{sites['client'].url(where.port)}/tickets/",
        lab.server.host, sites["client"].host, "{name} Bench", ("login", "password"),
        (serve.manage("server", ["shell"]), values),
    )  # fmt: skip


def stock(folder: Path, name: str = "stock") -> Subject:
    """The library's own classes on the twin: SQLite and hash as Django's defaults leave them.

    Stock has one URL of the server for browsers and for the back channel, so the server
    is 127.0.0.1 here, which both can reach.
    """
    where = _place(folder / name)
    server, app = f"http://127.0.0.1:{where.port}", f"http://app-b.localhost:{where.port}"
    keys = {"PUBLIC_KEY": "stock-public-key", "PRIVATE_KEY": "stock-private-key-0123456789" * 2}
    consumer = f"twin={keys['PUBLIC_KEY']}={keys['PRIVATE_KEY']}={app}"
    common = {**processes.inherited(), **keys, "FLAVOUR": "stock", "DATA_DIR": str(where.data),
              "SSO_URL": f"{server}/sso/"}  # fmt: skip
    values = {
        "server": common | {"ROLE": "server", "BASE_URL": server, "CONSUMERS": consumer},
        "client": common | {"ROLE": "client", "BASE_URL": app},
    }
    manage = [sys.executable, "-m", "tests.twin"]
    return Subject(
        name, where.state, _pair(where, "tests.twin.wsgi", values), f"{app}/in/",
        "127.0.0.1", "app-b.localhost", '"user": "{name}"', ("username", "password"),
        ([*manage, "shell"], values["server"]),
        [([*manage, "provision"], role) for role in values.values()],
    )  # fmt: skip


def floor(folder: Path, name: str = "floor") -> Subject:
    """Four requests and one call that do nothing."""
    where = _place(folder / name)
    server, app = f"http://127.0.0.1:{where.port}", f"http://app-b.localhost:{where.port}"
    values = {**processes.inherited(), "SERVER_URL": server, "APP_URL": app}
    values["BACK_CHANNEL_URL"] = f"http+unix://{quote(str(where.socket('server')), safe='')}"
    pair = _pair(where, "bench.floor.wsgi", {"server": values, "client": values})
    page = f"{app}/page/"
    return Subject(name, where.state, pair, page, "127.0.0.1", "app-b.localhost", "<p>{name}</p>")


ALL: dict[str, Callable[..., Subject]] = {"hardened": hardened, "stock": stock, "floor": floor}


def _place(folder: Path) -> Place:
    system.ensure_nginx()
    where = Place(folder.resolve(), ports.free())
    where.make_folders()
    return where


def _pair(where: Place, wsgi: str, values: dict[str, dict[str, str]]) -> list[Service]:
    """nginx, a server and a client that aren't the lab's."""
    binds = environment.local(where).binds
    names = {"server": "server", "client": "client-b"}
    services = [_nginx_of_pair(where)]
    for role, site in names.items():
        command = gunicorn(wsgi, f"--bind={binds[site]}", *SHAPE)
        log, counting = where.logs / f"{role}.log", [*command, "-c", COUNTING]
        services.append(
            Service(role, command, values[role] | _counts(where), log, counting=counting)
        )
    return services


def _nginx_of_pair(where: Place) -> Service:
    """The lab's template with 127.0.0.1 for the server's name."""
    nginx.write_configuration(where)
    path = where.run / "default.conf"
    path.write_text(path.read_text().replace(table.load().server.host, "127.0.0.1"))
    return _nginx(where)


def _tell_nobody(where: Place) -> None:
    """Take the desk out of nginx's configuration."""
    path = where.run / "default.conf"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "/nginx.jsonl" not in line))


def _nginx(where: Place) -> Service:
    return Service("nginx", nginx.command(where), processes.inherited(), where.logs / "nginx.log")


def _counts(where: Place) -> dict[str, str]:
    return {"COUNT_FILE": str(where.state / "count.jsonl")}
