"""Threat: a project that is server and client at once, with one worker, waits for itself.

Source: seen in stock, whose client asks its own process over HTTP.
Defence: ``sso_kit/client/loopback.py`` calls the view instead.

What would make this lie: a second worker or thread that answers. Hence one sync worker,
with which stock gets no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.acts import ALICE
from tests.support.browser import Browser
from tests.twin import running
from tests.twin.running import Twins

Saw = Callable[[str], None]
ONE_SYNC_WORKER = ("--worker-class=sync", "--workers=1")
PATIENCE = 2  # seconds


class Both:
    """One gunicorn that is both, with a consumer of its own."""

    def __init__(self, folder: Path, flavour: str) -> None:
        folder.mkdir()
        # Twins knows how to name things; its server process is all that is started.
        twins = Twins(folder, flavour, people=2, server_environment={"ROLE": "both"})
        self.url = twins.server
        self.role = twins.server_role
        self.role.options = ONE_SYNC_WORKER
        self.role.environment["CONSUMERS"] = (
            f"both={twins.public_key}={twins.private_key}={self.url}"
        )
        running.provision_and_start([self.role])


@pytest.mark.threat("waits-for-itself")
def test_a_project_that_is_both_signs_people_in_with_one_sync_worker(
    tmp_path: Path, saw: Saw
) -> None:
    both = Both(tmp_path / "kit", "kit")
    try:
        browser = Browser(timeout=PATIENCE)
        form = browser.get(f"{both.url}/login/?next=/in/")
        browser.submit(form, {"username": ALICE, "password": ALICE})

        page = browser.get(f"{both.url}/app/sso/?next=/in/")

        assert page.status == 200
        assert f'"{ALICE}"' in page.body
        assert "GET 127.0.0.1/app/sso/authenticate/" in [hop.step for hop in page.hops]
        saw("signed in")
    finally:
        both.role.stop()


@pytest.mark.control("waits-for-itself", "stock")
def test_stock_never_answers(tmp_path: Path, saw: Saw) -> None:
    both = Both(tmp_path / "stock", "stock")
    try:
        with pytest.raises(TimeoutError):
            Browser(timeout=PATIENCE).get(f"{both.url}/app/sso/?next=/in/")
        saw("no answer: the only worker waits for itself")
    finally:
        both.role.stop()
