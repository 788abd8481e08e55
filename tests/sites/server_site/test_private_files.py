"""What a management command writes is for the site alone, whatever the caller's umask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import table
from tests.sites import environment

PACKAGES = [site.package for site in table.load().sites if site.kind.is_django]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_database_made_by_a_command_is_closed_to_others(package: str, tmp_path: Path) -> None:
    variables = environment.variables(package) | {"DATA_DIR": str(tmp_path)}
    variables["DJANGO_SETTINGS_MODULE"] = f"{package}.settings"

    tables = [] if table.load().of_package(package).kind.hears else ["contenttypes"]
    subprocess.run(
        [sys.executable, "-m", package, "migrate", *tables, "--verbosity=0"],
        env=os.environ | variables,
        umask=0o022,
        check=True,
    )

    assert (tmp_path / f"{package}.sqlite3").stat().st_mode & 0o777 == 0o600
