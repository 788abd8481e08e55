"""What a person changes at the server arrives in an app with the next log-in.

Why here: the change travels through two databases and the back channel.

What would make it lie: the app reading the name from somewhere else; hence it must still
show the old one before the next log-in.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import actions, checks
from lab import table
from tests.support.instance import Instance


def test_new_name_arrives_with_the_next_log_in(page: Page, lab: Instance) -> None:
    old, new = table.load().person("bob").first_name, actions.unique("Robert")
    actions.sign_in(page, lab, "client-b", "bob")
    try:
        actions.change_first_name(page, lab, new)
        actions.open_app(page, lab, "client-b")
        checks.assert_signed_in_as(page, "bob")

        actions.sign_out(page)
        actions.open_app(page, lab, "client-b")
        expect(page.get_by_role("banner").locator(".who-name")).to_have_text(f"{new} Baker")
    finally:
        actions.change_first_name(page, lab, old)
        _sign_in_everywhere_again(page, lab)


def _sign_in_everywhere_again(page: Page, lab: Instance) -> None:
    """So that no app keeps the made-up name."""
    for client in ("client-a", "client-b"):
        actions.forget(page, lab, client)
        actions.open_app(page, lab, client)
