"""A management command, run as somebody types it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from io import StringIO

from django.core.management import call_command


@dataclass(frozen=True)
class Typed:
    name: str

    def __call__(self, *arguments: str) -> str:
        """What it said."""
        said = StringIO()
        call_command(self.name, *arguments, stdout=said)
        return said.getvalue()

    def proposed_in(self, said: str) -> list[str]:
        """The options of the one command that is proposed there, as a shell reads them."""
        (line,) = re.findall(rf"^  python manage.py {self.name} (.*)$", said, re.MULTILINE)
        return shlex.split(line)
