"""The local runtime: nginx and a gunicorn for each site as processes under supervisord."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from lab import environment, secrets, table
from lab.console import say
from lab.errors import LabError
from lab.machine import ports, processes, system, waiting
from lab.place import Place
from lab.runtimes import leftovers, nginx, serve
from lab.runtimes.base import Runtime
from lab.runtimes.supervision import Supervisor, write_configuration

# What the sites and their configuration are made of: when it changes, `up` restarts them.
SOURCES = ("lab.toml", "lab", "nginx", "requirements", "sso_kit", "site_common")


class Local(Runtime):
    name = "local"

    def __init__(self, place: Place) -> None:
        self.place = place
        self.supervisor = Supervisor(place)

    # --- the lab as a whole --------------------------------------------------------------
    def is_up(self) -> bool:
        return self.supervisor.answers()

    def up(self) -> None:
        system.ensure_nginx()
        secrets.ensure(self.place.state)
        if self.is_up() and self._changed():
            say("The lab is up, but its code, configuration or port changed: restarting it.")
            self.down()
        if self.is_up():
            self._start_all()
        else:
            self._launch()
        self.wait_ready()

    def down(self) -> None:
        if self.is_up():
            pid = self.supervisor.pid()
            # A stopped process can't hear that it is to end.
            processes.signal_all(processes.family(pid), signal.SIGCONT)
            self.supervisor.stop(*self.states())
            self.supervisor.shut_down()
            waiting.until(lambda: not processes.alive(pid), 20)
        self._end_leftovers()

    def reset(self) -> None:
        running = self.states().keys() if self.is_up() else set()
        self.supervisor.stop(*running - {"nginx"})
        shutil.rmtree(self.place.data, ignore_errors=True)
        self._forget_events()
        self.place.make_folders()
        if running == set(table.load().services):
            self._start_all()
            self.wait_ready()
        elif running:
            self.up()

    def discard(self) -> None:
        self.down()
        shutil.rmtree(self.place.data, ignore_errors=True)

    def states(self) -> dict[str, str]:
        return {row["name"]: _in_words(row) for row in self.supervisor.processes()}

    # --- one service ---------------------------------------------------------------------
    def start(self, service: str) -> None:
        self.supervisor.start(service)

    def stop(self, service: str) -> None:
        self.resume(service)
        self.supervisor.stop(service)

    def pause(self, service: str) -> None:
        processes.signal_all(self.pids(service), signal.SIGSTOP)

    def resume(self, service: str) -> None:
        processes.signal_all(self.pids(service), signal.SIGCONT)

    def kill(self, service: str) -> None:
        old = self.pids(service)
        processes.signal_all(old, signal.SIGKILL)
        if not waiting.until(lambda: self.pids(service)[:1] not in ([], old[:1]), 20):
            raise LabError(f"{service} didn't come back.", f"make logs SERVICE={service}")

    def pids(self, service: str) -> list[int]:
        """The service's main process, then its workers."""
        pid = int(self.supervisor.process(service)["pid"])
        return processes.family(pid) if pid else []

    def site_command(
        self, site: str, arguments: Sequence[str], typed: bool
    ) -> tuple[list[str], dict[str, str]]:
        return serve.manage(site, arguments), serve.site_environment(site, self.place)

    # --- logs ----------------------------------------------------------------------------
    def log(self, service: str, lines: int) -> str:
        path = self.place.logs / f"{service}.log"
        text = path.read_text(errors="replace") if path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def save_logs(self, folder: Path) -> None:
        shutil.copytree(self.place.logs, folder, dirs_exist_ok=True)

    def follow_logs(self, services: Sequence[str]) -> None:
        paths = [str(self.place.logs / f"{service}.log") for service in services]
        subprocess.run(["tail", "-n", "20", "-F", *paths])

    # --- inside --------------------------------------------------------------------------
    @property
    def _stamp_file(self) -> Path:
        return self.place.run / "stamp"

    def _launch(self) -> None:
        self._end_leftovers()
        self.place.make_folders()
        ports.demand(self.place.port)
        nginx.write_configuration(self.place)
        configuration = write_configuration(self.place)
        self._stamp_file.write_text(self._stamp())
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
        # The umask of its own log; for what it starts it has one in its configuration.
        env = self._daemon_environment()
        subprocess.run(command, cwd=table.ROOT, env=env, umask=0o077, check=True)
        if not waiting.until(self.is_up, 10):
            raise LabError("The supervisor didn't start.", f"see {self.place.logs}/supervisord.log")

    def _daemon_environment(self) -> dict[str, str]:
        """LAB_SUPERVISED marks what belongs to this lab, should the supervisor be killed."""
        own = {"LAB_STATE": str(self.place.state), "LAB_PORT": str(self.place.port)}
        return serve.inherited() | own | {"LAB_SUPERVISED": "1"}

    def _forget_events(self) -> None:
        """Emptied, not deleted: nginx has one open."""
        for path in self.place.events.glob("*.jsonl"):
            os.truncate(path, 0)

    def _start_all(self) -> None:
        for row in self.supervisor.processes():
            self.start(row["name"])

    def watch(self) -> Callable[[], str | None]:
        seen = {row["name"]: row["pid"] for row in self.supervisor.processes()}

        def died() -> str | None:
            for row in self.supervisor.processes():
                name, pid = row["name"], row["pid"]
                if row["statename"] == "FATAL" or seen[name] not in (0, pid):
                    return str(name)
                seen[name] = pid
            return None

        return died

    def _end_leftovers(self) -> None:
        pids = leftovers.find(self.place)
        if pids:
            say(f"Ending what a killed lab left: pids {', '.join(map(str, pids))}")
            processes.end(pids)

    def _changed(self) -> bool:
        """Since it was started; where that can't be told any more, too."""
        return not self._stamp_file.exists() or self._stamp_file.read_text() != self._stamp()

    def _stamp(self) -> str:
        knobs = {name: os.environ.get(name) for name in environment.KNOBS}
        digest = hashlib.sha256(f"{self.place.port} {sys.executable} {knobs}".encode())
        for path in _source_files():
            with suppress(FileNotFoundError):  # e.g. an editor's own: gone since it was listed
                found = path.stat()
                digest.update(f"{path} {found.st_mtime_ns} {found.st_size}\n".encode())
        return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    packages = [site.package for site in table.load().sites]
    for name in (*SOURCES, *packages):
        root = table.ROOT / name
        below = (Path(folder, file) for folder, _, files in os.walk(root) for file in files)
        found = sorted(below) if root.is_dir() else [root]
        yield from (path for path in found if "__pycache__" not in path.parts)


def _in_words(row: dict[str, object]) -> str:
    return " ".join(filter(None, [str(row["statename"]).lower(), str(row["description"])]))
