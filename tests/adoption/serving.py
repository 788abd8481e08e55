"""What runs in a project's own process: its server, or one of its commands.

Processes are forked from one that has imported Django's parts and has no settings yet, so that
a project costs a fraction of a second. Nothing here knows the kit.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ALWAYS = ("PATH", "HOME", "LANG", "TMPDIR")
PRELOADED = [  # what every project needs and no setting changes
    "django.contrib.admin.utils",
    "django.contrib.staticfiles.storage",
    "django.core.handlers.wsgi",
    "django.core.management.commands.check",
    "django.core.management.commands.migrate",
    "django.core.servers.basehttp",
    "django.db.backends.sqlite3.base",
    "django.template.defaulttags",
    "django.views.debug",
    "django.views.generic",
    "requests",
    "itsdangerous",
    "tests.adoption.serving",
]


@dataclass(frozen=True)
class Place:
    """Where a project's process is at home.

    Attributes:
        settings: the name of its settings module.
        log: all that it says goes there.
        variables: of its environment, beside the few that every process has.
    """

    folder: Path
    settings: str
    log: Path
    variables: dict[str, str] = field(default_factory=dict)

    def enter(self) -> None:
        said = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(said, stream)
        os.chdir(self.folder)
        sys.path.insert(0, str(self.folder))
        kept = {name: os.environ[name] for name in ALWAYS if name in os.environ}
        os.environ.clear()
        os.environ.update(kept | {"DJANGO_SETTINGS_MODULE": self.settings} | self.variables)


def serve(place: Place, port: int, ready: Connection) -> None:
    """Answer requests, as ``manage.py runserver`` does: the checks first, a thread for each."""
    place.enter()

    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    application = import_module(f"{place.settings.rpartition('.')[0]}.wsgi").application
    call_command("check")
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(application)
    ready.send(port)
    server.serve_forever()


def serve_asgi(place: Place, port: int, ready: Connection) -> None:
    """The same by uvicorn, with the project's ``asgi.py``."""
    place.enter()

    import uvicorn

    class Told(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ready.send(port)

    application = f"{place.settings.rpartition('.')[0]}.asgi:application"
    Told(uvicorn.Config(application, host="127.0.0.1", port=port, lifespan="off")).run()


def manage(place: Place, arguments: list[str]) -> None:
    """``manage.py``; ends with its exit code."""
    place.enter()

    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *arguments])
