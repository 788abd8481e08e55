"""What gunicorn makes of requests that never went through nginx."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import instance, system
from lab.instance import Instance
from tests.lab import straight

pytestmark = pytest.mark.skipif(system.nginx_program() is None, reason="nginx isn't installed")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with instance.running(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.mark.parametrize("site", ["server", "client-a", "client-b"])
def test_a_malformed_request_is_one_line_in_the_log(lab: Instance, site: str) -> None:
    before = lab.log(site).splitlines()

    answer = straight.send(lab, site, b"this is no HTTP\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    [line] = lab.log(site).splitlines()[len(before) :]
    assert "Invalid request" in line
