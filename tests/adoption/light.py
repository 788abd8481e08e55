"""A tutorial's project whose processes are forked, not started: light enough for a hundred."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from lab.machine import ports
from tests.adoption import serving
from tests.adoption.serving import Place
from tests.interop.tutorial import Project
from tests.support.process import LAST_CHARACTERS, START_SECONDS, Failed


@cache
def forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(serving.PRELOADED)
    return context


@dataclass
class Light(Project):
    """One scratch project.

    Attributes:
        variables: of its processes' environment.
        serve: what its server's process does.
        process: its server, while it runs.
    """

    variables: dict[str, str] = field(default_factory=dict)
    serve: Callable[[Place, int, Connection], None] = serving.serve
    process: ForkServerProcess | None = None

    @classmethod
    def copy_of(cls, template: Project, folder: Path) -> Light:
        without = shutil.ignore_patterns("*.log", "__pycache__")
        shutil.copytree(template.folder, folder, ignore=without)
        return cls(template.name, folder, ports.free())

    def write(self, files: Mapping[str, str]) -> None:
        """Give it these modules in place of its own."""
        for name, text in files.items():
            self.file(name).parent.mkdir(exist_ok=True)
            self.file(name).write_text(text)

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self) -> None:
        """Return when it answers. Raises ``Failed`` with the end of what it said."""
        ready, tell = forking().Pipe(duplex=False)
        with ready:
            with tell:
                arguments = (self._place(self.log), self.port, tell)
                self.process = forking().Process(target=self.serve, args=arguments, daemon=True)
                self.process.start()
            if not _answered(ready):
                self.stop()
                raise Failed(f"{self.name} did not begin to answer.\n{self._last(self.said())}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.join()
            self.process.close()
            self.process = None

    def manage(self, *arguments: str) -> str:
        """What a command that must succeed said, to either stream."""
        code, said = self.try_to_manage(*arguments)
        if code:
            raise Failed(f"manage.py {' '.join(arguments)}\n{self._last(said)}")
        return said

    def try_to_manage(self, *arguments: str) -> tuple[int | None, str]:
        """Exit code of a command, and what it said."""
        log = self.folder / "manage.log"
        log.unlink(missing_ok=True)
        process = forking().Process(target=serving.manage, args=(self._place(log), [*arguments]))
        process.start()
        process.join()
        code = process.exitcode
        process.close()
        return code, log.read_text(errors="replace")

    def check_names(self, found: str, what: str) -> bool:
        """Whether ``manage.py check`` finds this and no error else, and names who it is about.

        Parameters:
            found: a check's id, ``sso_kit.E021``.
            what: the beginning of a module's and a class's name.
        """
        code, said = self.try_to_manage("check")
        return found in said and what in said and code == int(".E" in found)

    def _place(self, log: Path) -> Place:
        return Place(self.folder, f"{self.name}.settings", log, self.variables)

    @staticmethod
    def _last(said: str) -> str:
        return said[-LAST_CHARACTERS:]


def _answered(ready: Connection) -> bool:
    try:
        return ready.poll(START_SECONDS) and bool(ready.recv())
    except EOFError:  # it ended
        return False
