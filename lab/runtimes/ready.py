"""Waiting until every site answers through nginx, or saying which one doesn't and why."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable

from lab import table
from lab.errors import LabError
from lab.machine import waiting
from lab.table import Site

TIMEOUT = 60.0  # seconds; a first start on a slow machine takes about ten


def answer(site: Site, port: int) -> str:
    """``ok``, or in a few words what is wrong with the site's answer through nginx.

    Connects to the loopback address and only names the host, so that it works where
    ``*.localhost`` doesn't resolve.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"{site.host}:{port}"})
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        connection.close()
    return _judge(site, response.status, body)


def _judge(site: Site, status: int, body: bytes) -> str:
    if status != 200:
        return f"status {status}"
    try:
        return "ok" if json.loads(body)["site"] == site.package else "another site answers"
    except (ValueError, KeyError, TypeError):
        return "not this lab"


def not_ready(port: int) -> dict[str, str]:
    """The sites that don't answer yet, with what they say instead."""
    answers = {site.name: answer(site, port) for site in table.load().sites}
    return {name: text for name, text in answers.items() if text != "ok"}


def wait(
    port: int,
    died: Callable[[], str | None],
    log_tail: Callable[[str], str],
    timeout: float = TIMEOUT,
) -> None:
    """Return when all sites answer. Raises ``LabError`` with the end of the guilty log."""
    dead: list[str] = []

    def settled() -> bool:
        dead.extend(filter(None, [died()]))
        return bool(dead) or not not_ready(port)

    in_time = waiting.until(settled, timeout)
    if dead:
        raise failure(dead[0], "stopped while starting", log_tail)
    if not in_time:
        name, text = next(iter(not_ready(port).items()), ("nginx", "slow"))
        raise failure(name, f"didn't get ready in {timeout:.0f} s: {text}", log_tail)


def failure(service: str, what: str, log_tail: Callable[[str], str]) -> LabError:
    """With the end of the service's log, indented."""
    log = log_tail(service).rstrip() or "(its log is empty)"
    indented = "\n".join(f"    {line}" for line in log.splitlines())
    return LabError(
        f"{service} {what}. The end of its log:\n\n{indented}\n",
        "mend what the log says, then make up again; make doctor checks this machine",
    )
