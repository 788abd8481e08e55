"""The back channel of a project that is server and client at once: a call, not a request.

Over HTTP such a project asks itself, and with one worker waits for itself for ever.
"""

from __future__ import annotations

from io import BytesIO
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.urls import NoReverseMatch, resolve, reverse
from simple_sso.utils import PUBLIC_KEY_HEADER

from .transport import BackChannel

VIEWS = {"request-token/": "simple-sso-request-token", "verify/": "simple-sso-verify"}


class LoopbackBackChannel(BackChannel):
    """Calls this project's own server views, if ``server_url`` is where it mounts them."""

    def serves(self) -> bool:
        """Whether this very project answers at ``server_url``: the same path, not the same name."""
        try:
            mounted = reverse("simple-sso-verify")
        except NoReverseMatch:
            return False
        return mounted == urlsplit(self.base_url).path + "verify/"

    def _send(self, path: str, body: str) -> tuple[int, str]:
        url = reverse(VIEWS[path])
        content = body.encode()
        request = WSGIRequest({
            "REQUEST_METHOD": "POST", "PATH_INFO": url, "SERVER_NAME": "localhost",
            "SERVER_PORT": "80", "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)), "wsgi.input": BytesIO(content),
            "HTTP_" + PUBLIC_KEY_HEADER.upper().replace("-", "_"): self.public_key,
        })
        response = resolve(url).func(request)
        return response.status_code, response.content.decode()
