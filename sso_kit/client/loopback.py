"""The back channel of a project that is server and client at once: a call, not a request.

Over HTTP such a project asks itself, and with one worker waits for itself for ever.
"""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.urls import Resolver404, ResolverMatch, get_script_prefix
from simple_sso.utils import PUBLIC_KEY_HEADER

from .. import at_hand
from ..at_hand import IN_META
from ..back_channel.channel import Answer, BackChannel
from ..messages import REFUSAL_HEADER
from ..origins import is_this_machine, origin_of
from ..routes import match_of
from .site import path_of


class LoopbackBackChannel(BackChannel):
    """Calls this project's own server views, if ``server_url`` is where it mounts them.

    Parameters:
        base_url: the project's own. In development there may be none; then it is where the
            request at hand was sent to.
    """

    def __init__(self, server_url: str, public_key: str, base_url: str | None) -> None:
        super().__init__(server_url, public_key)
        self.site = base_url
        self.origin = origin_of(server_url)

    @property
    def serves(self) -> bool:
        """Whether this very project answers at ``server_url``."""
        try:
            return self._is_here() and self._match("verify/").url_name == "simple-sso-verify"
        except (Resolver404, ValueError):
            return False

    def _is_here(self) -> bool:
        if self.site:
            return origin_of(self.site) == self.origin
        request = at_hand.request()
        if request is None:
            return False
        here = origin_of(f"{request.scheme}://{request.get_host()}")
        return here == self.origin or _is_one_port_of_this_machine(here, self.origin)

    def _inside(self, path: str) -> str:
        return path_of(self.site or "", self.path + path)

    def _match(self, path: str) -> ResolverMatch:
        return match_of(self._inside(path))

    def _send(self, path: str, body: str, seconds: float) -> Answer:
        match, content, prefix = self._match(path), body.encode(), get_script_prefix()
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "POST",
                "SCRIPT_NAME": prefix.rstrip("/"),
                "PATH_INFO": "/" + self._inside(path).removeprefix(prefix),
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(content)),
                "wsgi.input": BytesIO(content),
                "HTTP_" + PUBLIC_KEY_HEADER.upper().replace("-", "_"): self.public_key,
                IN_META: at_hand.request_id(),
            }
        )
        response = match.func(request, *match.args, **match.kwargs)
        return Answer(
            response.status_code, response.content.decode(), response.get(REFUSAL_HEADER, "")
        )


def _is_one_port_of_this_machine(one: str, other: str) -> bool:
    """``localhost:8000`` and ``127.0.0.1:8000``: in development the same process."""
    same_port = urlsplit(one).port == urlsplit(other).port
    return same_port and is_this_machine(one) and is_this_machine(other)
