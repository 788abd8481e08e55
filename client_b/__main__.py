"""``python -m client_b migrate``: Django's command line for Helpdesk."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.umask(0o077)  # a database that it creates is for the site alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "client_b.settings")
    execute_from_command_line(["python -m client_b", *sys.argv[1:]])
