"""What the kit reads of a request: a header, and a signed text that another site has posted."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from .errors import MessageRefused
from .messages import MAX_BODY_BYTES


def header(request: HttpRequest, name: str) -> str | None:
    """A header, but not ``Content-Type`` or ``Content-Length``.

    Without ``request.headers``, which turns every header there is into a mapping first.
    """
    value: str | None = request.META.get("HTTP_" + name.upper().replace("-", "_"))
    return value


def body_of(request: HttpRequest) -> bytes:
    """The whole body. Raises ``MessageRefused`` where it broke off, or is too long."""
    try:
        body = request.read(MAX_BODY_BYTES + 1)
    except (RequestDataTooBig, UnreadablePostError) as error:
        raise MessageRefused("The message broke off.") from error
    if len(body) > MAX_BODY_BYTES:
        raise MessageRefused(f"The message is longer than {MAX_BODY_BYTES} bytes.")
    return body
