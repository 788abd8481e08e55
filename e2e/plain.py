"""Single HTTP requests that no browser would send, as plain as can be."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

from lab import table
from lab.instance import Instance

SECONDS = 10.0  # longer than any answer may take; a hang shows as a timeout


@dataclass(frozen=True)
class Answer:
    """``headers`` have lower-case names."""

    status: int
    headers: dict[str, str]
    text: str


def send(
    lab: Instance,
    site: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """To the loopback address, since only browsers resolve ``*.localhost`` by themselves."""
    host = {"Host": f"{table.load().site(site).host}:{lab.port}"}
    connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=SECONDS)
    try:
        connection.request(method, path, body, host | dict(headers or {}))
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, received, response.read().decode(errors="replace"))
    finally:
        connection.close()
