"""Processes of tests and benchmark: started from here, ended from here, known by their id."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.machine import processes, waiting
from lab.table import ROOT

START_SECONDS = 40.0
LAST_CHARACTERS = 3000


class Failed(Exception):
    """A process that ended, didn't begin to answer, or said no; with the end of what it said."""


@dataclass
class Process:
    """One gunicorn, nginx or runserver. All that it says goes into ``log``."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path = ROOT
    popen: subprocess.Popen[bytes] | None = None

    def start(self, instead: Sequence[str] = ()) -> None:
        """Start it, or another command in its place.

        The kernel ends it too when the thread that calls this is gone, where it can.
        """
        leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [*leash, *(instead or self.command)],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        assert self.popen is not None, f"{self.name} was not started"
        return self.popen.pid

    def workers(self) -> list[int]:
        return processes.family(self.pid)[1:]

    def died(self) -> bool:
        return self.popen is not None and self.popen.poll() is not None

    def send(self, number: signal.Signals) -> None:
        assert self.popen is not None, f"{self.name} was not started"
        self.popen.send_signal(number)

    def stop(self, seconds: float = 20) -> None:
        """Ask it to end, then insist."""
        if self.popen is None:
            return
        self.popen.terminate()
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:  # seen once on a machine with ten times its load
            self.kill()
        self.popen = None

    def kill(self) -> None:
        """Without a word, workers and all."""
        if self.popen is None:
            return
        processes.signal_all([self.pid, *self.workers()], signal.SIGKILL)
        self.popen.wait()
        self.popen = None

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self) -> str:
        return f"--- {self.name}\n{self.said()[-LAST_CHARACTERS:]}"


def wait(
    running: Sequence[Process], answers: Callable[[], bool], seconds: float = START_SECONDS
) -> None:
    """Return when they answer. Raises ``Failed`` when one of them has ended, or time is up."""

    def answers_or_died() -> bool:
        return any(process.died() for process in running) or answers()

    in_time = waiting.until(answers_or_died, seconds)
    ended = [process.name for process in running if process.died()]
    if ended or not in_time:
        names = " and ".join(ended or [process.name for process in running])
        what = "ended" if ended else f"did not answer within {seconds:g} s"
        raise Failed("\n".join([f"{names} {what}.", *(each.tail() for each in running)]))


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT) -> str:
    """What a command that must succeed wrote to its standard output."""
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        said = done.stdout[-LAST_CHARACTERS // 3 :] + done.stderr[-LAST_CHARACTERS:]
        raise Failed(f"{' '.join(command)}\n{said}")
    return done.stdout


def gunicorn(*options: str, python: str = sys.executable) -> list[str]:
    return [python, "-m", "gunicorn", "--no-control-socket", *options]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
