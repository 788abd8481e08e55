"""A coverage-guided fuzz run over the four addresses: ``make soak``, not ``make test``.

FUZZ_INPUTS (100,000) says how many. The result stays in test-results/fuzz.json; an input
that broke something stays in test-results/fuzz/ and can be run again by its path.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.table import ROOT

INPUTS = int(os.environ.get("FUZZ_INPUTS", "100000"))
LONGEST_INPUT = 4096  # bytes
LONGEST_TIME = 20  # seconds for one input, on a busy machine
LOCK = ROOT / "requirements" / "soak.txt"
PLACE = ROOT / f".venv-soak-{sys.version_info[0]}.{sys.version_info[1]}"
FINDINGS = ROOT / "test-results" / "fuzz"
RESULT = ROOT / "test-results" / "fuzz.json"
PROGRESS = re.compile(r"#(\d+)\s+(\w+)\s+cov: (\d+) ft: (\d+)")
WORDS = [
    "redirect_to",
    "challenge",
    "passive",
    "access_token",
    "verifier",
    "extra_data",
    "nonce",
    "groups",
    "token=",
    "state=",
    "&error=",
    "sso_handshake_",
    "http://app.test",
    "http://old.test",
    "//",
    "@",
    ":80",
    "null",
    "true",
    "1e999",
    "NaN",
    "[[[[",
    '{"a":',
    '\\"',
    "\\\\ud800",
    "\\\\u0000",
    "%ff",
    "%00",
]


@pytest.fixture(scope="module")
def atheris() -> str:
    """The folder with atheris, beside the environment and not in it; made once."""
    stamp = PLACE / "locked.txt"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--upgrade",
                f"--target={PLACE}",
                f"--requirement={LOCK}",
            ],
            check=True,
        )
        stamp.write_text(LOCK.read_text())
    return str(PLACE)


def fuzz(atheris: str, folder: Path) -> Iterator[str]:
    """The run's lines as they come; the last one is its exit code."""
    corpus, words = folder / "corpus", folder / "words"
    corpus.mkdir()
    words.write_text("".join(f'"{word}"\n' for word in WORDS))
    command = [
        sys.executable,
        "-m",
        "tests.soak.fuzzing",
        str(corpus),
        f"-runs={INPUTS}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={LONGEST_TIME}",
        f"-dict={words}",
        f"-artifact_prefix={FINDINGS}/",
    ]
    environment = {**os.environ, "PYTHONPATH": atheris}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        assert running.stdout is not None
        yield from running.stdout
    yield f"exit code {running.returncode}"


def test_no_input_is_a_crash_or_a_500(
    atheris: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    FINDINGS.mkdir(parents=True, exist_ok=True)
    began, lines, steps = time.monotonic(), list[str](), list[tuple[int, int, int]]()
    for line in fuzz(atheris, tmp_path):
        lines = [*lines[-60:], line]
        if found := PROGRESS.match(line):
            steps.append((int(found[1]), int(found[3]), int(found[4])))
            if found[2] in ("pulse", "DONE"):
                with capsys.disabled():
                    print(
                        f"  fuzz: {found[1]} inputs, {found[3]} edges, {found[4]} features",
                        flush=True,
                    )

    assert lines[-1] == "exit code 0", "".join(lines)
    inputs, edges, features = steps[-1]
    seconds = round(time.monotonic() - began, 1)
    RESULT.write_text(
        json.dumps(
            {
                "inputs": inputs,
                "edges": edges,
                "features": features,
                "seconds": seconds,
                "findings": 0,
            },
            indent=2,
        )
    )
    assert inputs >= INPUTS
    assert edges > steps[0][1], "the fuzzer learnt nothing: is anything instrumented?"


def test_control_a_crash_would_be_seen(atheris: str, tmp_path: Path) -> None:
    """The same harness with a hole in the view; without it a green run would prove little."""
    broken = (
        "import runpy, sys\n"
        "import sso_kit.server.request_tokens as module\n"
        "module.read_request_token = None\n"
        f"sys.argv = ['fuzzing', {str(tmp_path)!r}, '-runs=2000']\n"
        f"sys.argv += ['-artifact_prefix={tmp_path}/found-']\n"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.kit.settings'\n"
        "runpy.run_module('tests.soak.fuzzing', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": atheris},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )

    assert done.returncode != 0
    assert "TypeError" in done.stdout + done.stderr
    assert list(tmp_path.glob("found-*"))
