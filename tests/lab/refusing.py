"""Two applications that answer without a look at what was sent; gunicorn runs one of them."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from sso_kit.contrib.bodies import read_to_the_end


def bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("403 Forbidden", [("Content-Length", "0")])
    return []


wrapped = read_to_the_end(bare)
