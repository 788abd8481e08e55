"""What a runtime is: a lab at one place, run one way."""

from __future__ import annotations

import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import table
from lab.errors import LabError
from lab.place import Place
from lab.runtimes import ready


class Runtime(ABC):
    """Services: every site by its name, and ``nginx``. Each runtime says how; what is the same
    in both is done here.
    """

    name: str
    place: Place

    # --- the lab as a whole --------------------------------------------------------------
    @abstractmethod
    def is_up(self) -> bool: ...

    @abstractmethod
    def up(self) -> None: ...

    @abstractmethod
    def down(self) -> None: ...

    @abstractmethod
    def states(self) -> dict[str, str]: ...

    @abstractmethod
    def reset(self) -> None:
        """Back to the first day; what was up is up again."""

    @abstractmethod
    def discard(self) -> None:
        """Leave nothing behind: for labs that only lived for a test."""

    def wait_ready(self) -> None:
        ready.wait(self.place.port, self.watch(), lambda service: self.log(service, 15))

    def watch(self) -> Callable[[], str | None]:
        """Names the first service that ends for good, from now on, where that can be seen."""
        return lambda: None

    # --- one service ---------------------------------------------------------------------
    @abstractmethod
    def start(self, service: str) -> None: ...

    @abstractmethod
    def stop(self, service: str) -> None: ...

    @abstractmethod
    def pause(self, service: str) -> None:
        """Stuck, not dead: it accepts connections and never answers."""

    @abstractmethod
    def resume(self, service: str) -> None: ...

    @abstractmethod
    def kill(self, service: str) -> None:
        """All its processes end with SIGKILL; returns when others are in their place."""

    # --- a site's management commands ----------------------------------------------------
    @abstractmethod
    def site_command(
        self, site: str, arguments: Sequence[str], typed: bool
    ) -> tuple[list[str], dict[str, str]]:
        """How one is run, with which environment; ``typed``: a person sits at a terminal."""

    def manage(self, site: str, arguments: Sequence[str]) -> str:
        """What the command printed. Raises ``LabError`` when it fails."""
        result = self._run(site, arguments, typed=False, stdin=subprocess.DEVNULL, capture=True)
        if result.returncode:
            raise LabError(
                f"{site}: `{' '.join(arguments)}` failed:\n{result.stdout}{result.stderr}",
                f"make logs SERVICE={site}",
            )
        return result.stdout

    def show_manage(self, site: str, arguments: Sequence[str]) -> int:
        """What the command says, as it says it; its exit code. It is fed what we are fed."""
        typed = sys.stdin.isatty() and sys.stdout.isatty()
        return self._run(site, arguments, typed, stdin=None, capture=False).returncode

    def _run(
        self, site: str, arguments: Sequence[str], typed: bool, stdin: int | None, capture: bool
    ) -> subprocess.CompletedProcess[str]:
        command, variables = self.site_command(site, arguments, typed)
        return subprocess.run(
            command,
            env=variables,
            cwd=table.ROOT,
            stdin=stdin,
            capture_output=capture,
            text=True,
        )

    # --- logs ----------------------------------------------------------------------------
    @abstractmethod
    def log(self, service: str, lines: int) -> str: ...

    @abstractmethod
    def save_logs(self, folder: Path) -> None: ...

    @abstractmethod
    def follow_logs(self, services: Sequence[str]) -> None: ...
