"""A hand-shake whose answer is lost with a dying worker begins again by itself.

Why here: it takes a process that dies between two messages.

What would make it lie: a worker that finishes first; so the token is spent by hand, with the
verifier, as the worker would have spent it that never came to answer the browser.
"""

from __future__ import annotations

from e2e import plain
from lab.machine import waiting
from tests.support.browser import Browser
from tests.support.instance import Instance

SPEND = """
from django.utils import timezone
from sso_kit.server.models import AccessToken
print(AccessToken.objects.filter(used=None).update(used=timezone.now(), burnt={burnt}))
"""


def interrupted(lab: Instance, *, burnt: bool) -> tuple[Browser, str]:
    """A browser that comes back to Helpdesk with a token that was spent a moment ago."""
    browser = plain.signed_in(lab, "client-a", "/notes/", "bob")
    authorize = browser.get(lab.url("client-b") + "/tickets/?status=open", follow=False).location
    finish = browser.get(authorize, follow=False).location
    assert lab.manage("server", "shell", "-v", "0", "-c", SPEND.format(burnt=burnt)).strip() != "0"
    return browser, finish


def test_it_ends_where_it_was_to_end_without_a_form(lab: Instance) -> None:
    browser, finish = interrupted(lab, burnt=False)

    page = browser.get(finish)

    assert (page.status, page.url) == (200, lab.url("client-b") + "/tickets/?status=open")
    assert page.password_fields == 0
    assert [hop.status for hop in page.hops] == [302, 302, 302, 200]
    assert waiting.until(lambda: "hand-shake was cut, begun again" in lab.log("client-b"), 5)


def test_one_that_was_revoked_does_not(lab: Instance) -> None:
    browser, finish = interrupted(lab, burnt=True)

    page = browser.get(finish)

    assert page.status == 403
    assert len(page.hops) == 1
