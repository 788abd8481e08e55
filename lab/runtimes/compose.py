"""The Compose runtime: the same lab as containers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import secrets, table
from lab.console import say
from lab.errors import LabError
from lab.machine import ports, system
from lab.place import Place
from lab.runtimes import ready
from lab.runtimes.base import Runtime

# Seconds; building the image the first time isn't part of it.
WAIT = ("--wait", "--wait-timeout", "180")


class Compose(Runtime):
    name = "compose"

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def project(self) -> str:
        """One per lab, so that two checkouts don't take each other's containers."""
        return f"sso-lab-{self.place.ident}"

    # --- the lab as a whole --------------------------------------------------------------
    def is_up(self) -> bool:
        return system.compose_lacks() is None and bool(self._compose("ps", "-q").stdout.strip())

    def up(self) -> None:
        self._demand_engine()
        secrets.ensure(self.place.state)
        if not self._has_its_port():
            ports.demand(self.place.port)
        say("Building the image (the first time takes a minute or two) ...")
        self._checked("build", "--quiet")
        say("Starting the containers ...")
        result = self._compose("up", "--detach", "--remove-orphans", *WAIT)
        if result.returncode:
            raise self._failure(result.stderr)
        self.wait_ready()

    def down(self) -> None:
        if system.compose_lacks() is None:
            self._checked("down", "--remove-orphans", "--timeout", "5")

    def reset(self) -> None:
        """Where all of it is up only the sites' processes are replaced: to take everything down
        and up again took 20 s.
        """
        if system.compose_lacks():
            return
        sites, running = [site.name for site in table.load().sites], self._running()
        if running != set(table.load().services):
            self._remove_with_data()
            if running:
                self.up()
            return
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._wipe, sites))
        if desk := table.load().desk:
            empty = ("-name", "*.jsonl", "-exec", "truncate", "-s", "0", "{}", "+")
            self._checked("exec", "-T", desk.name, "find", "/events", *empty)
        self._checked("restart", "--no-deps", "--timeout", "0", *sites)
        self._look_again()
        self.wait_ready()

    def discard(self) -> None:
        if system.compose_lacks():
            return
        self._remove_with_data()
        subprocess.run(["docker", "image", "rm", f"{self.project}-site"], capture_output=True)

    def states(self) -> dict[str, str]:
        template = "{{.Service}}\t{{.Status}}"
        rows = self._compose("ps", "--all", "--format", template).stdout.splitlines()
        return dict(row.split("\t", 1) for row in sorted(rows))

    # --- one service ---------------------------------------------------------------------
    def start(self, service: str) -> None:
        self._checked("up", "--detach", "--no-build", "--no-deps", "--wait", service)
        if service != "nginx":
            self._look_again()

    def stop(self, service: str) -> None:
        self._checked("stop", "--timeout", "5", service)

    def pause(self, service: str) -> None:
        self._checked("pause", service)

    def resume(self, service: str) -> None:
        self._checked("unpause", service)

    def kill(self, service: str) -> None:
        self._checked("kill", service)
        self.start(service)

    def site_command(
        self, site: str, arguments: Sequence[str], typed: bool
    ) -> tuple[list[str], dict[str, str]]:
        package = table.load().site(site).package
        inside = [*([] if typed else ["-T"]), site, "python", "-m", package, *arguments]
        return self._command("exec", *inside), self._environment()

    # --- logs ----------------------------------------------------------------------------
    def log(self, service: str, lines: int) -> str:
        return self._compose("logs", "--no-log-prefix", "--tail", str(lines), service).stdout

    def save_logs(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for service in self.states():
            text = self._compose("logs", "--no-color", "--no-log-prefix", service).stdout
            (folder / f"{service}.log").write_text(text)

    def follow_logs(self, services: Sequence[str]) -> None:
        command = self._command("logs", "--follow", "--tail", "20", *services)
        subprocess.run(command, env=self._environment())

    # --- inside --------------------------------------------------------------------------
    def _demand_engine(self) -> None:
        lacking = system.compose_lacks()
        if lacking:
            raise LabError(
                f"RUNTIME=compose, but {lacking}.",
                "start Docker (or install it), or do without: RUNTIME=local make up",
            )

    def _running(self) -> set[str]:
        return set(self._compose("ps", "--services", "--status", "running").stdout.split())

    def _remove_with_data(self) -> None:
        self._checked("down", "--remove-orphans", "--volumes", "--timeout", "1")

    def _wipe(self, site: str) -> None:
        """What its processes write from now on goes nowhere: their files have lost their names."""
        self._checked("exec", "-T", site, "find", "/data", "-mindepth", "1", "-delete")

    def _has_its_port(self) -> bool:
        return self._compose("port", "nginx", str(self.place.port)).returncode == 0

    def _failure(self, stderr: str) -> LabError:
        states = self.states()
        bad = next((name for name, text in states.items() if "(healthy)" not in text), "server")
        what = f"is {states.get(bad, 'not there')} ({stderr.strip()})"
        return ready.failure(bad, what, lambda service: self.log(service, 15))

    def _command(self, *arguments: str) -> list[str]:
        own = ["--project-name", self.project, "--env-file", os.devnull]  # no .env of somebody's
        return ["docker", "compose", "--ansi", "never", *own, *arguments]

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "LAB_PORT": str(self.place.port),
            "LAB_SECRETS": str(secrets.folder(self.place.state)),
            "COMPOSE_FILE": "docker-compose.yml",
        }

    def _look_again(self) -> None:
        """nginx looks its upstreams up once only, and they may have other addresses now."""
        self._checked("kill", "--signal", "HUP", "nginx")

    def _compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(*arguments),
            env=self._environment(),
            cwd=table.ROOT,
            capture_output=True,
            text=True,
        )

    def _checked(self, *arguments: str) -> str:
        result = self._compose(*arguments)
        if result.returncode:
            raise LabError(
                f"docker compose {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}",
                "mend what it says; make doctor checks this machine",
            )
        return result.stdout
