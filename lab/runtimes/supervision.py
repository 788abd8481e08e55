"""supervisord: its configuration, and talking to it over its Unix socket."""

from __future__ import annotations

import http.client
import os
import shlex
import socket
import sys
import xmlrpc.client
from pathlib import Path
from typing import Any, cast

from lab import table
from lab.machine import waiting
from lab.place import Place

NAME = "supervisor"  # of its socket

DAEMON = """\
[supervisord]
logfile={logs}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={run}/supervisord.pid
directory={root}
nocleanup=true
umask=077
{user}
[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# A process that is killed comes back; one that can't start is tried again a few times.
PROGRAM = """
[program:{name}]
command={command}
autostart=true
autorestart=true
startsecs=1
startretries=5
stopsignal=TERM
stopwaitsecs=6
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


def write_configuration(place: Place) -> Path:
    user = "user=root\n" if os.geteuid() == 0 else ""  # or supervisord complains about root
    folders = {"logs": place.logs, "run": place.run, "root": table.ROOT}
    values = {key: _escaped(str(path)) for key, path in folders.items()}
    text = DAEMON.format(**values, socket=_escaped(str(place.socket(NAME))), user=user)
    for name, command in _commands().items():
        line = _escaped(shlex.join(command))
        text += PROGRAM.format(name=name, command=line, logs=values["logs"])
    path = place.run / "supervisord.conf"
    path.write_text(text)
    return path


def _commands() -> dict[str, list[str]]:
    serve = [sys.executable, "-m", "lab.runtimes.serve"]
    return {name: [*serve, name] for name in table.load().services}


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        self.connection = _UnixConnection(self.path)
        return self.connection

    def request(self, *arguments: Any, **options: Any) -> Any:
        """A connection for each question, closed whatever comes of it."""
        try:
            return super().request(*arguments, **options)
        finally:
            self.connection.close()


class Supervisor:
    """The running supervisord of one lab."""

    def __init__(self, place: Place) -> None:
        transport = _UnixTransport(place.socket(NAME))
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        self._rpc = cast(Any, proxy).supervisor

    def answers(self) -> bool:
        try:
            return bool(self._rpc.getState()["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def pid(self) -> int:
        return int(self._rpc.getPID())

    def processes(self) -> list[dict[str, Any]]:
        return list(self._rpc.getAllProcessInfo())

    def process(self, name: str) -> dict[str, Any]:
        return dict(self._rpc.getProcessInfo(name))

    def start(self, name: str) -> None:
        if self.is_stopped(name):
            self._rpc.startProcess(name, False)

    def stop(self, *names: str) -> None:
        """Stop several at once: each may take a moment to finish."""
        for name in names:
            if not self.is_stopped(name):
                self._rpc.stopProcess(name, False)
        # Asking also wakes supervisord, which otherwise looks around once a second.
        waiting.until(lambda: all(map(self.is_stopped, names)), 20)

    def is_stopped(self, name: str) -> bool:
        return bool(self.process(name)["statename"] in ("STOPPED", "EXITED", "FATAL"))

    def shut_down(self) -> None:
        self._rpc.shutdown()
