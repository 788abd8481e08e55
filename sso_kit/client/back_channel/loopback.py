"""The back channel of a project that is server and client at once: a call, not a request.

Over HTTP such a project asks itself, and with one worker waits for itself for ever.
"""

from __future__ import annotations

from io import BytesIO

from django.core.handlers.wsgi import WSGIRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from simple_sso.utils import PUBLIC_KEY_HEADER

from ...messages import REFUSAL_HEADER
from ...origins import origin_of
from ...routes import view_at
from .channel import Answer, BackChannel

VIEWS = {"request-token/": "simple-sso-request-token", "verify/": "simple-sso-verify"}


class LoopbackBackChannel(BackChannel):
    """Calls this project's own server views, if ``server_url`` is where it mounts them."""

    def __init__(self, server_url: str, public_key: str, base_url: str | None) -> None:
        super().__init__(server_url, public_key)
        self.same_site = base_url is None or origin_of(base_url) == origin_of(server_url)

    @property
    def serves(self) -> bool:
        """Whether this very project answers at ``server_url``."""
        try:
            return self.same_site and reverse("simple-sso-verify") == self.path + "verify/"
        except NoReverseMatch:
            return False

    def _send(self, path: str, body: str, seconds: float) -> Answer:
        url = reverse(VIEWS[path])
        content = body.encode()
        request = WSGIRequest(
            {
                "REQUEST_METHOD": "POST",
                "SCRIPT_NAME": get_script_prefix().rstrip("/"),
                "PATH_INFO": "/" + url.removeprefix(get_script_prefix()),
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(content)),
                "wsgi.input": BytesIO(content),
                "HTTP_" + PUBLIC_KEY_HEADER.upper().replace("-", "_"): self.public_key,
            }
        )
        response = view_at(url)(request)
        return Answer(
            response.status_code, response.content.decode(), response.get(REFUSAL_HEADER, "")
        )
