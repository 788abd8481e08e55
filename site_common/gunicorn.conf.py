"""gunicorn's settings for every site, in both runtimes; the environment tells them apart."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from lab import table
from site_common import parts
from sso_kit.redaction import redact

# What a site writes is its own: a database, or a socket, that others could open is a leak.
os.umask(0o077)
umask = 0o177  # of the sockets

GARBAGE = 20_000  # objects more than before, after which it is looked for; Python: 700
M_MMAP_THRESHOLD = -3  # malloc.h
SITE = table.load().of_package(os.environ["SITE_PACKAGE"])

wsgi_app = f"{SITE.package}.wsgi:application"
proc_name = SITE.package
# A site on the back channel has a second door, for the other sites (site_common/doors.py).
bind = [os.environ[name] for name in ("BIND", "BACK_BIND") if name in os.environ]


class TokenFreeLogger(Logger):
    """gunicorn quotes a request line that it can't read, and request lines carry tokens."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_without_tokens)


def _without_tokens(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), None
    return True


logger_class = TokenFreeLogger
worker_class = "gthread"
workers = int(os.environ.get("WORKERS", "2"))
threads = int(os.environ.get("THREADS", "4"))
preload_app = True

# A worker that hangs is replaced; one that is asked to stop gets a moment to finish.
timeout = 30
graceful_timeout = 5
# Longer than nginx keeps its idle connections (60 s): the side that reuses a connection
# has to be the one that closes it, or a request is lost on a closing one.
keepalive = 75
limit_request_line = 8190  # as much as nginx lets through

# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Its default path is one per user, not per lab.
control_socket_disable = True
# No access log: request lines carry tokens. nginx logs the path without its query.
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(server: Any) -> None:
    """Bring a Django site's database up to date once, in the master, before there are workers."""
    if not SITE.kind.is_django:
        return
    from django.core.management import call_command
    from django.db import connections

    _close_own_database()
    call_command("provision")
    # A database connection must not be shared by processes.
    connections.close_all()


def _close_own_database() -> None:
    """Close to others a database from when they were made for everybody to read.

    The other sites' lie beside it, and SQLite makes and deletes files of theirs meanwhile.
    """
    own = parts.database_file(Path(os.environ["DATA_DIR"]), SITE.package)
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            own.with_name(own.name + suffix).chmod(0o600)


def when_ready(server: Any) -> None:
    """Before there are workers: what is loaded stays, so nobody looks through it for garbage.

    As ``gc.freeze`` is documented; the workers' pages of it also stay shared. Of the rest most goes
    away by itself, so it is looked through every few requests, not several times in each: that
    took 8 % of a hand-shake's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)


def post_fork(server: Any, worker: Any) -> None:
    """Give memory back at once: an Argon2 hash takes 19 MiB, which glibc would keep per thread.

    131 MB a worker become 56 MB. Other C libraries have no ``mallopt``, and don't need it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 1 << 20)
