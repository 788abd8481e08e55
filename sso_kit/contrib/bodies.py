"""Request bodies that nobody reads, read to their end before the answer goes out.

A view that refuses early leaves the rest of the body on the connection. gunicorn drains no
more than 64 KiB of it and then closes a connection that it has just promised to keep, and a
proxy hands the next visitor's request to it: somebody else gets the 502.

    application = read_to_the_end(get_wsgi_application())

Around the application, so that nothing in it can refuse before: no middleware, no host check.
"""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ..responses import MOST, read_off


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
                read_off(environ["wsgi.input"].read, most)

    return reading
