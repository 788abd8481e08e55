"""Processes of the tests and the benchmark: they say why they don't answer, and leave nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.machine import processes, waiting
from lab.table import ROOT
from tests.support import process
from tests.support.process import Failed, Process

SLEEPS = "import time; print('here', flush=True); time.sleep(60)"
STARTS_ONE_AND_WAITS = f"""
import os, sys, time
from pathlib import Path
from tests.support.process import Process
child = Process("child", [sys.executable, "-c", {SLEEPS!r}], os.environ, Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


def python(folder: Path, code: str) -> Process:
    return Process("snake", [sys.executable, "-c", code], os.environ, folder / "snake.log")


def test_one_that_ends_is_named_with_its_last_words(tmp_path: Path) -> None:
    snake = python(tmp_path, "raise SystemExit('no such port')")
    snake.start()

    with pytest.raises(Failed, match=r"(?s)snake ended\..*no such port"):
        process.wait([snake], lambda: False)

    snake.stop()


def test_one_that_never_answers_is_named_too(tmp_path: Path) -> None:
    snake = python(tmp_path, SLEEPS)
    snake.start()
    assert waiting.until(lambda: "here" in snake.said(), 20)

    with pytest.raises(Failed, match=r"(?s)snake did not answer within 0\.1 s\..*here"):
        process.wait([snake], lambda: False, seconds=0.1)

    snake.stop()


def test_what_is_killed_is_gone_with_its_workers(tmp_path: Path) -> None:
    snake = python(tmp_path, f"import os, time; os.fork(); {SLEEPS}")
    snake.start()
    assert waiting.until(lambda: snake.said().count("here") == 2, 20)
    pids = [snake.pid, *snake.workers()]

    snake.kill()

    assert len(pids) == 2
    assert waiting.until(lambda: not any(map(processes.alive, pids)), 20)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="this kernel has no such signal")
def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    command = [sys.executable, "-c", STARTS_ONE_AND_WAITS, str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert waiting.until(lambda: "here" in log.read_text(), 20)

        parent.send_signal(signal.SIGKILL)

    assert waiting.until(lambda: not processes.alive(child), 20)


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(Failed, match=r"(?s)-c .*not today"):
        process.run([sys.executable, "-c", "raise SystemExit('not today')"], os.environ)
