"""Where a browser may be sent after log-in: a path of this site, nothing else.

A URL is judged as browsers read it (WHATWG URL Standard), not as ``urllib`` does: tab and
newline vanish, a backslash is a slash, and two slashes at the start name another host.
"""

from __future__ import annotations

import re

from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

from .. import defences
from ..defences import Defence
from ..messages import HARDENED
from ..origins import host_of
from ..routes import front_page

MAX_LENGTH = HARDENED.longest_next  # longer ones don't fit into the addresses of a hand-shake
# Removed or read as something else by browsers; and halves of characters, no text at all.
MISREAD = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")


def safe_next(wanted: str | None, base_url: str, longest: int) -> str:
    """A path with query on this site; its front page for everything that is none.

    An absolute URL of this very host is cut down to its path.

    Parameters:
        longest: in characters, as browsers write it.
    """
    if not wanted:
        return front_page()
    if not defences.on(Defence.SAFE_NEXT):
        return wanted
    wanted = _without_own_host(wanted, base_url)
    if len(wanted) > MAX_LENGTH or not is_local_path(wanted):
        return front_page()
    written = iri_to_uri(wanted)  # up to nine characters for one
    return written if len(written) <= longest else front_page()


def is_local_path(url: str) -> bool:
    """Whether every browser reads this as a path of the site that sent it."""
    return (
        url.startswith("/")
        and not url.startswith("//")
        and not MISREAD.search(url)
        and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    )


def _without_own_host(url: str, base_url: str) -> str:
    """Behind a proxy that ends https, a project may take itself to be at http."""
    try:
        same = host_of(url) == host_of(base_url)
    except ValueError:
        return url
    _, _, rest = url.partition("://")
    slash = rest.find("/")
    return rest[slash:] if same and slash >= 0 else url
