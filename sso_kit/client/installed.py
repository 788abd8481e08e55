"""Where this project has its clients: each one's own addresses.

Stock finds them by name, ``reverse("simple-sso-authenticate")``. Of two clients that is the
last one's, and under a namespace nobody's. Here a view says whose it is.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from ..routes import Place, places

LOG_IN, AUTHENTICATE = "simple-sso-login", "simple-sso-authenticate"
LOG_OUT, SIGNED_OUT = "sso-logout", "sso-signed-out"
TIME_LEFT, ENDED, LINK = "sso-time-left", "sso-session-ended", "sso-link"


def current_client() -> Any:
    """The ``Client`` whose URLs this project includes; of several the last one.

    Raises:
        LookupError: there is none.
    """
    found = clients()
    if not found:
        raise LookupError(
            "No Client's URLs are included in this project: path('sso/', include(sso.get_urls()))"
        )
    return found[-1]


def clients() -> list[Any]:
    """All of the kit's whose URLs this project includes, in their order."""
    return [client for client in _included() if hasattr(client, "shares_accounts")]


def has_stocks() -> bool:
    """Whether one of the clients is still stock's: its import isn't changed, or is changed back."""
    return len(clients()) < len(_included())


def _included() -> list[Any]:
    known = [place.given("client") for place in places(LOG_IN)]
    return [client for client in dict.fromkeys(known) if client is not None]


def address_of(client: Any, name: str) -> str:
    """The path of a client's own view in this project, from the root of the host.

    A second object of the same consumer, as some projects' middleware makes one, is known by
    its public key. A view that doesn't say whose it is is found by name, as with stock.

    Raises:
        NoReverseMatch: there is none.
    """
    place = _place_of(client, name)
    return place.address if place else reverse(name)


def _place_of(client: Any, name: str) -> Place | None:
    """The last one, as ``reverse`` has it, of the client that is most like this one."""
    found = [place for place in reversed(places(name)) if place.given("client") is not None]
    for same in (_is_it, _is_at_the_same_server, _has_the_same_key):
        for place in found:
            if same(place.given("client"), client):
                return place
    return None


def _is_it(one: Any, other: Any) -> bool:
    return one is other


def _is_at_the_same_server(one: Any, other: Any) -> bool:
    return _has_the_same_key(one, other) and bool(one.server_url == other.server_url)


def _has_the_same_key(one: Any, other: Any) -> bool:
    return bool(one.public_key == other.public_key)
