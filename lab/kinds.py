"""What a row of ``lab.toml`` can be: all in which the kinds of sites differ.

There is one of kind ``identity``, the server; ``Site.is_server`` tells it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of site.

    Attributes:
        is_django: a Django project. It has a secret key, and ``provision`` makes it ready.
        is_consumer: signs people in through the kit. It has a pair of keys that the server knows
            too, and a row says what it is ``granted`` and its ``required_groups``.
        on_back_channel: reaches the server's door for the apps.
        in_navigation: is in the header of every site's pages.
        session_middleware: of a Django project: who is signed in is ended in time.
        hears: is told what happens on the other sites (``site_common/inspection``).
        is_form_target: where the server's log-in form may lead to (its Content-Security-Policy).
    """

    name: str
    is_django: bool = True
    is_consumer: bool = False
    on_back_channel: bool = False
    in_navigation: bool = True
    session_middleware: str = "django.contrib.sessions.middleware.SessionMiddleware"
    hears: bool = False
    is_form_target: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        # The server: it knows who people are. There is one.
        Kind(
            "identity",
            on_back_channel=True,
            session_middleware="sso_kit.server.middleware.SessionMiddleware",
        ),
        # One of our apps, with the kit.
        Kind(
            "app",
            is_consumer=True,
            on_back_channel=True,
            session_middleware="sso_kit.client.middleware.SessionMiddleware",
            is_form_target=True,
        ),
        # The lab's own: it takes no part in signing in, and hears what happens on the others.
        Kind("desk", hears=True),
        # Somebody else's site: plain WSGI, none of the lab's secrets, no way in by the back.
        Kind("attacker", is_django=False, in_navigation=False),
        # An app that isn't ours: it signs people in by a protocol of its own.
        Kind("foreign-app", is_django=False, on_back_channel=True, is_form_target=True),
    )
}
