"""A project has one user model; so another model is another process."""

from __future__ import annotations

import os
import subprocess
import sys

from lab.table import ROOT


def test_the_kit_works_with_a_user_model_that_has_no_user_name() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--ds=tests.kit.settings_custom_user",
            "-p",
            "no:cacheprovider",
            "tests/kit/custom_user",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.kit.settings_custom_user"},
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
