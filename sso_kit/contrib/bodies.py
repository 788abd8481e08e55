"""Request bodies that nobody reads, read to their end before the answer goes out.

A view that refuses early leaves the rest of the body on the connection. gunicorn drains no
more than 64 KiB of it and then closes a connection that it has just promised to keep, and a
proxy hands the next visitor's request to it: somebody else gets the 502.

    application = read_to_the_end(get_wsgi_application())

Around the application, so that nothing in it can refuse before: no middleware, no host check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import HttpRequest

MOST = 256 * 1024  # bytes; what the lab's nginx lets through
PIECE = 64 * 1024


def read_to_the_end(application: WSGIApplication, most: int = MOST) -> WSGIApplication:
    """The application, which reads each request's body whether or not a view wants it.

    Parameters:
        most: bytes of the rest that are read. No less than the proxy lets through: with more
            than that unread, the server closes the connection under the proxy's hands.
    """

    def reading(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        finally:
            # PEP 3333 gives no end to read to; who says that there is one (gunicorn,
            # waitress) can be read on. Others see to their connections by themselves.
            if environ.get("wsgi.input_terminated"):
                _read_off(environ["wsgi.input"].read, most)

    return reading


def discard(request: HttpRequest, most: int = MOST) -> None:
    """What ``read_to_the_end`` does, for one view in a project that isn't wrapped in it.

    Call it before the view answers, whether or not it has read some of the body.
    """
    _read_off(request.read, most)


def _read_off(read: Callable[[int], Any], most: int) -> None:
    """Read at most so many bytes and forget them.

    A sender who breaks off, or sends what is no body, fails here: the server has noticed too
    and closes the connection, and whatever the application answers is still sent.
    """
    try:
        while most > 0 and (piece := read(min(PIECE, most))):
            most -= len(piece)
    except Exception:
        return
