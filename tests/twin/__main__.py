"""``python -m tests.twin COMMAND``: the twin's ``manage.py``."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.twin.settings")
    execute_from_command_line(sys.argv)
