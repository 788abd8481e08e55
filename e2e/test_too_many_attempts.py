"""Guessing passwords ends soon, with a page that says for how long.

Why here: the limit counts by the address that nginx passes on, across all workers.

What would make it lie: a count per process, which a few quick tries don't reach.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e import accessibility, actions
from tests.support.instance import Instance

FORGET_FAILURES = "from django.core.cache import cache; cache.clear()"


@pytest.fixture
def forgotten_afterwards(lab: Instance) -> Iterator[None]:
    """Failures count for the whole address: other tests must not meet this one's."""
    yield
    lab.manage("server", "shell", "-c", FORGET_FAILURES)


@pytest.mark.usefixtures("forgotten_afterwards")
def test_sixth_guess_is_refused_with_a_page(page: Page, lab: Instance) -> None:
    name = actions.unique("guessed")
    actions.open_page(page, lab, "server", "/accounts/login/")

    for _ in range(5):
        actions.send_log_in_form(page, name, "a guess")
        page.get_by_role("alert").wait_for()
    actions.send_log_in_form(page, name, "a guess")

    expect(page.get_by_role("heading", level=1)).to_have_text("Too many attempts")
    expect(page.get_by_text("Try again in 5 minutes.")).to_be_visible()
    assert accessibility.faults(page) == []
