"""Django's command line for one site: ``python -m client_a migrate``."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main(package: str) -> None:
    """Run the command that the process was started with, for the site in this package."""
    os.umask(0o077)  # a database that it creates is for the site alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{package}.settings")
    execute_from_command_line([f"python -m {package}", *sys.argv[1:]])
