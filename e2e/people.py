"""People of a test's own: what is done to them is done to nobody else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page

from e2e import actions
from tests.support.instance import Instance

MAKE = """
from django.contrib.auth.models import Group
from server_site.people.models import Person
mail = "{name}@lab.example"
made = Person.objects.create_user("{name}", mail, "{password}", verified_email=mail)
made.groups.set(Group.objects.filter(name="helpdesk-users"))
"""
CHANGE = """
from server_site.people.models import Person
for one in Person.objects.filter(username="{name}"):
    {what}
"""


@dataclass(frozen=True)
class Somebody:
    name: str
    password: str
    lab: Instance

    @property
    def address(self) -> str:
        return f"{self.name}@lab.example"

    def sign_in(self, page: Page, client: str) -> None:
        actions.open_app(page, self.lab, client)
        self.fill(page)
        page.wait_for_url(f"{self.lab.url(client)}/**")

    def fill(self, page: Page) -> None:
        actions.send_log_in_form(page, self.name, self.password)

    def change(self, what: str) -> None:
        """At the server, as an administrator does it: ``one`` is the person."""
        code = CHANGE.format(name=self.name, what=what)
        self.lab.manage("server", "shell", "-c", code)


@contextmanager
def somebody(lab: Instance) -> Iterator[Somebody]:
    """May enter both apps, and is gone afterwards."""
    made = Somebody(f"guest-{secrets.token_hex(4)}", f"pass-{secrets.token_hex(8)}", lab)
    code = MAKE.format(name=made.name, password=made.password)
    lab.manage("server", "shell", "-c", code)
    try:
        yield made
    finally:
        made.change("one.delete()")
