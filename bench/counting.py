"""gunicorn configuration for a counting run: a line per request with its SQL and its CPU time.

Never used while speed is measured. ``COUNT_FILE`` names the file; the lab's own settings
are underneath where the site is one of the lab's.
"""

from __future__ import annotations

import json
import os
import runpy
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

if "SITE_PACKAGE" in os.environ:
    from lab.runtimes.serve import GUNICORN_CONF

    globals().update(runpy.run_path(str(GUNICORN_CONF)))

now = threading.local()  # .statements: of the request that this thread works on


def post_worker_init(worker: Any) -> None:
    worker.wsgi = counted(worker.wsgi)
    try:
        from django.db.backends.signals import connection_created
    except ImportError:
        return
    connection_created.connect(_listen)


def _listen(sender: object, connection: Any, **_: object) -> None:
    if _note not in connection.execute_wrappers:  # it connects again and again
        connection.execute_wrappers.append(_note)


def _note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if hasattr(now, "statements"):
        now.statements.append(sql)
    return execute(sql, params, many, context)


def counted(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def wrapper(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        now.statements = []
        started = time.thread_time()
        response = application(environ, start_response)
        _write(environ, (time.thread_time() - started) * 1000)
        return response

    return wrapper


def _write(environ: dict[str, Any], cpu_ms: float) -> None:
    line = {
        "host": environ["HTTP_HOST"],
        "step": f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}",
        "cpu_ms": round(cpu_ms, 3),
        "sql": now.statements,
    }
    with open(os.environ["COUNT_FILE"], "a") as file:  # noqa: PTH123 - one write, appended whole
        file.write(json.dumps(line) + "\n")
