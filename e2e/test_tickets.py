"""Helpdesk does its work: people report, agents answer, others see nothing.

Why here: who is an agent is known to the identity server only; the group travels over the
back channel.

What would make it lie: an agent made by hand in Helpdesk's own database.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import actions, checks
from tests.support.instance import Instance


def test_agent_answers_and_the_reporter_reads_it(
    page: Page, other_page: Page, lab: Instance
) -> None:
    subject = actions.unique("Printer")
    answer = actions.unique("Have you tried another paper?")
    actions.sign_in(page, lab, "client-b", "bob")
    url = actions.create_ticket(page, lab, subject)
    expect(page.get_by_text("Your ticket is with the helpdesk.")).to_be_visible()

    actions.sign_in(other_page, lab, "client-b", "alice")
    actions.search(other_page, subject)
    other_page.get_by_role("link", name=subject).click()
    actions.add_comment(other_page, answer)
    other_page.get_by_label("New status").select_option("resolved")
    other_page.get_by_role("button", name="Change status").click()
    expect(other_page.get_by_text("The ticket is resolved now.")).to_be_visible()

    page.goto(url)
    expect(page.get_by_text(answer)).to_be_visible()
    expect(page.locator(".pill")).to_have_text("Resolved")


def test_reporter_closes_and_reopens(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    actions.create_ticket(page, lab, actions.unique("Lamp"))

    page.get_by_role("button", name="Close ticket").click()
    expect(page.get_by_text("Reopen it to write more.")).to_be_visible()
    page.get_by_role("button", name="Reopen ticket").click()
    expect(page.get_by_label("Your comment")).to_be_visible()


def test_ticket_is_hidden_from_who_is_no_agent(page: Page, other_page: Page, lab: Instance) -> None:
    subject = actions.unique("Salary")
    actions.sign_in(page, lab, "client-b", "alice")
    url = actions.create_ticket(page, lab, subject)
    actions.sign_in(other_page, lab, "client-b", "bob")

    checks.assert_not_found(other_page, url)

    actions.open_page(other_page, lab, "client-b", "/tickets/?q=Salary")
    expect(other_page.get_by_role("link", name=subject)).to_have_count(0)
