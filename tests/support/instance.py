"""A lab for tests, as a Python object: one of their own, or the one that is up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import place, table
from lab.errors import LabError
from lab.machine import ports
from lab.place import Place
from lab.runtimes.base import Runtime
from lab.runtimes.choice import current_runtime, runtime_of

SAVED_LOGS = "LAB_SAVE_LOGS"  # names a folder that a finished instance's logs are copied to


class Instance:
    """A running lab. Services: ``server``, ``client-a``, ``client-b`` and ``nginx``."""

    def __init__(self, running: Runtime) -> None:
        self._runtime = running
        self.runtime = running.name
        self.port = running.place.port
        self.state = running.place.state
        self.ident = running.place.ident

    @property
    def urls(self) -> dict[str, str]:
        """The browser's URL of each site, without a trailing slash."""
        return {site.name: site.url(self.port) for site in table.load().sites}

    def url(self, site: str) -> str:
        return self.urls[site]

    def stop(self, service: str) -> None:
        """Connections to it are refused from now on."""
        self._runtime.stop(service)

    def start(self, service: str) -> None:
        self._runtime.start(service)
        self.wait_ready()

    def restart(self, service: str) -> None:
        self.stop(service)
        self.start(service)

    def restart_alone(self, service: str) -> None:
        """Without waiting for the others, which may be down."""
        self.stop(service)
        self._runtime.start(service)

    def pause(self, service: str) -> None:
        """It accepts connections from now on and never answers them."""
        self._runtime.pause(service)

    def resume(self, service: str) -> None:
        self._runtime.resume(service)

    def kill(self, service: str) -> None:
        """Its processes die at once, and others take their place."""
        self._runtime.kill(service)

    def wait_ready(self) -> None:
        """Return when all sites answer through nginx."""
        self._runtime.wait_ready()

    def manage(self, site: str, *arguments: str) -> str:
        """Run a management command in the site's environment; what it printed."""
        return self._runtime.manage(site, arguments)

    def log(self, service: str, lines: int = 200) -> str:
        return self._runtime.log(service, lines)

    def save_logs(self, folder: Path) -> None:
        self._runtime.save_logs(folder)


@contextmanager
def running(state: Path, port: int | None = None, name: str = "local") -> Iterator[Instance]:
    """A lab of one's own, started here and gone afterwards, whatever happens."""
    where = Place(state.resolve(), port or ports.free())
    lab = runtime_of(name, where)
    where.make_folders()
    where.write_record(name)
    with leash(where):
        try:
            lab.up()
            yield Instance(lab)
        finally:
            if SAVED_LOGS in os.environ:
                lab.save_logs(Path(os.environ[SAVED_LOGS]))
            lab.discard()
            where.forget_record()


def attached() -> Instance:
    """The lab that is up in ``LAB_STATE``. Raises ``LabError`` when none is."""
    lab = current_runtime(place.where_it_is_up())
    if lab is None:
        raise LabError("LAB=up, but the lab is not up.", "make up first")
    return Instance(lab)


@contextmanager
def for_tests(state: Path) -> Iterator[Instance]:
    """The lab that is up when ``LAB=up`` says so, else one of the tests' own."""
    if os.environ.get("LAB") == "up":
        yield attached()
    else:
        with running(state) as own:
            yield own


@contextmanager
def leash(where: Place) -> Iterator[None]:
    """Ends the lab even when this process is killed: the child notices that its input ended."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.support.leash"],
        stdin=subprocess.PIPE,
        env=os.environ | {"LAB_STATE": str(where.state), "LAB_PORT": str(where.port)},
        cwd=table.ROOT,
        start_new_session=True,
    )
    try:
        yield
    finally:
        child.communicate()
